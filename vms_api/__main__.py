"""The xueliang command. Only the module of the command asked for is imported, so `--help` answers at once."""

import gc
import importlib
import sys

import typer

from vms_api import __version__
from vms_api.log_output import configure_logging

COMMANDS = {
    "demo": ("vms_api.commands.demo:demo", "the whole product on virtual cameras, nothing to configure"),
    "serve": ("vms_api.commands.serve:serve", "control process and media node of one site"),
    "check-config": (
        "vms_api.commands.check_config:check_config",
        "read a configuration file and say what is wrong with it",
    ),
    "models": ("vms_api.commands.models:models_app", "list, fetch, add and time detector models"),
    "user": ("vms_api.commands.user:user_app", "add people, reset passwords"),
    "audit": ("vms_api.commands.audit:audit_app", "verify the audit log"),
    "evidence": ("vms_api.commands.evidence:evidence_app", "check an evidence package, offline"),
    "recordings": ("vms_api.commands.recordings:recordings_app", "check, mend and rebuild the index of recordings"),
    "virtual-camera": ("vms_api.commands.virtual_camera:virtual_camera", "an RTSP camera from clips or drawn scenes"),
    "discover": ("vms_api.commands.discover:discover", "list the ONVIF devices of the network"),
    "bench": ("vms_api.commands.bench:bench", "benchmarks, each against the figure it must reach"),
}
"""Command → where its function or group of functions is, and its line in the help."""


def main() -> None:
    """Runs the command that the first argument names."""
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name == "--version":
        sys.stdout.write(f"xueliang {__version__}\n")
    elif name in COMMANDS:
        configure_logging()
        _command(COMMANDS[name][0])(prog_name=f"xueliang {name}", args=sys.argv[2:])
    else:
        asked_for_help = name in ("--help", "-h")
        (sys.stdout if asked_for_help else sys.stderr).write(_help(name if not asked_for_help else None))
        sys.exit(0 if asked_for_help else 2)


def _command(place: str) -> typer.Typer:
    module, name = place.split(":")
    gc.disable()  # what is imported stays: to look again and again for what has gone is a fifth of a start
    found = getattr(importlib.import_module(module), name)
    gc.freeze()
    gc.enable()
    if isinstance(found, typer.Typer):
        return found
    app = typer.Typer(add_completion=False)
    app.command()(found)
    return app


def _help(unknown: str | None) -> str:
    lines = [f"xueliang: there is no command {unknown!r}\n"] if unknown else []
    lines.append(f"Xueliang {__version__}: video operations for public places\n\nusage: xueliang COMMAND [--help]\n")
    lines += [f"  {name:<16}{text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
