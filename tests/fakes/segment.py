"""Recorded files made on the spot, from real packets, by the recorder's own writer."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ingest.audio import AudioDescription, AudioPacket
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.errors import SourceEnded
from ingest.file_source import FileOpener
from ingest.identifier import new_identifier
from ingest.packet import Packet
from ingest.recording.access_unit import video_layout
from ingest.recording.epoch_timeline import EpochTimeline
from ingest.recording.segment import FileFacts, SegmentHeader, SegmentInfo, segment_info
from ingest.recording.segment_file import SegmentFile
from ingest.recording.segment_muxer import SegmentMuxer

STARTED_AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def clip_packets(clip: Path, epoch: int = 1, camera_id: str = "cam") -> list[Packet]:
    """All packets of a clip, as if they had just come."""
    profile = StreamProfile(StreamRole.MAIN, f"file:{clip}")
    camera = Camera(CameraId(camera_id), "Gate", (profile,))
    source = FileOpener(SystemClock(), realtime=False).open(camera, profile, epoch)
    read: list[Packet] = []
    try:
        read.extend(packet for packet in source.packets() if packet is not None)
    except SourceEnded:
        return read
    finally:
        source.close()
    return read


def segment_header(first: Packet, **changes: object) -> SegmentHeader:
    """The header of a file that begins with this key frame."""
    layout = video_layout(first.codec, first.data)
    values: dict[str, object] = {
        "recording_id": new_identifier(),
        "camera_id": first.camera_id,
        "role": first.role,
        "epoch": first.epoch,
        "node_epoch": 1,
        "started_at": STARTED_AT,
        "clock_offset_s": None,
        "mask_version": 0,
        "codec": first.codec,
        "width": layout.width,
        "height": layout.height,
        "profile": layout.profile,
        "audio_codec": None,
        "volume_id": "volume",
    }
    return SegmentHeader(**{**values, **changes})


def write_segment(
    volume: Path,
    packets: Sequence[Packet],
    audio: tuple[AudioDescription, Sequence[AudioPacket]] | None = None,
    **header: object,
) -> SegmentInfo:
    """One whole file below `volume`; its row, with the path in it."""
    timeline = EpochTimeline(packets[0])
    description = audio[0] if audio is not None else None
    known = segment_header(packets[0], audio_codec=description.codec if description else None, **header)
    layout = video_layout(packets[0].codec, packets[0].data)
    muxer = SegmentMuxer(known, layout, description, part_s=1.0)
    pieces = [muxer.beginning]
    for packet in packets:
        pieces += [piece.data for piece in muxer.add_video(timeline.picture(packet))]
    for sound in audio[1] if audio is not None else ():
        assert description is not None
        pieces += [piece.data for piece in muxer.add_audio(timeline.sound(sound, description.clock_rate))]
    pieces += [piece.data for piece in muxer.close()]
    volume.mkdir(parents=True, exist_ok=True)
    file = SegmentFile(volume, known, pieces[0])
    for piece in pieces[1:]:
        file.append(piece)
    sha256 = file.finish()
    return segment_info(known, FileFacts(muxer.duration_s, file.size_bytes, sha256, muxer.keyframe_count))
