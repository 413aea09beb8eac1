"""A control process with ten thousand cameras on the map and no node, for those who want to pan it.

    python -m benchmarks.overview_map_child FOLDER

Prints its address, then serves until its standard input is closed. The cameras stand in sixty villages around a town;
one in ten is at fault.
"""

import asyncio
import os
import random
import sys
from collections.abc import Mapping
from pathlib import Path

from ingest.clock import SystemClock
from ingest.identifier import new_identifier
from vms_api.app import create_app
from vms_api.areas.store import read_tree
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health import CameraHealth, CameraState
from vms_api.commands.serve import ControlServer, control_url, listening_socket
from vms_api.database import Database
from vms_api.database_place import database_place
from vms_api.ledger import store as ledger_store
from vms_api.ledger.ledger import LedgerRecord
from vms_api.settings import ServerSettings, SiteFile, StorageSettings

CAMERAS, VILLAGES = 10_000, 60
TOWN = (31.2, 121.5)
AT_FAULT_EVERY = 10


async def _fill(folder: Path) -> Mapping[str, CameraState]:
    """Cameras with positions in their ledgers; how each of them is to be."""
    chance, clock = random.Random(10), SystemClock()
    villages = [(TOWN[0] + chance.gauss(0, 0.08), TOWN[1] + chance.gauss(0, 0.1)) for _ in range(VILLAGES)]
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    database = await Database.open(database_place(None, folder, {}))
    async with database.write() as transaction:
        root = (await read_tree(transaction.connection)).root
        now = clock.now()
        cameras = [
            CameraRecord(
                id=new_identifier(),
                area_id=root.id,
                name=f"Camera {number:05}",
                address=f"rtsp://192.0.2.{number % 250 + 1}/{number}",
                sub_address=None,
                transport="tcp",
                username=None,
                sealed_password=None,
                enabled=True,
                analysed=True,
                created_at=now,
                updated_at=now,
            )
            for number in range(CAMERAS)
        ]
        await camera_store.insert_cameras(transaction, cameras)
        ledgers = {}
        for camera in cameras:
            latitude, longitude = chance.choice(villages)
            place = {"latitude": latitude + chance.gauss(0, 0.006), "longitude": longitude + chance.gauss(0, 0.007)}
            ledgers[camera.id] = LedgerRecord(place, 1, now, None)
        await ledger_store.save_ledgers(transaction, ledgers)
    await database.close()
    return {camera.id: "live" if chance.randrange(AT_FAULT_EVERY) else "waiting" for camera in cameras}


async def _serve(folder: Path) -> None:
    states = await _fill(folder)
    settings = SiteFile(server=ServerSettings(port=0), storage=StorageSettings(data_dir=folder))
    with listening_socket(settings.server) as listener:
        url = control_url(settings.server, listener.getsockname()[1])
        app = create_app(settings, environ=os.environ)
        async with app.router.lifespan_context(app):
            control = app.state.control
            since = control.clock.now()
            control.health.report({id_: CameraHealth(state=state, since=since) for id_, state in states.items()})
            server = ControlServer(app, settings.server, _nothing)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            sys.stdout.write(f"{url}\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)
            server.stop()
            await serving


async def _nothing() -> None:
    """Nobody waits for the start here: the address is said when the server listens."""


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
