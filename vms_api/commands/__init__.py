"""The commands behind the xueliang executable."""
