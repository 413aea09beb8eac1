"""Alerts while somebody else holds the database: none lost, none twice, and no answer promises what is not there."""

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.identifier import new_identifier
from tests.fakes.node import FakeNode, alert_payload
from tests.vms_api.conftest import Site
from tests.vms_api.event_client import EventClient
from vms_api.database_place import DATABASE_FILE

pytestmark = pytest.mark.anyio

LOCKED_S, BUSY_S = 1.5, 0.25
"""Of 30 s and 5 s: how long it is held, and how long a writer waits for it. The same 1 to 20, six tries each."""


def stored(path: Path, alert_id: str) -> bool:
    """Whether it is in the file, as somebody reads it who knows nothing of the program."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT 1 FROM alerts WHERE id = ?", (alert_id,)).fetchone() is not None


async def delivered(node: FakeNode, payload: dict[str, Any], path: Path) -> int:
    """Delivers as the node's outbox does, until it is taken; how often it was refused."""
    refused = 0
    while True:
        answer = await asyncio.to_thread(node.deliver, payload)
        if answer.is_success:
            assert stored(path, payload["id"]), "it was promised and is not there"
            return refused
        assert answer.status_code >= 500, answer.text
        refused += 1
        await asyncio.sleep(0.05)


async def hold(path: Path) -> None:
    """Another program in the middle of a write that takes long."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(LOCKED_S)
        connection.execute("ROLLBACK")


async def test_a_locked_database_loses_nothing(site: Site, tmp_path: Path) -> None:
    """Refused while it lasts and delivered again; a page that loses its connection meanwhile hears each alert once."""
    path, node = tmp_path / "data" / DATABASE_FILE, await site.start_node()
    async with site.control.database.write() as transaction:
        await transaction.connection.exec_driver_sql(f"PRAGMA busy_timeout={round(BUSY_S * 1000)}")
    payloads = [alert_payload(new_identifier(), rule_id=f"rule {number % 4}") for number in range(12)]
    wanted, page, heard = {payload["id"] for payload in payloads}, EventClient(site.http, last_id=0), Counter[str]()

    async def look(until: int) -> None:
        async with page.connected() as frames:
            async for event in frames:
                heard.update([event.data["id"]] if event.kind == "alert.raised" else [])
                if len(heard) >= until:
                    return

    await delivered(node, payloads[0], path)
    await look(until=1)
    held = asyncio.create_task(hold(path))
    await asyncio.sleep(0.05)
    refused = await asyncio.gather(*(delivered(node, payload, path) for payload in payloads[1:]))
    await held
    assert sum(refused) >= 2
    async with asyncio.timeout(10):
        await look(until=6)
        await look(until=len(payloads))
    assert heard == Counter(wanted)
    found = (await site.http.get("/api/v1/alerts", params={"limit": 200})).json()["items"]
    assert Counter(alert["id"] for alert in found) == Counter(wanted)
    cards = [alert for alert in found if alert["incident_id"] == alert["id"]]
    assert sorted(card["repeats"] for card in cards) == [2, 2, 2, 2]
