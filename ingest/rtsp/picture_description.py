"""What a stream is, seen from its first picture."""

from ingest.annexb import nal_units
from ingest.audio import AudioDescription
from ingest.jpeg import jpeg_size
from ingest.packet import Codec, StreamDescription
from ingest.rtsp.session_description import VideoTrack
from ingest.sps import Sequence, read_sequence

_SPS = {Codec.H264: 7, Codec.H265: 33}  # Rec. ITU-T H.264 table 7-1, H.265 table 7-1


def describe(track: VideoTrack, picture: bytes, audio: AudioDescription | None) -> StreamDescription | None:
    """The description, None while nothing tells the picture's size.

    A parameter set in front of the picture is newer than the one that the session description announced.
    """
    if track.codec is Codec.MJPEG:
        width, height = jpeg_size(picture)
        return StreamDescription(track.codec, width, height, None, track.frame_rate, audio)
    sequence = _sequence(track.codec, picture) or _sequence(track.codec, track.extradata)
    if sequence is None:
        return None
    rate = track.frame_rate or sequence.frame_rate
    return StreamDescription(track.codec, sequence.width, sequence.height, sequence.profile, rate, audio)


def _sequence(codec: Codec, stream: bytes) -> Sequence | None:
    for unit in nal_units(codec, stream):
        if unit.type == _SPS[codec]:
            try:
                return read_sequence(codec, stream[unit.start : unit.end])
            except ValueError:
                continue
    return None
