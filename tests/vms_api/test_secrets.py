"""A canary password is typed in everywhere, and then looked for everywhere."""

import asyncio
import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from tests.fakes.node import problem
from tests.vms_api.conftest import PASSWORD, running_site
from tests.vms_api.event_client import EventClient, take
from vms_api.errors import SecretKeyRefused

pytestmark = pytest.mark.anyio

CANARY = "CANARY-9f3b1c"


def stored_bytes(folder: Path) -> bytes:
    """Everything on disk: database, log of changes, key."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def test_passwords_are_in_no_answer_log_or_file(tmp_path: Path) -> None:
    """Camera passwords, in fields and in addresses, good and refused ones: only the node ever gets them."""
    printed, answers = StringIO(), []
    with redirect_stdout(printed), redirect_stderr(printed):
        async with running_site(tmp_path) as site, EventClient(site.http).connected() as frames:
            node = await site.start_node()
            camera = await site.add_camera(username="root", password=CANARY)
            await site.add_camera("Second", address=f"rtsp://root:{CANARY}@192.0.2.8/main")
            node.answers["PUT"] = problem(422, "state-refused", "no")
            path = f"/api/v1/cameras/{camera['id']}"
            for body in (
                {"address": f"file://root:{CANARY}@x/"},
                {"address": f"rtsp://root:{CANARY}@127.0.0.1/"},
                {"password": CANARY, "unknown": CANARY},
                {"password": [CANARY]},
                {"password": CANARY * 40},
                {"username": "root", "password": CANARY},
            ):
                answers += [await site.http.patch(path, json=body)]
            answers.append(await site.http.post("/api/v1/login", json={"username": "x", "password": CANARY}))
            for place in ("/api/v1/cameras", path, f"{path}/health", "/api/v1/system", "/metrics", "/api/v1/me"):
                answers += [await site.http.get(place)]
            changed = await take(frames, "camera.changed")
            await asyncio.sleep(0.1)
            assert CANARY in str(node.states)
            assert CANARY not in repr(await site.control.reconciler.desired_state())
            stored = stored_bytes(tmp_path)
    assert CANARY not in str(changed)
    assert [answer.status_code for answer in answers[:6]] == [422, 422, 422, 422, 422, 200]
    for answer in answers:
        assert CANARY not in answer.text
        assert CANARY not in str(answer.headers)
    assert CANARY.encode() not in stored
    assert PASSWORD.encode() not in stored
    assert CANARY not in printed.getvalue()
    assert "node.state" in printed.getvalue()


async def test_mistakes_tell_no_password(tmp_path: Path) -> None:
    """A traceback has neither local variables nor the parameters of a statement; it stays on one line."""
    printed = StringIO()
    with redirect_stderr(printed):
        async with running_site(tmp_path) as site:
            async with site.control.database.write() as transaction:
                await transaction.connection.exec_driver_sql("DROP TABLE cameras")
            body = {"name": "Gate", "address": f"rtsp://{CANARY}:{CANARY}@192.0.2.7/", "password": CANARY}
            answer = await site.http.post("/api/v1/cameras", json=body)
    assert answer.status_code == 500
    (entry,) = [json.loads(line) for line in printed.getvalue().splitlines() if "request.failed" in line]
    assert "OperationalError" in entry["exception"]
    assert CANARY not in printed.getvalue()


async def test_tokens_are_not_stored(tmp_path: Path) -> None:
    """The database has only hashes of session tokens: who reads it cannot log in."""
    async with running_site(tmp_path) as site:
        token = site.http.cookies["xueliang_session"]
        stored = stored_bytes(tmp_path)
    assert token.encode() not in stored


async def test_key_file_is_private_and_belongs_to_the_data(tmp_path: Path) -> None:
    """Mode 0600; with another key the start is refused instead of failing at the first camera."""
    async with running_site(tmp_path) as site:
        await site.add_camera(password=CANARY)
    key = tmp_path / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    with pytest.raises(SecretKeyRefused, match="another key"):
        async with running_site(tmp_path):
            pass
