"""What the documents say is held to what is true: settings, commands, events, links, import rules."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from contracts import generate
from contracts.events import NAME_OF, NAMES
from services.chassis.settings import Settings
from services.cli import app
from services.registry import COMPONENTS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    field = Settings.model_fields[name]
    shown = str(field.default) if field.default != "" else "(empty)"
    row = f"| `CAMI_{name.upper()}` | `{shown}` | {field.description} |"
    assert row in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_no_setting_is_documented_that_does_not_exist() -> None:
    documented = re.findall(r"^\| `CAMI_([A-Z_]+)`", (ROOT / "docs/settings.md").read_text(encoding="utf-8"), re.M)
    assert sorted(documented) == sorted(name.upper() for name in Settings.model_fields)


def _commands() -> list[str]:
    def walk(command: object, path: str) -> list[str]:
        children = getattr(command, "commands", None)
        if not children:
            return [path]
        return [name for key, child in children.items() for name in walk(child, f"{path} {key}")]

    return walk(get_command(app), "cami")


@pytest.mark.parametrize("command", _commands())
def test_every_command_is_documented(command: str) -> None:
    assert f"`{command}" in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", _commands())
def test_every_option_is_documented(command: str) -> None:
    found = get_command(app)
    for word in command.split()[1:]:
        found = found.commands[word]  # type: ignore[attr-defined]
    section = (
        (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").split(f"`{command}", 1)[1].split("\n## ", 1)[0]
    )
    for parameter in found.params:
        for option in parameter.opts:
            if option.startswith("--") and option != "--help":
                assert option in section, f"{command}: {option} is not documented"


def test_make_help_lists_every_command_the_readme_names() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"`make ([a-z-]+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert named
    for name in named:
        assert f"make {name} " in listed


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"


@pytest.mark.parametrize("path", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda path: path.name)
def test_a_decision_fits_on_a_page(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 60


def test_the_catalogue_names_the_services_that_really_handle_each_event() -> None:
    for name, payload in NAMES.items():
        handled_by = tuple(sorted(c.name for c in COMPONENTS.values() if payload in c.routes))
        assert tuple(sorted(generate.READERS[name])) == handled_by, name


def test_every_route_of_a_service_is_an_event_of_the_contracts() -> None:
    for component in COMPONENTS.values():
        for payload in component.routes:
            assert payload in NAME_OF, f"{component.name} routes {payload.__name__}"


def test_the_tree_names_no_path_of_a_developers_machine() -> None:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    pattern = re.compile(r"(?<![\w.-])/(?:home|Users|work|root)/[a-z]")
    for name in filter(None, files.split("\0")):
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".toml", ".lock", ".sh", ".html", ".css", ".js", ".json", ".yaml", ""}
            and path.is_file()
        ):
            found = pattern.search(path.read_text(encoding="utf-8", errors="replace"))
            assert not found or name == str(Path(__file__).relative_to(ROOT)), f"{name}: {found}"
