"""From a camera's packets to the packets of its masked stream."""

from collections.abc import Iterator
from itertools import count

from ingest.camera import StreamRole
from ingest.encoder import Codecs, Encoder
from ingest.frame import Frame
from ingest.mask import CurrentMasks, MaskSet
from ingest.packet import Codec, Packet
from ingest.timestamps import RTP_VIDEO_CLOCK

KEYFRAME_EVERY_S = 2.0
# Latest wins: a picture this old when its turn comes is decoded, because others build on it, but not encoded.
_STALE_S = 0.5


class MaskTranscoder:
    """Decodes, covers and encodes again. One thread uses it.

    Each change of the camera's epoch, of the picture size or of the masks begins an epoch of its own, with a key frame.
    """

    def __init__(self, role: StreamRole, masks: CurrentMasks, codecs: Codecs) -> None:
        self._role = role
        self._masks = masks
        self._codecs = codecs
        self._decoder = codecs.decoder(masks)
        self._encoder: Encoder | None = None
        self._look: tuple[object, ...] = ()
        self._epochs, self._sequences = count(1), count(1)
        self._epoch = next(self._epochs)
        self._keyframe_s = self._shown_s = 0.0
        self._latest: Packet | None = None
        self._painted: MaskSet | None = None
        self.encoded_count = 0
        self.skipped_count = 0

    def transcode(self, packet: Packet, now_s: float) -> Iterator[Packet]:
        """The masked packets that this one completes.

        Raises:
            EncodeFailed: the encoder gave up.

        """
        if self._has_gap(packet):
            return
        self._latest = packet
        # Looked up before the masks are painted: what is painted is never older than what the packet claims.
        self._painted = self._masks.now
        for frame in self._decoder.decode(packet):
            is_stale = now_s - frame.received_monotonic_s > _STALE_S
            if is_stale and self.encoded_count:
                self.skipped_count += 1
                continue
            yield from self._encoded(frame)
            if is_stale:
                # The very first picture, shown at once. The next may be seconds later: no player shall wait for it.
                self.begin_epoch()

    def begin_epoch(self) -> None:
        """The next picture starts anew, with a key frame and without relation to the times before."""
        if self._encoder is not None:
            self._encoder.close()
            self._encoder = None

    def close(self) -> None:
        """Frees the codecs."""
        self._decoder.close()
        self.begin_epoch()

    def _has_gap(self, packet: Packet) -> bool:
        """Whether packets before this one were lost on the way here and none of this group can be decoded."""
        latest = self._latest
        if latest is None or packet.is_keyframe or packet.epoch != latest.epoch:
            return False
        return packet.sequence != latest.sequence + 1

    def _encoded(self, frame: Frame) -> Iterator[Packet]:
        picture, masks = frame.picture, self._masks.now
        look = (frame.epoch, masks.version if masks is not None else None, picture.width, picture.height)
        if look != self._look or self._encoder is None:
            self.begin_epoch()
            self._look, self._epoch = look, next(self._epochs)
            self._encoder = self._codecs.encoder(picture.width, picture.height)
            is_keyframe = True
        elif frame.media_time_s <= self._shown_s:
            return  # two pictures of one moment: an encoder wants times that grow
        else:
            is_keyframe = frame.media_time_s - self._keyframe_s >= KEYFRAME_EVERY_S
        self._shown_s = frame.media_time_s
        self._keyframe_s = frame.media_time_s if is_keyframe else self._keyframe_s
        pts = round(frame.media_time_s / RTP_VIDEO_CLOCK)
        data = self._encoder.encode(picture, pts, is_keyframe=is_keyframe)
        self.encoded_count += 1
        yield self._packet(frame, data, pts, is_keyframe=is_keyframe)

    def _packet(self, frame: Frame, data: bytes, pts: int, *, is_keyframe: bool) -> Packet:
        return Packet(
            camera_id=frame.camera_id,
            role=self._role,
            codec=Codec.H264,
            data=data,
            pts=pts,
            dts=pts,
            time_base=RTP_VIDEO_CLOCK,
            is_keyframe=is_keyframe,
            epoch=self._epoch,
            sequence=next(self._sequences),
            received_at=frame.received_at,
            received_monotonic_s=frame.received_monotonic_s,
            mask_version=self._painted.version if self._painted is not None else None,
        )
