"""The site file as values: frozen, complete with defaults, every field described."""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from analytics.settings import AnalyticsSettings
from ingest.settings import IngestSettings
from vms_api.accounts.oidc_settings import OidcSettings
from vms_api.accounts.permission import Role
from vms_api.alerts.settings import AlertSettings
from vms_api.audit.settings import AuditSettings
from vms_api.care.settings import DeviceSettings
from vms_api.database_place import DatabaseServer
from vms_api.diagnosis.settings import DiagnosisSettings
from vms_api.dispatch.settings import DispatchSettings
from vms_api.ledger.settings import LedgerSettings
from vms_api.live.settings import LiveSettings
from vms_api.notify.settings import NotifySettings
from vms_api.overview.settings import MapSettings
from vms_api.patrols.settings import PatrolSettings
from vms_api.purposes.settings import PurposeSettings
from vms_api.rates.settings import RateSettings
from vms_api.recordings.settings import RecordingSettings
from vms_api.tickets.settings import TicketSettings


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("no such time zone; use a name of the tz database such as Asia/Shanghai") from None
    return name


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerSettings(_Section):
    """Where the control process listens."""

    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 for the whole network.")
    port: int = Field(default=8123, ge=0, le=65535, description="TCP port of page and API; 0 takes a free one.")
    public_origin: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s@]+$",
        description="What people type into the browser when a reverse proxy stands in front.",
    )


class StorageSettings(_Section):
    """Where data is kept."""

    data_dir: Path = Field(
        default=Path("data"), description="Database, evidence and keys; relative paths start at the site file's folder."
    )
    database_url: SecretStr | None = Field(
        default=None, description="A PostgreSQL database in place of the file in data_dir. Needs the extra postgres."
    )

    @field_validator("database_url")
    @classmethod
    def _is_of_a_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            DatabaseServer.of(url.get_secret_value())
        return url


class SiteSettings(_Section):
    """The place itself."""

    name: str = Field(default="Xueliang", min_length=1, max_length=80, description="Shown on the page.")
    time_zone: Annotated[str, AfterValidator(_time_zone)] = Field(
        default="Asia/Shanghai", description="Schedules of rules are read in this zone."
    )
    language: Literal["zh-CN", "en"] = Field(
        default="zh-CN", description="Language for people who have not chosen one."
    )


class NodeSettings(_Section):
    """How the control process watches over its media node."""

    heartbeat_timeout_s: float = Field(
        default=5.0,
        ge=2,
        le=60,
        description="Seconds without a heartbeat after which the node is killed and started anew.",
    )
    start_timeout_s: float = Field(
        default=30.0,
        ge=5,
        le=300,
        description="Seconds a starting node may take to register (it loads the model first).",
    )


class PlacementSettings(_Section):
    """Where media nodes run."""

    engine: Literal["local", "ray"] = Field(default="local", description="local: one media node on this machine.")

    @field_validator("engine")
    @classmethod
    def _only_local(cls, engine: str) -> str:
        if engine != "local":
            raise ValueError("this version places media nodes only on this machine; use local")
        return engine


class AccountSettings(_Section):
    """How people log in."""

    totp_roles: tuple[Role, ...] = Field(
        default=(), description="Roles that need a second factor (one-time codes of an authenticator app)."
    )


class SiteFile(_Section):
    """The whole site file."""

    server: ServerSettings = ServerSettings()
    storage: StorageSettings = StorageSettings()
    site: SiteSettings = SiteSettings()
    accounts: AccountSettings = AccountSettings()
    oidc: OidcSettings = OidcSettings()
    node: NodeSettings = NodeSettings()
    ingest: IngestSettings = IngestSettings()
    analytics: AnalyticsSettings = AnalyticsSettings()
    live: LiveSettings = LiveSettings()
    alerts: AlertSettings = AlertSettings()
    recording: RecordingSettings = RecordingSettings()
    devices: DeviceSettings = DeviceSettings()
    diagnosis: DiagnosisSettings = DiagnosisSettings()
    dispatch: DispatchSettings = DispatchSettings()
    tickets: TicketSettings = TicketSettings()
    patrol: PatrolSettings = PatrolSettings()
    placement: PlacementSettings = PlacementSettings()
    audit: AuditSettings = AuditSettings()
    purpose: PurposeSettings = PurposeSettings()
    ledger: LedgerSettings = LedgerSettings()
    rates: RateSettings = RateSettings()
    notify: NotifySettings = NotifySettings()
    map: MapSettings = MapSettings()

    @field_validator("oidc")
    @classmethod
    def _has_an_origin(cls, oidc: OidcSettings, info: ValidationInfo) -> OidcSettings:
        server = info.data.get("server")
        if oidc.issuer and isinstance(server, ServerSettings) and server.public_origin is None:
            raise ValueError("needs server.public_origin: the provider sends people back there")
        return oidc
