"""Playback: HLS playlists over recorded files, pictures of the past, and a record of every look."""
