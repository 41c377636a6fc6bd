"""Plans and scenarios in words."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Final

from contracts.vocabulary import label
from services.chassis import formats
from services.chassis.i18n import N_, current_language, gettext
from services.matching.rules.portfolios import Live, Payer
from services.matching.rules.portfolios.coverage import Unfunded
from services.matching.rules.portfolios.seen import Margin, Seen
from services.matching.words.texts import rule_name

TODAY: Final = N_("As it is today")
TODAY_FOR: Final = N_("Today’s proposals and windows with nothing changed: what the others are compared with.")
"""Name and purpose of the scenario that the program makes itself; kept in English, shown in the reader's language."""
FAILURES: Final = {
    "unattainable": N_("No plan keeps all that the scenario asks for. Ask for less, or give the windows more."),
    "unattained": N_("No plan that keeps all that the scenario asks for was found in time. Allow more time."),
    "refused": N_("The data contradicts itself, so that no plan could be made of it."),
    "wrong": N_("The plan broke a rule when it was checked, so it was not kept. Please tell the administrators."),
    "interrupted": N_("The computation was broken off several times. Please try again, with a shorter time."),
}  # fmt: skip
FAILS_ON: Final = N_("It fails on: %(names)s.")
_IDS: Final = re.compile(r'"([0-9a-f-]{36})"')
ABSENT: Final = {
    "closed": N_("Closed in this scenario"),
    "no_maximum": N_("Its largest grant is not known, so no budget can be assumed. A scenario can give one."),
    "no_rate": N_("There is no planning rate for its currency."),
    "spent": N_("What it could give has been awarded."),
    "largest_below_smallest": N_("Its largest grant is below its smallest one."),
    "no_pair": N_("No proposal fits it."),
    "preparation": N_("It pays for preparing a project, not for the project itself."),
}
BASES: Final = {
    "eligible": N_("Every rule says yes"),
    "unsure": N_("Rests on answers"),
    "part": N_("A part of the amount"),
    "new": N_("A window that does not exist yet"),
}
REASONS: Final = {
    "not_wanted": N_("The scenario says not to fund it."),
    "no_window": N_("No window counts for it: each refuses it, or its largest grant is not known."),
    "unusual": N_(
        "The windows that could pay for it are assumed to make larger grants than it needs. A scenario can assume "
        "smaller ones."
    ),
    "outbid": N_("Windows could pay for it, but the same money does more elsewhere."),
}
_SHORT: Final = N_("The windows that could pay fall short of what it needs by %(missing)s.")
_SIZES: Final = N_("The windows that could pay do not make grants of a size that adds up to what it needs.")
SMALLEST: Final = {
    "stated": N_("stated"), "usual": N_("assumed"), "share": N_("assumed"), "amount": N_("assumed"),
}  # fmt: skip
WISHES: Final = {"": N_("As the plan decides"), "must": N_("Must be funded"), "must_not": N_("Must not be funded")}
PHASES: Final = {
    "queued": N_("Waiting for its turn"),
    "plan": N_("Looking for the best plan and its proof"),
    "margins": N_("The plan is there. Now it is made again without each proposal and each window."),
}
NO_PRIORITY: Final = N_("No priority stated")


def own(text: str) -> str:
    """What people wrote as they wrote it; what the program wrote, in the reader's language."""
    return gettext(text) if text in (TODAY, TODAY_FOR) else text


def failure(code: str) -> str:
    """Why a run came to nothing."""
    return gettext(FAILURES[code]) if code in FAILURES else code


def by_reference(detail: str, references: Mapping[str, str]) -> tuple[str, str]:
    """(what the solver said, with proposals by their references; which these are, in a sentence, "" for none).

    The solver knows proposals by ids, which nobody reads; it speaks English only, so that those whom a failure is about
    are also named apart from its sentence.
    """
    met = dict.fromkeys(known for known in _IDS.findall(detail) if known in references)
    for known in met:
        detail = detail.replace(f'"{known}"', references[known])
    names = ", ".join(sorted(references[known] for known in met))
    return detail, gettext(FAILS_ON, names=names) if names else ""


def absent(code: str) -> str:
    """Why a window is not in the plan."""
    return gettext(ABSENT[code]) if code in ABSENT else code


def basis(code: str) -> str:
    """Why a pair counts."""
    return gettext(BASES[code]) if code in BASES else code


def wish(code: str) -> str:
    """What a scenario wants of a proposal."""
    return gettext(WISHES[code])


def phase(code: str) -> str:
    """What a run is at."""
    return gettext(PHASES[code]) if code in PHASES else code


