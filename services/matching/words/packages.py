"""Steps and doubts of blended packages, in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.chassis.i18n import N_, gettext
from services.matching.rules.approach import Reason
from services.matching.rules.packages import Doubt
from services.matching.words.texts import filled

REASONS: Final = {
    "brings_letters": N_("Its letter is needed for: %(windows)s."),
    "needs_letters": N_(
        "It wants to see %(need_money)s of co-financing beyond what is in hand. Bring the letters of: %(windows)s."
    ),
    "needs_some_letters": N_("It wants to see some co-financing. Bring the letters of: %(windows)s."),
    "letters_missing": N_(
        "It wants to see letters that cannot be there before, since these wait in their turn: %(windows)s. Ask them "
        "for letters of intent."
    ),
    "own_letters": N_("Have the co-financing that is only indicative confirmed first: %(sum_money)s."),
    "needs_parent": N_("It is given only together with a larger grant of the same donor: %(windows)s."),
    "agency": N_("An accredited body has to submit. Talk to it first."),
    "endorsement": N_("A focal point or another authority has to endorse it."),
    "deadline": N_(
        "Deadline: %(deadline_date)s. Days that the application needs: about %(days)s. Begin by %(begin_date)s."
    ),
    "deadline_usual": N_(
        "The deadline is expected on %(deadline_date)s; it is not announced yet. Days that the application needs: "
        "about %(days)s. Begin by %(begin_date)s."
    ),
    "deadline_short": N_(
        "Deadline: %(deadline_date)s. Days that are left: %(left)s; days that the application needs: about %(days)s. "
        "The round after it is not known."
    ),
    "next_round": N_(
        "The deadline of %(deadline_date)s comes too soon. Reckon with the round a year later, about %(next_date)s; it "
        "is not announced yet."
    ),
    "round_unknown": N_(
        "When one may apply is not known. Days that the application needs once it is: about %(days)s."
    ),
    "any_time": N_("Applications are taken at any time. Days that this one needs: about %(days)s."),
    "largest": N_("It gives the largest share, which the others like to see settled."),
    "answers_first": N_("Answers to get before you write: %(count)s."),
}  # fmt: skip
DOUBTS: Final = {
    "same_purse": N_(
        "Would one donor give twice to the same project? Its grants do not count as co-financing for one another: "
        "%(windows)s."
    ),
    "least_share": N_(
        "The donor wishes its grant to be at least %(percent)s %% of the cost: %(windows)s. Is less all right?"
    ),
}  # fmt: skip


def _named(ids: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(window_id, window_id) for window_id in ids)


def step_reason(reason: Reason, names: Mapping[str, str]) -> str:
    """Why a window is approached when it is. `names`: window id -> its name."""
    code: str = reason.code
    if code == "needs_letters" and "need_money" not in reason.params:
        code = "needs_some_letters"
    told = {name: value for name, value in reason.params.items() if name != "who"}
    return gettext(REASONS[code], **filled(told), windows=_named(reason.windows, names))


def doubt_text(doubt: Doubt, names: Mapping[str, str]) -> str:
    """What a package rests on beside its windows' own questions."""
    percent = f"{(doubt.share or 0) * 100:.0f}"
    return gettext(DOUBTS[doubt.code], windows=_named(doubt.window_ids, names), percent=percent)


def names_joined(ids: Sequence[str], names: Mapping[str, str]) -> str:
    """`A + B + C`: windows that pay together."""
    return " + ".join(names.get(window_id, window_id) for window_id in ids)
