"""`xueliang demo`: the whole product on virtual cameras, on this machine, with nothing to configure."""

import contextlib
import os
import secrets
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.console import Console

from ingest.camera import Credential
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.fault_plan import BadFaults, PlannedFault, afflict, read_fault_plan
from ingest.virtual_camera.onvif.street import House, VirtualStreet
from ingest.virtual_camera.playbill import BadPlay, play_text
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.footage import Footage, Say, find_footage
from vms_api.demo.neighbours import houses
from vms_api.demo.scenario import PLACES, Place, clip_for, watch_over
from vms_api.demo.site import ADMIN, LocalSite, SiteFailed, SitePlan
from vms_api.demo.story import DAYS, PEOPLE, SICK, VOLUMES

console = Console(highlight=False)

LOGIN = Credential("demo", "demo-camera-password")
"""The virtual cameras ask for a login, as real ones do; they listen on this machine alone."""
LOG_TAIL = 20
"""Lines of the log that are shown when the demo fails."""


def demo(
    *,
    port: Annotated[int, typer.Option(help="Port of the page.")] = 8123,
    camera: Annotated[str | None, typer.Option(help="RTSP address of a camera of your own, shown beside.")] = None,
    faults: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What goes wrong with the virtual cameras (docs/reliability.md)."),
    ] = None,
    prepare: Annotated[bool, typer.Option("--prepare", help="Fetch and prepare what is needed, then stop.")] = False,
) -> None:
    """Show the whole product on virtual cameras. Ctrl-C stops it."""
    clips = prepare_clips(os.environ, lambda text: console.print(f"demo: {text}"))
    sick = prepare_sick(clips)
    neighbours = prepare_neighbours(os.environ, clips)
    if prepare:
        return
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with running_demo(port, clips, sick, os.environ, faults) as demo, running_street(neighbours) as is_there:
            site, people_password = demo
            if camera:
                _add_own_camera(site, camera)
            _announce(site, people_password, len(neighbours) if is_there else 0)
            _wait(site, stop)
    except (SiteFailed, BadFaults, BadPlay) as failure:
        console.print(f"demo: {failure}", style="red")
        raise typer.Exit(1) from failure
    console.print("demo: stopped")


def prepare_clips(environment: Mapping[str, str], say: Say) -> dict[Place, Clip]:
    """The encoded clip of each place; what has to be fetched, drawn or encoded is kept for the next time."""
    footage = find_footage(environment, say)
    say(f"footage from {footage.source}")
    cache = ClipCache(default_cache_folder())
    return {place: _clip(cache, footage, place, seed) for seed, place in enumerate(PLACES)}


def prepare_sick(clips: Mapping[Place, Clip]) -> tuple[VirtualCamera, ...]:
    """The cameras with a fault; spoilt pictures are made from the clips of the others, and kept."""
    cache = ClipCache(default_cache_folder())
    found: list[VirtualCamera] = []
    for camera in SICK:
        place = next((place for place in clips if place.scene == camera.scene), next(iter(clips)))
        well = VirtualCamera(camera.path, clips[place], credential=LOGIN, start_s=place.start_s)
        plan = (PlannedFault(camera.path, camera.fault),)
        found += afflict((well,), plan, lambda text: play_text(text, cache), cache.play_spoilt)
    return tuple(found)


def prepare_neighbours(environment: Mapping[str, str], clips: Mapping[Place, Clip]) -> tuple[House, ...]:
    """The cameras that wait to be found."""
    files = find_footage(environment, lambda _: None).clips
    return houses(ClipCache(default_cache_folder()), clips, files, LOGIN)


