"""A site's SQLite file as its steps leave it: made once by whoever runs tests, written out for each."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from vms_api.database import migrate
from vms_api.database_place import DATABASE_FILE


def lay_site_file(path: Path) -> Path:
    """Writes a database with the tables of this version and nothing in them; its path."""
    path.write_bytes(_made_by_the_steps())
    path.chmod(0o600)
    return path


@cache
def _made_by_the_steps() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / DATABASE_FILE
        migrate(path)
        assert sorted(Path(folder).iterdir()) == [path], "what is in a journal beside it would be lost"
        return path.read_bytes()
