"""The archive: a ZIP file of JSON lines, with a manifest that says what must be in it.

manifest.json            version of the format, what was saved, how much of it, and checksums; written last
secret.key               the key that signs sessions
<service>/<table>.jsonl  a table: each line is a row, a JSON list in the order of the columns in the manifest
log/<topic>.jsonl        a topic: each line is a message, [key, headers, body in base64, time of publication]

Nothing is held in memory but a line. An archive holds the key and everybody's data: it is its owner's alone (mode 600).
"""

import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from services.chassis.errors import CamiError

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
KEY: Final = "secret.key"

Write = Callable[[Any], None]
"""Adds a line: anything that JSON can hold."""


class Damaged(CamiError):
    """The archive is not whole, or not what its manifest says."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} is damaged or no backup of ours: {what}")


class Writer:
    """A new archive at `path`, there when the block has ended well and not before. Raises CamiError if it exists."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise CamiError(f"{path} exists already; name a new file")
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._members: dict[str, dict[str, Any]] = {}
        self.manifest: dict[str, Any] = {}
        """To be filled in; the checksums are added at the end."""

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._part.unlink(missing_ok=True)
            file = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CamiError(f"{self._part} cannot be written ({error.strerror})") from error
        self._file = os.fdopen(file, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.manifest |= {"format": FORMAT, "members": self._members}
                self._zip.writestr(MANIFEST, json.dumps(self.manifest, ensure_ascii=False, indent=1))
                self._zip.close()
                self._file.flush()
                os.fsync(self._file.fileno())
                os.replace(self._part, self._path)
        finally:
            with suppress(OSError, ValueError):
                self._zip.close()
            self._file.close()
            self._part.unlink(missing_ok=True)

    @contextmanager
    def lines(self, name: str) -> Iterator[Write]:
        """A member of JSON lines."""
        digest, count = sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as member:

            def write(value: Any) -> None:
                nonlocal count
                line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                digest.update(line)
                member.write(line)
                count += 1

            yield write
        self._members[name] = {"lines": count, "sha256": digest.hexdigest()}


class Reader:
    """An archive that is there. Raises CamiError for a file that is none, or of a newer format."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise CamiError(f"there is no file {path}") from error
        except (OSError, zipfile.BadZipFile) as error:
            raise Damaged(path, str(error)) from error
        try:
            self.manifest: Mapping[str, Any] = json.loads(self._zip.read(MANIFEST))
            found = int(self.manifest["format"])
        except (KeyError, ValueError, TypeError, zipfile.BadZipFile, zlib.error) as error:
            self._zip.close()
            raise Damaged(path, "it has no manifest that can be read") from error
        if found > FORMAT:
            self._zip.close()
            raise CamiError(f"{path} was written by a newer version of the program ({self.manifest.get('program')})")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def verify(self, progress: Callable[[int, int], None]) -> None:
        """Read all of it once and hold it against the manifest. Raises Damaged."""
        members = self.manifest["members"]
        for number, (name, promised) in enumerate(members.items(), 1):
            digest, count = sha256(), 0
            for line in self._raw(name):
                digest.update(line)
                count += 1
            if (count, digest.hexdigest()) != (promised["lines"], promised["sha256"]):
                raise Damaged(self._path, f"{name} is not what the manifest says")
            progress(number, len(members))

    def lines(self, name: str) -> Iterator[Any]:
        """The lines of a member."""
        for line in self._raw(name):
            yield json.loads(line)

    def count(self, name: str) -> int:
        """How many lines a member has."""
        return int(self.manifest["members"][name]["lines"])

    def _raw(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as member:
                yield from member
        except (KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise Damaged(self._path, f"{name}: {error}") from error
