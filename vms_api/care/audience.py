"""Which devices are listened to, through which camera, and whom an event of one concerns. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from vms_api.care.desk import CaredFor
from vms_api.care.device import DeviceState


@dataclass(frozen=True, slots=True)
class Hearer:
    """A camera that wants the notices of its device; `source_token` is the lens it looks through, as far as known."""

    cared: CaredFor
    source_token: str

    @property
    def camera_id(self) -> str:
        """The camera."""
        return self.cared.camera.id


Audience = Mapping[str, Sequence[Hearer]]
"""The address of each device that is listened to, with those who want its notices: one pull point for all of them."""


def audience(known: Mapping[str, tuple[CaredFor, DeviceState | None]], ruled: Collection[str]) -> Audience:
    """Whose notices are wanted: of cameras that say so and of those with a rule (`ruled`) that needs them.

    A device that refused the login, or is known to have no events, is left alone.
    """
    found: dict[str, list[Hearer]] = defaultdict(list)
    for camera_id, (cared, state) in sorted(known.items()):
        facts = state.facts if state else None
        is_barred = state is not None and (state.state == "refused" or (facts is not None and not facts.events))
        if (cared.link.wants_notices or camera_id in ruled) and not is_barred:
            found[cared.link.address].append(Hearer(cared, facts.source_token if facts else ""))
    return found


def concerned(hearers: Sequence[Hearer], source: str) -> list[str]:
    """The cameras that an event concerns: those whose lens it names, else all of the device."""
    named = [each.camera_id for each in hearers if each.source_token and each.source_token in source.split("/")]
    return named or [each.camera_id for each in hearers]
