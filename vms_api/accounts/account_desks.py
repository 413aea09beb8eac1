"""Everything about people and their rights, put together once."""

from dataclasses import dataclass

from ingest.clock import Clock
from vms_api.accounts.desk import AccountDesk
from vms_api.accounts.login_desk import LoginDesk
from vms_api.accounts.logins import LoginBoard
from vms_api.accounts.oidc import OidcClient
from vms_api.accounts.oidc_desk import OidcDesk
from vms_api.accounts.passwords import Passwords
from vms_api.accounts.people import PeopleDesk
from vms_api.accounts.rights_board import RightsBoard
from vms_api.accounts.rights_desk import RightsDesk
from vms_api.accounts.second_factors import SecondFactors
from vms_api.audit.log import AuditLog
from vms_api.cameras.sealing import PasswordSeal
from vms_api.database import Database
from vms_api.settings import SiteFile


@dataclass(frozen=True, slots=True)
class AccountGround:
    """What the desks of people stand on."""

    database: Database
    audit: AuditLog
    clock: Clock
    rights: RightsBoard
    logins: LoginBoard
    passwords: Passwords
    seal: PasswordSeal


@dataclass(frozen=True, slots=True)
class AccountDesks:
    """The desks of people. `oidc` is there where the settings name a provider."""

    desk: AccountDesk
    people: PeopleDesk
    factors: SecondFactors
    login_desk: LoginDesk
    rights_desk: RightsDesk
    oidc: OidcDesk | None

    async def close(self) -> None:
        """Ends what is open to the outside."""
        if self.oidc:
            await self.oidc.close()


def account_desks(ground: AccountGround, settings: SiteFile, oidc_secret: str | None) -> AccountDesks:
    """The desks, each with what it needs of the others."""
    database, audit, clock = ground.database, ground.audit, ground.clock
    people = PeopleDesk(database, ground.passwords, ground.rights, ground.logins, clock, audit)
    roles = settings.accounts.totp_roles
    factors = SecondFactors(database, ground.seal, ground.rights, ground.logins, clock, audit, roles)
    desk = AccountDesk(database, ground.passwords, people, factors, ground.logins, clock, audit)
    return AccountDesks(
        desk=desk,
        people=people,
        factors=factors,
        login_desk=LoginDesk(database, ground.logins, clock, audit),
        rights_desk=RightsDesk(database, ground.rights, clock, audit),
        oidc=_oidc_desk(ground, settings, people, desk, oidc_secret),
    )


def _oidc_desk(
    ground: AccountGround, settings: SiteFile, people: PeopleDesk, desk: AccountDesk, secret: str | None
) -> OidcDesk | None:
    """The desk for logins by a provider, where the settings name one; they have made sure that authlib is there."""
    if settings.oidc.issuer is None or settings.server.public_origin is None:
        return None
    from vms_api.accounts.oidc_provider import OidcProvider  # noqa: PLC0415 - authlib is an extra

    provider = OidcProvider(OidcClient.of(settings.oidc, settings.server.public_origin, secret), ground.clock)
    return OidcDesk(settings.oidc, ground.database, people, desk, provider, ground.clock, ground.audit)
