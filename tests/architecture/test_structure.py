"""The house rules that no type checker knows: who imports what, how files are named, how long functions are."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("ingest", "analytics", "vms_api")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "common", "misc", "core", "base", "manager", "service"}
MAX_FUNCTION_LINES = 60
MAX_PARAMETERS = 7

HOMES = {
    "av": (
        "ingest/file_source.py",
        "ingest/av_*.py",
        "ingest/virtual_camera/*.py",
        "vms_api/live/*_track.py",
    ),
    "aiortc": ("vms_api/live/*.py",),
    "authlib": ("vms_api/accounts/oidc_provider.py",),
    "joserfc": ("vms_api/accounts/oidc_provider.py",),
    "aioice": ("vms_api/live/ice_*.py", "vms_api/live/sender_internals.py"),
    "onnxruntime": ("analytics/onnx_*.py",),
    "openvino": ("analytics/openvino_*.py",),
    "torch": ("analytics/torch_*.py",),
    "ray": ("vms_api/node/placement/ray.py",),
    "fastapi": ("vms_api/**/*.py", "vms_api/*.py"),
    "websockets": ("vms_api/nodes/client.py", "vms_api/nodes/media_relay.py"),
    "uvicorn": ("vms_api/**/*.py", "vms_api/*.py"),
    "defusedxml": ("ingest/onvif/tree.py",),
    "httpx": ("vms_api/**/*.py", "vms_api/*.py", "ingest/onvif/transport.py"),
    "asyncpg": ("vms_api/audit/store.py",),
    "aiomqtt": ("vms_api/notify/mqtt_sender.py",),
    "paho": ("vms_api/notify/mqtt_sender.py",),
    "aiosmtplib": ("vms_api/notify/mail_sender.py",),
    "standardwebhooks": ("vms_api/notify/webhook_sender.py",),
    "aiosqlite": ("vms_api/sqlite_driver.py",),
    "sqlite3": ("vms_api/**/store.py", "vms_api/node/quality_memory.py", "vms_api/sqlite_driver.py"),
    "sqlalchemy": (
        "vms_api/**/store.py",
        "vms_api/**/*_store.py",
        "vms_api/**/tables.py",
        "vms_api/database.py",
        "vms_api/group_commit.py",
        "vms_api/schema.py",
        "vms_api/sqlite_file.py",
        "vms_api/postgresql_server.py",
        "vms_api/events.py",
        "vms_api/migrations/**/*.py",
        "vms_api/migrations/*.py",
    ),
}
"""Third-party package → the only places that may import it."""


PAST_THE_MASKS = ("ingest/fleet.py", "vms_api/node/media_node.py")


@cache
def modules() -> Sequence[Path]:
    """Every Python file of the three packages."""
    return sorted(
        path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
    )


@cache
def nodes(path: Path) -> Sequence[ast.AST]:
    """Everything that a file's syntax tree holds; parsed once, for there are many rules."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def imports(path: Path) -> Sequence[str]:
    """Full names of what a file imports, wherever in the file."""
    found: list[str] = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, methods and nested ones too."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines without the docstring."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def test_there_is_something_to_check():
    """The rules below would hold for an empty tree; this tree is not empty."""
    assert len(modules()) > 50


def test_imports_point_one_way():
    """vms_api → analytics → ingest, nowhere back, not even for annotations."""
    allowed = {"ingest": {"ingest"}, "analytics": {"ingest", "analytics"}, "vms_api": set(PACKAGES)}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        for name in imports(path)
        if (top := name.split(".")[0]) in PACKAGES and top not in allowed[path.relative_to(ROOT).parts[0]]
    ]
    assert wrong == []


@pytest.mark.parametrize("package", HOMES)
def test_third_party_packages_stay_at_home(package):
    """A library's types stop at the few files that speak to it."""
    strangers = [
        str(path.relative_to(ROOT))
        for path in modules()
        if any(name.split(".")[0] == package for name in imports(path))
        and not any(path.relative_to(ROOT).match(home) for home in HOMES[package])
    ]
    assert strangers == []


def test_only_an_approved_view_takes_packets_past_the_masks():
    """Whatever else shows or records pictures goes through `CameraFleet.viewable`."""
    users = [
        str(path.relative_to(ROOT))
        for path in modules()
        if ".lifted(" in path.read_text(encoding="utf-8")
        and not any(path.relative_to(ROOT).match(home) for home in PAST_THE_MASKS)
    ]
    assert users == []


def test_no_file_is_a_dumping_ground():
    """No file or folder bears a name that would take anything."""
    named = {part.removesuffix(".py") for path in modules() for part in path.relative_to(ROOT).parts}
    assert named & FORBIDDEN_NAMES == set()


def test_functions_can_be_read_at_once():
    """No function is longer than a screen."""
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}: {lines_of(function)} lines"
        for path in modules()
        for function in functions(path)
        if lines_of(function) > MAX_FUNCTION_LINES
    ]
    assert long == []


def test_parameters_are_few():
    """More than seven parameters are a value that has not been named yet."""
    greedy = []
    for path in modules():
        for function in functions(path):
            arguments = function.args
            count = len([a for a in (*arguments.args, *arguments.kwonlyargs) if a.arg not in ("self", "cls")])
            if count > MAX_PARAMETERS and not is_command(function):
                greedy.append(f"{path.relative_to(ROOT)}:{function.lineno} {function.name}: {count}")
    assert greedy == []


def is_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Typer turns each parameter of a command into an option: those are for people, not callers."""
    is_decorated = any("command" in ast.dump(decorator) for decorator in function.decorator_list)
    return is_decorated or "Name(id='typer'" in ast.dump(function.args)


def test_broad_excepts_are_rare_and_logged():
    """Catching everything is for thread and task boundaries, and leaves a traceback."""
    silent = []
    for path in modules():
        for node in nodes(path):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = node.type.id if isinstance(node.type, ast.Name) else None
            if node.type is not None and caught not in ("Exception", "BaseException"):
                continue
            body = ast.dump(ast.Module(node.body, []))
            handed_on = node.name is not None and f"Name(id='{node.name}'" in body
            if "'exception'" not in body and "Raise(" not in body and not handed_on:
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert silent == []


def test_nothing_is_left_undone():
    """No marker of unfinished work, no stub."""
    marker = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|NotImplemented" r"Error")
    found = [str(path.relative_to(ROOT)) for path in modules() if marker.search(path.read_text(encoding="utf-8"))]
    assert found == []
