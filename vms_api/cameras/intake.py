"""What people type about a camera, as it is stored: addresses judged and freed of logins, passwords sealed."""

from contextlib import suppress
from datetime import datetime
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any

from ingest.address import HostPolicy, dial_target, parse_address
from ingest.camera import Credential
from ingest.errors import AddressRefused
from vms_api.cameras.camera import CameraIn, CameraRecord
from vms_api.cameras.sealing import PasswordSeal
from vms_api.errors import InvalidRequest


class CameraIntake:
    """Turns what was typed into a record."""

    def __init__(self, seal: PasswordSeal, hosts: HostPolicy) -> None:
        self._seal = seal
        self._hosts = hosts

    def record(self, current: CameraRecord, body: CameraIn, given: dict[str, Any], now: datetime) -> CameraRecord:
        """The camera after a change; `given` are the fields that were really typed.

        Raises:
            InvalidRequest: an address is refused, or lacking, or a stored password would go to another host.

        """
        address, login = self._parsed(body.address, "address") if body.address else ("", None)
        if body.enabled and not address:
            raise InvalidRequest.field("address", "address-needed", "a camera in service needs an address")
        sub_address, sub_login = self._parsed(body.sub_address, "sub_address") if body.sub_address else (None, None)
        username, sealed = self._login(current, given, login or sub_login)
        if sealed is not None and sealed is current.sealed_password:
            _refuse_new_hosts(current, address, sub_address)
        return CameraRecord(
            id=current.id,
            area_id=body.area_id or current.area_id,
            name=body.name,
            address=address,
            sub_address=sub_address,
            transport=body.transport,
            username=username,
            sealed_password=sealed,
            enabled=body.enabled,
            analysed=body.analysed,
            created_at=current.created_at,
            updated_at=now,
            rule_count=current.rule_count,
        )

    def is_password(self, camera: CameraRecord, password: str) -> bool:
        """Whether this is the camera's password already."""
        sealed = camera.sealed_password
        return sealed is not None and compare_digest(self._seal.open(sealed, camera.id).encode(), password.encode())

    def _parsed(self, text: str, field: str) -> tuple[str, Credential | None]:
        """Refuses at once what the node would never dial; names are resolved, and judged, only there."""
        try:
            address, login = parse_address(text)
            with suppress(ValueError):
                self._hosts.pin([str(ip_address(dial_target(address).host))])
        except AddressRefused as error:
            raise InvalidRequest.field(field, error.code, str(error)) from None
        return address, login

    def _login(
        self, current: CameraRecord, given: dict[str, Any], in_address: Credential | None
    ) -> tuple[str | None, bytes | None]:
        """What was typed into the fields goes before what was in the address, and that before what was stored."""
        username = given.get("username") or (in_address.username if in_address else None)
        if username is None and "username" not in given:
            username = current.username
        password = given.get("password") or (in_address.password if in_address else None)
        if password:
            return username, self._seal.seal(password, current.id)
        return username, None if "password" in given else current.sealed_password


def _refuse_new_hosts(current: CameraRecord, *addresses: str | None) -> None:
    """A stored password goes to the hosts it was typed for: whoever enters another one has to know the password.

    Raises:
        InvalidRequest: an address names a host that the camera did not have.

    """
    known = {dial_target(address).host for address in (current.address, current.sub_address) if address}
    if {dial_target(address).host for address in addresses if address} - known:
        raise InvalidRequest.field("password", "password-needed", "the host is new: type the camera's password again")
