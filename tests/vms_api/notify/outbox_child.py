"""A process that stores alerts and delivers them until it is killed: `outbox_child DATABASE URL SECRET COUNT`."""

import asyncio
import sys
from pathlib import Path

from ingest.clock import SystemClock
from tests.vms_api.notify.conftest import built_outbox
from vms_api.database import Database


async def deliver(path: str, url: str, receiver_id: str, count: int) -> None:
    """Says `stored` once the alerts are committed; nothing is delivered before."""
    database = await Database.open(Path(path))
    outbox = built_outbox(database, SystemClock())
    await outbox.add(outbox.receiver(url, id=receiver_id))
    await outbox.happen(count)
    sys.stdout.write("stored\n")
    sys.stdout.flush()
    await outbox.lanes.run()


if __name__ == "__main__":
    asyncio.run(deliver(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
