"""What is refused about playback.

Problem
├── PlaybackTooLong                           422
├── NotRecorded                               404
└── RecordingWithheld                         403
"""

from vms_api.errors import InvalidRequest, Problem


class PlaybackTooLong(InvalidRequest):
    """More hours than one playback takes."""

    code, title = "playback-too-long", "The range is too long for one playback"


class NotRecorded(Problem):
    """Nothing was recorded then."""

    status, code, title = 404, "not-recorded", "Nothing is recorded of that time"


class RecordingWithheld(Problem):
    """It was recorded before the present masks were drawn."""

    status, code, title = 403, "recording-withheld", "Recorded before the present masks: shown to who may unmask"
