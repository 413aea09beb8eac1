"""Looking at streams of strangers, in a child process: whoever reads their media holds no key and no database."""

import asyncio
import json
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import structlog

from ingest.camera import Credential
from ingest.errors import SourceTimeout
from ingest.packet import Codec
from ingest.settings import IngestSettings
from ingest.stream_probe import PATIENCE_S, StreamFacts
from vms_api.nodes.placement import SECRET_VARIABLES

log = structlog.get_logger()

COMMAND = (sys.executable, "-m", "vms_api.discovery.probe_child")
MAX_LINE_BYTES = 64 * 1024
_START_S = 15.0


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What was seen of one stream, or the code of why nothing was. `picture` is a JPEG in base64."""

    facts: StreamFacts | None
    fault: str | None
    picture: str | None = None


class StreamProber:
    """Starts a child for each batch; it ends with its input."""

    def __init__(self, settings: IngestSettings, command: Sequence[str] = COMMAND) -> None:
        self._settings = settings
        self._command = command

    async def probe(
        self, addresses: Sequence[str], credential: Credential | None, pictured: Collection[str] = ()
    ) -> list[ProbeResult]:
        """Looks at all streams at the same time; one result for each, in their order. Of `pictured` a picture, too."""
        if not addresses:
            return []
        child = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MAX_LINE_BYTES,
            env={name: value for name, value in os.environ.items() if name not in SECRET_VARIABLES},
        )
        request = {
            "settings": self._settings.model_dump(mode="json"),
            "addresses": list(addresses),
            "pictured": list(pictured),
            "login": asdict(credential) if credential else None,
        }
        limit_s = _START_S + 2 * self._settings.open_timeout_s + PATIENCE_S
        try:
            async with asyncio.timeout(limit_s):
                out, _ = await child.communicate(json.dumps(request).encode())
            return _results(json.loads(out), len(addresses))
        except (TimeoutError, ValueError, KeyError, TypeError) as error:
            log.warning("discovery.probe-failed", reason=type(error).__name__)
            return [ProbeResult(None, SourceTimeout.code)] * len(addresses)
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()


def _results(answer: Sequence[Mapping[str, Any]], count: int) -> list[ProbeResult]:
    if len(answer) != count:
        raise ValueError("the child answered something else")
    return [_result(each) for each in answer]


def _result(answer: Mapping[str, Any]) -> ProbeResult:
    if answer.get("fault"):
        return ProbeResult(None, str(answer["fault"]))
    facts = answer["facts"]
    return ProbeResult(StreamFacts(**{**facts, "codec": Codec(facts["codec"])}), None, answer.get("picture"))
