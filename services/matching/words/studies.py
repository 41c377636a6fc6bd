"""Studies of a donor's money, in the reader's language."""

from typing import Final

from services.chassis import formats
from services.chassis.i18n import N_, current_language, gettext

_STATES: Final = {
    "queued": N_("It waits for its turn."),
    "running": N_("It is being worked out."),
}
_ERRORS: Final = {
    "interrupted": N_("It was begun three times and never came to its end. Please ask again."),
    "refused": N_("Today’s data make no plan: something in them contradicts itself. Please tell the administrator."),
    "wrong": N_("A plan was found that does not keep all rules; it is not shown. Please tell the administrator."),
}


def progress(state: str, done: int, steps: int) -> str:
    """How far a study is, as a sentence."""
    text = gettext(_STATES.get(state, _STATES["running"]))
    if state != "running" or not steps:
        return text
    return text + " " + gettext(
        "Plans made: %(done)s of %(steps)s.", done=formats.number(done, current_language()),
        steps=formats.number(steps, current_language()),
    )  # fmt: skip


def failure(error: str) -> str:
    """Why a study failed."""
    return gettext(_ERRORS.get(error, _ERRORS["interrupted"]))
