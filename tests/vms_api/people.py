"""People with rights in a running site, made by its own parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx

from tests.vms_api.conftest import PASSWORD, Site
from vms_api.accounts.permission import Role
from vms_api.accounts.rights import Grant
from vms_api.audit.entry import SYSTEM


async def add_area(site: Site, name: str, parent_id: str | None = None, kind: str = "village") -> str:
    """An area below another one, or below the root; its id."""
    parent_id = parent_id or site.control.rights.index.tree.root.id
    answer = await site.http.post("/api/v1/areas", json={"name": name, "kind": kind, "parent_id": parent_id})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@asynccontextmanager
async def person(site: Site, name: str, role: Role, area_id: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a role on an area, logged in."""
    user = await site.control.accounts.people.add(name, PASSWORD, SYSTEM)
    grant = Grant("", user.id, None, role, area_id, datetime(2026, 1, 1, tzinfo=UTC), "admin")
    await site.control.accounts.rights_desk.add_grant(grant, SYSTEM)
    async with site.anonymous() as http:
        answer = await http.post("/api/v1/login", json={"username": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        yield http
