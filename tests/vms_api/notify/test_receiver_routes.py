"""Receivers over the API: made, tried, replayed, removed; each act in the audit log, and no secret anywhere."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from ingest.identifier import new_identifier
from tests.fakes.node import alert_payload
from tests.fakes.webhook_receiver import WebhookReceiver, answer
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import running_site, until
from vms_api.nodes.delivery import AlertPayload
from vms_api.notify.settings import NotifySettings

pytestmark = pytest.mark.anyio

RECEIVERS = "/api/v1/notify/receivers"


async def test_receiver_from_beginning_to_end(tmp_path: Path) -> None:
    """A webhook is made, tried, gets an alert, answers 410, is switched on again, and is removed."""
    notify = NotifySettings(allowed_networks=(ip_network("127.0.0.0/8"),))
    async with WebhookReceiver().listening() as web, running_site(tmp_path, notify=notify) as site:
        root = site.control.rights.index.tree.root.id
        body = {"name": "Police", "area_id": root, "target": {"kind": "webhook", "url": web.url}}
        made = (await site.http.post(RECEIVERS, json=body)).json()
        assert made["secret"].startswith("whsec_")
        path = f"{RECEIVERS}/{made['id']}"
        trial = (await site.http.post(f"{path}/test", json={})).json()
        assert (trial["arrived"], trial["fault"]) == (True, None)
        camera = await site.add_camera()
        alert_id = new_identifier()
        await site.control.alerts.deliver(AlertPayload.model_validate(alert_payload(alert_id, camera["id"])))
        await until(lambda: len(web.heard) == 2, 20)
        assert web.heard[1].data["alert_id"] == alert_id
        assert web.heard[1].data["camera"] == "Gate"
        web.behaviour = answer(410)
        await site.http.post(f"/api/v1/alerts/{alert_id}/acknowledge", json={})
        await until(lambda: site.control.notify.roll.find(made["id"]).stopped is not None, 20)
        [listed] = (await site.http.get(RECEIVERS)).json()["items"]
        assert (listed["health"]["state"], listed["health"]["waiting"]) == ("stopped", 1)
        web.behaviour = answer(200)
        assert (await site.http.put(path, json=body)).json()["health"]["state"] in {"ok", "failing"}
        renewed = (await site.http.post(f"{path}/secret", json={})).json()["secret"]
        assert renewed != made["secret"]
        [waiting] = (await site.http.get(f"{path}/deliveries?state=waiting")).json()["items"]
        assert (waiting["attempts"], waiting["fault"]) == (1, "gone")
        assert (await site.http.post(f"/api/v1/notify/deliveries/{waiting['id']}/replay", json={})).status_code == 404
        assert (await site.http.delete(path)).status_code == 204
        rows = await trail(site)
        told = [row["kind"] for row in rows if row["kind"].startswith("notify.")]
        assert told == [f"notify.{act}" for act in ("add", "try", "stop", "change", "secret", "remove")]
        assert made["secret"] not in str(rows)
        assert renewed not in str(rows)


@pytest.mark.parametrize(
    ("target", "secret", "code"),
    [
        ({"kind": "webhook", "url": "https://user:pass@example.org/"}, None, "invalid-request"),
        ({"kind": "webhook", "url": "file:///etc/passwd"}, None, "invalid-request"),
        ({"kind": "webhook", "url": "https://example.org/"}, "hunter2", "webhook-secret-wrong"),
        ({"kind": "email", "to": ["li@example.org"]}, None, "mail-missing"),
        ({"kind": "email", "to": ["li@example.org\nBcc: all@example.org"]}, None, "invalid-request"),
        ({"kind": "mqtt", "host": "broker", "prefix": "a/#"}, None, "invalid-request"),
        ({"kind": "syslog", "host": "log host"}, None, "invalid-request"),
    ],
)
async def test_wrong_targets_are_refused(
    tmp_path: Path, target: dict[str, object], secret: str | None, code: str
) -> None:
    """Before anything is stored, and without a word of the secret."""
    async with running_site(tmp_path) as site:
        root = site.control.rights.index.tree.root.id
        answered = await site.http.post(
            RECEIVERS, json={"name": "Wrong", "area_id": root, "target": target, "secret": secret}
        )
        assert (answered.status_code, answered.json()["code"]) == (422, code)
        assert "hunter2" not in answered.text
        assert site.control.notify.roll.receivers == []


async def test_own_choice_is_kept_and_mailed(tmp_path: Path) -> None:
    """Own mail is a receiver that the list does not show; without a mail server it is refused."""
    mine = "/api/v1/me/notifications"
    choice = {"severities": ["high"], "quiet": [{"starts": "22:00", "ends": "06:00"}], "email": "li@example.org"}
    async with running_site(tmp_path / "without") as site:
        assert (await site.http.get(mine)).json()["can_mail"] is False
        assert (await site.http.put(mine, json=choice)).json()["code"] == "mail-missing"
    notify = NotifySettings(smtp_host="127.0.0.1", smtp_port=1, smtp_security="none")
    async with running_site(tmp_path / "with", notify=notify) as site:
        answered = (await site.http.put(mine, json=choice)).json()
        assert (answered["email"], answered["sound"], answered["can_mail"]) == ("li@example.org", True, True)
        assert (await site.http.get(RECEIVERS)).json()["items"] == []
        [own] = site.control.notify.roll.receivers
        assert own.person_id == own.owner_id
        assert (await site.http.put(mine, json={"areas": ["no such area"]})).status_code == 404
        await site.http.put(mine, json={**choice, "email": None})
        assert site.control.notify.roll.receivers == []
        assert "notify.choice" in {row["kind"] for row in await trail(site)}
