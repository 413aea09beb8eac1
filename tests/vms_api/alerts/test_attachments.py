"""Files of alerts: what is taken, what is refused, and how it is handed out."""

import asyncio
import io
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.identifier import new_identifier
from tests.fakes.node import alert_payload
from tests.vms_api.alerts.desk_room import DeskRoom, desk_room
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site
from vms_api.alerts.attachment import ENDINGS, MAX_BYTES, MAX_FILES, safe_name
from vms_api.alerts.attachment_desk import AttachmentDesk, Upload
from vms_api.alerts.attachment_keeper import AlertFiles
from vms_api.alerts.errors import AttachmentKindWrong, AttachmentsFull, AttachmentTooLarge
from vms_api.alerts.file_kind import MAX_PIXELS, kind_of
from vms_api.database_place import DatabasePlace
from vms_api.errors import NotFound

pytestmark = pytest.mark.anyio


def picture(ending: str) -> bytes:
    ok, data = cv2.imencode(f".{ending}", np.full((48, 64, 3), 90, np.uint8))
    assert ok
    return data.tobytes()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large: a few hundred bytes, whatever it says."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packed = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("run.sh", "echo")
    return file.getvalue()


TAKEN = {
    "image/jpeg": picture("jpg"),
    "image/png": picture("png"),
    "image/webp": picture("webp"),
    "application/pdf": b"%PDF-1.7\n1 0 obj\n",
    "text/plain": "村口发现一名陌生人\r\nhe left".encode(),
}
REFUSED = {
    "empty": b"",
    "script": b"\x7fELF\x02\x01\x01",
    "zip": zipped(),
    "gif": b"GIF89a\x01\x00\x01\x00\x80\x00\x00",
    "text with a nought": b"hello\0world",
    "no utf-8": "村口".encode("gb18030"),
    "cut jpeg": picture("jpg")[:20],
    "cut png": picture("png")[:20],
    "cut webp": picture("webp")[:18],
    "bomb": png_of(40_000, 40_000),
    "empty picture": png_of(0, 10),
    "pdf further down": b"\xff" + TAKEN["application/pdf"],
}


@pytest.mark.parametrize("kind", TAKEN)
def test_what_is_taken_is_known_by_its_bytes(kind: str) -> None:
    """Each kind of the contract."""
    assert kind_of(io.BytesIO(TAKEN[kind])) == kind


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused(what: str) -> None:
    """Programs, archives, damaged heads, and pictures that would fill a browser's memory."""
    assert kind_of(io.BytesIO(REFUSED[what])) is None


