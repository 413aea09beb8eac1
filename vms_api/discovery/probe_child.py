"""The child that looks at streams: one JSON document in, one out, then it ends."""

import json
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from ingest.camera import Camera, CameraId, Credential, StreamProfile, StreamRole
from ingest.clock import Clock, SystemClock
from ingest.errors import IngestError
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings
from ingest.source import SourceOpener
from ingest.stream_probe import probe_stream

MAX_AT_ONCE = 8


def main() -> None:
    """Reads what to look at from standard input, and writes what was seen to standard output."""
    request = json.load(sys.stdin)
    clock = SystemClock()
    opener = RtspOpener(IngestSettings.model_validate(request["settings"]), clock)
    login = Credential(**request["login"]) if request["login"] else None
    with ThreadPoolExecutor(MAX_AT_ONCE) as threads:
        answers = list(threads.map(lambda address: _look(opener, clock, address, login), request["addresses"]))
    json.dump(answers, sys.stdout)


def _look(opener: SourceOpener, clock: Clock, address: str, login: Credential | None) -> Mapping[str, Any]:
    profile = StreamProfile(StreamRole.MAIN, address)
    camera = Camera(CameraId("discovery"), "discovery", (profile,), login)
    try:
        return {"facts": asdict(probe_stream(opener, camera, profile, clock))}
    except IngestError as error:
        return {"fault": error.code}


if __name__ == "__main__":
    main()
