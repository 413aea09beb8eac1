"""`xueliang audit verify`: whether the audit log is whole; works beside a running server."""

import os
from pathlib import Path
from typing import Annotated

import typer

from vms_api.audit.signer import KEY_FILE, HeadVerifier, load_key
from vms_api.audit.store import open_audit_rows
from vms_api.audit.verification import Finding, check
from vms_api.database_place import database_place
from vms_api.errors import StartRefused
from vms_api.settings import StorageSettings
from vms_api.settings_file import load_settings

audit_app = typer.Typer(no_args_is_help=True, help="The audit log.")


@audit_app.callback()
def audit() -> None:
    """The audit log."""


@audit_app.command()
def verify(
    config: Annotated[Path, typer.Option(help="The site file.")],
    *,
    public_key: Annotated[
        str | None, typer.Option(help="Check signatures with this key (base64), not with that of the data folder.")
    ] = None,
) -> None:
    """Follows the chain and the signed heads. Names the first broken row and exits with 1; nothing is written."""
    try:
        finding = _check(load_settings(config).storage, public_key)
    except StartRefused as refusal:
        typer.echo(f"xueliang: {refusal}", err=True)
        raise typer.Exit(2) from None
    rows, last = finding.verdict.head.seq, finding.verdict.head.hash.hex()
    if finding.broken is not None:
        typer.echo(f"BROKEN {finding.broken} ({rows} rows before the break or the end hold)")
        raise typer.Exit(1)
    typer.echo(f"OK {rows} rows, {finding.signed_count} signed heads, last hash {last}")


def _check(storage: StorageSettings, public_key: str | None) -> Finding:
    folder = storage.data_dir
    if public_key is not None:
        key: HeadVerifier | None = HeadVerifier.of(public_key)
    else:
        key = HeadVerifier(load_key(folder).public_key()) if (folder / KEY_FILE).exists() else None
    with open_audit_rows(database_place(storage.database_url, folder, os.environ)) as log:
        return check(log.rows(), log.signed_heads(), key)
