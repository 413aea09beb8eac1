"""Which area a row of a spreadsheet means: by its name, its path, or the code of the division. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from vms_api.accounts.account import name_key
from vms_api.areas.area import Area, AreaTree
from vms_api.ledger.ledger import CellFault

_SEPARATORS = "/\\>|→»"
_COUNTY = 6
"""Digits of GB/T 2260; GB/T 10114 adds three for a township and three for a village."""


@dataclass(frozen=True, slots=True)
class AreaScope:
    """What an importer may see, and where cameras are the importer's to manage; ids of areas."""

    seen: Collection[str]
    managed: Collection[str]


class AreaFinder:
    """Finds areas among those that the importer sees. Others are not there."""

    def __init__(self, tree: AreaTree, scope: AreaScope) -> None:
        self._tree = tree
        self._managed = scope.managed
        self._by_name: dict[str, list[Area]] = defaultdict(list)
        self._by_code: dict[str, list[Area]] = defaultdict(list)
        self._by_path: dict[str, list[Area]] = defaultdict(list)
        self._seen = scope.seen
        for area in tree:
            if area.id in scope.seen:
                self._by_path[name_key(self.path(area))].append(area)
                self._by_name[name_key(area.name)].append(area)
                if area.code:
                    self._by_code[_significant(area.code)].append(area)

    def find(self, typed: str | None, code: str | None) -> Area | CellFault | None:
        """The area in which the importer manages cameras; None when nothing names one, or what is wrong."""
        if typed:
            found: Iterable[Area] = self._named(typed)
            field, unknown = "area", "area-unknown"
        elif code:
            found = self._by_code.get(_significant(code), ())
            field, unknown = "division_code", "division-unknown"
        else:
            return None
        found = list(found)
        own = [area for area in found if area.id in self._managed]
        if not found:
            return CellFault(field, unknown, params={"value": typed or code})
        if not own:
            return CellFault(field, "area-not-managed", params={"value": typed or code})
        if len(own) > 1:
            paths = [self.path(area) for area in own[:3]]
            return CellFault(field, "area-ambiguous", params={"value": typed or code, "areas": paths})
        return own[0] if not typed or _agrees(own[0], code) else _disagreement(own[0], code)

    def path(self, area: Area) -> str:
        """Its name with those above it that the person sees, as a spreadsheet may name it."""
        above = (self._tree.find(area_id) for area_id in area.lineage if area_id in self._seen)
        return "/".join(found.name for found in above if found)

    def _named(self, typed: str) -> list[Area]:
        for known in (self._by_path, self._by_name):
            if name_key(typed) in known:
                return known[name_key(typed)]
        if _is_code(typed):
            return self._by_code.get(_significant(typed), [])
        for separator in _SEPARATORS:
            typed = typed.replace(separator, "/")
        names = [name_key(part) for part in typed.split("/") if part.strip()]
        if not names:
            return []
        candidates = self._by_name.get(names[-1], [])
        return [area for area in candidates if self._lies_under(area, names[:-1])]

    def _lies_under(self, area: Area, names: list[str]) -> bool:
        """Whether those names stand above it, in that order; others may be between."""
        above = iter(name_key(found.name) for id_ in area.lineage[:-1] if (found := self._tree.find(id_)))
        return all(name in above for name in names)


def _is_code(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) in (2, 4, 6, 9, 12)


def _significant(code: str) -> str:
    """A code without the noughts that fill it up: 440106000000 and 440106 are one, 440000 and 44 too."""
    while len(code) > _COUNTY and code.endswith("000"):
        code = code[:-3]
    while 2 < len(code) <= _COUNTY and code.endswith("00"):  # noqa: PLR2004 - a province is two digits
        code = code[:-2]
    return code


def _agrees(area: Area, code: str | None) -> bool:
    if not code or not area.code:
        return True
    own, typed = _significant(area.code), _significant(code)
    return own.startswith(typed) or typed.startswith(own)


def _disagreement(area: Area, code: str | None) -> CellFault:
    return CellFault("division_code", "division-elsewhere", params={"value": code, "area": area.name, "is": area.code})
