"""What is kept of devices, on both databases: it comes back as it was, and goes with its camera."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vms_api.areas import store as area_store
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.care import notice_store, rule_store, store
from vms_api.care.device import CertificateFacts, DeviceFacts, DeviceState, StreamSettings
from vms_api.care.device_rule import DeviceRule, RelayAction
from vms_api.care.notice import Noticed
from vms_api.care.notice_store import HeldPlace
from vms_api.database import Database
from vms_api.ptz import store as link_store
from vms_api.ptz.command import DeviceLink

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LINK = DeviceLink(address="http://192.0.2.7/", profile_token="1")
FACTS = DeviceFacts(model="XV-1", relays=["r"], profiles={"main": "1"}, streams={"main": StreamSettings(codec="h264")})
STATE = DeviceState(
    "reachable", None, NOW, "mark", FACTS, 1.5, NOW, CertificateFacts(expires_at=NOW, fingerprint_sha256="0")
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def filled(database: Database) -> Database:
    """One camera with a device."""
    async with database.write() as transaction:
        area = (await area_store.read_tree(transaction.connection)).root
        address = "rtsp://192.0.2.7/"
        camera = CameraRecord("c", area.id, "Gate", address, None, "tcp", None, None, True, True, NOW, NOW)
        await camera_store.insert_camera(transaction, camera)
        await link_store.set_link(transaction, "c", LINK)
    return database


async def test_decisions_outlive_a_new_link(filled: Database):
    """A certificate that was pinned stays pinned when the address is typed again."""
    async with filled.write() as transaction:
        assert await link_store.decide(transaction, "c", pinned_fingerprint="f", wants_notices=True, expected={"a": 1})
        assert not await link_store.decide(transaction, "other", wants_notices=True)
        await link_store.set_link(transaction, "c", LINK.model_copy(update={"profile_token": "2"}))
    async with filled.read() as connection:
        link = (await link_store.list_links(connection))["c"]
    assert (link.profile_token, link.pinned_fingerprint, link.wants_notices, link.expected) == (
        "2",
        "f",
        True,
        {"a": 1},
    )


async def test_a_state_comes_back_as_it_was(filled: Database):
    """The newest look only, and a failed one keeps what was seen before."""
    failed = replace(
        STATE, state="unreachable", fault="host-refused", facts=None, certificate=None, clock_offset_s=None
    )
    for state in (STATE, failed.after(STATE)):
        async with filled.write() as transaction:
            await store.put_state(transaction, "c", state)
        async with filled.read() as connection:
            assert await store.list_states(connection) == {"c": state}
    assert (state.fault, state.facts, state.clock_offset_s) == ("host-refused", FACTS, 1.5)


async def test_notices_places_and_rules(filled: Database):
    """Pages of notices, one place for each device, rules as they were made."""
    rule = DeviceRule(id="r", name="Door", kind="device_notice", notice="motion", relay=RelayAction(token="1"))
    async with filled.write() as transaction:
        for second in range(3):
            await notice_store.add_notice(
                transaction, "c", Noticed(NOW + timedelta(seconds=second), "motion", None, "1")
            )
        await notice_store.put_place(transaction, "d", HeldPlace("http://a", ""))
        await notice_store.put_place(transaction, "d", HeldPlace("http://b", "<x/>"))
        await rule_store.insert_rule(transaction, "c", rule)
        await rule_store.update_rule(transaction, rule.model_copy(update={"name": "Gate"}))
    async with filled.read() as connection:
        newest, middle, oldest = await notice_store.list_notices(connection, "c", None, 9)
        assert [newest.at, oldest.at] == [NOW + timedelta(seconds=2), NOW]
        assert await notice_store.list_notices(connection, "c", int(middle.id), 9) == [oldest]
        assert await notice_store.find_place(connection, "d") == HeldPlace("http://b", "<x/>")
        assert (await rule_store.find_rule(connection, "c", "r")) == rule.model_copy(update={"name": "Gate"})


async def test_all_of_it_goes_with_the_camera(filled: Database):
    """Nothing of a camera that was removed is left."""
    async with filled.write() as transaction:
        await store.put_state(transaction, "c", STATE)
        await notice_store.add_notice(transaction, "c", Noticed(NOW, "tamper", True, ""))
        await rule_store.insert_rule(transaction, "c", DeviceRule(id="r", name="Gone", kind="camera_offline"))
        await camera_store.delete_camera(transaction, "c")
        connection = transaction.connection
        assert await store.find_state(connection, "c") is None
        assert await notice_store.list_notices(connection, "c", None, 9) == []
        assert await rule_store.list_rules(connection) == []
        assert await link_store.find_link(connection, "c") is None
