"""The town of the dispatch tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.clock import ManualClock
from tests.vms_api.dispatch.town import Town, opened_town
from vms_api.database_place import DatabasePlace


@pytest.fixture
async def town(tmp_path: Path, database_place: DatabasePlace) -> AsyncIterator[Town]:
    async with opened_town(tmp_path, database_place, ManualClock()) as opened:
        yield opened
