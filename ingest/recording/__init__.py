"""Recording: encoded packets into fragmented MP4 files, with a reason for every second that is missing."""
