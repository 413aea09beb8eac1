"""What the audit log of a running site says, oldest first, read beside the API so that reading leaves no row."""

import json
from typing import Any

from tests.vms_api.conftest import Site
from vms_api.audit.store import AuditQuery, list_rows


async def trail(site: Site, kind: str | None = None) -> list[dict[str, Any]]:
    """All rows, or those of one kind."""
    async with site.control.database.read() as connection:
        rows = await list_rows(connection, AuditQuery(kind=kind, limit=10_000))
    return [json.loads(row.body) for row in reversed(rows)]


async def kinds(site: Site, after: int = 0) -> list[str]:
    """The kinds of all rows behind the first `after`."""
    return [row["kind"] for row in (await trail(site))[after:]]
