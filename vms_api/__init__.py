"""People, places, storage and browsers: the control process and the media node of Xueliang."""

__version__ = "0.1.0"
