"""The playbacks that are open, each with its range and speed class."""

from vms_api.audit.look_store import LookTable

open_playbacks = LookTable("open_playbacks", has_detail=True)
