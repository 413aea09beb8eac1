"""The registry over the API."""

import pytest

from tests.vms_api.conftest import Site, until

pytestmark = pytest.mark.anyio

CAMERAS = "/api/v1/cameras"


async def test_credentials_in_the_address_are_split_off(site: Site) -> None:
    """A login typed into the address is kept apart and never echoed."""
    camera = await site.add_camera(address="rtsp://root:p%40ss@192.0.2.7:554/main", sub_address="rtsp://192.0.2.7/sub")
    assert camera["address"] == "rtsp://192.0.2.7/main"
    assert (camera["username"], camera["has_password"]) == ("root", True)
    state = await site.control.reconciler.desired_state()
    assert state.cameras[0].password == "p@ss"
    assert [stream.role for stream in state.cameras[0].streams] == ["main", "sub"]


async def test_patch_keeps_what_is_absent(site: Site) -> None:
    """An absent password is kept, null removes it, and other fields stay."""
    camera = await site.add_camera(username="root", password="secret", transport="udp")
    path = f"{CAMERAS}/{camera['id']}"
    renamed = (await site.http.patch(path, json={"name": "Bridge"})).json()
    assert (renamed["name"], renamed["has_password"], renamed["transport"]) == ("Bridge", True, "udp")
    assert (await site.http.patch(path, json={"password": None})).json()["has_password"] is False


@pytest.mark.parametrize("changed", [{"address": "rtsp://192.0.2.99/main"}, {"sub_address": "rtsp://192.0.2.99/sub"}])
async def test_a_stored_password_goes_to_no_other_host(site: Site, changed: dict[str, str]) -> None:
    """Whoever enters a new host has to know the password: else it could be lured to a machine of one's own."""
    camera = await site.add_camera(username="root", password="secret")
    path = f"{CAMERAS}/{camera['id']}"
    answer = await site.http.patch(path, json=changed)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "password-needed")
    assert (await site.http.get(path)).json()["address"] == camera["address"]
    assert (await site.http.patch(path, json=changed | {"password": "secret"})).status_code == 200


async def test_new_login_in_the_address_replaces_the_stored_one(site: Site) -> None:
    """PATCH of the address takes over the login inside it."""
    camera = await site.add_camera(username="root", password="old")
    changed = {"address": "rtsp://guard:new@192.0.2.8/main"}
    assert (await site.http.patch(f"{CAMERAS}/{camera['id']}", json=changed)).json()["username"] == "guard"
    state = await site.control.reconciler.desired_state()
    assert (state.cameras[0].username, state.cameras[0].password) == ("guard", "new")


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "exec:id", "http://192.0.2.1/", "rtsp://", "rtsp://a b/", "rtsp://127.0.0.1/"]
)
async def test_forbidden_addresses_are_refused_at_their_field(site: Site, address: str) -> None:
    """Only addresses of cameras are taken."""
    answer = await site.http.post(CAMERAS, json={"name": "X", "address": address})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid-request"
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == ("address", "address-refused")


@pytest.mark.both_databases
async def test_names_are_taken_once(site: Site) -> None:
    """Case and full-width letters do not make another name."""
    await site.add_camera("Gate A")
    other = await site.add_camera("Gate B")
    answer = await site.http.post(CAMERAS, json={"name": "gate a", "address": "rtsp://192.0.2.9/"})
    assert (answer.status_code, answer.json()["code"]) == (409, "name-taken")
    answer = await site.http.patch(f"{CAMERAS}/{other['id']}", json={"name": "\uff27ate A"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "name")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"name": "X", "address": "rtsp://a/", "area_id": 1}, "area_id", "string-type"),
        ({"name": "", "address": "rtsp://a/"}, "name", "string-too-short"),
        ({"name": "X" * 81, "address": "rtsp://a/"}, "name", "string-too-long"),
        ({"name": "X"}, "address", "missing"),
        ({"name": "X", "address": "rtsp://a/", "transport": "http"}, "transport", "literal-error"),
        ({"name": "a\x1b[31m", "address": "rtsp://a/"}, "name", "string-pattern-mismatch"),
    ],
)
async def test_bad_bodies_name_field_and_code(site: Site, body: dict[str, object], field: str, code: str) -> None:
    """Unknown and bad fields are refused one by one, with a stable code."""
    answer = await site.http.post(CAMERAS, json=body)
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


async def test_null_is_no_name(site: Site) -> None:
    """A field that cannot be empty is not emptied by PATCH."""
    camera = await site.add_camera()
    answer = await site.http.patch(f"{CAMERAS}/{camera['id']}", json={"name": None})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


@pytest.mark.both_databases
async def test_list_is_sorted_and_paged(site: Site) -> None:
    """Following next_cursor yields each camera once, by name."""
    for name in ("delta", "Alpha", "charlie", "Bravo", "echo"):
        await site.add_camera(name)
    names, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await site.http.get(CAMERAS, params=params)).json()
        names += [camera["name"] for camera in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == ["Alpha", "Bravo", "charlie", "delta", "echo"]
    assert (await site.http.get(CAMERAS, params={"cursor": "???"})).status_code == 422
    assert (await site.http.get(CAMERAS, params={"limit": 201})).status_code == 422


@pytest.mark.both_databases
async def test_removed_camera_is_gone_with_its_zones(site: Site) -> None:
    """DELETE takes zones and rules along; the second one finds nothing."""
    camera = await site.add_camera()
    zone = await site.add_zone(camera["id"])
    await site.add_rule(camera["id"], zone["id"])
    assert (await site.http.delete(f"{CAMERAS}/{camera['id']}")).status_code == 204
    assert (await site.http.delete(f"{CAMERAS}/{camera['id']}")).json()["code"] == "not-found"
    assert (await site.http.get(f"{CAMERAS}/{camera['id']}/rules")).status_code == 404


async def test_health_is_unknown_until_reported(site: Site) -> None:
    """Nothing is claimed about a camera that no node has reported; a disabled one is disabled."""
    camera = await site.add_camera()
    disabled = await site.add_camera("Off", enabled=False)
    assert (camera["health"]["state"], disabled["health"]["state"]) == ("unknown", "disabled")
    await site.start_node()
    await until(lambda: site.control.health._entries)
    health = (await site.http.get(f"{CAMERAS}/{camera['id']}/health")).json()
    assert (health["state"], health["streams"][0]["width"]) == ("live", 768)
    assert (await site.http.get(f"{CAMERAS}/{disabled['id']}/health")).json()["state"] == "disabled"


async def test_changes_reach_the_node(site: Site) -> None:
    """Each change raises the version and is pushed as a whole; disabled rules are left out."""
    node = await site.start_node()
    first = node.states[-1]["version"]
    camera = await site.add_camera(password="secret", username="root")
    zone = await site.add_zone(camera["id"], "line")
    rule = await site.add_rule(camera["id"], zone["id"], kind="line_crossing", direction="left_to_right")
    await until(lambda: node.states[-1]["version"] == first + 3)
    pushed = node.states[-1]["cameras"][0]
    assert pushed["password"] == "secret"
    assert pushed["rules"][0]["zone"] == {"id": zone["id"], "name": "A line", "kind": "line", "points": zone["points"]}
    await site.http.patch(f"{CAMERAS}/{camera['id']}/rules/{rule['id']}", json={"enabled": False})
    await until(lambda: node.states[-1]["cameras"][0]["rules"] == [])
