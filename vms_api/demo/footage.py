"""Where the demo's pictures come from: real clips if any can be had, drawn scenes otherwise."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics.model_store import cache_folder

Say = Callable[[str], None]

CLIP_SUFFIXES = {".mp4", ".mkv", ".avi", ".mov"}
DEBIAN_PACKAGE, DEBIAN_MEMBER = "opencv-doc", "vtest.avi"
"""A pedestrian square of the public PETS 2009 set, which Debian ships with OpenCV's samples."""
DOWNLOAD_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Footage:
    """Clips of real places, sorted by name; none means that scenes are drawn. `source` says where they are from."""

    clips: tuple[Path, ...]
    source: str


def find_footage(environment: Mapping[str, str], say: Say) -> Footage:
    """Looks in XUELIANG_DEMO_MEDIA, then $XUELIANG_SHARED/media, then in Debian's opencv-doc; says what it does."""
    for variable, folder in _local_folders(environment):
        clips = _clips(folder)
        if clips:
            return Footage(clips, f"{variable} ({folder})")
    clip = _from_debian(cache_folder(environment) / "media", say)
    if clip is not None:
        return Footage((clip,), f"Debian's {DEBIAN_PACKAGE}")
    return Footage((), "drawn scenes: no clips were found")


def _local_folders(environment: Mapping[str, str]) -> list[tuple[str, Path]]:
    folders = []
    if "XUELIANG_DEMO_MEDIA" in environment:
        folders.append(("XUELIANG_DEMO_MEDIA", Path(environment["XUELIANG_DEMO_MEDIA"])))
    folders.append(("XUELIANG_SHARED", Path(environment.get("XUELIANG_SHARED", "../shared")) / "media"))
    return folders


def _clips(folder: Path) -> tuple[Path, ...]:
    if not folder.is_dir():
        return ()
    return tuple(sorted(path for path in folder.iterdir() if path.suffix in CLIP_SUFFIXES))


def _from_debian(cache: Path, say: Say) -> Path | None:
    clip = cache / DEBIAN_MEMBER
    if clip.exists():
        return clip
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    say(f"fetching the clip {DEBIAN_MEMBER} from Debian's package {DEBIAN_PACKAGE} (96 MB, once)")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        package = _download(Path(scratch), say)
        if package is None or not _extract(package, clip):
            say("the clip could not be fetched")
            return None
    return clip


def _download(folder: Path, say: Say) -> Path | None:
    os.chmod(folder, 0o755)  # noqa: S103, PTH101 - apt downloads as its own user
    command = ["apt-get", "-q", "download", DEBIAN_PACKAGE]
    try:
        subprocess.run(command, cwd=folder, timeout=DOWNLOAD_TIMEOUT_S, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        say(f"apt-get download failed: {error.stderr.strip().splitlines()[-1] if error.stderr.strip() else error}")
        return None
    except subprocess.TimeoutExpired:
        say(f"apt-get download did not finish within {DOWNLOAD_TIMEOUT_S} s")
        return None
    return next(folder.glob("*.deb"), None)


def _extract(package: Path, clip: Path) -> bool:
    unpacked = clip.with_suffix(".part")
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as dpkg:  # noqa: S607
        with tarfile.open(fileobj=dpkg.stdout, mode="r|") as archive:
            for member in archive:
                source = archive.extractfile(member) if Path(member.name).name == DEBIAN_MEMBER else None
                if source is not None:
                    with unpacked.open("wb") as target:
                        shutil.copyfileobj(source, target)
                    unpacked.replace(clip)
                    break
        dpkg.kill()
    return clip.exists()
