"""Terms as values of the edit form. Every field is named after its rule: `amount_maximum`, `country_KAZ`."""

from decimal import Decimal

from contracts import vocabulary
from contracts.values import Evidence, Tri
from contracts.windows import WindowTerms
from services.donors import rules

Value = str | list[str]


def form_values(terms: WindowTerms) -> dict[str, Value]:
    """What the edit form shows for `terms`."""
    amount, duration, call, money = terms.amount, terms.duration, terms.call, terms.cofinancing
    values: dict[str, Value] = {
        "revision": str(terms.revision),
        "status": terms.status,
        "amount_minimum": _amount(amount.minimum), "amount_minimum_known": _flag(amount.minimum_known),
        "amount_maximum": _amount(amount.maximum), "amount_maximum_known": _flag(amount.maximum_known),
        "amount_currency": amount.currency,
        "duration_minimum": _text(duration.minimum), "duration_maximum": _text(duration.maximum),
        "countries_basis": terms.countries.basis,
        "species_basis": terms.species.basis, "species_others": terms.species.others.value,
        "species_preferred": list(terms.species.preferred), "species_red_list": list(terms.species.red_list),
        "themes": list(terms.themes), "themes_words": "\n".join(terms.theme_words),
        "cofinancing_mode": money.mode, "cofinancing_ratio": _amount(money.ratio),
        "cofinancing_required": money.required.value, "cofinancing_in_kind": money.counts_in_kind.value,
        "intermediary_needed": terms.intermediary.intermediary.value,
        "intermediary_endorsement": terms.intermediary.endorsement.value, "intermediary_who": terms.intermediary.who,
        "call_cycle": call.cycle, "call_opens": _text(call.opens), "call_deadline": _text(call.deadline),
        "call_deadline_certain": _flag(call.deadline_certain), "call_last_deadline": _text(call.last_deadline),
        "call_zone": call.zone, "call_note": call.note,
        "about_name": terms.name, "about_kind": terms.kind, "about_url": terms.url,
        "notes_confidence": terms.confidence, "notes_unverified": terms.unverified, "notes_text": terms.notes,
    }  # fmt: skip
    for kind in vocabulary.codes("applicant_kinds"):
        values[f"applicant_{kind}"] = rules.may_apply(terms, kind).value
    for state in vocabulary.codes("states"):
        values[f"country_{state}"] = terms.countries.states.get(state, Tri.UNKNOWN).value
    for species in vocabulary.codes("species"):
        values[f"species_{species}"] = rules.answer_for(terms, species).value
    for language in vocabulary.LANGUAGES:
        version = terms.summary.versions.get(language)
        values[f"summary_{language}"] = version.text if version else ""
    for rule in rules.EVIDENCED:
        values |= _evidence(rule, rules.evidence_of(terms, rule))
    return values


def _evidence(rule: str, evidence: Evidence) -> dict[str, Value]:
    return {
        f"{rule}_sentence": evidence.sentence, f"{rule}_source": evidence.url, f"{rule}_year": _text(evidence.year),
        f"{rule}_checked": _text(evidence.checked), f"{rule}_confidence": evidence.confidence,
    }  # fmt: skip


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _flag(value: bool) -> str:
    return "1" if value else ""


def _amount(value: Decimal | None) -> str:
    """Digits without a useless fraction: 25000, 0.5."""
    return "" if value is None else f"{value.normalize():f}"
