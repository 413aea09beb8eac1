"""What the services of a device have in common: a name, a path, and operations by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingest.onvif.tree import Tree


@dataclass(frozen=True, slots=True)
class Question:
    """One request inside a service. `host` is the device's address as the client sees it, `target` what was asked."""

    operation: Tree
    header: Tree | None
    host: str
    target: str


Operation = Callable[[Question], str]
"""Answers with the body's XML; raises SoapFault."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service. `version` is major and minor."""

    namespace: str
    path: str
    version: tuple[int, int]
    operations: Mapping[str, Operation]
