"""How a contender is told what to look at, and how it tells what it has done. Standard library only."""

import json
import sys
from collections.abc import Callable, Sequence


def addresses() -> Sequence[str]:
    """The streams to look at."""
    given: list[str] = json.loads(sys.argv[1])
    return given


def answer(judged: Callable[[], int]) -> None:
    """Tells how many frames were judged, once for each line of standard input, until it ends."""
    for _ in sys.stdin:
        sys.stdout.write(json.dumps({"judged": judged()}) + "\n")
        sys.stdout.flush()
