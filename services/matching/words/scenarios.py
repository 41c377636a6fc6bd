"""What a scenario would have otherwise than today, in words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from contracts.vocabulary import label
from services.chassis import formats
from services.chassis.i18n import N_, current_language, gettext
from services.matching.rules.portfolios import (
    LEAST_BY,
    LEAST_GRANT,
    MOST_WINDOWS_EACH,
    USUAL_SHARE,
    Changes,
    LeastBy,
    NewWindow,
)
from services.matching.words.portfolios import usd

NOT_SUBMITTED: Final = N_("a proposal that is not submitted any more")
LEAST_CHOICES: Final[dict[LeastBy, str]] = {
    "usual": N_("As grants usually are"),
    "share": N_("Another share of the largest grant"),
    "amount": N_("An amount, the same for all"),
}
_USUAL_HINT: Final = N_(
    "%(share)s of the window’s largest grant, as the fit reckons a usual grant, but not below %(least)s. A proposal "
    "that needs less than that gets nothing from the window."
)
_SHARE_HINT: Final = N_("The same with a share of your own.")
_AMOUNT_HINT: Final = N_(
    "Even a window of millions may then give as little. Scenarios from before this choice keep %(least)s."
)


def least_options() -> list[tuple[LeastBy, str]]:
    """Ways to reckon the smallest grant where a donor states none, for a form."""
    return [(code, gettext(LEAST_CHOICES[code])) for code in LEAST_BY]


def least_hints() -> dict[LeastBy, str]:
    """What each of them means."""
    return {
        "usual": gettext(_USUAL_HINT, share=percent(USUAL_SHARE), least=usd(LEAST_GRANT)),
        "share": gettext(_SHARE_HINT), "amount": gettext(_AMOUNT_HINT, least=usd(LEAST_GRANT)),
    }  # fmt: skip


def least(changes: Changes) -> str:
    """The smallest grant where a donor states none, in a few words."""
    if changes.least_percent is None:
        return usd(changes.least_grant)
    return gettext(N_("%(share)s of the largest grant"), share=percent(changes.least_percent))


def least_assumed(changes: Changes) -> str:
    """What a plan assumes of windows that state no smallest grant, as a sentence; empty where it assumes nothing."""
    if changes.least_percent is not None:
        text = N_(
            "Where a donor states no smallest grant, none below %(share)s of the window’s largest grant is made, and "
            "none below %(least)s. The last of a window’s money may be less."
        )
        return gettext(text, share=percent(changes.least_percent), least=usd(LEAST_GRANT))
    if not changes.least_grant:
        return ""
    text = N_("Where a donor states no smallest grant, none below %(least)s is made.")
    return gettext(text, least=usd(changes.least_grant))


def percent(whole: int) -> str:
    """Whole per cents as the reader's language writes them."""
    return formats.percent(Decimal(whole) / 100, current_language(), 0)


def new_window(window: NewWindow) -> str:
    """A made-up window in a sentence."""
    language = current_language()
    text = gettext(
        N_("New window “%(name)s”: %(budget)s in all, grants of %(smallest)s to %(largest)s.")
        if window.smallest else N_("New window “%(name)s”: %(budget)s in all, grants of up to %(largest)s."),
        name=window.name, budget=usd(window.budget), smallest=usd(window.smallest), largest=usd(window.largest),
    )  # fmt: skip
    if window.ratio:
        ratio = formats.number(window.ratio.normalize() + 0, language)
        text += " " + gettext(N_("Co-financing of %(ratio)s for each dollar."), ratio=ratio)
    takes = [
        ", ".join(label(vocabulary, code, language) for code in sorted(codes))
        for vocabulary, codes in (
            ("states", window.states), ("species", window.species), ("applicant_kinds", window.kinds),
        )
        if codes
    ]  # fmt: skip
    return (
        text
        + " "
        + (gettext(N_("For: %(takes)s."), takes="; ".join(takes)) if takes else gettext(N_("For any proposal.")))
    )


def changes_in_words(changes: Changes, windows: Mapping[str, str], proposals: Mapping[str, str]) -> list[str]:
    """How a scenario departs from today's data, a sentence each; nothing for today as it is.

    `windows` and `proposals` name those that are known, by id.
    """

    def names(ids: frozenset[str], known: Mapping[str, str]) -> str:
        return "; ".join(sorted(known.get(one, one) for one in ids))

    def proposals_of(ids: frozenset[UUID]) -> str:
        known = {proposals.get(str(one), gettext(NOT_SUBMITTED)) for one in ids}
        return "; ".join(sorted(known, key=lambda one: (one not in proposals.values(), one)))

    found = []
    if changes.closed:
        found.append(gettext(N_("Closed: %(names)s."), names=names(changes.closed, windows)))
    found += [new_window(window) for window in changes.new_windows]
    for key, dollars in sorted(changes.budgets.items()):
        found.append(
            gettext(N_("%(window)s could give %(amount)s in all."), window=windows.get(key, key), amount=usd(dollars))
        )
    for key, dollars in sorted(changes.largest.items()):
        found.append(
            gettext(
                N_("%(window)s: no grant larger than %(amount)s."), window=windows.get(key, key), amount=usd(dollars)
            )
        )
    if changes.must:
        found.append(gettext(N_("Must be funded: %(names)s."), names=proposals_of(changes.must)))
    if changes.must_not:
        found.append(gettext(N_("Must not be funded: %(names)s."), names=proposals_of(changes.must_not)))
    if not changes.unsure:
        found.append(gettext(N_("Only pairs of which every rule says yes.")))
    if not changes.parts:
        found.append(gettext(N_("No window gives a part of an amount that is too large for it.")))
    if changes.each_state:
        found.append(gettext(N_("At least one proposal in each range state.")))
    if changes.each_species:
        found.append(gettext(N_("At least one proposal for each species.")))
    if changes.max_windows != MOST_WINDOWS_EACH:
        found.append(gettext(N_("Windows for one proposal at most: %(count)s."), count=changes.max_windows))
    if changes.least_by != "usual":
        text = N_("Smallest grant where a donor states none: %(amount)s.")
        found.append(gettext(text, amount=least(changes)))
    return found
