"""`xueliang evidence verify FILE`: whether an evidence package is whole; works offline, without a site."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from vms_api.evidence.manifest import Manifest
from vms_api.evidence.signature import KeyUnreadable, VerifyKey, read_public_key
from vms_api.evidence.verification import Verdict
from vms_api.evidence.verification import verify as verify_package

evidence_app = typer.Typer(no_args_is_help=True, help="Evidence packages.")


@evidence_app.callback()
def evidence() -> None:
    """Evidence packages."""


@evidence_app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The package (.zip).")],
    *,
    key: Annotated[Path | None, typer.Option(help="The site's public key (PEM), got from the site itself.")] = None,
) -> None:
    """Checks signature and every part. Names the first part that was changed and exits with 1."""
    try:
        verdict = verify_package(file, _trusted(key))
    except (OSError, KeyUnreadable) as error:
        typer.echo(f"xueliang: {error}", err=True)
        raise typer.Exit(2) from None
    if verdict.finding is not None:
        typer.echo(f"CHANGED {verdict.finding.part}: {verdict.finding.reason}")
        raise typer.Exit(1)
    typer.echo(_told(verdict, is_trusted=key is not None))


def _trusted(path: Path | None) -> VerifyKey | None:
    return read_public_key(path.read_bytes()) if path else None


def _told(verdict: Verdict, *, is_trusted: bool) -> str:
    manifest = verdict.manifest
    assert manifest is not None  # noqa: S101 - a whole package has one
    lines = [f"OK {len(manifest.parts)} parts, signed with key {verdict.key_id}", *_facts(manifest)]
    if not is_trusted:
        lines.append("The key came with the package: compare it with the one the site has published, or pass --key.")
    return "\n".join(lines)


def _facts(manifest: Manifest) -> list[str]:
    names = ", ".join(camera.name for camera in manifest.cameras)
    lines = [
        f"{manifest.site}: {names}, {_utc(manifest.asked_from)} to {_utc(manifest.asked_to)}",
        f"requested by {manifest.requested_by.username}, approved by {manifest.approved_by.username}",
    ]
    lines += [f"missing: {_utc(span.starts_at)} to {_utc(span.ends_at)} ({span.reason})" for span in manifest.missing]
    return lines


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
