"""Signed heads find out what the chain alone cannot: rows that were cut off or written anew."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from tests.fakes.clock import ManualClock
from vms_api.audit.chain import ChainHead, chained
from vms_api.audit.entry import SYSTEM, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.audit.signer import HeadSigner, HeadVerifier, load_key
from vms_api.audit.store import open_audit_file
from vms_api.audit.verification import check
from vms_api.commands.audit import audit_app
from vms_api.database import Database
from vms_api.errors import AuditKeyRefused

pytestmark = pytest.mark.anyio

ENTRY = AuditEntry(AuditKind.NODE_REPLACE, SYSTEM)


class Log:
    """A data folder with an audit log that is signed on demand."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.audit = AuditLog(database, self.clock)
        self.signer = HeadSigner(database, load_key(folder), self.clock, 300)
        (folder.parent / "site.toml").write_text("[storage]\ndata_dir = 'data'\n")

    async def add(self, count: int) -> None:
        for _ in range(count):
            await self.audit.record_alone(ENTRY)

    def damage(self, *statements: str) -> None:
        """What somebody with the disk can do: the triggers are no obstacle."""
        with closing(sqlite3.connect(self.folder / "xueliang.db")) as connection:
            for table in ("audit", "audit_heads"):
                for act in ("update", "delete"):
                    connection.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}")
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    def verify(self, *options: str) -> tuple[int, str]:
        result = CliRunner().invoke(audit_app, ["verify", "--config", str(self.folder.parent / "site.toml"), *options])
        return result.exit_code, result.output


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Log]:
    folder = tmp_path / "data"
    folder.mkdir()
    database = await Database.open(folder / "xueliang.db")
    yield Log(folder, database)
    await database.close()


async def test_whole_log_is_ok_while_the_server_runs(log: Log) -> None:
    """The command counts rows and signatures, with the database open and changing."""
    await log.add(3)
    await log.signer.sign()
    await log.add(2)
    code, text = log.verify()
    assert (code, text.startswith("OK 5 rows, 1 signed heads, last hash ")) == (0, True)


async def test_changed_byte_is_named_by_its_row(log: Log) -> None:
    """One letter of one row."""
    await log.add(5)
    log.damage("UPDATE audit SET body = replace(body, 'system', 'nobody') WHERE seq = 3")
    reason = "its content, or the row before it, was changed"
    assert log.verify() == (1, f"BROKEN row 3: {reason} (2 rows before the break or the end hold)\n")


async def test_cut_off_tail_is_found_by_the_signed_head(log: Log) -> None:
    """An old backup put in place: the chain is whole, but row 5 was signed and is not there."""
    await log.add(5)
    await log.signer.sign()
    log.damage("DELETE FROM audit WHERE seq > 3")
    code, text = log.verify()
    assert (code, text.startswith("BROKEN row 4: missing; row 5 was there at 2")) == (1, True)


async def test_log_written_anew_is_found_by_the_signed_head(log: Log) -> None:
    """Somebody who recomputes all hashes after a change has no signature for them."""
    await log.add(2)
    await log.signer.sign()
    head, statements = ChainHead(), ["DELETE FROM audit"]
    for _ in range(2):
        row = chained(head, AuditEntry(AuditKind.LOGIN, SYSTEM), log.clock.now())
        values = f"{row.seq}, '{row.body}', x'{row.hash.hex()}'"
        statements.append(f"INSERT INTO audit (seq, body, hash) VALUES ({values})")  # noqa: S608 - our own text
        head = row.head
    log.damage(*statements)
    code, text = log.verify()
    assert (code, text.startswith("BROKEN row 2: not the row that was signed at 2")) == (1, True)


async def test_forged_signature_is_found(log: Log) -> None:
    """A head signed with another key, or changed after it was signed, does not pass."""
    await log.add(2)
    await log.signer.sign()
    log.damage("UPDATE audit_heads SET at = '2025-12-31T00:00:00.000000Z'")
    code, text = log.verify()
    assert (code, "is not of this key" in text) == (1, True)
    with open_audit_file(log.folder / "xueliang.db") as file:
        other = HeadVerifier(Ed25519PrivateKey.generate().public_key())
        assert "another key" in str(check(file.rows(), file.signed_heads(), other).broken)


async def test_key_that_was_kept_elsewhere_is_enough(log: Log) -> None:
    """An auditor needs the public key only; a text that is no key is refused."""
    await log.add(1)
    await log.signer.sign()
    key = log.signer.verifier.text
    (log.folder / "audit.key").unlink()
    assert log.verify("--public-key", key)[0] == 0
    assert log.verify("--public-key", "tooshort")[0] == 2


async def test_head_is_signed_once(log: Log) -> None:
    """Nothing new, nothing signed; the key stays the same over restarts and is private."""
    assert await log.signer.sign() is None
    await log.add(1)
    signed = await log.signer.sign()
    assert signed is not None
    assert signed.seq == 1
    assert await log.signer.sign() is None
    assert HeadVerifier(load_key(log.folder).public_key()).accepts(signed)
    assert (log.folder / "audit.key").stat().st_mode & 0o777 == 0o600


async def test_file_that_is_no_key_is_refused(log: Log) -> None:
    """The process does not start with a key file that it would have to replace."""
    (log.folder / "audit.key").write_text("not a key")
    with pytest.raises(AuditKeyRefused, match=r"audit\.key: not a key"):
        load_key(log.folder)


async def test_folder_without_log_is_refused(tmp_path: Path) -> None:
    """Exit code 2 is not a verdict."""
    (tmp_path / "site.toml").write_text("[storage]\ndata_dir = 'data'\n")
    result = CliRunner().invoke(audit_app, ["verify", "--config", str(tmp_path / "site.toml")])
    assert result.exit_code == 2
