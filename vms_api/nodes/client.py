"""The node's internal API as this process calls it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

import httpx
from websockets.asyncio.client import connect

from vms_api.errors import NodeProblem, NodeUnavailable
from vms_api.nodes.desired_state import DesiredState
from vms_api.nodes.link import NodeLink, NodeState
from vms_api.plain_http import NO_AUTHORITY
from vms_api.recordings.store import Garbage

_TIMEOUT = httpx.Timeout(5.0, connect=1.0)
_RETRY_AFTER_S = 2
_MAX_FRAGMENT_BYTES = 32 * 1024 * 1024
_MOST_FRAGMENTS = 8


@dataclass(frozen=True, slots=True)
class NodeSnapshot:
    """A picture and the time it was taken, as the node wrote it (RFC 3339)."""

    jpeg: bytes
    captured_at: str | None


@dataclass(frozen=True, slots=True)
class SignalBody:
    """What a player sends to set a view up, and the header that says by which address of ours it came."""

    content: bytes
    reached_at: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NodeView:
    """A live view that the node has opened, with its SDP answer; or with an offer, to be answered by the player."""

    view: str
    sdp: str
    is_offer: bool


@dataclass(frozen=True, slots=True)
class NodeMseView:
    """A live view by fragments that the node has opened, with the rung it is on and why."""

    view: str
    rung: str
    stream: str
    reason: str | None


class NodeClient:
    """Calls the node that is registered at the moment.

    Every method raises NodeUnavailable when there is none or it does not answer, NodeProblem when it refuses.
    """

    def __init__(self, link: NodeLink) -> None:
        self._link = link
        # trust_env: a proxy of the environment must not get camera passwords.
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False, verify=NO_AUTHORITY)

    @property
    def has_node(self) -> bool:
        """Whether a node is up and should answer."""
        return self._link.state is NodeState.UP

    async def put_state(self, state: DesiredState) -> None:
        """Tells the node what it is to do."""
        await self.call("PUT", "/internal/v1/state", json=state.model_dump(mode="json"))

    async def snapshot(self, camera_id: str, stream: str) -> NodeSnapshot:
        """The latest picture of a stream."""
        answer = await self.call("GET", f"/internal/v1/cameras/{camera_id}/snapshot.jpg", params={"stream": stream})
        return NodeSnapshot(answer.content, answer.headers.get("X-Captured-At"))

    async def open_view(
        self, camera_id: str, stream: str, offer: SignalBody, unmasked_s: float | None = None, *, audio: bool = False
    ) -> NodeView:
        """Opens a live view for an SDP offer; with `unmasked_s` past the masks, for that many seconds."""
        lifted = {} if unmasked_s is None else {"unmasked_s": str(unmasked_s)}
        lifted |= {"audio": "true"} if audio else {}
        answer = await self.call(
            "POST",
            f"/internal/v1/cameras/{camera_id}/whep",
            params={"stream": stream, **lifted},
            content=offer.content,
            headers={"Content-Type": "application/sdp", **offer.reached_at},
        )
        document = answer.json()
        return NodeView(document["view"], document["sdp"], bool(document.get("is_offer")))

    async def open_mse(
        self, camera_id: str, stream: str, wish: Mapping[str, bool], unmasked_s: float | None = None
    ) -> NodeMseView:
        """Opens a live view by fragments, as `open_view`; `wish` is what the player can do."""
        lifted = {} if unmasked_s is None else {"unmasked_s": str(unmasked_s)}
        path, query = f"/internal/v1/cameras/{camera_id}/live", {"stream": stream, **lifted}
        document = (await self.call("POST", path, params=query, json=dict(wish))).json()
        return NodeMseView(document["view"], document["rung"], document["stream"], document["reason"])

    def media(self, view: str) -> connect:
        """The fragments of a view, once it is entered.

        Raises:
            NodeUnavailable: there is no node.

        """
        address = self._link.address.replace("http", "ws", 1)
        return connect(
            f"{address}/internal/v1/views/{view}/media",
            additional_headers={"Authorization": f"Bearer {self._link.token}"},
            compression=None,
            max_size=_MAX_FRAGMENT_BYTES,
            max_queue=_MOST_FRAGMENTS,
            ping_interval=None,
            proxy=None,
        )

    async def trickle(self, view: str, fragment: SignalBody) -> str | None:
        """Hands on ICE candidates (RFC 8840 clause 9); the node's own fragment if ICE was restarted."""
        headers = {"Content-Type": "application/trickle-ice-sdpfrag", **fragment.reached_at}
        answer = await self.call("PATCH", f"/internal/v1/views/{view}", content=fragment.content, headers=headers)
        return None if answer.status_code == httpx.codes.NO_CONTENT else str(answer.json()["fragment"])

    async def answer_offer(self, view: str, sdp: bytes) -> None:
        """Hands on the player's answer to the node's offer."""
        headers = {"Content-Type": "application/sdp"}
        await self.call("PUT", f"/internal/v1/views/{view}/answer", content=sdp, headers=headers)

    async def check_network(self, offer: SignalBody) -> str:
        """The node's answer to an offer without a camera."""
        headers = {"Content-Type": "application/sdp", **offer.reached_at}
        answer = await self.call("POST", "/internal/v1/network/check", content=offer.content, headers=headers)
        return str(answer.json()["sdp"])

    async def close_view(self, view: str) -> None:
        """Ends a live view."""
        await self.call("DELETE", f"/internal/v1/views/{view}")

    async def unlink_recordings(self, files: Sequence[Garbage]) -> None:
        """Asks for files to be unlinked; that they are gone comes as a delivery."""
        items = [asdict(file) for file in files]
        await self.call("POST", "/internal/v1/recordings/delete", json={"items": items})

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any other call of its internal API; `options` are those of httpx."""
        headers = {"Authorization": f"Bearer {self._link.token}", **options.pop("headers", {})}
        try:
            answer = await self._http.request(method, self._link.address + path, headers=headers, **options)
        except httpx.TransportError:
            raise NodeUnavailable(retry_after_s=_RETRY_AFTER_S) from None
        if answer.is_success:
            return answer
        raise _refusal(answer)

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncIterator[httpx.Response]:
        """A large answer, that is read while the block lasts.

        Raises:
            httpx.TransportError: it broke off on the way.

        """
        headers = {"Authorization": f"Bearer {self._link.token}"}
        request = self._http.build_request("GET", self._link.address + path, headers=headers)
        try:
            answer = await self._http.send(request, stream=True)
        except httpx.TransportError:
            raise NodeUnavailable(retry_after_s=_RETRY_AFTER_S) from None
        try:
            if not answer.is_success:
                await answer.aread()
                raise _refusal(answer)
            yield answer
        finally:
            await answer.aclose()


def _refusal(answer: httpx.Response) -> NodeProblem | NodeUnavailable:
    retry_after = answer.headers.get("Retry-After", "")
    retry_after_s = int(retry_after) if retry_after.isdecimal() else None
    try:
        document = answer.json()
        code, detail = str(document["code"]), document.get("detail")
    except (ValueError, KeyError, TypeError, AttributeError):
        return NodeUnavailable(f"the node answered {answer.status_code}", retry_after_s=_RETRY_AFTER_S)
    return NodeProblem(answer.status_code, code, detail, retry_after_s)
