"""A site of before there were areas comes along with everything it had."""

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from vms_api.database import migrate

MIGRATIONS = Path(__file__).parents[2] / "vms_api/migrations"

OLD_ROWS = (
    "INSERT INTO users VALUES ('u', 'chief', 'chief', 'hash', NULL, 1)",
    "INSERT INTO sessions VALUES ('token', 'u', 1, 1)",
    "INSERT INTO cameras VALUES ('c', 'Gate', 'gate', 'rtsp://192.0.2.7/', NULL, 'tcp', NULL, x'00', 1, 1, 1, 1)",
    "INSERT INTO zones VALUES ('z', 'c', 'Yard', 'area', '[]')",
    "INSERT INTO rules VALUES ('r', 'c', 'z', 'Yard', 'intrusion', '[]', 'any', 0, NULL, 'high', 30, 1, '')",
    "INSERT INTO alerts VALUES ('a', 'c', '', 'r', '', 'x', 'high', '', 0.9, '[]', 'NEW', 1, 1, 1, NULL, NULL, 0, '')",
    "INSERT INTO alert_history VALUES (1, 'a', 1, 'raise', 'NEW', NULL, NULL)",
    "INSERT INTO events VALUES (1, 1, 'alert.raised', '{}')",
)


def old_database(path: Path) -> None:
    """A database as the first version left it."""
    engine = sa.create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        for row in OLD_ROWS:
            connection.execute(row)
        connection.commit()


def test_nothing_is_lost_and_everybody_keeps_what_he_could_do(tmp_path: Path) -> None:
    """Cameras with zones, rules and alerts stand in one root area; users are its administrators; keys still hold."""
    path = tmp_path / "x.db"
    old_database(path)
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT id FROM areas WHERE parent_id IS NULL").fetchone()
        assert connection.execute("SELECT id, area_id, sealed_password FROM cameras").fetchall() == [("c", root, b"\0")]
        assert connection.execute("SELECT id, camera_id FROM zones").fetchall() == [("z", "c")]
        assert connection.execute("SELECT id, camera_id, zone_id FROM rules").fetchall() == [("r", "c", "z")]
        assert connection.execute("SELECT id, area_id FROM alerts").fetchall() == [("a", root)]
        assert connection.execute("SELECT count(*) FROM alert_history").fetchone() == (1,)
        assert connection.execute("SELECT user_id, role, area_id FROM grants").fetchall() == [("u", "admin", root)]
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        targets = {
            row[2] for table in ("zones", "rules") for row in connection.execute(f"PRAGMA foreign_key_list({table})")
        }
        assert targets == {"cameras", "zones"}
