"""An area of the tree, and the rules that keep the tree a tree."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vms_api.accounts.account import name_key
from vms_api.areas.errors import AreaCodeTaken, AreaCycle, AreaNameTaken, AreaTooDeep

MAX_DEPTH = 10
"""Levels of the tree. China's administrative divisions have five; the rest is for gates, floors and the like."""

AreaName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
AreaKind = Literal["city", "township", "village", "other"]
AreaCode = Annotated[
    str,
    Field(pattern=r"^\d{2,12}$", description="Digits as in GB/T 2260 and GB/T 10114: two for each level, then three."),
]
AreaId = Annotated[str, Field(min_length=1, max_length=64)]


class Centre(BaseModel):
    """Who is on duty for an area: a public-security management centre (综治中心), a duty room."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: AreaName
    phone: Annotated[
        str | None,
        Field(pattern=r"^\+?\d[\d ()-]{1,28}\d$", description="Digits, grouped as one likes; with + if it is abroad."),
    ] = None


class AreaIn(BaseModel):
    """An area to be made below another one."""

    model_config = ConfigDict(extra="forbid")

    parent_id: AreaId
    name: AreaName
    kind: AreaKind = "other"
    code: AreaCode | None = None
    centre: Centre | None = None


class AreaPatch(BaseModel):
    """Any part of an area; another `parent_id` moves it with all that is below, null takes code or centre away."""

    model_config = ConfigDict(extra="forbid")

    parent_id: AreaId | None = None
    name: AreaName | None = None
    kind: AreaKind | None = None
    code: AreaCode | None = None
    centre: Centre | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """One node of the tree. `path` holds the ids from the root to this one: "/<id>/<id>/"."""

    id: str
    parent_id: str | None
    name: str
    kind: AreaKind
    code: str | None
    path: str
    created_at: datetime
    updated_at: datetime
    centre: Centre | None = None

    @property
    def lineage(self) -> tuple[str, ...]:
        """The ids from the root to this area, this one included."""
        return tuple(self.path.strip("/").split("/"))

    @property
    def depth(self) -> int:
        """1 for the root."""
        return self.path.count("/") - 1


class AreaTree:
    """All areas of a site. There is one root."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._areas: Mapping[str, Area] = {area.id: area for area in areas}

    def __iter__(self) -> Iterator[Area]:
        return iter(sorted(self._areas.values(), key=lambda area: area.path))

    @property
    def root(self) -> Area:
        """The area above all."""
        return next(area for area in self._areas.values() if area.parent_id is None)

    def find(self, area_id: str) -> Area | None:
        """The area with that id."""
        return self._areas.get(area_id)

    def below(self, area: Area) -> list[Area]:
        """The area itself, if it is in the tree, and everything under it, the nearer first."""
        found = [other for other in self._areas.values() if area.id in other.lineage]
        return sorted(found, key=lambda other: other.depth)

    def placed(self, area: Area, parent: Area) -> list[Area]:
        """The area under a parent, new or moved, with everything below it on its new path.

        Raises:
            AreaCycle: the parent is the area itself or lies below it.
            AreaTooDeep: the tree would have more than MAX_DEPTH levels.
            AreaNameTaken: the parent has another child of that name.
            AreaCodeTaken: the parent has another child with that code.

        """
        self._check_siblings(area, parent)
        if area.id in parent.lineage:
            raise AreaCycle
        path = f"{parent.path}{area.id}/"
        below = [other for other in self.below(area) if other.id != area.id]
        moved = [replace(other, path=path + other.path.removeprefix(area.path)) for other in below]
        placed = [replace(area, parent_id=parent.id, path=path), *moved]
        if max(other.depth for other in placed) > MAX_DEPTH:
            raise AreaTooDeep
        return placed

    def _check_siblings(self, area: Area, parent: Area) -> None:
        siblings = [other for other in self._areas.values() if other.parent_id == parent.id and other.id != area.id]
        if name_key(area.name) in {name_key(other.name) for other in siblings}:
            raise AreaNameTaken
        if area.code is not None and area.code in {other.code for other in siblings}:
            raise AreaCodeTaken
