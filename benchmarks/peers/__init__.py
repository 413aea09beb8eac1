"""Other ways to analyse the same streams, each run as a process of its own beside ours."""
