"""What the tools say that know these files: linters, the Compose specification, Kustomize, Kubernetes' schemas."""

import os
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.deploy.files import DEPLOY, KUBERNETES, OVERLAYS, ROOT, overlay, tracked

TOOLS = Path(sys.executable).parent
KUBERNETES_VERSIONS = ("1.32", "1.37")
"""The oldest that we mean to run on, and the newest whose schemas the validator brings."""


def run(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_is_a_good_one() -> None:
    run(TOOLS / "hadolint", "--failure-threshold", "style", DEPLOY / "docker" / "Dockerfile")


def test_compose_follows_its_specification() -> None:
    run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


@pytest.mark.parametrize("script", tracked("*.sh"), ids=lambda path: str(path.relative_to(ROOT)))
def test_shell_scripts_hold(script: Path) -> None:
    run(TOOLS / "shellcheck", "--severity", "info", script)


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("name", OVERLAYS)
def test_kubernetes_knows_every_field(name: str, version: str) -> None:
    checked = 0
    for resource in overlay(name):
        if "." in resource["apiVersion"].partition("/")[0] and ".k8s.io" not in resource["apiVersion"]:
            continue  # an operator's own: see test_operators
        kubernetes_validate.validate(resource, version, strict=True)
        checked += 1
    assert checked > 25


@pytest.mark.parametrize("name", OVERLAYS)
def test_names_are_taken_once(name: str) -> None:
    names = [(r["apiVersion"], r["kind"], r["metadata"]["name"]) for r in overlay(name)]
    assert len(names) == len(set(names))
    cluster_wide = {"Namespace"}
    assert {r["metadata"].get("namespace") for r in overlay(name) if r["kind"] not in cluster_wide} == {"cami"}


def test_every_resource_file_is_built_in() -> None:
    """A file that no kustomization names would be written, reviewed, and never applied."""
    named = set()
    for kustomization in KUBERNETES.rglob("kustomization.yaml"):
        content = yaml.safe_load(kustomization.read_text("utf-8"))
        inner = [*content.get("resources", []), *content.get("components", [])]
        inner += [patch["path"] for patch in content.get("patches", []) if "path" in patch]
        for entry in inner:
            found = (kustomization.parent / entry).resolve()
            named.add(found / "kustomization.yaml" if found.is_dir() else found)
    overlays = {KUBERNETES / "overlays" / name / "kustomization.yaml" for name in OVERLAYS}
    assert set(KUBERNETES.rglob("*.yaml")) - named == overlays


def test_scripts_that_others_start_may_be_started() -> None:
    assert os.access(DEPLOY / "compose" / "databases.sh", os.X_OK), "PostgreSQL's image would read it into itself"
