"""Evidence packages: whole ones pass, and of changed ones the first changed part is named."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.vms_api.evidence.packages import VIDEO, contents, manifest, packed
from vms_api.commands.evidence import evidence_app
from vms_api.evidence.package import MANIFEST, PUBLIC_KEY, README, SIGNATURE, sealed
from vms_api.evidence.signature import public_pem
from vms_api.evidence.verification import verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
FILES = contents(KEY)
PARTS = sorted(FILES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packages")


def command(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(evidence_app, ["verify", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_whole_package_passes(folder: Path) -> None:
    """With the key it brings, which the command says is no proof, and with the site's own."""
    package, pem = packed(folder / "whole.zip", FILES), folder / "site.pem"
    pem.write_bytes(public_pem(KEY))
    code, text = command(package)
    assert (code, text.startswith("OK 4 parts"), "compare it" in text) == (0, True, True)
    assert "requested by zhang, approved by li" in text
    assert "missing: 2026-03-01T08:00:05.000Z to 2026-03-01T08:00:10.000Z (camera-offline)" in text
    code, text = command(package, "--key", pem)
    assert (code, "compare it" in text) == (0, False)


@pytest.mark.parametrize("part", PARTS)
@given(place=st.integers(min_value=0, max_value=10**6), bit=st.integers(min_value=0, max_value=7))
def test_one_bit_on_the_disk_names_its_part(folder: Path, part: str, place: int, bit: int) -> None:
    """Whichever bit of whichever part flips."""
    path = packed(folder / f"flip-{part}.zip", FILES)
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as package:
        entry = package.getinfo(part)
    start = entry.header_offset + 30 + len(part)
    whole[start + place % entry.file_size] ^= 1 << bit
    path.write_bytes(whole)
    finding = verify(path).finding
    assert finding is not None
    assert finding.part == part


@pytest.mark.parametrize("part", [*VIDEO, README])
def test_a_part_that_was_replaced_with_care_is_named(folder: Path, part: str) -> None:
    """The ZIP is in order, the bytes are not those that were signed."""
    finding = verify(packed(folder / "care.zip", FILES | {part: FILES[part] + b"!"})).finding
    assert finding is not None
    assert (finding.part, "SHA-256" in finding.reason) == (part, True)


def test_a_manifest_made_up_by_somebody_else_is_named(folder: Path) -> None:
    """Changed text, another's signature, and a whole package of another key where the site's is known."""
    other = Ed25519PrivateKey.generate()
    text = FILES[MANIFEST].replace(b"camera-offline", b"no-gap-at-all!")
    papers = {name: FILES[name] for name in (PUBLIC_KEY, README)}
    forged = sealed(manifest(other, papers), other)
    for name, files in {
        "text": FILES | {MANIFEST: text},
        "signature": FILES | {SIGNATURE: forged[SIGNATURE]},
        "short": FILES | {SIGNATURE: b"none"},
        "both": FILES | forged,
    }.items():
        finding = verify(packed(folder / f"{name}.zip", files)).finding
        assert finding is not None
        assert finding.part == MANIFEST, name
    whole = packed(folder / "other.zip", contents(other))
    assert verify(whole).is_whole
    assert not verify(whole, KEY.public_key()).is_whole


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_gone_is_named(folder: Path, part: str) -> None:
    """Cut out of the ZIP."""
    finding = verify(packed(folder / "gone.zip", {k: v for k, v in FILES.items() if k != part})).finding
    assert finding is not None
    assert (finding.part, finding.reason) == (part, "is missing")


def test_what_was_added_is_named(folder: Path) -> None:
    """A part the manifest does not know, a part that is there twice, a packed one."""
    finding = verify(packed(folder / "added.zip", FILES | {"gate-3.mp4": b"x"})).finding
    assert finding is not None
    assert finding.part == "gate-3.mp4"
    twice = packed(folder / "twice.zip", FILES)
    with zipfile.ZipFile(twice, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr("gate-1.mp4", VIDEO["gate-1.mp4"])
    assert verify(twice).finding.part == "gate-1.mp4"  # type: ignore[union-attr]
    with zipfile.ZipFile(folder / "packed.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("gate-1.mp4", b"0" * 10**6)
    assert verify(folder / "packed.zip").finding.part == "gate-1.mp4"  # type: ignore[union-attr]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"no ZIP at all" * 100])
def test_what_is_no_package_is_said_to_be_none(folder: Path, content: bytes) -> None:
    """Exit code 1 and a word about the file; a file that is not there is no verdict."""
    path = folder / "none.zip"
    path.write_bytes(content)
    assert command(path)[0] == 1
    assert command(path)[1].startswith("CHANGED package:")
    assert command(folder / "nowhere.zip")[0] == 2
    assert command(path, "--key", path)[0] == 2


def test_a_key_that_is_none_is_named(folder: Path) -> None:
    """public-key.pem without a key in it."""
    finding = verify(packed(folder / "key.zip", FILES | {PUBLIC_KEY: b"no key"})).finding
    assert finding is not None
    assert finding.part == PUBLIC_KEY


def test_openssl_checks_the_signature_as_the_readme_says(folder: Path) -> None:
    """Where there is no Xueliang."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    checked = ["pkeyutl", "-verify", "-pubin", "-inkey", PUBLIC_KEY, "-rawin", "-in", MANIFEST, "-sigfile", SIGNATURE]
    assert " ".join(checked) in FILES[README].decode()
    assert subprocess.run([openssl, *checked], cwd=folder, capture_output=True, check=False).returncode == 0
