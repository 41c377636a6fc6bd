"""Style sheets, scripts and pictures, held in memory and served under an address that changes with their content."""

import hashlib
import mimetypes
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

FOREVER: Final = "public, max-age=31536000, immutable"
BUNDLES: Final = {
    "cami.css": (
        "tokens.css", "css/base.css", "css/page.css", "css/forms.css", "css/lists.css", "css/tables.css",
        "css/judgement.css", "css/steps.css", "css/operations.css", "css/widths.css", "css/print.css",
    ),
    "cami.js": ("js/keys.js", "js/forms.js", "js/rows.js", "js/lists.js", "js/times.js"),
}  # fmt: skip
"""Files that are sent as one, so that a page on a slow line needs two requests, not fourteen. Sources stay short."""
_COMPRESSIBLE: Final = ("text/", "application/javascript", "application/json", "image/svg+xml")


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    content: bytes
    compressed: bytes | None
    media_type: str


class Assets:
    """The static files of the chassis or of one service. `version` is a hash of them all."""

    def __init__(self, folder: Path | None, address: str, bundles: dict[str, tuple[str, ...]] | None = None) -> None:
        self._address = address
        files = sorted(p for p in folder.rglob("*") if p.is_file()) if folder and folder.is_dir() else []
        contents = {p.relative_to(folder).as_posix(): p.read_bytes() for p in files} if folder else {}
        for name, parts in (bundles or {}).items():
            contents[name] = b"\n".join(contents[part] for part in parts)
        digest = hashlib.sha256()
        for name in sorted(contents):
            digest.update(name.encode() + b"\0" + hashlib.sha256(contents[name]).digest())
        self.version = digest.hexdigest()[:12]
        self._files = {name: _asset(name, content) for name, content in contents.items()}

    def url(self, name: str) -> str:
        """The address of file `name`. Raises KeyError when there is no such file."""
        if name not in self._files:
            raise KeyError(f"no static file {name!r} under {self._address}")
        return f"{self._address}/{self.version}/{name}"

    def answer(self, request: Request, path: str) -> Response | None:
        """The file at `path` (`<version>/<name>`, or just `<name>`); None when there is none."""
        version, _, name = path.partition("/")
        current = version == self.version
        asset = self._files.get(name) if current else self._files.get(path) or self._files.get(name)
        if asset is None:
            return None
        etag = f'"{self.version}"'
        headers = {
            "cache-control": FOREVER if current else "no-cache", "etag": etag, "vary": "accept-encoding",
        }  # fmt: skip
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        if asset.compressed and "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(asset.compressed, media_type=asset.media_type, headers=headers)
        return Response(asset.content, media_type=asset.media_type, headers=headers)


def _asset(name: str, content: bytes) -> Asset:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    compressed = None
    if media_type.startswith(_COMPRESSIBLE) and len(content) > 500:
        squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
        compressed = squeeze.compress(content) + squeeze.flush()
    return Asset(content, compressed, media_type)
