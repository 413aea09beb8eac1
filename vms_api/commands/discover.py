"""`xueliang discover`: which ONVIF devices there are. It finds, and adds nothing."""

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from typing import Annotated

import typer

from ingest.address import HostPolicy
from ingest.errors import AddressRefused
from ingest.onvif.discovery import NetworkScan
from ingest.onvif.discovery import discover as discover_by_multicast
from ingest.onvif.probe import FoundDevice
from ingest.onvif.scan_plan import IN_FLIGHT, ScanPlan, plan_scan

_SHOW_EVERY_S = 2.0


def discover(
    networks: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NETWORK]...", help="Networks to ask host by host, like 192.168.1.0/24."),
    ] = None,
    interface: Annotated[
        list[str] | None, typer.Option(help="Own address of an interface to multicast on; repeatable.")
    ] = None,
    wait: Annotated[float, typer.Option(min=0.5, max=60, help="Seconds to wait for multicast replies.")] = 3.0,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The UDP port that is asked.")] = 3702,
    allow_loopback: Annotated[bool, typer.Option(help="Devices may be on this machine.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask a network's hosts without a question first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Lists ONVIF devices: those that answer multicast, or, for the networks named, those that answer host by host.

    No login is tried, and nothing is added.
    """
    policy = HostPolicy(allow_loopback=allow_loopback)
    try:
        found = _scan(networks, policy, port, yes) if networks else _multicast(interface or [], policy, wait, port)
    except AddressRefused as error:
        raise _failure(str(error)) from error
    except OSError as error:
        raise _failure(f"the network does not do that: {error.strerror}") from error
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(device) for device in found], ensure_ascii=False, indent=2))
        return
    for device in found:
        guessed = " (address guessed)" if device.address_is_guessed else ""
        typer.echo(
            f"{device.ip:<16}{device.address}{guessed}  {device.name} {device.hardware} {device.location}".rstrip()
        )
    typer.echo(f"{len(found)} devices", err=True)


def _multicast(interfaces: Sequence[str], policy: HostPolicy, wait_s: float, port: int) -> list[FoundDevice]:
    return asyncio.run(discover_by_multicast(interfaces, policy, wait_s, port))


def _scan(networks: Sequence[str], policy: HostPolicy, port: int, is_agreed: bool) -> list[FoundDevice]:
    plan = plan_scan(networks, policy)
    names = ", ".join(str(network) for network in plan.networks)
    typer.echo(f"{names}: {len(plan.hosts)} hosts, {IN_FLIGHT} at a time, at most {plan.seconds:.0f} s", err=True)
    if not is_agreed:
        typer.confirm("Ask them?", abort=True, err=True)
    return asyncio.run(_watched(plan, port))


async def _watched(plan: ScanPlan, port: int) -> list[FoundDevice]:
    scan = NetworkScan(plan, port)
    running = asyncio.create_task(scan.run())
    while not (await asyncio.wait([running], timeout=_SHOW_EVERY_S))[0]:
        progress = scan.progress
        typer.echo(f"{progress.done} of {progress.total} hosts, {progress.found} found", err=True)
    return running.result()


def _failure(message: str) -> typer.Exit:
    typer.secho(f"discover: {message}", fg=typer.colors.RED, err=True)
    return typer.Exit(1)
