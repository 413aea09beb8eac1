"""A list of faults, played by the clock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from types import MappingProxyType

from ingest.virtual_camera import damage
from ingest.virtual_camera.clip import AccessUnit
from ingest.virtual_camera.fault import Fault, FaultKind
from ingest.virtual_camera.faults import Condition, Reach
from ingest.virtual_camera.message import Request, Response
from ingest.virtual_camera.rtp import Burst

_REACHES = (
    (FaultKind.RESET, Reach.RESET),
    (FaultKind.DROP, Reach.CUT),
    (FaultKind.RESTART, Reach.CUT),
    (FaultKind.BLACK_HOLE, Reach.DEAF),
)
_NEW_SOURCE = frozenset({FaultKind.SSRC, FaultKind.RESTART})

_UNIT_DAMAGE: Mapping[FaultKind, Callable[[AccessUnit, float, Random], AccessUnit]] = MappingProxyType(
    {FaultKind.CORRUPT: damage.flip_bits, FaultKind.TRUNCATE: damage.cut_short}
)
_BURST_DAMAGE: Mapping[FaultKind, Callable[[Burst, float, Random], Burst]] = MappingProxyType(
    {FaultKind.LOSS: damage.lose_packets, FaultKind.GARBAGE: damage.add_noise}
)


class ScheduledFaults:
    """Implements `FaultScript`. Faults may overlap; of two that change the same thing the later in the list counts."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = tuple(faults)
        self._chances = [Random(fault.seed) for fault in self._faults]  # noqa: S311 - damage that can be repeated

    def condition(self, at_s: float) -> Condition:
        """How the camera is at that time."""
        held = {fault.kind: fault for fault in self._faults if fault.holds(at_s)}

        def amount(kind: FaultKind) -> float:
            return held[kind].value if kind in held else 0.0

        return Condition(
            reach=next((reach for kind, reach in _REACHES if kind in held), Reach.OPEN),
            source=sum(fault.count(at_s) for fault in self._faults if fault.kind in _NEW_SOURCE),
            is_near_wrap=FaultKind.WRAP in held,
            is_frozen=FaultKind.FROZEN in held,
            is_bare=FaultKind.NO_PARAMETER_SETS in held,
            is_mute=FaultKind.NO_SOUND in held,
            is_locked=FaultKind.PASSWORD in held,
            takes_one_session=FaultKind.ONE_SESSION in held,
            stand_in=next((fault.stand_in for fault in reversed(self._faults) if _takes_over(fault, at_s)), None),
            shift_s=amount(FaultKind.TIMESTAMPS),
            clock_error_s=amount(FaultKind.CLOCK),
            drip_s=held[FaultKind.SLOW_LORIS].value if FaultKind.SLOW_LORIS in held else None,
        )

    def on_access_unit(self, unit: AccessUnit, at_s: float) -> Sequence[AccessUnit]:
        """Nothing while silent, the unit damaged where faults say so."""
        for fault, chance in self._held(at_s):
            if fault.kind is FaultKind.SILENT:
                return ()
            if fault.kind in _UNIT_DAMAGE:
                unit = _UNIT_DAMAGE[fault.kind](unit, fault.value, chance)
        return (unit,)

    def on_burst(self, burst: Burst, at_s: float) -> Burst:
        """The packets with losses and garbage."""
        for fault, chance in self._held(at_s):
            if fault.kind in _BURST_DAMAGE:
                burst = _BURST_DAMAGE[fault.kind](burst, fault.value, chance)
        return burst

    def on_request(self, request: Request, at_s: float) -> Response | None:  # noqa: ARG002 - the seam's signature
        """No kind of fault answers before the camera does."""
        return None

    def on_response(self, request: Request, response: Response, at_s: float) -> Response:
        """The answer, blown up or stripped where faults say so."""
        is_description = request.method == "DESCRIBE" and bool(response.body)
        for fault, _ in self._held(at_s):
            match fault.kind:
                case FaultKind.LONG_HEADER:
                    response = damage.with_long_header(response, round(fault.value))
                case FaultKind.LONG_SDP if is_description:
                    response = damage.with_long_body(response, round(fault.value))
                case FaultKind.MANY_TRACKS if is_description:
                    response = damage.with_tracks(response, round(fault.value))
                case FaultKind.NO_PARAMETER_SETS if is_description:
                    response = damage.without_parameter_sets(response)
        return response

    def _held(self, at_s: float) -> list[tuple[Fault, Random]]:
        pairs = zip(self._faults, self._chances, strict=True)
        return [(fault, chance) for fault, chance in pairs if fault.holds(at_s)]


def _takes_over(fault: Fault, at_s: float) -> bool:
    return fault.stand_in is not None and fault.holds(at_s)
