"""A process that is killed with deliveries under way: the next one goes on, and nothing is lost."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from ingest.clock import SystemClock
from ingest.identifier import new_identifier
from tests.fakes.webhook_receiver import OK, WebhookReceiver
from tests.vms_api.conftest import until
from tests.vms_api.notify.conftest import built_outbox
from vms_api.database import Database

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]
COUNT = 150


@pytest.mark.parametrize("heard_before", [0, 40])
async def test_killed_process_loses_nothing(tmp_path: Path, heard_before: int) -> None:
    """Killed between commit and delivery, and amidst it: every alert arrives, each under one id only."""
    web = WebhookReceiver(behaviour=OK if heard_before else "silent")
    async with web.listening():
        path, receiver_id = tmp_path / "site.db", new_identifier()
        arguments = [str(path), web.url, receiver_id, str(COUNT)]
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.vms_api.notify.outbox_child",
            *arguments,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert child.stdout is not None
        assert (await child.stdout.readline()).strip() == b"stored"
        await until(lambda: len(web.heard) >= heard_before, 30)
        child.send_signal(signal.SIGKILL)
        await child.wait()
        before = {heard.data["alert_id"]: heard.id for heard in web.heard}
        web.behaviour = OK
        database = await Database.open(path)
        outbox = built_outbox(database, SystemClock())
        async with database.read() as connection:
            await outbox.roll.load(connection)
        running = asyncio.create_task(outbox.lanes.run())
        try:
            await until(lambda: len({heard.data["alert_id"] for heard in web.heard}) == COUNT, 40)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await database.close()
        ids = {(heard.data["alert_id"], heard.id) for heard in web.heard}
        assert len(ids) == COUNT
        assert all((alert_id, id_) in ids for alert_id, id_ in before.items())
        assert len(web.heard) - COUNT <= 2 * 64  # at most the batch that was under way, and nothing else, comes twice
