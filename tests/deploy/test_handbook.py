"""What the administrators' handbook names is there: commands, settings, secrets, files, alarms."""

import re

import yaml
from typer.main import get_command

from services.chassis.settings import Settings
from services.cli import app
from tests.deploy.files import DEPLOY, ROOT, compose, overlay, walk, workloads
from tests.deploy.made import made_secrets

TEXT = (DEPLOY / "README.md").read_text("utf-8")


def test_every_command_is_one() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = set(re.findall(r"(?:`|-- |bin/)cami ([a-z]+)(?: ([a-z]+))?", TEXT))
    assert ("backup", "") in named
    for group, command in named:
        assert group in commands
        if inner := getattr(commands[group], "commands", None):
            assert command in inner


def test_every_variable_is_one() -> None:
    settings = {f"CAMI_{name.upper()}" for name in Settings.model_fields}
    of_compose = set(re.findall(r"\$\{(CAMI_[A-Z_]+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    assert set(re.findall(r"\bCAMI_[A-Z_]+[A-Z]", TEXT)) <= settings | of_compose | {"CAMI_CRDS"}


def test_every_secret_is_explained() -> None:
    made = made_secrets(overlay("production"))
    pods = workloads("production").values()
    asked = {value["name"] for pod in pods for key, value in walk(pod) if key == "secretKeyRef"}
    asked |= {value["name"] for pod in pods for key, value in walk(pod) if key == "secret"} | {
        "cami-tls",
        "cami-backups",
    }
    for name in asked:
        assert name in made
        general = re.sub(r"-(accounts|projects|donors|matching|reports|maintenance)\b", "-SERVICE", name)
        assert f"`{name}`" in TEXT or f"`{general}`" in TEXT


def test_every_file_that_is_named_is_there() -> None:
    folders = (DEPLOY, DEPLOY / "kubernetes", ROOT)
    for name in re.findall(r"`((?:[\w.-]+/)+[\w.-]+|\w+\.yaml)`", TEXT):
        if name not in {"var/backups", "deploy/.env"}:
            assert any((folder / name).exists() for folder in folders), name
    for path in re.findall(r"(?<!/)\b(deploy/[\w./-]+\w)", TEXT):
        if path != "deploy/.env" and not path.startswith("deploy/cami-"):
            assert (ROOT / path).exists(), path


def test_every_alarm_is_explained() -> None:
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8"))
    for group in alerts["groups"]:
        for rule in group["rules"]:
            assert rule["alert"] in TEXT


def test_what_compose_is_told_to_run_exists() -> None:
    for service in re.findall(r"compose\.yaml (?:exec|run --rm|build) ([a-z]+)", TEXT):
        assert service in compose()["services"]
