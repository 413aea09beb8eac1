"""The child that looks at streams: one JSON document in, one out, then it ends."""

import base64
import json
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from typing import Any

from ingest.camera import Camera, CameraId, Credential, StreamProfile, StreamRole
from ingest.clock import Clock, SystemClock
from ingest.errors import IngestError
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings
from ingest.source import SourceOpener
from ingest.stream_probe import probe_stream
from vms_api.discovery.thumbnail import Thumbnail

MAX_AT_ONCE = 8


def main() -> None:
    """Reads what to look at from standard input, and writes what was seen to standard output."""
    request = json.load(sys.stdin)
    clock = SystemClock()
    opener = RtspOpener(IngestSettings.model_validate(request["settings"]), clock)
    login = Credential(**request["login"]) if request["login"] else None
    pictured = set(request["pictured"])
    with ThreadPoolExecutor(MAX_AT_ONCE) as threads:
        look = partial(_look, opener, clock, login)
        answers = list(threads.map(lambda address: look(address, address in pictured), request["addresses"]))
    json.dump(answers, sys.stdout)


def _look(
    opener: SourceOpener, clock: Clock, login: Credential | None, address: str, is_pictured: bool
) -> Mapping[str, Any]:
    profile = StreamProfile(StreamRole.MAIN, address)
    camera = Camera(CameraId("discovery"), "discovery", (profile,), login)
    thumbnail = Thumbnail() if is_pictured else None
    try:
        facts = probe_stream(opener, camera, profile, clock, look=thumbnail.see if thumbnail else None)
    except IngestError as error:
        return {"fault": error.code}
    jpeg = thumbnail.jpeg if thumbnail else None
    return {"facts": asdict(facts), "picture": base64.b64encode(jpeg).decode() if jpeg else None}


if __name__ == "__main__":
    main()
