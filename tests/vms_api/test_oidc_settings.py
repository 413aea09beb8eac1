"""What a site file may say about a login provider."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vms_api.accounts.oidc import SECRET_VARIABLE, client_secret
from vms_api.accounts.oidc_settings import OidcSettings, origin_of
from vms_api.errors import SettingsRefused
from vms_api.settings_file import load_settings, parse_settings

GOOD = '[server]\npublic_origin = "https://v.example"\n[oidc]\nissuer = "https://login.example/a"\nclient_id = "x"\n'


def problem(text: str) -> str:
    with pytest.raises(SettingsRefused) as refusal:
        parse_settings(text, "site.toml")
    return str(refusal.value)


def test_provider_is_named_by_issuer_and_client() -> None:
    """These two are enough."""
    oidc = parse_settings(GOOD, "site.toml").oidc
    assert (oidc.issuer, oidc.client_id, oidc.auto_create) == ("https://login.example/a", "x", False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[oidc]\nissuer = "https://a.example"\nclient_id = "x"\n', "needs server.public_origin"),
        ('[oidc]\nissuer = "https://a.example"\n', "client_id is missing"),
        ('[oidc]\nclient_id = "x"\n', "issuer is missing"),
        (GOOD + 'client_secret = "s"\nclient_secret_file = "f"\n', "either"),
        (GOOD.replace("https://login", "http://login"), "must be an https address"),
        (GOOD.replace("login.example/a", "user@login.example"), "must be an https address"),
        (GOOD.replace("login.example/a", "login.example/?a=b"), "must be an https address"),
        (GOOD + 'endpoint_origins = ["https://b.example/path"]\n', "must be an origin"),
        (GOOD + 'endpoint_origins = ["https://b.example:x"]\n', "oidc.endpoint_origins"),
    ],
)
def test_mistakes_are_told(text: str, reason: str) -> None:
    """Each with what is wrong, and none with the secret."""
    assert reason in problem(text)


def test_missing_extra_is_told() -> None:
    """Without authlib everything works but this, and the site file is refused with the way to get it."""
    program = (
        "import sys; sys.modules['authlib'] = None\n"
        "import vms_api.app\n"
        "from vms_api.settings_file import parse_settings\n"
        "parse_settings('', 'site.toml')\n"
        f"parse_settings({GOOD!r}, 'site.toml')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=50)
    assert "site.toml line 3: oidc: login by OpenID Connect needs the extra oidc" in done.stderr


def test_secret_is_taken_from_the_nearest_place(tmp_path: Path) -> None:
    """Environment before file; the file's path starts at the site file's folder."""
    (tmp_path / "site.toml").write_text(GOOD + 'client_secret_file = "oidc.secret"\n')
    settings = load_settings(tmp_path / "site.toml").oidc
    with pytest.raises(SettingsRefused, match="cannot be read"):
        client_secret(settings, {})
    (tmp_path / "oidc.secret").write_text("\n")
    with pytest.raises(SettingsRefused, match="is empty"):
        client_secret(settings, {})
    (tmp_path / "oidc.secret").write_text("of the file\n")
    assert client_secret(settings, {}) == "of the file"
    assert client_secret(settings, {SECRET_VARIABLE: "of the environment"}) == "of the environment"
    assert client_secret(OidcSettings(), {}) is None


@given(st.sampled_from(["", ":443"]), st.text("abc/", max_size=5))
def test_usual_port_is_the_same_origin(port: str, path: str) -> None:
    """An origin is one however it is written."""
    assert origin_of(f"HTTPS://Login.Example{port}/{path}") == "https://login.example"