@contextlib.contextmanager
def running_street(neighbours: tuple[House, ...]) -> Iterator[bool]:
    """The cameras that wait to be found, while the block lasts; False where their addresses cannot be had."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(VirtualStreet(neighbours))
        except OSError as error:
            console.print(f"demo: no cameras wait to be found: {error.strerror}", style="yellow")
            yield False
        else:
            yield True


def _clip(cache: ClipCache, footage: Footage, place: Place, seed: int) -> Clip:
    path = clip_for(place, footage.clips)
    return cache.play_file(path) if path else cache.play_scene(Scene(seed=seed))


@contextlib.contextmanager
def running_demo(
    port: int,
    clips: Mapping[Place, Clip],
    sick: tuple[VirtualCamera, ...],
    environment: Mapping[str, str],
    faults: Path | None = None,
) -> Iterator[tuple[LocalSite, str]]:
    """Virtual cameras, with the faults of a file, and a site that watches them, the well ones live.

    With it the password of the people of the demo's township.

    Raises:
        BadFaults: the file cannot be played.

    """
    cameras = [
        VirtualCamera(place.path, clip, credential=LOGIN, start_s=place.start_s) for place, clip in clips.items()
    ]
    if faults is not None:
        cache = ClipCache(default_cache_folder())
        cameras = list(
            afflict(cameras, read_fault_plan(faults), lambda text: play_text(text, cache), cache.play_spoilt)
        )
    password = environment.get("XUELIANG_ADMIN_PASSWORD") or secrets.token_urlsafe(18)
    people_password = secrets.token_urlsafe(9)
    ids: dict[str, str] = {}
    with (
        tempfile.TemporaryDirectory(prefix="xueliang-demo-") as folder,
        _log_kept(Path(folder)) as log,
        VirtualCameraThread([*cameras, *sick]) as server,
    ):

        def before(site_file: Path) -> None:
            # The whole control process: other commands, which are read beside this one, start without it.
            from vms_api.demo.seeding import DemoGround, seed  # noqa: PLC0415

            addresses = {camera.name: server.url(camera.name) for camera in (*cameras, *sick)}
            ids.update(
                seed(
                    site_file,
                    DemoGround(datetime.now(UTC).replace(microsecond=0), addresses, LOGIN, password, people_password),
                )
            )

        plan = SitePlan(Path(folder), port, password=password, log=log, more=VOLUMES, before=before)
        with LocalSite(plan) as site:
            for place in clips:
                watch_over(site, place, ids[place.path])
            site.wait_live([ids[place.path] for place in clips])
            yield site, people_password


@contextlib.contextmanager
def _log_kept(folder: Path) -> Iterator[IO[str]]:
    """What control process and node write goes to a file; its end is shown when something fails."""
    path = folder / "site.log"
    with path.open("w", encoding="utf-8") as log:
        try:
            yield log
        except SiteFailed:
            console.print("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[-LOG_TAIL:]), markup=False)
            raise


def _add_own_camera(site: LocalSite, address: str) -> None:
    name = "自己的摄像头 Your camera"
    answer = site.client.post("/cameras", json={"name": name, "address": address})
    if answer.is_error:
        console.print(f"demo: your camera was not added: {answer.json().get('detail')}", style="yellow")
    else:
        console.print("demo: your camera was added; the page shows how it fares")


def _announce(site: LocalSite, people_password: str, waiting: int) -> None:
    def say(text: str = "") -> None:
        console.print(text, soft_wrap=True)

    say()
    say(f"  [bold]Xueliang is ready:[/bold] {site.url}")
    say(f"  log in once with:  {site.login_link('/overview')}")
    say(f"  (user {ADMIN}; set XUELIANG_ADMIN_PASSWORD to choose the password)")
    say()
    say("  What to look at first:")
    say("  1 Overview    what is broken, who has it in hand, and how the township stands; click on the map")
    say("  2 Alerts      real ones come in within a minute")
    say("  3 Patrol      a round of ten cameras is due now")
    say("  4 Tickets     six faults that really are there: frozen, blurred, shifted, black, offline, a wrong clock")
    say(f"  Log in as somebody else: {', '.join(f'{one.name} ({one.role})' for one in PEOPLE)};")
    say(f"  their password is {people_password}")
    say(f"  The {DAYS} days before today are made up.")
    if waiting:
        say(f"  {waiting} more cameras wait to be found: Cameras, Find devices, 127.0.0.0/24;")
        say(f"  their login is {LOGIN.username} / {LOGIN.password}")
    say("  Ctrl-C stops it.")
    say()


def _wait(site: LocalSite, stop: threading.Event) -> None:
    while not stop.is_set():
        if not site.is_running:
            raise SiteFailed("the control process ended")
        time.sleep(0.2)
