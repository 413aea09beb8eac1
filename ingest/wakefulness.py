"""How much of an analysed stream is decoded: an idle camera's key frames, a busy one's every picture."""

from collections.abc import Callable
from enum import Enum, auto

from ingest.coding_cue import CodingCue
from ingest.cue_record import CueRecord
from ingest.interest import Interest
from ingest.packet import Codec, Packet
from ingest.settings import IngestSettings
from ingest.slice_qp import SliceQp

# Motion is told a moment after its picture came; until then its sizes must not be learnt as usual ones.
_SETTLED_S = 1.0
_HEARD_S = 1.0  # so long a machine with much to do may take to confirm a cue
_DOZE_AFTER_S = 5.0  # of a camera that never sleeps unless the machine is pressed


class Decoding(Enum):
    """What to do with one packet."""

    SKIP = auto()
    """Nothing: the camera is idle and the picture is predicted from others."""
    ALONE = auto()
    """Decode it by itself, if its time is due: it needs no other, and none will need it."""
    CATCH_UP = auto()
    """Decode the group of pictures from its key frame to this packet."""
    FOLLOW = auto()
    """Decode it: the decoder holds what it is predicted from."""


class Wakefulness:
    """Policy of one stream, pure but for what it remembers. One call of `decide` per packet, in order.

    A stream falls asleep when nobody has told of anything for `sleep_after_s`, and its coding has told of every onset
    for long enough to be trusted (see `CodingCue`, `CueRecord`). Asleep only its key frames are looked at, and of the
    others the sizes and quantisers. It wakes when somebody tells of interest (the motion gate, on a key frame), when
    the cue does, and until the next key frame when that is overdue by `sleep_group_s`. While the machine `is_pressed`
    it sleeps without trust too, and wakes when that is over.
    """

    def __init__(self, settings: IngestSettings, is_pressed: Callable[[], bool] = lambda: False) -> None:
        self._sleep_after_s = settings.sleep_after_s
        self._is_pressed = is_pressed
        self._longest_group_s = settings.sleep_group_s
        self._cue = CodingCue()
        self._quantiser = SliceQp()
        self._record = CueRecord(settings.sleep_onsets, settings.catch_up_s)
        self._epoch: int | None = None
        self._is_asleep = False
        self._is_following = False  # the decoder holds the running group
        self._is_cued = False  # the cue alone woke it, and nobody has confirmed that yet
        self._was_keyframe = False
        self._keyframe_s = 0.0
        self._lively_s = 0.0
        self.wake_count = 0
        self.cued_count = 0

    @property
    def is_asleep(self) -> bool:
        """Whether the stream counts as idle."""
        return self._is_asleep

    def decide(self, packet: Packet, interest: Interest = Interest.NONE) -> Decoding:
        """What to do with the packet. `interest`: what somebody has told of since the packet before."""
        at_s = packet.received_monotonic_s
        if packet.epoch != self._epoch:
            self._begin(packet)
        if interest:
            self._lively_s = at_s
            self._confirm_cue()
        cued = self._is_cue(packet)
        self._record.note(at_s, moving=interest is Interest.MOTION, cued=cued, ready=self._cue.is_ready)
        self._sleep_or_wake(at_s, interesting=bool(interest), cued=cued)
        stands_alone = packet.is_keyframe and (self._was_keyframe or packet.codec is Codec.MJPEG)
        self._was_keyframe = packet.is_keyframe
        if packet.is_keyframe:
            self._keyframe_s = at_s
            self._is_following = not self._is_asleep and not stands_alone
            return Decoding.FOLLOW if self._is_following else Decoding.ALONE
        return self._decide_predicted(at_s)

    def _decide_predicted(self, at_s: float) -> Decoding:
        if self._is_following:
            return Decoding.FOLLOW
        if self._is_asleep and at_s - self._keyframe_s < self._longest_group_s:
            return Decoding.SKIP
        self._is_following = True
        return Decoding.CATCH_UP

    def _begin(self, packet: Packet) -> None:
        at_s = packet.received_monotonic_s
        self._epoch, self._keyframe_s, self._lively_s = packet.epoch, at_s, at_s
        self._is_asleep = self._is_cued = self._was_keyframe = False
        self._is_following = True
        self._cue = CodingCue()
        self._record.doubt()

    def _is_cue(self, packet: Packet) -> bool:
        qp = self._quantiser.read(packet.codec, packet.data)  # of a key frame for its parameter sets
        if packet.is_keyframe:
            self._cue.begin_group()
            return False
        at_s = packet.received_monotonic_s
        return self._cue.observe(len(packet.data), qp, at_s, quiet=at_s - self._lively_s >= _SETTLED_S)

    def _sleep_or_wake(self, at_s: float, *, interesting: bool, cued: bool) -> None:
        if self._is_asleep and (interesting or cued):
            self._is_asleep, self._is_cued, self._lively_s = False, not interesting, at_s
            self.wake_count += 1
            self.cued_count += self._is_cued
        elif self._is_asleep:
            self._is_asleep = self._may_sleep()
        elif at_s - self._lively_s >= self._patience_s():
            self._refute_cue()
            if self._may_sleep():
                self._is_asleep, self._is_following = True, False

    def _patience_s(self) -> float:
        idle_s = self._sleep_after_s or _DOZE_AFTER_S
        return max(idle_s, _HEARD_S) if self._is_cued else idle_s

    def _may_sleep(self) -> bool:
        return self._is_pressed() or (self._sleep_after_s > 0 and self._record.is_trusted)

    def _refute_cue(self) -> None:
        if self._is_cued:
            self._is_cued = False
            self._cue.refute()
            if not self._cue.is_keen:
                self._record.doubt()
                self._cue.confirm()

    def _confirm_cue(self) -> None:
        if self._is_cued:
            self._is_cued = False
            self._cue.confirm()
