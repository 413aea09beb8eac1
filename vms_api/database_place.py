"""Where a site keeps its rows: a file in its data folder, or a PostgreSQL server."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from vms_api.errors import SettingsRefused

URL_VARIABLE = "XUELIANG_DATABASE_URL"
DATABASE_FILE = "xueliang.db"

_SCHEMES = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A database of a PostgreSQL server. `name` is what may be shown, `url` holds the password."""

    url: str = field(repr=False)
    name: str

    @classmethod
    def of(cls, url: str) -> "DatabaseServer":
        """From a URL such as postgresql://user:password@host:5432/database (libpq, clause 34.1.1.2).

        Raises:
            ValueError: it is none, or the driver is not installed; the message does not repeat it.

        """
        parts = urlsplit(url)
        try:
            host, port = parts.hostname or "localhost", parts.port
        except ValueError:
            raise ValueError("the port is not a number") from None
        if parts.scheme not in _SCHEMES or not parts.path.strip("/"):
            raise ValueError("must be like postgresql://user:password@host:5432/database")
        if importlib.util.find_spec("asyncpg") is None:
            raise ValueError("PostgreSQL needs the extra postgres: pip install 'xueliang[postgres]'")
        return cls(url, f"postgresql://{host}{f':{port}' if port else ''}{parts.path}")


DatabasePlace = Path | DatabaseServer
"""An SQLite file, or a PostgreSQL server."""


def database_place(url: SecretStr | None, data_dir: Path, environ: Mapping[str, str]) -> DatabasePlace:
    """Of the environment, else of the settings, else the file in the data folder.

    Raises:
        SettingsRefused: what the environment says is no address of a database.

    """
    if named := environ.get(URL_VARIABLE):
        try:
            return DatabaseServer.of(named)
        except ValueError as error:
            raise SettingsRefused([f"{URL_VARIABLE}: {error}"]) from None
    return DatabaseServer.of(url.get_secret_value()) if url else data_dir / DATABASE_FILE
