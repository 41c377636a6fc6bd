"""The reverse proxy's settings as the containers get them, read by nginx itself."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, compose, deployments, settings_of

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def environments() -> dict[str, dict[str, str]]:
    """What the template is filled in with. Names of other containers are not known here: they become an address."""
    found = {"compose": dict(compose()["services"]["proxy"]["environment"])}
    found["kubernetes"] = settings_of(deployments("small")["cami-proxy"], "small")
    for environment in found.values():
        for name, value in environment.items():
            if name.endswith("_SERVERS"):
                # `resolve` needs nginx 1.27.3 or newer, which the pinned image is, and a machine's own may not be.
                value = re.sub(r"zone \w+ 64k; resolver [^;]+;| resolve\b", "", value)
                environment[name] = re.sub(r"server [\w-]+:8080", "server 127.0.0.1:8080", value)
    return found


@pytest.mark.skipif(NGINX is None, reason="there is no nginx (apt-get install nginx-light)")
@pytest.mark.parametrize("form", ["compose", "kubernetes"])
def test_nginx_takes_what_a_container_makes_of_it(form: str, tmp_path: Path) -> None:
    environment = environments()[form] | {"CAMI_PAGES": str(DEPLOY / "nginx" / "pages")}
    template = (DEPLOY / "nginx" / "cami.conf.template").read_text("utf-8")
    filled = re.sub(r"\$\{(CAMI_[A-Z_]+)\}", lambda match: environment[match[1]], template)
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "cami.conf").write_text(filled, "utf-8")
    frame = (DEPLOY / "nginx" / "container.conf").read_text("utf-8")
    frame = frame.replace("/etc/nginx/conf.d/", f"{tmp_path}/conf.d/").replace(" /tmp/", f" {tmp_path}/")
    (tmp_path / "nginx.conf").write_text(frame, "utf-8")
    assert frame.count(str(tmp_path)) == 7, "nothing is written but below one folder"
    done = subprocess.run(
        [str(NGINX), "-t", "-q", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_names_are_asked_for_again_where_addresses_change() -> None:
    for name, value in compose()["services"]["proxy"]["environment"].items():
        if name.endswith("_SERVERS"):
            assert re.match(r"zone \w+ 64k; resolver 127\.0\.0\.11 ", value), name
            servers = re.findall(r"server ([^;]+);", value)
            assert servers
            assert all(" resolve " in f" {server} " for server in servers)
    version = compose()["services"]["proxy"]["image"].rpartition(":")[2]
    assert tuple(int(part) for part in version.split(".")) >= (1, 27, 3)
