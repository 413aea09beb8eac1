"""A page that is open all the time, as far as alerts go: it listens, and resumes where it was."""

import json
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from vms_api.demo.site import LocalSite

_RECONNECT_S, _PATIENCE_S = 0.2, 30.0


class OpenPage:
    """Hears the events of a site in a thread of its own, through every death of it. `twice`: heard more than once."""

    def __init__(self, site: LocalSite) -> None:
        self._site = site
        self._http = httpx.Client(base_url=f"{site.url}/api/v1", cookies=site.client.cookies, trust_env=False)
        self._last_id = ""
        self._heard: set[str] = set()
        self._repeats: dict[str, int] = {}
        self.twice = 0
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="open-page", daemon=True)
        self._thread.start()

    def stop(self, last_id: str) -> None:
        """Closes the page once it has heard of that alert, or has had the time to."""
        deadline = time.monotonic() + _PATIENCE_S
        while last_id not in self._heard and time.monotonic() < deadline:
            time.sleep(0.1)
        self._is_stopped = True
        self._http.close()

    def missed(self, alerts: Iterable[Mapping[str, Any]]) -> int:
        """How many it was told neither singly nor in a count."""
        untold = [alert for alert in alerts if alert["id"] not in self._heard]
        return sum(alert["repeats"] > self._repeats.get(alert["incident_id"], -1) for alert in untold)

    def _run(self) -> None:
        while not self._is_stopped:
            try:
                self._listen()
            except (httpx.TransportError, RuntimeError):  # the site is dead, or this page was closed
                time.sleep(_RECONNECT_S)

    def _listen(self) -> None:
        headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
        with self._http.stream("GET", "/events", headers=headers, timeout=20.0) as answer:
            answer.raise_for_status()
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                else:
                    self._take(fields)
                    fields = {}

    def _take(self, fields: Mapping[str, str]) -> None:
        if fields.get("event") == "alert.raised":
            alert = json.loads(fields["data"])
            self.twice += alert["id"] in self._heard
            self._heard.add(alert["id"])
            self._count(alert["incident_id"], alert["repeats"])
        elif fields.get("event") == "alert.storm":
            alert = json.loads(fields["data"])["alert"]
            self._count(alert["id"], alert["repeats"])
        self._last_id = fields.get("id", self._last_id)

    def _count(self, incident_id: str, repeats: int) -> None:
        self._repeats[incident_id] = max(repeats, self._repeats.get(incident_id, -1))
