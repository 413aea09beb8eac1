"""`xueliang recordings`: whether index and files fit, and how they are made to."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ingest.clock import SystemClock
from vms_api.data_folder import data_folder
from vms_api.database import Database
from vms_api.database_place import DatabasePlace, database_place
from vms_api.errors import StartRefused
from vms_api.recordings.inspection import NOTES, Finding, FindingKind, FoundVolume, Tally, find_volume, inspect_volume
from vms_api.recordings.inspection_store import IndexFile, read_index
from vms_api.recordings.repair import Repair
from vms_api.recordings.settings import VolumeSettings
from vms_api.recordings.volume_store import volume_ids
from vms_api.settings import SiteFile
from vms_api.settings_file import load_settings

recordings_app = typer.Typer(no_args_is_help=True, help="The index of recordings and their files.")

Config = Annotated[Path, typer.Option(help="The site file.")]
Found = list[tuple[FoundVolume | None, list[Finding]]]


@recordings_app.callback()
def recordings() -> None:
    """The index of recordings and their files."""


@recordings_app.command()
def check(
    config: Config,
    *,
    hash_: Annotated[bool, typer.Option("--hash", help="Read every file and compare its SHA-256.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what is found; the server must be stopped.")] = False,
) -> None:
    """Compares index and files; exits with 1 when something does not fit and was not mended.

    Without --repair nothing is written, and the server may run.
    """
    try:
        settings = load_settings(config)
        tally = Tally()
        place = _place(settings)
        found = read_index(place, lambda index: _inspected(settings, index, tally, with_hash=hash_))
        left = sum(finding.kind not in NOTES for _, findings in found for finding in findings)
        if repair and any(findings for _, findings in found):
            left = asyncio.run(_mend(settings, found))
    except StartRefused as refusal:
        typer.echo(f"xueliang: {refusal}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{'OK' if not left else 'WRONG'} {tally.row_count} rows, {tally.file_count} files, {left} left to mend")
    if left:
        raise typer.Exit(1)


@recordings_app.command()
def rebuild(config: Config) -> None:
    """Takes into the index what files it does not have. The server must be stopped; gaps are not known to files."""
    try:
        gone, unreadable = asyncio.run(_rebuild(load_settings(config)))
    except StartRefused as refusal:
        typer.echo(f"xueliang: {refusal}", err=True)
        raise typer.Exit(2) from None
    if gone or unreadable:
        raise typer.Exit(1)


def _inspected(settings: SiteFile, index: IndexFile, tally: Tally, *, with_hash: bool) -> Found:
    """What is found on each volume, said as it is found."""
    found: Found = []
    expected = index.volume_ids()
    for volume in _volumes(settings):
        place = find_volume(volume, expected.get(volume.name), SystemClock().now())
        if isinstance(place, Finding):
            is_new = volume.name not in expected
            _say(place if not is_new else replace(place, detail="nothing was ever recorded there"))
            found.append((None, [] if is_new else [place]))
            continue
        findings = []
        for finding in inspect_volume(place, index, tally, with_hash=with_hash):
            _say(finding)
            findings.append(finding)
        found.append((place, findings))
    return found


async def _mend(settings: SiteFile, found: Found) -> int:
    """How much is left."""
    left = sum(finding.kind is FindingKind.VOLUME_GONE for _, findings in found for finding in findings)
    with data_folder(settings.storage.data_dir):
        database = await Database.open(_place(settings))
        try:
            repair = Repair(database, SystemClock(), typer.echo)
            for volume, findings in found:
                wanted = [finding for finding in findings if finding.kind is not FindingKind.OVERLAP]
                if volume is not None and wanted:
                    left += await repair.mend(volume, wanted)
        finally:
            await database.close()
    return left


async def _rebuild(settings: SiteFile) -> tuple[int, int]:
    """How many volumes are not there, and how many files cannot be read."""
    gone, unreadable = 0, 0
    with data_folder(settings.storage.data_dir):
        database = await Database.open(_place(settings))
        try:
            for place in await _places(settings, database):
                if isinstance(place, Finding):
                    _say(place)
                    gone += 1
                    continue
                added, bad = await Repair(database, SystemClock(), typer.echo).rebuild(place)
                unreadable += bad
                typer.echo(f"{place.name}: {added} files taken into the index, {bad} cannot be read")
        finally:
            await database.close()
    return gone, unreadable


async def _places(settings: SiteFile, database: Database) -> Sequence[FoundVolume | Finding]:
    async with database.read() as connection:
        expected = await volume_ids(connection)
    return [find_volume(volume, expected.get(volume.name), SystemClock().now()) for volume in _volumes(settings)]


def _place(settings: SiteFile) -> DatabasePlace:
    return database_place(settings.storage.database_url, settings.storage.data_dir, os.environ)


def _volumes(settings: SiteFile) -> Sequence[VolumeSettings]:
    return settings.recording.volumes_of(settings.storage.data_dir)


def _say(finding: Finding) -> None:
    typer.echo(f"{finding.kind}  {finding.path}: {finding.detail}")
