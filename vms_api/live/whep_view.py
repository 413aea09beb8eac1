"""One browser watching one stream over WebRTC (WHEP, draft-ietf-wish-whep)."""

import asyncio
import itertools
import secrets
from collections.abc import Callable, Collection, Iterator

import structlog
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceCandidate,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)

from ingest.errors import MasksUnavailable
from ingest.packet import Codec, Packet
from ingest.picture_feed import ViewFeed
from vms_api.live import sender_internals
from vms_api.live.broadcast import Broadcast
from vms_api.live.errors import AnswerUnusable, CodecNotViewable, OfferOneSided, OfferUnusable, RestartUnsupported
from vms_api.live.ice_session import IceSession, can_restart
from vms_api.live.offer import (
    MAX_CANDIDATES,
    UNREADABLE,
    admissible_answer,
    admissible_offer,
    as_dtls_client,
    fragment_head,
    ice_password,
    ice_user,
    parse_candidate,
)
from vms_api.live.offered_formats import MIME_TYPES, RTX
from vms_api.live.packet_track import PacketTrack
from vms_api.live.sender_internals import InternalsUnknown, SenderInternals
from vms_api.live.settings import LiveSettings
from vms_api.live.shared_sound import Sound
from vms_api.live.sound_track import SoundTrack

log = structlog.get_logger()

TRACKS_CHANNEL = "tracks"
MAX_CHANNEL_BACKLOG_BYTES = 32 * 1024
ENDED_STATES = {"failed", "closed"}


