"""Cameras that went away together: one ticket for what they have in common, where that is known. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

_CHANNELS = 2
"""Cameras behind one address from which on it is a recorder or encoder with several channels."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a camera that is in service is: its areas from the topmost down, and the host of its stream."""

    area_path: tuple[str, ...]
    host: str


@dataclass(frozen=True, slots=True)
class Together:
    """Cameras with one ticket; `host` or `area_id` is what they share, neither for a camera by itself."""

    camera_ids: tuple[str, ...]
    host: str | None = None
    area_id: str | None = None


def together(
    found: Collection[str], away: Collection[str], cameras: Mapping[str, Whereabouts], least: int, share: float
) -> list[Together]:
    """How the cameras that were `found` to be away are put together.

    `away` are all that are away at the moment and have no ticket, the found ones among them; those that have one count
    in neither. Cameras on one host are one, where at least `share` of those on it are away. Then cameras of an area, if
    that holds for the area and they are at least `least`; of the areas of which it does, the topmost, narrowed to the
    lowest that still has them all.
    """
    hosts = {cameras[id_].host for id_ in found} - {""}
    by_host = _grouped({id_: (where.host,) for id_, where in cameras.items() if where.host in hosts})
    # Fewer than that are no area's, however small it is: a place of ten thousand cameras need not be gone through.
    by_area = _grouped({id_: where.area_path for id_, where in cameras.items()}) if len(away) >= least else {}
    left, result = set(found), list[Together]()
    for host in sorted({cameras[id_].host for id_ in left} & by_host.keys()):
        mine = by_host[host] & set(away)
        if len(by_host[host]) >= _CHANNELS and len(mine) >= share * len(by_host[host]):
            result.append(Together(tuple(sorted(mine)), host=host))
            left -= mine
    rest = set(away).difference(*(group.camera_ids for group in result))
    for camera_id in sorted(left):
        if (
            by_area
            and camera_id in left
            and (area_id := _area_of(cameras[camera_id].area_path, by_area, rest, least, share))
        ):
            mine = by_area[area_id] & rest
            result.append(Together(tuple(sorted(mine)), area_id=area_id))
            left -= mine
            rest -= mine
    return result + [Together((camera_id,)) for camera_id in sorted(left)]


def _area_of(
    path: Sequence[str], by_area: Mapping[str, set[str]], away: Collection[str], least: int, share: float
) -> str | None:
    """The area of the path that went as a whole; None where none did."""
    mine = {area_id: by_area[area_id] & set(away) for area_id in path}
    gone = (area_id for area_id in path if len(mine[area_id]) >= max(least, share * len(by_area[area_id])))
    top = next(gone, None)
    if top is None:
        return None
    return [area_id for area_id in path if mine[area_id] == mine[top]][-1]


def _grouped(keys: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for camera_id, names in keys.items():
        for name in names:
            found.setdefault(name, set()).add(camera_id)
    return found
