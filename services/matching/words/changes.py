"""Changes that would make a proposal fit, in the reader's language."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING
from typing import Final

from services.chassis import formats
from services.chassis.i18n import N_, current_language, gettext, ngettext
from services.matching.rules.amendments import Amendment, Cost
from services.matching.words.reasons import RULES
from services.matching.words.texts import filled

CHANGES: Final = {
    "amount_less": N_(
        "Ask for %(ask_money)s instead of %(asked_money)s. The difference, %(difference_money)s, has to be cut or "
        "found elsewhere."
    ),
    "amount_more": N_(
        "Ask for %(ask_money)s instead of %(asked_money)s. Plan work worth %(difference_money)s more, or ask others "
        "for less."
    ),
    "amount_same": N_("Ask for %(ask_money)s, in the donor’s currency, instead of %(asked_money)s."),
    "cofinancing_confirm": N_("Have the co-financing that is only indicative confirmed: %(sum_money)s."),
    "cofinancing_more": N_("Bring %(more_money)s more of your own or a partner’s, in cash and confirmed."),
    "cofinancing_more_confirm": N_(
        "Bring %(more_money)s more of your own or a partner’s, in cash and confirmed, and have the %(sum_money)s that "
        "is only indicative confirmed."
    ),
    "cofinancing_some": N_("Bring some co-financing in cash. The donor states no sum."),
    "cofinancing_some_confirm": N_(
        "Bring some co-financing in cash, and have the %(sum_money)s that is only indicative confirmed."
    ),
    "duration_shorter": N_("Plan for %(months)s months of work: shorter by %(difference)s."),
    "duration_longer": N_("Plan for %(months)s months of work: longer by %(difference)s."),
    "states_drop": N_("Leave out the work in: %(states)s."),
    "states_name": N_("Name a state that the donor pays for. It pays for: %(states)s."),
    "lead_agreed": N_("Let your partner %(partners)s lead. This is agreed already."),
    "lead_partner": N_("Let your partner %(partners)s lead. This still has to be agreed."),
    "lead": N_("Let a partner lead that is one of these: %(kinds)s."),
    "agency": N_("Find an accredited body that agrees to submit."),
    "endorsement": N_("Obtain the endorsement of the focal point or authority."),
}
_IF: Final = {
    "amount_less": N_("if you ask for %(ask_money)s instead of %(asked_money)s"),
    "amount_more": N_("if you ask for %(ask_money)s instead of %(asked_money)s"),
    "amount_same": N_("if you ask for %(ask_money)s, in the donor’s currency"),
    "cofinancing_confirm": N_("if the indicative co-financing is confirmed: %(sum_money)s"),
    "cofinancing_more": N_("if you bring %(more_money)s more in cash, confirmed"),
    "cofinancing_more_confirm": N_(
        "if you bring %(more_money)s more in cash, confirmed, and the indicative %(sum_money)s is confirmed"
    ),
    "cofinancing_some": N_("if you bring some co-financing in cash"),
    "cofinancing_some_confirm": N_(
        "if you bring some co-financing in cash, and the indicative %(sum_money)s is confirmed"
    ),
    "duration_shorter": N_("if you plan for %(months)s months of work"),
    "duration_longer": N_("if you plan for %(months)s months of work"),
    "states_drop": N_("if you leave out the work in: %(states)s"),
    "states_name": N_("if you name a state that the donor pays for: %(states)s"),
    "lead_agreed": N_("if your partner %(partners)s leads"),
    "lead_partner": N_("if your partner %(partners)s leads"),
    "lead": N_("if a partner of this kind leads: %(kinds)s"),
    "agency": N_("if an accredited body agrees to submit"),
    "endorsement": N_("if you obtain the endorsement"),
}


def amendment_text(amendment: Amendment) -> str:
    """What to do, and what it costs, as a sentence."""
    return gettext(CHANGES[amendment.code], **_filled(amendment))


def opening_text(amendment: Amendment, windows: int) -> str:
    """`3 more windows open if a partner of this kind leads: Government body`, without a full stop."""
    more = ngettext("%(num)s more window opens", "%(num)s more windows open", windows)
    return f"{more} {gettext(_IF[amendment.code], **_filled(amendment))}"


def cost_text(amendment: Amendment) -> str:
    """What a change costs, in its own unit: `USD 6,000 less asked for`, `3 months shorter`, `1 state left out`."""
    cost, parts = amendment.cost, []
    if amendment.code in _SUMS:
        parts.append(gettext(_SUMS[amendment.code], money=_dollars(cost)))
    elif amendment.code == "amount_same":
        parts.append(gettext(_NO_SUM))
    elif amendment.code.startswith("cofinancing_some"):
        parts.append(gettext(_ANY_SUM))
    if cost.leads:
        parts.append(gettext(_LEAD))
    if cost.found:
        parts.append(gettext(_FOUND))
    if cost.states:
        named = amendment.code == "states_name"
        parts.append(
            ngettext("%(num)s state more", "%(num)s states more", cost.states) if named
            else ngettext("%(num)s state left out", "%(num)s states left out", cost.states)
        )  # fmt: skip
    if cost.months:
        shorter = amendment.code == "duration_shorter"
        parts.append(
            ngettext("%(num)s month shorter", "%(num)s months shorter", cost.months) if shorter
            else ngettext("%(num)s month longer", "%(num)s months longer", cost.months)
        )  # fmt: skip
    if cost.letters:
        parts.append(ngettext("%(num)s letter to obtain", "%(num)s letters to obtain", cost.letters))
    return ", ".join(parts)


_SUMS: Final = {
    "amount_less": N_("%(money)s less asked for"),
    "amount_more": N_("%(money)s more to plan"),
    "cofinancing_more": N_("%(money)s to raise"),
    "cofinancing_more_confirm": N_("%(money)s to raise"),
}
_NO_SUM: Final = N_("the same sum in another currency")
_ANY_SUM: Final = N_("a sum to raise that the donor does not state")
_LEAD: Final = N_("another organisation leads")
_FOUND: Final = N_("a partner to find")


def _dollars(cost: Cost) -> str:
    """Whole dollars, rounded up: converted at planning rates, cents would say more than is known."""
    return formats.amount(cost.usd.to_integral_value(ROUND_CEILING), "USD", current_language())


def _filled(amendment: Amendment) -> dict[str, str]:
    """Parameters in words; partners go by their own names, any one of whom will do."""
    names = amendment.params.get("partners")
    words = filled({name: value for name, value in amendment.params.items() if name != "partners"})
    return words | {"partners": _either(names)} if isinstance(names, list) else words


def _either(names: Sequence[str]) -> str:
    """`A`, `A or B`, `A, B or C`."""
    if len(names) < 2:
        return "".join(names)
    return gettext(N_("%(several)s or %(last)s"), several=", ".join(names[:-1]), last=names[-1])


def rule_names(rules: Iterable[str]) -> str:
    """The names of rules, in the midst of a sentence: `species, status`."""
    names = [gettext(RULES[rule]) for rule in rules]
    return ", ".join(name[:1].lower() + name[1:] for name in names)
