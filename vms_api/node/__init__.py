"""The media node: ingest, analytics and live view of a group of cameras."""
