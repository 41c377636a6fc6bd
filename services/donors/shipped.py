"""The inventory that the program ships with."""

from functools import partial
from importlib.resources import files
from typing import Final

from pydantic import TypeAdapter

from contracts.windows import WindowTerms
from services.chassis.i18n import N_, gettext
from services.chassis.service import Context, Progress, Service
from services.donors import handlers
from services.donors.commands import LoadInventory

_WINDOWS: Final = TypeAdapter(list[WindowTerms])
_STEP: Final = 10
LOADING: Final = N_("Loading funding windows")


def shipped_windows() -> list[WindowTerms]:
    """The windows as they are shipped. Raises ValueError when the file is damaged."""
    return _WINDOWS.validate_json((files(__package__) / "data" / "windows.json").read_bytes())


def load(service: Service, progress: Progress) -> None:
    """Bring the inventory up to date, some windows at a time; the second time there is nothing to do."""
    windows = shipped_windows()
    for start in range(0, len(windows), _STEP):
        step = tuple(windows[start : start + _STEP])
        service.run(partial(_load, step=step))
        progress(gettext(LOADING), start + len(step), len(windows))


def _load(context: Context, step: tuple[WindowTerms, ...]) -> None:
    handlers.load_inventory(context, LoadInventory(step))
