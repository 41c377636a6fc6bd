"""What people and the program ask of the inventory."""

from dataclasses import dataclass
from uuid import UUID

from contracts.windows import WindowTerms


@dataclass(frozen=True)
class Author:
    """Who makes a change. `person_id` is None for the inventory that the program ships with."""

    name: str
    person_id: UUID | None = None


@dataclass(frozen=True)
class LoadInventory:
    """Bring the windows that the program ships with into the inventory, where nobody has changed them by hand."""

    windows: tuple[WindowTerms, ...]


@dataclass(frozen=True)
class ReviseTerms:
    """Give a window other terms. `revision` is the one that the author had before their eyes."""

    window_id: str
    revision: int
    terms: WindowTerms
    reason: str
    author: Author


@dataclass(frozen=True)
class CloseWindow:
    """Take a window out of use, with the reason that people will read."""

    window_id: str
    revision: int
    reason: str
    author: Author


@dataclass(frozen=True)
class ReopenWindow:
    """Take a closed window into use again, as `status`."""

    window_id: str
    revision: int
    status: str
    reason: str
    author: Author
