"""A control process as a child: `python -m tests.vms_api.serve_child SITE_FILE`."""

import asyncio
import os
import sys
from pathlib import Path

from vms_api.commands.serve import announce, run_server
from vms_api.control import Control
from vms_api.errors import StartRefused
from vms_api.log_output import configure_logging
from vms_api.settings_file import load_settings


async def ready(control: Control, address: str) -> None:
    await announce(control, address)
    print(f"token={control.node.token} epoch={await control.node.begin_epoch()}", flush=True)  # noqa: T201


configure_logging()
try:
    asyncio.run(run_server(load_settings(Path(sys.argv[1])), on_ready=ready, environ=os.environ, node_command=None))
except StartRefused as refusal:
    sys.exit(f"{refusal.code}: {refusal}")
