"""Site files: values, defaults, and mistakes named by line and key."""

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel
from typer import Typer
from typer.testing import CliRunner

from vms_api.cameras.rule import RuleIn
from vms_api.cameras.zone import ZoneIn, check_outline
from vms_api.commands.check_config import check_config
from vms_api.errors import SettingsRefused
from vms_api.settings import SiteFile
from vms_api.settings_file import key_lines, load_settings, parse_settings

CONFIGS = Path(__file__).parents[2] / "configs"


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsRefused) as refusal:
        parse_settings(text, "site.toml")
    return refusal.value.problems


def fields(model: type[BaseModel], section: str = "") -> list[tuple[str, str]]:
    found = []
    for key, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found += fields(annotation, f"{section}.{key}" if section else key)
        else:
            found.append((section, key))
    return found


def test_example_is_the_default() -> None:
    """The example states what holds when nothing is set."""
    text = (CONFIGS / "site.example.toml").read_text()
    assert parse_settings(text, "site.example.toml") == SiteFile()


@pytest.mark.parametrize(("section", "key"), fields(SiteFile))
def test_example_documents_every_key(section: str, key: str) -> None:
    """Every key stands in its section with a comment before it."""
    lines = (CONFIGS / "site.example.toml").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"[{section}]"))
    end = next((n for n in range(start + 1, len(lines)) if lines[n].startswith("[")), len(lines))
    place = next(n for n in range(start, end) if lines[n].removeprefix("# ").startswith(f"{key} = "))
    assert lines[place - 1].startswith("# ")


def test_example_rules_fit_the_api() -> None:
    """The example zones and rules are taken by the API's own models."""
    document = tomllib.loads((CONFIGS / "rules.example.toml").read_text())
    zones = {zone["name"]: ZoneIn.model_validate(zone) for zone in document["zones"]}
    for zone in zones.values():
        check_outline(zone)
    rules = [RuleIn.model_validate({"zone_id": rule.pop("zone")} | rule) for rule in document["rules"]]
    assert [zones[rule.zone_id].kind for rule in rules] == ["area", "line"]


def test_unknown_key_is_named_with_line_and_suggestion() -> None:
    """A typing mistake is found without reading the documentation."""
    text = "# my site\n[server]\nhost = '0.0.0.0'\nprot = 8123\n"
    assert problems(text) == ("site.toml line 4: server.prot: unknown key, did you mean port?",)


def test_unknown_section_is_named() -> None:
    """A mistyped section counts as a key."""
    assert problems("\n[sever]\nport = 1\n") == ("site.toml line 2: sever: unknown key, did you mean server?",)


def test_every_mistake_is_listed() -> None:
    """All at once, each with its own line."""
    text = "[server]\nport = 'x'\n[site]\ntime_zone = 'Mars/Base'\n[placement]\nengine = 'ray'\n"
    found = problems(text)
    assert [line.split(": ")[0] + " " + line.split(": ")[1] for line in found] == [
        "site.toml line 2 server.port",
        "site.toml line 4 site.time_zone",
        "site.toml line 6 placement.engine",
    ]
    assert "no such time zone" in found[1]
    assert "use local" in found[2]


def test_broken_toml_names_its_line() -> None:
    """A file that is no TOML is refused at the line where it stops being it."""
    assert problems("[server]\nport = = 1\n")[0].startswith("site.toml line 2: ")


def test_missing_file_is_a_refusal(tmp_path: Path) -> None:
    """A wrong path is told as such."""
    with pytest.raises(SettingsRefused, match="cannot be read"):
        load_settings(tmp_path / "nowhere.toml")


def test_data_dir_is_relative_to_the_file(tmp_path: Path) -> None:
    """It does not matter from which folder the server is started."""
    file = tmp_path / "site.toml"
    file.write_text("[storage]\ndata_dir = 'here/data'\n")
    assert load_settings(file).storage.data_dir == tmp_path.resolve() / "here/data"


def test_lines_of_dotted_and_quoted_keys() -> None:
    """Keys are found however TOML lets them be written."""
    lines = key_lines("a.b = 1\n[ x . 'y z' ]\n\"k\" = [\n  'no = key',\n]\n[[list]]\nq = 2\n")
    assert lines == {("a", "b"): 1, ("x", "y z"): 2, ("x", "y z", "k"): 3, ("list",): 6, ("list", "q"): 7}


def test_check_config_says_ok_or_everything_wrong(tmp_path: Path) -> None:
    """The command's exit code is for scripts, its lines are for people."""
    app = Typer()
    app.command()(check_config)
    good = CliRunner().invoke(app, [str(CONFIGS / "site.example.toml")])
    assert (good.exit_code, good.output) == (0, "OK\n")
    (tmp_path / "site.toml").write_text("[server]\nprot = 1\n[live]\nmax_views = 0\n")
    bad = CliRunner().invoke(app, [str(tmp_path / "site.toml")])
    assert bad.exit_code == 1
    assert [line.partition(":")[0] for line in bad.output.splitlines()] == ["site.toml line 2", "site.toml line 4"]
