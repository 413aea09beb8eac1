"""A state machine written as a table: what leads from where to where, and nothing else does."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

State = TypeVar("State", bound=StrEnum)
Happening = TypeVar("Happening", bound=StrEnum)


class IllegalTransition(Exception):
    """What happened, or is wanted, has no meaning in the present state."""

    def __init__(self, thing: str, state: StrEnum, happening: StrEnum) -> None:
        super().__init__(f"{happening} has no meaning for {thing} that is {state}")


class Transitions(Mapping[State, Mapping[Happening, State]], Generic[State, Happening]):
    """The rows of one machine, read as a mapping; `thing` names what it is about, with its article."""

    def __init__(self, thing: str, rows: Mapping[State, Mapping[Happening, State]]) -> None:
        self._thing = thing
        self._rows = MappingProxyType({state: MappingProxyType(dict(row)) for state, row in rows.items()})

    def after(self, state: State, happening: Happening) -> State:
        """The state that follows.

        Raises:
            IllegalTransition: the table has no such row.

        """
        try:
            return self._rows[state][happening]
        except KeyError:
            raise IllegalTransition(self._thing, state, happening) from None

    def __getitem__(self, state: State) -> Mapping[Happening, State]:
        return self._rows[state]

    def __iter__(self) -> Iterator[State]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
