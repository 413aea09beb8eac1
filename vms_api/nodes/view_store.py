"""The live views that are open."""

from vms_api.audit.look_store import LookTable

open_views = LookTable("open_views", has_detail=False)
