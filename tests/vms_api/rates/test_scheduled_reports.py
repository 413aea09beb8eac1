"""Scheduled reports of a real control process: made when the night's counting is done, kept, mailed, and let go."""

import csv
import email
import email.policy
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.fakes.clock import ManualClock
from tests.fakes.mosquitto import free_port
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site, log_in, running_site
from tests.vms_api.rates import seeding
from vms_api.notify.settings import NotifySettings
from vms_api.settings import SiteSettings

pytestmark = pytest.mark.anyio

FRIDAY = datetime(2026, 11, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PATH = "/api/v1/scheduled-reports"


class Letters:
    """A mail server that keeps what it is given, or refuses it while `reply` says so."""

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.reply = "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.reply.startswith("250"):
            content = cast("bytes", envelope.content)
            self.kept.append(cast("EmailMessage", email.message_from_bytes(content, policy=email.policy.default)))
        return self.reply


@pytest.fixture
def letters() -> Iterator[tuple[Letters, int]]:
    kept, port = Letters(), free_port()
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    yield kept, port
    server.stop()


def site_of(tmp_path: Path, clock: ManualClock, port: int | None) -> Any:
    mail = NotifySettings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none") if port else NotifySettings()
    site = SiteSettings(name="Town", time_zone="UTC", language="en")
    return running_site(tmp_path / "data", clock=clock, site=site, notify=mail)


async def at(site: Site, clock: ManualClock, when: datetime) -> None:
    clock.step_wall((when - clock.now()).total_seconds())
    clock.advance(0.001)
    assert (await log_in(site.http)).is_success


async def gate(site: Site) -> str:
    """A camera that is live from Friday on, heard until Tuesday; down for the six hours of Sunday's evening."""
    camera = (await site.add_camera("=Gate <b>"))["id"]
    await seeding.heard(site.control.database, FRIDAY, FRIDAY + 5 * DAY)
    sunday = FRIDAY + 2 * DAY
    down = (sunday + 18 * HOUR, "waiting")
    await seeding.states(site.control.database, camera, (FRIDAY, "live"), down, (sunday + DAY, "live"))
    return str(camera)


def report_of(site: Site, **changes: Any) -> dict[str, Any]:
    root = site.control.rights.index.tree.root.id
    return {"area_id": root, "name": "Sheet", "period": "week", "language": "en", "formats": ["csv"], **changes}


async def test_a_week_is_made_on_monday_and_mailed(tmp_path: Path, letters: tuple[Letters, int]) -> None:
    """Nothing on Sunday; on Monday the files of the week are there, in one letter, once."""
    clock, (mail, port) = ManualClock(FRIDAY), letters
    async with site_of(tmp_path, clock, port) as site:
        await gate(site)
        body = report_of(site, formats=["html", "xlsx", "csv"], recipients=["chief@example.org"])
        assert (await site.http.post(PATH, json=body)).status_code == 201
        turn = site.control.rates.turn
        await at(site, clock, FRIDAY + 2 * DAY + HOUR)
        await turn.look()
        assert (await site.http.get("/api/v1/report-files")).json()["items"] == []
        await at(site, clock, FRIDAY + 3 * DAY + HOUR)
        await turn.look()
        await turn.look()
        files = (await site.http.get("/api/v1/report-files")).json()["items"]
        assert {(file["format"], file["first_day"], file["last_day"], file["mail"]) for file in files} == {
            (kind, "2026-11-02", "2026-11-08", "sent") for kind in ("html", "xlsx", "csv")
        }
        (letter,) = mail.kept
        assert letter["To"] == "chief@example.org"
        assert {part.get_filename() for part in letter.iter_attachments()} == {file["name"] for file in files}


async def test_a_month_is_made_when_it_is_over(tmp_path: Path) -> None:
    """Nothing in November; on the first of December the whole of November, once."""
    clock = ManualClock(FRIDAY)
    async with site_of(tmp_path, clock, None) as site:
        await gate(site)
        assert (await site.http.post(PATH, json=report_of(site, period="month"))).status_code == 201
        turn = site.control.rates.turn
        days = []
        for when in (datetime(2026, 11, 30, 1, tzinfo=UTC), datetime(2026, 12, 1, 1, tzinfo=UTC)):
            await at(site, clock, when)
            await turn.look()
            await turn.look()
            files = (await site.http.get("/api/v1/report-files")).json()["items"]
            days.append([(file["first_day"], file["last_day"]) for file in files])
        assert days == [[], [("2026-11-01", "2026-11-30")]]


async def test_files_say_what_was_counted(tmp_path: Path) -> None:
    """66 of 72 hours from Friday to Sunday, in each format; names are harmless; each look is recorded."""
    clock = ManualClock(FRIDAY)
    async with site_of(tmp_path, clock, None) as site:
        await gate(site)
        added = (await site.http.post(PATH, json=report_of(site, formats=["html", "xlsx", "csv"]))).json()
        await at(site, clock, FRIDAY + 3 * DAY + HOUR)
        for back in (3, 2, 1):
            await site.control.rates.desk.count((clock.now() - back * DAY).date(), "nightly")
        made = (await site.http.post(f"{PATH}/{added['id']}/run", json={})).json()["items"]
        kept = {file["format"]: await site.http.get(f"/api/v1/report-files/{file['id']}") for file in made}
        rows = list(csv.reader(io.StringIO(kept["csv"].content.decode("utf-8-sig"))))
        (online,) = [row for row in rows if len(row) == 9 and row[0] == "Online"]
        assert [float(cell) for cell in online[1:4]] == [pytest.approx(66 / 72, abs=1e-6), 66 * 3600, 72 * 3600]
        assert online[7] == "missed"
        sheet = openpyxl.load_workbook(io.BytesIO(kept["xlsx"].content)).active
        assert [66 * 3600, 72 * 3600] in [[row[2].value, row[3].value] for row in sheet.iter_rows(max_col=4)]
        page = kept["html"].text
        assert "91.66%" in page
        assert '<td class="n">66.0</td><td class="n">72.0</td><td>h</td>' in page
        assert "<svg" in page
        assert "http" not in page.replace("http-equiv", ""), "the page loads nothing from anywhere"
        assert "sandbox" in kept["html"].headers["content-security-policy"]
        assert [row["kind"] for row in await trail(site)].count("report.file") == 3


async def test_a_mail_server_that_refuses_is_tried_again(tmp_path: Path, letters: tuple[Letters, int]) -> None:
    """Not at the next look, but after some minutes; and files are let go when they are old."""
    clock, (mail, port) = ManualClock(FRIDAY), letters
    mail.reply = "451 later"
    async with site_of(tmp_path, clock, port) as site:
        await gate(site)
        body = report_of(site, period="day", recipients=["chief@example.org"])
        added = (await site.http.post(PATH, json=body)).json()
        reports = site.control.rates.reports
        await at(site, clock, FRIDAY + DAY + HOUR)
        await site.control.rates.turn.look()
        (file,) = (await site.http.get("/api/v1/report-files")).json()["items"]
        assert file["mail"] == "due"
        mail.reply = "250 OK"
        await reports.make_due()
        assert mail.kept == []
        clock.advance(301)
        await reports.make_due()
        assert len(mail.kept) == 1
        (file,) = (await site.http.get("/api/v1/report-files")).json()["items"]
        assert file["mail"] == "sent"
        await site.http.put(f"{PATH}/{added['id']}", json={**body, "enabled": False})
        await at(site, clock, clock.now() + 401 * DAY)
        await reports.make_due()
        assert (await site.http.get(f"/api/v1/report-files/{file['id']}")).status_code == 404
        assert list((tmp_path / "data" / "report-files").iterdir()) == []
