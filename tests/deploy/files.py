"""The deployment files as Python sees them."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
KUBERNETES: Final = DEPLOY / "kubernetes"
OVERLAYS: Final = ("small", "production")
SERVICES: Final = ("accounts", "projects", "donors", "matching", "reports")

Resource = dict[str, Any]


def tracked(*patterns: str) -> list[Path]:
    """The files of this repository that fit, without those that git ignores. Patterns are git's own."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted(ROOT / name for name in names if name and (ROOT / name).is_file())


@cache
def compose() -> dict[str, Any]:
    """compose.yaml, with its anchors laid in."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


def kustomize(folder: Path) -> str:
    """What Kustomize makes of a folder. Raises CalledProcessError, having printed what it said."""
    done = subprocess.run(
        ["sh", str(KUBERNETES / "kustomize.sh"), str(folder)],
        capture_output=True, text=True, env=os.environ | {"PYTHON": sys.executable}, check=False,
    )  # fmt: skip
    sys.stderr.write(done.stderr)
    done.check_returncode()
    return done.stdout


@cache
def overlay(name: str) -> tuple[Resource, ...]:
    """Every resource of an overlay, as Kustomize builds it."""
    return tuple(yaml.safe_load_all(kustomize(KUBERNETES / "overlays" / name)))


def of_kind(resources: tuple[Resource, ...], *kinds: str) -> dict[str, Resource]:
    """Name -> resource, of the kinds that are named."""
    return {r["metadata"]["name"]: r for r in resources if r["kind"] in kinds}


def deployments(name: str) -> dict[str, Resource]:
    """Name -> Deployment of an overlay."""
    return of_kind(overlay(name), "Deployment")


def workloads(name: str) -> dict[str, Resource]:
    """Name -> Deployment or CronJob of an overlay: all that becomes pods of ours."""
    return of_kind(overlay(name), "Deployment", "CronJob")


def pod_of(workload: Resource) -> dict[str, Any]:
    """The specification of a workload's pods."""
    spec = workload["spec"].get("jobTemplate", workload)["spec"]
    pod: dict[str, Any] = spec["template"]["spec"]
    return pod


def container_of(deployment: Resource) -> dict[str, Any]:
    """The only container of a workload's pods."""
    (container,) = pod_of(deployment)["containers"]
    found: dict[str, Any] = container
    return found


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key), inner
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def settings_of(deployment: Resource, name: str) -> dict[str, str]:
    """The environment of a service in an overlay; what comes from a Secret is `secret:NAME/KEY`."""
    container = container_of(deployment)
    maps = of_kind(overlay(name), "ConfigMap")
    found: dict[str, str] = {}
    for source in container.get("envFrom", []):
        found |= maps[source["configMapRef"]["name"]]["data"]
    for entry in container["env"]:
        reference = entry.get("valueFrom", {}).get("secretKeyRef")
        found[entry["name"]] = f"secret:{reference['name']}/{reference['key']}" if reference else entry["value"]
    return found