def test_a_picture_is_as_large_as_its_frame_says() -> None:
    """Not as the thumbnail in its EXIF segment; and markers may be led by any number of fill bytes."""
    jpeg = picture("jpg")
    thumbnail = b"\xff\xe1" + struct.pack(">H", 2 + len(jpeg)) + jpeg
    assert kind_of(io.BytesIO(jpeg[:2] + thumbnail + b"\xff" + jpeg[2:])) == "image/jpeg"
    place = jpeg.index(b"\xff\xc0") + 5
    huge = jpeg[:place] + struct.pack(">HH", 65000, 65000) + jpeg[place + 4 :]
    assert kind_of(io.BytesIO(huge)) is None
    assert kind_of(io.BytesIO(png_of(MAX_PIXELS // 10, 10))) == "image/png"
    assert kind_of(io.BytesIO(png_of(MAX_PIXELS // 10 + 1, 10))) is None


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF0000WEBPVP8 ", b"%PDF-"]),
)
def test_no_bytes_bring_it_down(data: bytes, head: bytes) -> None:
    """It answers with a kind or with none, whatever comes."""
    assert kind_of(io.BytesIO(head + data)) in {*ENDINGS, None}


@given(st.text(max_size=300), st.sampled_from(sorted(ENDINGS)))
def test_a_name_says_what_it_is(told: str, kind: str) -> None:
    """No path, no control character, no mark that turns it round; and the ending of its contents."""
    name = safe_name(told, kind)
    assert name.endswith(f".{ENDINGS[kind]}")
    assert len(name) <= 110
    assert not set(name) & set('/\\:*?"<>|\u202e\u2066\r\n\0')
    assert not name.startswith((".", " "))
    name.encode()


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("门口.PNG", "门口.jpg"),
        ("../../etc/passwd", "_.._etc_passwd.jpg"),
        ("invoice.pdf.exe", "invoice.pdf.jpg"),
        ("x.html", "x.jpg"),
        ("gnp\u202e.exe", "gnp_.jpg"),
        ("", "file.jpg"),
        ("...", "file.jpg"),
    ],
)
def test_names_that_lie(told: str, name: str) -> None:
    """What they pretend to be is gone."""
    assert safe_name(told, "image/jpeg") == name


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[DeskRoom]:
    async with desk_room(database_place) as opened:
        yield opened


def desk_of(room: DeskRoom, folder: Path) -> AttachmentDesk:
    return AttachmentDesk(folder / "attachments", room.database, room.audit, room.clock, AlertFiles(room.events))


def upload(data: bytes, name: str = "photo.png", size: int | None = None) -> Upload:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 1 << 20):
            yield data[start : start + (1 << 20)]

    return Upload(name, size, chunks())


@pytest.mark.both_databases
async def test_a_file_is_kept_as_it_came(room: DeskRoom, tmp_path: Path) -> None:
    """Its bytes under their hash, its name with the ending of its contents; in the history and the audit log."""
    desk, alert_id = desk_of(room, tmp_path), await room.raise_alert()
    added = await desk.attach(alert_id, upload(TAKEN["image/jpeg"]), room.handler("wang"))
    again = await desk.attach(alert_id, upload(TAKEN["image/jpeg"], "other.jpg"), room.handler("zhao"))
    assert (added.name, added.media_type, added.added_by) == ("photo.jpg", "image/jpeg", "wang")
    assert added.sha256 == again.sha256 == sha256(TAKEN["image/jpeg"]).hexdigest()
    found, path = await desk.read(added.id, room.handler("chen"))
    assert (found, path.read_bytes(), path.stat().st_mode & 0o777) == (added, TAKEN["image/jpeg"], 0o600)
    assert await desk.list_files(alert_id, room.handler("li")) == [added, again]
    assert [act for act, *_ in await room.acts(alert_id)] == ["raise", "attach", "attach"]
    assert [file.name for file in (tmp_path / "attachments").iterdir()] == [added.sha256[:2]]
    rows = [(row["kind"], row["actor"]["name"]) for row in await room.trail()]
    assert rows == [("alert.attach", "wang"), ("alert.attach", "zhao"), ("attachment.read", "chen")]


async def test_what_is_too_much_leaves_nothing(room: DeskRoom, tmp_path: Path) -> None:
    """Too large by what it says or by what comes, too many, of no kind: refused, recorded, and no byte kept."""
    desk, by = desk_of(room, tmp_path), room.handler("wang")
    alert_id = await room.raise_alert()
    with pytest.raises(AttachmentTooLarge):
        await desk.attach(alert_id, upload(b"", size=200 * 1024 * 1024), by)
    with pytest.raises(AttachmentTooLarge):
        await desk.attach(alert_id, upload(bytes(MAX_BYTES + 1)), by)
    with pytest.raises(AttachmentKindWrong):
        await desk.attach(alert_id, upload(REFUSED["zip"], "photo.jpg"), by)
    assert [file for file in (tmp_path / "attachments").rglob("*") if file.is_file()] == []
    for number in range(MAX_FILES):
        await desk.attach(alert_id, upload(f"report {number}".encode()), by)
    with pytest.raises(AttachmentsFull):
        await desk.attach(alert_id, upload(b"one more"), by)
    refused = [row["detail"]["reason"] for row in await room.trail() if row["outcome"] == "failed"]
    assert refused == ["attachment-too-large", "attachment-too-large", "attachment-kind-wrong", "attachments-full"]


async def test_files_are_for_who_sees_the_alert(room: DeskRoom, tmp_path: Path) -> None:
    """For everybody else there are none, and none can be put there; nothing of the body is read then."""
    desk, alert_id = desk_of(room, tmp_path), await room.raise_alert()
    added = await desk.attach(alert_id, upload(b"a report"), room.handler("wang"))
    stranger = room.handler("hu")
    with pytest.raises(NotFound):
        await desk.read(added.id, stranger)
    with pytest.raises(NotFound):
        await desk.list_files(alert_id, stranger)
    with pytest.raises(NotFound):
        await desk.attach(alert_id, Upload("x", None, never_read()), stranger)


async def never_read() -> AsyncIterator[bytes]:
    pytest.fail("the body was read")
    yield b""


async def test_a_file_over_http(site: Site) -> None:
    """Saved and not opened by the browser, whatever is in it; a body of 200 MB is refused before it is read."""
    alert_id, headers = new_identifier(), {"Content-Type": "application/octet-stream"}
    node = await site.start_node()
    await asyncio.to_thread(node.deliver, alert_payload(alert_id))
    path = f"/api/v1/alerts/{alert_id}/attachments"
    page = b"<script>alert(1)</script>"
    added = (await site.http.post(f"{path}?name=看.html", content=page, headers=headers)).json()
    answer = await site.http.get(added["url"])
    assert (answer.content, added["name"]) == (page, "看.txt")
    told = {name: answer.headers[name] for name in ("content-type", "x-content-type-options", "cache-control")}
    assert told == {
        "content-type": "text/plain; charset=utf-8",
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    }
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert (await site.http.post(path, files={"file": page})).json()["code"] == "json-required"
    answered = await answer_before_the_body(site, path, 200 * 1024 * 1024)
    assert answered.startswith("HTTP/1.1 413")
    assert "attachment-too-large" in answered
    rows = [(row["kind"], row["outcome"]) for row in await trail(site, "alert.attach")]
    assert rows == [("alert.attach", "done"), ("alert.attach", "failed")]


async def answer_before_the_body(site: Site, path: str, size: int) -> str:
    """What the server answers to the head of a request whose body never comes."""
    url = httpx.URL(site.url)
    cookies = "; ".join(f"{name}={value}" for name, value in site.http.cookies.items())
    told = {"Host": url.netloc.decode(), "Cookie": cookies, "Content-Type": "application/octet-stream"}
    head = "".join(f"{name}: {value}\r\n" for name, value in {**told, "Content-Length": size}.items())
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode())
    try:
        async with asyncio.timeout(20):
            head, _, rest = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n\r\n")
            return (head + rest + await reader.readuntil(b"}")).decode()
    finally:
        writer.close()
