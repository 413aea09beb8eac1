"""What can be wrong with a recorded file or with the place it is kept in.

    RecordingError
    ├── SegmentDamaged       the file's beginning cannot be read: nothing of it can be played
    ├── NotRecordable        the codec has no place in our files, or its parameter sets are no such sets
    └── VolumeUnusable       the volume takes no bytes now; `state` says why

`code` is stable and goes to API, metrics and translations.
"""

from typing import ClassVar


class RecordingError(Exception):
    """A recording cannot be made or read."""

    code: ClassVar[str] = "recording-failed"


class SegmentDamaged(RecordingError):
    """The file is none of ours, or its beginning is damaged."""

    code = "segment-damaged"


class NotRecordable(RecordingError):
    """The stream cannot be put into a file."""

    code = "codec-not-recordable"
