"""Kept documents: files in the data folder, each named by the hash of its content, so that none is kept twice."""

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile


def path_of(data_dir: Path, digest: str) -> Path:
    """Where the file with this SHA-256 (hex) is kept."""
    return data_dir / "documents" / f"{digest}.pdf"


def exists(data_dir: Path, digest: str) -> bool:
    """Whether it is there."""
    return bool(digest) and path_of(data_dir, digest).is_file()


def keep(data_dir: Path, content: bytes) -> str:
    """Write `content` so that it survives a power cut, whole or not at all; answers its SHA-256 (hex)."""
    digest = sha256(content).hexdigest()
    target = path_of(data_dir, digest)
    if target.is_file():
        return digest
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(file.name)
            raise
    return digest
