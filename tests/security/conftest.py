"""One town for all tests of a module: starting a site for each of a thousand requests would take an hour."""

from collections.abc import AsyncIterator

import pytest

from tests.security.town import Town, built_town
from tests.vms_api.conftest import running_site
from vms_api.settings import NodeSettings


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    async with running_site(folder, node=NodeSettings(heartbeat_timeout_s=60)) as site, built_town(site) as town:
        yield town
