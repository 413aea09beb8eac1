"""`xueliang virtual-camera`: cameras to try things with, when there are none."""

import asyncio
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ingest.audio import AudioCodec
from ingest.camera import Credential, StreamRole
from ingest.errors import IngestError
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.clip_file import read_sound
from ingest.virtual_camera.fault_plan import afflict, read_fault_plan
from ingest.virtual_camera.onvif.quirks import Manners, Quirk
from ingest.virtual_camera.onvif.responder import DISCOVERY_PORT, DiscoveryResponder
from ingest.virtual_camera.onvif.server import OnvifServer
from ingest.virtual_camera.playbill import BadPlay, Play, Staging, play_text, read_play, stage
from ingest.virtual_camera.server import VirtualCameraServer
from ingest.virtual_camera.sound import Sound, tone


class SoundChoice(StrEnum):
    """What the cameras let hear."""

    OWN = "own"
    PCMA = "pcma"
    PCMU = "pcmu"


def virtual_camera(  # noqa: PLR0913, PLR0917 - a command line is a list of options
    shows: Annotated[
        list[str],
        typer.Argument(
            metavar="CLIP_OR_SCENE",
            help="[NAME=]FILE or [NAME=]scene[:size=640x360,fps=10,gop=2,duration=30,seed=1,walkers=4,cars=2,counter]",
        ),
    ],
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The RTSP port; 0 lets the system choose.")] = 8554,
    user: Annotated[str | None, typer.Option(help="Ask clients for this user name (Digest).")] = None,
    password: Annotated[
        str | None, typer.Option(envvar="XUELIANG_CAMERA_PASSWORD", show_envvar=True, help="The password of --user.")
    ] = None,
    gop: Annotated[
        float | None, typer.Option(min=0.1, max=600, help="Seconds between key frames; files are encoded again for it.")
    ] = None,
    sub: Annotated[
        bool, typer.Option("--sub", help="Make a smaller sub-stream of what is taller than 360 lines.")
    ] = False,
    onvif: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Speak ONVIF too: the HTTP port of the first camera, the others take the next ones."
        ),
    ] = None,
    quirk: Annotated[list[Quirk] | None, typer.Option(help="What the ONVIF side does differently; repeatable.")] = None,
    clock_offset: Annotated[float, typer.Option(help="Seconds by which the cameras' ONVIF clock is ahead.")] = 0.0,
    sound: Annotated[
        SoundChoice | None, typer.Option(help="Sound beside the picture: the file's own AAC, or a tone in G.711.")
    ] = None,
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What goes wrong and when, TOML or JSON (docs/reliability.md).")
    ] = None,
    list_only: Annotated[bool, typer.Option("--list", help="Say what would be served, then stop.")] = False,
) -> None:
    """Serves clips and drawn scenes as RTSP cameras, each at /NAME/main and /NAME/sub, until Ctrl-C.

    H.264 and H.265 files are sent as they are; others are encoded once and kept in the user's cache (XDG_CACHE_HOME).
    """
    staging = Staging(gop, sub, _credential(user, password))
    cache = ClipCache(default_cache_folder())
    cameras = _afflicted(_stage_all(shows, staging, cache, sound), faults, cache)
    if list_only:
        _show(cameras, host, port)
        return
    try:
        manners = Manners(frozenset(quirk or ()), clock_offset_s=clock_offset)
        asyncio.run(_serve(cameras, host, port, None if onvif is None else _Onvif(onvif, manners)))
    except OSError as error:
        raise _failure(f"cannot listen on {host} port {port}: {error.strerror}") from error


def _credential(user: str | None, password: str | None) -> Credential | None:
    if user is None:
        return None
    if not password:
        raise typer.BadParameter("--user needs a password: set XUELIANG_CAMERA_PASSWORD")
    return Credential(user, password)


def _stage_all(
    shows: list[str], staging: Staging, cache: ClipCache, choice: SoundChoice | None
) -> tuple[VirtualCamera, ...]:
    plays = _read_all(shows)
    try:
        return tuple(replace(stage(play, staging, cache), sound=_sound(play, choice)) for play in plays)
    except (IngestError, ValueError) as error:
        raise _failure(str(error)) from error


def _sound(play: Play, choice: SoundChoice | None) -> Sound | None:
    if choice is SoundChoice.OWN:
        return read_sound(play.source) if isinstance(play.source, Path) else None
    return tone(AudioCodec(choice)) if choice else None


def _afflicted(cameras: tuple[VirtualCamera, ...], path: Path | None, cache: ClipCache) -> tuple[VirtualCamera, ...]:
    if path is None:
        return cameras
    try:
        return afflict(cameras, read_fault_plan(path), lambda text: play_text(text, cache), cache.play_spoilt)
    except (IngestError, ValueError) as error:
        raise _failure(str(error)) from error


def _read_all(shows: list[str]) -> tuple[Play, ...]:
    try:
        plays = tuple(read_play(show) for show in shows)
    except BadPlay as error:
        raise typer.BadParameter(str(error)) from error
    names = [play.name for play in plays]
    for name in names:
        if names.count(name) > 1:
            raise typer.BadParameter(f"two cameras are called {name}: write NAME={name} with another name")
    return plays


@dataclass(frozen=True, slots=True)
class _Onvif:
    port: int
    manners: Manners


async def _serve(cameras: tuple[VirtualCamera, ...], host: str, port: int, onvif: _Onvif | None) -> None:
    server = VirtualCameraServer(host, port, cameras)
    bound = await server.start()
    try:
        async with AsyncExitStack() as stack:
            await _serve_until_told(stack, cameras, (host, bound), onvif)
    finally:
        await server.close()


async def _serve_until_told(
    stack: AsyncExitStack, cameras: tuple[VirtualCamera, ...], address: tuple[str, int], onvif: _Onvif | None
) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    _show(cameras, *address)
    if onvif:
        await _speak_onvif(stack, cameras, address, onvif)
    await ended.wait()


async def _speak_onvif(
    stack: AsyncExitStack, cameras: tuple[VirtualCamera, ...], address: tuple[str, int], onvif: _Onvif
) -> None:
    """Starts an ONVIF device for each camera, and one ear for discovery where its port is free."""
    host, rtsp_port = address
    presences = []
    for index, camera in enumerate(cameras):
        port = onvif.port + index if onvif.port else 0
        server = OnvifServer(camera, rtsp_port, onvif.manners, address=(host, port))
        await server.start()
        stack.push_async_callback(server.close)
        presences.append(server.presence)
        typer.echo(f"{server.address}  ONVIF of {camera.name}")
    responder = DiscoveryResponder(presences)
    try:
        await responder.open(host, DISCOVERY_PORT)
    except OSError as error:
        typer.echo(f"no answers to discovery: UDP port {DISCOVERY_PORT} cannot be had ({error.strerror})", err=True)
        return
    stack.callback(responder.close)


def _show(cameras: tuple[VirtualCamera, ...], host: str, port: int) -> None:
    name = f"[{host}]" if ":" in host else host
    for camera in cameras:
        for role in StreamRole:
            clip = camera.clip(role)
            address = f"rtsp://{name}:{port}{camera.path(role)}"
            picture = f"{clip.codec} {clip.width}x{clip.height} {clip.frame_rate:.3g} frames/s"
            typer.echo(f"{address}  {picture} {clip.bitrate_bps // 1000} kbit/s")


def _failure(message: str) -> typer.Exit:
    typer.secho(f"virtual-camera: {message}", fg=typer.colors.RED, err=True)
    return typer.Exit(1)
