"""The front door: nginx's configuration, filled in from the templates in deploy/nginx."""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy.cluster.folder import Folder
from services.chassis.errors import CamiError
from services.chassis.settings import MEBIBYTE, Settings

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "nginx"
FRONT: Final = ("accounts", "projects", "donors")
"""Who serves the pages that belong to no service: the first, and the others when it is away."""
_HOLE: Final = re.compile(r"\$\{(CAMI_[A-Z_]+)\}")


def program() -> str:
    """Where nginx is; Debian keeps it where only root's PATH leads. Raises CamiError when there is none."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    if found := shutil.which("nginx", path=path):
        return found
    raise CamiError("nginx is missing (apt-get install nginx-light); `sh deploy/system.sh cluster` names all it takes")


def write(folder: Folder, settings: Settings, port: int, servers: Mapping[str, Sequence[int]]) -> Path:
    """Write the configuration of a front door on `port`; answers the file. `servers` are the ports of each service."""
    pages = folder.nginx / "pages"
    shutil.copytree(TEMPLATES / "pages", pages, dirs_exist_ok=True)  # nginx's user may not be let into the checkout
    folder.nginx.chmod(0o755)
    temp = folder.nginx / "temp"
    temp.mkdir(exist_ok=True)
    temp.chmod(0o711)
    values = {
        "CAMI_FOLDER": str(folder.nginx), "CAMI_WORKERS": "2", "CAMI_PAGES": str(pages),
        "CAMI_LISTEN": f"[{settings.host}]:{port}" if ":" in settings.host else f"{settings.host}:{port}",
    }  # fmt: skip
    upstreams = {name: [_server(one) for one in ports] for name, ports in servers.items()}
    values |= filling(settings.max_body_bytes, upstreams)
    (folder.nginx / "cami.conf").write_text(fill((TEMPLATES / "cami.conf.template").read_text(), values))
    configuration = folder.nginx / "nginx.conf"
    configuration.write_text(fill((TEMPLATES / "nginx.conf.template").read_text(), values))
    return configuration


def filling(max_body_bytes: int, upstreams: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What belongs into the holes about limits and servers. `upstreams` are `server` lines of each service."""
    values = {f"CAMI_{name.upper()}_SERVERS": " ".join(lines) for name, lines in upstreams.items()}
    first, *others = FRONT
    spare = [line.replace(";", " backup;") for name in others for line in upstreams[name]]
    values["CAMI_FRONT_SERVERS"] = " ".join([*upstreams[first], *spare])
    values["CAMI_MAX_BODY_BYTES"] = str(max_body_bytes)
    values["CAMI_MAX_BODY_MB"] = str(max_body_bytes // MEBIBYTE)
    return values


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with every ${CAMI_...} filled in. Raises KeyError for one that has no value."""
    return _HOLE.sub(lambda hole: values[hole[1]], template)


def _server(port: int) -> str:
    return f"server 127.0.0.1:{port} max_fails=3 fail_timeout=5s;"
