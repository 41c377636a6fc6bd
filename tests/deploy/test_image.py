"""The image holds what the program needs, and nothing that it must not hold."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from services.chassis.settings import Settings
from tests.deploy.files import (
    DEPLOY,
    OVERLAYS,
    ROOT,
    SERVICES,
    compose,
    container_of,
    deployments,
    of_kind,
    overlay,
    tracked,
    workloads,
)

DOCKERFILE = (DEPLOY / "docker" / "Dockerfile").read_text("utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
VERSION: str = PROJECT["project"]["version"]


def test_a_wheel_holds_all_that_is_read_at_run_time(tmp_path: Path) -> None:
    """Templates, catalogues and shipped data are no Python: nobody would notice in a checkout that they are missing."""
    files = {path.relative_to(ROOT).as_posix() for path in tracked("services", "contracts")}
    source = tmp_path / "source"
    for name in (*files, "pyproject.toml", "README.md"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--no-build-isolation", "--wheel-dir", str(tmp_path), str(source)], check=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert files <= held
    assert {name for name in held - files if ".dist-info/" not in name} == set()


def test_the_image_has_the_libraries_that_a_machine_is_asked_for() -> None:
    script = (DEPLOY / "system.sh").read_text("utf-8")
    run_part = script[script.index('if [ "$(uname -s)"') :].partition('if [ "$purpose" = test ]')[0]
    wanted = set(re.findall(r"^ +(?:library|font|program) (?:\"[^\"]+\"|\S+) (\S+)", run_part, re.MULTILINE))
    assert {"libpango-1.0-0", "fonts-noto-core"} <= wanted
    assert wanted <= set(DOCKERFILE.split()), "deploy/docker/Dockerfile lacks what deploy/system.sh installs"


def test_what_is_copied_is_let_through() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {word for line in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()}
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
    assert (ROOT / ".dockerignore").read_text("utf-8").splitlines()[1] == "*", "all else stays outside"


def test_every_setting_of_the_image_is_one() -> None:
    named = {name.lower() for name in re.findall(r"\bCAMI_([A-Z_]+)=", DOCKERFILE)}
    assert named
    assert named <= set(Settings.model_fields)


def test_the_image_runs_as_nobody_in_particular() -> None:
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM") :]
    (uid,) = re.findall(r"^USER (\d+):\d+$", last, re.MULTILINE)
    assert int(uid) >= 10000
    assert re.search(r"^HEALTHCHECK ", last, re.MULTILINE)
    assert "/healthz" in last
    for name in OVERLAYS:
        for service in SERVICES:
            context = deployments(name)[f"cami-{service}"]["spec"]["template"]["spec"]["securityContext"]
            assert context["runAsUser"] == int(uid)
    for service in (*SERVICES, "keys"):
        assert compose()["services"][service]["user"].startswith(f"{uid}:")


def test_every_file_names_the_same_version() -> None:
    images = {service["image"] for service in compose()["services"].values()}
    for name in OVERLAYS:
        images |= {container_of(deployment)["image"] for deployment in workloads(name).values()}
    versions: dict[str, set[str]] = {}
    for image in images:
        repository, _, tag = image.partition(":")
        assert re.fullmatch(r"\d+\.\d+(\.\d+)?(-[a-z]+)?", tag), f"{image} is not pinned"
        versions.setdefault(repository, set()).add(tag)
    assert versions["cami-funding"] == {VERSION}
    assert f'version="{VERSION}"' in DOCKERFILE
    assert all(len(tags) == 1 for tags in versions.values()), versions
    jars = (DEPLOY / "kafka" / "pom.xml").read_text("utf-8")
    (broker,) = re.findall(r"<kafka.version>(.+?)</kafka.version>", jars)
    assert versions["apache/kafka"] == {broker}
    (major,) = {tag.partition(".")[0] for tag in versions["postgres"]}
    for name in OVERLAYS:
        kafka = of_kind(overlay(name), "Kafka")["cami-kafka"]["spec"]["kafka"]
        assert kafka["version"] == broker
        assert broker.startswith(kafka["metadataVersion"].partition("-")[0])
        assert str(of_kind(overlay(name), "Cluster")["cami-postgres"]["spec"]["imageCatalogRef"]["major"]) == major


@pytest.mark.parametrize("path", tracked("deploy", ".dockerignore"), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_password_is_written_down(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(
        r"(?i)\b(password|secret_key|passwd)\"?\s*[:=]\s*[\"']?[a-z0-9]{4,}[\"']?\s*$", text, re.MULTILINE
    )
    assert "PRIVATE KEY" not in text
