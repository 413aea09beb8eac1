"""The node's line to the control process: which answers are worth another try."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from analytics.evidence import MOST_BYTES
from analytics.settings import AnalyticsSettings
from ingest.settings import IngestSettings
from vms_api.live.settings import LiveSettings
from vms_api.node.control_link import ControlLink
from vms_api.node.messages import Launch, LaunchSettings
from vms_api.node.outbox import Refused
from vms_api.node.store import Entry
from vms_api.request_guard import INTERNAL_BODY_BYTES


@contextmanager
def _control(status: int) -> Iterator[str]:
    """The address of a control process that gives every delivery this answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_error(status)

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def _deliver(address: str, folder: Path) -> None:
    settings = LaunchSettings(ingest=IngestSettings(), analytics=AnalyticsSettings(), live=LiveSettings())
    own = {"node_id": "node", "epoch": 1, "token": "secret", "data_dir": str(folder)}
    link = ControlLink(Launch.model_validate({**own, "control_url": address, "settings": settings}))
    try:
        await link.deliver(Entry(1, "one", "alert", "{}"))
    finally:
        await link.close()


@pytest.mark.parametrize(
    ("status", "failure"), [(422, Refused), (413, Refused), (409, ConnectionError), (503, ConnectionError)]
)
def test_what_will_never_be_taken_is_not_tried_for_ever(tmp_path: Path, status: int, failure: type[Exception]) -> None:
    """An entry that is wrong or too large is set aside, or the alerts of all cameras would wait behind it."""
    with _control(status) as address, pytest.raises(failure):
        asyncio.run(_deliver(address, tmp_path))


def test_the_largest_evidence_fits_into_a_delivery() -> None:
    """In base64, with 64 KiB for everything else."""
    assert -(-MOST_BYTES // 3) * 4 + 65536 < INTERNAL_BODY_BYTES