def why_not(one: Unfunded) -> str:
    """Why a proposal is not funded."""
    if one.reason == "too_little":
        return gettext(_SHORT, missing=usd(one.missing)) if one.missing else gettext(_SIZES)
    return gettext(REASONS[one.reason])


def priority(code: str) -> str:
    """A priority, or that there is none."""
    return label("priorities", code, current_language()) if code else gettext(NO_PRIORITY)


def usd(dollars: int | Decimal) -> str:
    """An amount of US dollars."""
    return formats.amount(Decimal(dollars), "USD", current_language())


def day(text: str) -> str:
    """A day from ISO 8601."""
    return formats.day(date.fromisoformat(text), current_language())


def points(value: float) -> str:
    """A value of plans, with two decimals at most."""
    return formats.number(Decimal(str(round(value, 2))).normalize() + 0, current_language())


def at_most(share: float) -> str:
    """A share as a percentage with one decimal, rounded up: a proof must not promise more than it proves."""
    return formats.percent(Decimal(str(share)).quantize(Decimal("0.001"), ROUND_CEILING), current_language(), 1)


def interval(one: Margin) -> str:
    """`26`, or `24–26` when it is not proven."""
    if one.exact:
        return points(one.high)
    return f"{points(one.low)}–{points(one.high)}"


def for_each(one: Margin, dollars: int) -> str:
    """What it is for so many of its dollars, as an interval where it is one; a dash where it is about no dollars."""
    if not one.dollars:
        return "–"
    low, high = (points(end * dollars / one.dollars) for end in (one.low, one.high))
    return high if low == high else f"{low}–{high}"


def rules(codes: tuple[str, ...]) -> str:
    """Names of rules in a row."""
    return ", ".join(rule_name(code) for code in codes)


def assumed(payer: Payer) -> str:
    """Where a window's budget comes from."""
    maximum = payer.maximum
    stated = formats.amount(maximum.amount, maximum.currency, current_language()) if maximum is not None else ""
    if payer.assumed == "new":
        text = gettext(N_("Made up by the scenario"))
    elif payer.assumed == "scenario":
        text = gettext(N_("Set by the scenario"))
    elif payer.assumed == "one_grant":
        text = gettext(N_("One grant at its maximum, %(stated)s"), stated=stated)
    else:
        text = gettext(N_("One grant at %(stated)s; that this is still its maximum is not verified"), stated=stated)
    if payer.awarded:
        text += "; " + gettext(N_("%(awarded)s has been awarded and is taken off"), awarded=usd(payer.awarded))
    return text


def smallest(payer: Payer) -> str:
    """Where a window's smallest grant comes from; empty for plans from before that was kept."""
    return gettext(SMALLEST[payer.smallest]) if payer.smallest in SMALLEST else ""


def out_of_reach(live: Live) -> list[str]:
    """States and species that the scenario wants and no proposal can reach."""
    language = current_language()
    texts = {"states": N_("No proposal that could be funded works in: %(names)s."),
             "species": N_("No proposal that could be funded is for: %(names)s.")}  # fmt: skip
    return [
        gettext(texts[name], names=", ".join(label(name, code, language) for code in codes))
        for name, codes in live.out_of_reach.items()
        if codes
    ]


def codes_of(live: Live, name: str) -> list[str]:
    """The `states` or `species` that the proposals name, as the reader's language orders them."""
    language = current_language()
    codes = {code for one in live.proposals for code in getattr(one, name)}
    return sorted(codes, key=lambda code: label(name, code, language))


def costs_of(plan: Seen) -> dict[int, Margin]:
    """What it would cost to fund each proposal that is left out, where that is known."""
    return {one.position: one for one in plan.margins["forced"] if one.state == "ok"}


def cofinancing(plan: Seen) -> str:
    """Which co-financing the plan counts, and which it does not; empty where its proposals bring none."""
    funded = [plan.live.proposals[p] for p in sorted(plan.funded)]
    confirmed, hoped = (sum((getattr(one, name) for one in funded), Decimal(0)) for name in ("confirmed", "indicative"))
    found = []
    if confirmed:
        bringing = sum(1 for one in funded if one.confirmed)
        text = N_("It counts %(dollars)s of confirmed co-financing; proposals that bring some: %(count)s.")
        found.append(gettext(text, dollars=usd(confirmed), count=bringing))
    if hoped:
        found.append(gettext(N_("%(dollars)s that is only indicative is not counted."), dollars=usd(hoped)))
    return " ".join(found)
