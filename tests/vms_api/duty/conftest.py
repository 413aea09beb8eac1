"""The town of the duty tests, with the clock at noon of a Monday in Shanghai."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.clock import ManualClock
from tests.vms_api.dispatch.town import Town, opened_town
from vms_api.database_place import DatabasePlace

NOON = datetime(2026, 3, 23, 4, tzinfo=UTC)


@pytest.fixture
async def town(tmp_path: Path, database_place: DatabasePlace) -> AsyncIterator[Town]:
    async with opened_town(tmp_path, database_place, ManualClock(NOON)) as opened:
        yield opened