class WhepView:
    """A peer connection and its place on the feed. Lives on one event loop.

    It is sent to by the broadcast; the track stays silent then, and feeds aiortc's own sender where that is not
    possible or not wanted.

    `codec` is what is sent: H.264, or H.265, which only our own sender sends.

    `on_ended` is called once when the browser is gone (DTLS closed, or ICE consent lost: RFC 7675).
    """

    def __init__(
        self,
        settings: LiveSettings,
        feed: ViewFeed,
        codec: Codec,
        sound: Sound | None,
        broadcast: Broadcast,
        on_ended: Callable[["WhepView"], None],
    ) -> None:
        self.id = secrets.token_urlsafe(24)
        self._loop = asyncio.get_running_loop()
        self._feed = feed
        self._codec = codec
        self._route = feed.route
        self._sound = sound
        self._sound_track: SoundTrack | None = None
        self._hush: Callable[[], None] | None = None
        self._broadcast = broadcast
        self._is_own_sender = settings.own_sender and sender_internals.are_known()
        self._on_ended = on_ended
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._track = PacketTrack(
            queue_packets=settings.queue_packets,
            replay_bytes_per_s=settings.replay_bytes_per_s,
        )
        self._channel: RTCDataChannel | None = None
        self._ice_user: str | None = None
        self._former_ice_users: set[str | None] = set()
        self._ice: IceSession | None = None
        self._candidates_left = MAX_CANDIDATES
        self._leave: Callable[[], None] | None = None
        self._ticks_at: Callable[[int], int | None] | None = None
        self.sent_by: str | None = None
        """The cipher of our own sender, `aiortc`, or None before the browser has come through."""
        self._transceiver = self._send_only(self._track, (MIME_TYPES[codec], RTX))
        self._peer.on("connectionstatechange", self._on_connection_state)
        self._peer.on("datachannel", self._on_channel)

    async def answer(self, offer: str) -> str:
        """The SDP answer, with all of our candidates in it; an offer of ours if the browser's asks for no video.

        Raises:
            OfferUnusable: the offer cannot be answered.
            CodecNotViewable: the browser does not take the camera's codec.

        """
        try:
            await self._respond(offer)
        except UNREADABLE as error:
            raise OfferUnusable(f"the offer cannot be answered: {error}") from error
        return self._peer.localDescription.sdp

    async def _respond(self, offer: str) -> None:
        if self._codec is not Codec.H264 and not self._is_own_sender:
            raise CodecNotViewable(f"aiortc's own sender, which this node uses, does not send {self._codec}")
        try:
            admitted = admissible_offer(offer, self._codec)
        except OfferOneSided:
            await self._peer.setLocalDescription(await self._peer.createOffer())
            return
        self._ice_user = ice_user(admitted)
        if self._is_own_sender:
            admitted = as_dtls_client(admitted)
        if self._sound is not None and "m=audio" in admitted:
            self._sound_track = SoundTrack()
            heard = self._send_only(self._sound_track, (self._sound.sent_as,))
            sender_internals.share_stream(self._transceiver, heard)
        await self._peer.setRemoteDescription(RTCSessionDescription(admitted, "offer"))
        await self._peer.setLocalDescription(await self._peer.createAnswer())

    @property
    def awaits_answer(self) -> bool:
        """Whether the browser has been made an offer, and has not answered yet."""
        return self._peer.signalingState == "have-local-offer"

    async def take_answer(self, answer: str) -> None:
        """Goes on with the browser's answer to our offer.

        Raises:
            AnswerUnusable: it is none, or was not asked for.

        """
        if not self.awaits_answer:
            raise AnswerUnusable("this view awaits no answer")
        try:
            admitted = admissible_answer(answer)
            self._ice_user = ice_user(admitted)
            await self._peer.setRemoteDescription(RTCSessionDescription(admitted, "answer"))
        except (*UNREADABLE, OfferUnusable) as error:
            raise AnswerUnusable(f"not an answer to the offer: {error}") from error

    def _send_only(self, track: MediaStreamTrack, codecs: Collection[str]) -> RTCRtpTransceiver:
        # Before the offer is read: aiortc settles the codecs while it reads, and would take VP8.
        capabilities = RTCRtpSender.getCapabilities(track.kind)
        known = capabilities.codecs if capabilities else []
        transceiver = self._peer.addTransceiver(track, direction="sendonly")
        transceiver.setCodecPreferences([codec for codec in known if codec.mimeType in codecs])
        return transceiver

    def stamped(self, message: str, ntp: int | None) -> str:
        """An overlay message (a JSON object) with the RTP timestamp that its picture has in this view, if known."""
        ticks = self._ticks_at(ntp) if ntp is not None and self._ticks_at is not None else None
        return message if ticks is None else f'{message[:-1]},"rtp":{ticks}}}'

    def send_tracks(self, message: str) -> None:
        """Sends one overlay message if the browser opened the channel and keeps up; else it is left out."""
        channel = self._channel
        if channel is None or channel.readyState != "open":
            return
        if channel.bufferedAmount < MAX_CHANNEL_BACKLOG_BYTES:
            channel.send(message)

    @property
    def wants_tracks(self) -> bool:
        """Whether the browser opened an overlay channel."""
        return self._channel is not None

    @property
    def connected(self) -> bool:
        """Whether the browser ever came through."""
        return self._leave is not None

    @property
    def is_misrouted(self) -> bool:
        """Whether the camera's masks were set or lifted since the view was opened, so that it has to end."""
        return self._feed.route is not self._route

    async def patch(self, fragment: str) -> str | None:
        """Takes a trickle fragment (RFC 8840): more candidates, or an ICE restart, which is answered with a fragment.

        Candidates that are unknown, too many or of credentials before the last restart are dropped silently, as WHEP
        asks. Changed credentials make a restart, whatever else is said.

        Raises:
            RestartUnsupported: the view cannot be restarted, or not yet; it goes on as it is.

        """
        user = ice_user(fragment)
        if user in self._former_ice_users:
            return None
        candidates = list(self._admitted(fragment))
        if user not in (None, self._ice_user):
            return await self._restart(user, ice_password(fragment), candidates)
        for candidate in candidates:
            if self._ice is not None and not self._ice.is_first:
                await self._ice.add_candidate(candidate)
            else:
                await self._peer.addIceCandidate(candidate)
        return None

    def _admitted(self, fragment: str) -> Iterator[RTCIceCandidate]:
        usable = filter(None, map(parse_candidate, fragment.splitlines()))
        for candidate in itertools.islice(usable, self._candidates_left):
            self._candidates_left -= 1
            candidate.sdpMid = self._transceiver.mid  # bundled: one transport takes them all
            yield candidate

    async def _restart(self, user: str | None, password: str, candidates: list[RTCIceCandidate]) -> str:
        if self._ice is None or user is None:
            raise RestartUnsupported("this view cannot be restarted now; open another one")
        try:
            ours = await self._ice.restart(user, password, candidates)
        except ValueError as error:
            raise RestartUnsupported(str(error)) from error
        self._former_ice_users.add(self._ice_user)
        self._ice_user, self._candidates_left = user, MAX_CANDIDATES
        return fragment_head(self._peer.localDescription.sdp) + ours

    async def close(self) -> None:
        """Ends the view. Harmless when called twice."""
        self._unsubscribe()
        self._track.stop()
        if self._sound_track is not None:
            self._sound_track.stop()
        if self._ice is not None:
            await self._ice.close()
        await self._peer.close()

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if channel.label == TRACKS_CHANNEL:
            self._channel = channel

    def _on_connection_state(self) -> None:
        state = self._peer.connectionState
        if state == "connected" and self._leave is None:
            if can_restart():
                self._ice = IceSession(sender_internals.ice_connection(self._transceiver))
            self._follow()
        elif state in ENDED_STATES:
            self._unsubscribe()
            self._on_ended(self)

    def _follow(self) -> None:
        try:
            self._leave = self._begin()
        except (MasksUnavailable, InternalsUnknown):
            self._on_ended(self)
        else:
            if self._sound is not None and self._sound_track is not None:
                self._hush = self._broadcast.listen(self._sound, self._sound_track)
            log.info("view connected", sent_by=self.sent_by, with_sound=self._hush is not None)

    def _begin(self) -> Callable[[], None]:
        if self._is_own_sender:
            try:
                internals = SenderInternals(self._transceiver)
                self.sent_by = internals.cipher
                following = self._broadcast.follow(self._feed, self._route, internals, lambda: self._on_ended(self))
            except InternalsUnknown as missing:
                log.warning("own sender not usable", reason=str(missing))
                if self._codec is not Codec.H264:
                    raise
            else:
                self._ticks_at = following.ticks_at
                return following.leave
        self.sent_by = "aiortc"
        # Snapshot and subscription are one step of this loop: packets that arrive meanwhile queue up behind it.
        subscription, gop = self._feed.subscribe(self._deliver)
        self._track.replay(gop)
        return subscription.close

    def _deliver(self, packet: Packet) -> None:
        # Called in the camera's thread.
        self._loop.call_soon_threadsafe(self._track.push, packet)

    def _unsubscribe(self) -> None:
        ends, self._leave, self._hush = (self._leave, self._hush), None, None
        for end in filter(None, ends):
            end()
