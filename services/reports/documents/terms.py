"""A window's terms in brief, and what of them nobody knows yet, in the document's language."""

from collections.abc import Iterable
from typing import Final

from contracts import vocabulary
from contracts.values import Tri
from contracts.windows import WindowTerms
from services.chassis.i18n import N_, gettext, ngettext
from services.reports.documents.environment import amount, day, figure, label

_CONFIDENCE: Final = {
    "high": N_("high confidence"), "medium": N_("medium confidence"), "low": N_("low confidence"),
    "unknown": N_("confidence not stated"),
}  # fmt: skip


def in_brief(terms: WindowTerms) -> list[tuple[str, str]]:
    """(name, value) of the terms that a reader asks for first. A value that is not known says so."""
    return [
        (gettext("Grant"), _grant(terms)),
        (gettext("Duration"), _duration(terms)),
        (gettext("Who may apply"), _applicants(terms)),
        (gettext("Countries"), _countries(terms)),
        (gettext("Species"), _species(terms)),
        (gettext("Co-financing"), _cofinancing(terms)),
        (gettext("How to apply"), _route(terms)),
        (gettext("Next deadline"), _deadline(terms)),
        (gettext("Terms checked"), _checked(terms)),
    ]


def not_known(terms: WindowTerms) -> list[str]:
    """One sentence for each thing that nobody knows yet, the most important first."""
    found: list[str] = []

    def note(condition: bool, sentence: str) -> None:
        if condition:
            found.append(sentence)

    money, who, where, share = terms.amount, terms.applicants, terms.countries, terms.cofinancing
    note(not money.maximum_known, gettext("The largest grant: its present value is not verified.")
         if money.maximum is not None else gettext("The largest grant is not known."))  # fmt: skip
    note(not money.minimum_known, gettext("The smallest grant: its present value is not verified."))
    note(not who.known, gettext("Who may apply is not known."))
    note(bool(who.uncertain),
         gettext("Whether these may apply: %(who)s.", who=_listed(who.uncertain, "applicant_kinds")))  # fmt: skip
    unsure = [code for code in vocabulary.codes("states") if where.states.get(code, Tri.UNKNOWN) is Tri.UNKNOWN]
    everywhere = len(unsure) == len(vocabulary.codes("states"))
    note(everywhere, gettext("In which range states money may be spent is not known."))
    note(bool(unsure) and not everywhere,
         gettext("Whether money may be spent in: %(where)s.", where=_listed(unsure, "states")))  # fmt: skip
    note(terms.call.deadline is None and terms.call.cycle not in ("rolling", "by_invitation", "negotiated", "none"),
         gettext("When the next call closes is not known."))  # fmt: skip
    note(terms.call.deadline is not None and not terms.call.deadline_certain,
         gettext("The next deadline follows from the usual cycle and is not announced."))  # fmt: skip
    note(share.mode == "unknown", gettext("Whether co-financing is asked for is not known."))
    note(share.mode in ("required", "encouraged") and share.counts_in_kind is Tri.UNKNOWN,
         gettext("Whether co-financing in kind counts is not known."))  # fmt: skip
    note(terms.species.others is Tri.UNKNOWN, gettext("Whether species other than those named count is not known."))
    note(terms.intermediary.intermediary is Tri.UNKNOWN,
         gettext("Whether an accredited body must submit is not known."))  # fmt: skip
    note(terms.intermediary.endorsement is Tri.UNKNOWN, gettext("Whether somebody must endorse is not known."))
    return found


def _grant(terms: WindowTerms) -> str:
    rule = terms.amount
    low = None if rule.minimum is None else amount(rule.minimum, rule.currency)
    high = None if rule.maximum is None else amount(rule.maximum, rule.currency)
    if low and low == high:
        text = low
    elif low and high:
        text = gettext("%(low)s to %(high)s", low=low, high=high)
    elif high:
        text = gettext("up to %(high)s", high=high)
    elif low:
        text = gettext("from %(low)s", low=low)
    else:
        return gettext("No limit stated") if rule.maximum_known else gettext("Not known")
    return text if rule.maximum_known and rule.minimum_known else gettext("%(range)s (not verified)", range=text)


def _duration(terms: WindowTerms) -> str:
    low, high = terms.duration.minimum, terms.duration.maximum
    if low and low == high:
        return ngettext("%(num)s month", "%(num)s months", low)
    if low and high:
        return gettext("%(low)s to %(high)s months", low=low, high=high)
    if high:
        return ngettext("up to %(num)s month", "up to %(num)s months", high)
    if low:
        return ngettext("from %(num)s month", "from %(num)s months", low)
    return gettext("No length stated")


def _applicants(terms: WindowTerms) -> str:
    if not terms.applicants.known:
        return gettext("Not known")
    return _listed(terms.applicants.kinds, "applicant_kinds") or gettext("Not known")


def _countries(terms: WindowTerms) -> str:
    everyone = vocabulary.codes("states")
    yes = [code for code in everyone if terms.countries.states.get(code) is Tri.YES]
    no = [code for code in everyone if terms.countries.states.get(code) is Tri.NO]
    if len(yes) == len(everyone):
        return gettext("All range states")
    if not yes:
        return gettext("None of the range states") if len(no) == len(everyone) else gettext("Not known")
    if len(yes) > 6:
        return gettext("%(yes)s of %(all)s range states", yes=len(yes), all=len(everyone))
    return _listed(yes, "states")


def _species(terms: WindowTerms) -> str:
    rule = terms.species
    yes = [code for code, answer in rule.species.items() if answer is Tri.YES]
    if rule.preferred:
        return gettext("Prefers: %(species)s", species=_listed(rule.preferred, "species"))
    if yes and rule.others is not Tri.YES:
        return _listed(yes, "species")
    if rule.others is Tri.YES:
        return gettext("Any species")
    return gettext("Not known")


def _cofinancing(terms: WindowTerms) -> str:
    rule = terms.cofinancing
    text = label(rule.mode, "cofinancing_modes")
    if rule.ratio is not None and rule.mode in ("required", "portfolio_target"):
        text = gettext("%(mode)s: %(ratio)s to 1", mode=text, ratio=figure(rule.ratio))
    return text


def _route(terms: WindowTerms) -> str:
    rule = terms.intermediary
    parts = []
    if rule.intermediary is Tri.YES:
        parts.append(gettext("through an accredited body"))
    elif rule.intermediary is Tri.NO:
        parts.append(gettext("directly"))
    if rule.endorsement is Tri.YES:
        parts.append(gettext("with an endorsement"))
    return _sentence(", ".join(parts)) if parts else gettext("Not known")


def _deadline(terms: WindowTerms) -> str:
    call = terms.call
    if call.deadline is None:
        return label(call.cycle, "call_cycles")
    text = day(call.deadline)
    return text if call.deadline_certain else gettext("%(date)s (expected)", date=text)


def _checked(terms: WindowTerms) -> str:
    confidence = gettext(_CONFIDENCE[terms.confidence])
    return f"{day(terms.checked)}, {confidence}" if terms.checked else _sentence(confidence)


def _listed(codes: Iterable[str], name: str) -> str:
    return ", ".join(label(code, name) for code in codes)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
