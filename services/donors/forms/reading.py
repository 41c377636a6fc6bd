"""The edit form read back into terms. A section that was not sent stays as it was."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from starlette.datastructures import FormData

from contracts import vocabulary
from contracts.values import Evidence, LocalizedText, Text, Tri
from contracts.windows import (
    AmountRule,
    ApplicantRule,
    CallRule,
    CofinancingRule,
    CountryRule,
    DurationRule,
    IntermediaryRule,
    SpeciesRule,
    WindowTerms,
)
from services.chassis.forms import Reader
from services.chassis.i18n import N_
from services.donors import rules
from services.donors.labels import CONFIDENCE, COUNTRY_BASES, RED_LIST, SPECIES_BASES
from services.donors.zones import ZONES

TRI: Final = tuple(value.value for value in Tri)
LONGEST_SUMMARY: Final = 300
LONGEST_SENTENCE: Final = 300
NOT_ADDRESS: Final = N_("%(label)s: please give a whole address that begins with https:// or http://.")
NO_ENGLISH: Final = N_("Summary in English: please keep it, since the others are translations of it.")
_PREFIXES: Final = {"applicant": "applicants", "country": "countries"}
_ADDRESS: Final = re.compile(r"https?://[^\s/]+\.[^\s]+")


@dataclass(frozen=True)
class Edit:
    """What somebody asks for on the edit form."""

    revision: int
    terms: WindowTerms
    reason: str
    sections: tuple[str, ...]


def read_edit(form: FormData, base: WindowTerms, *, reason_required: bool = True) -> Edit:
    """The terms that the form asks for, upon those it was opened with. Raises Invalid with all that is wrong."""
    reader = Reader(form)
    revision = reader.whole("revision", label=N_("Revision"), required=True, minimum=1) or 0
    sections = sections_of(form)
    update: dict[str, Any] = {}
    for section in sections:
        update |= _SECTIONS[section](reader, base)
    reason = reader.text("reason", label=N_("Reason"), required=reason_required, max_length=500, multiline=True)
    reader.check()
    return Edit(revision, base.model_copy(update=update), reason, sections)


def read_reason(form: FormData) -> tuple[int, str]:
    """(revision, reason) of a form that closes a window. Raises Invalid."""
    reader = Reader(form)
    revision = reader.whole("revision", label=N_("Revision"), required=True, minimum=1) or 0
    reason = reader.text("reason", label=N_("Reason"), required=True, max_length=500, multiline=True)
    reader.check()
    return revision, reason


def read_reopening(form: FormData) -> tuple[int, str, str]:
    """(revision, status, reason) of a form that opens a window again. Raises Invalid."""
    reader = Reader(form)
    revision = reader.whole("revision", label=N_("Revision"), required=True, minimum=1) or 0
    allowed = [code for code in vocabulary.codes("window_statuses") if code != rules.CLOSED]
    status = reader.choice("status", allowed, label=N_("Status"), required=True)
    reason = reader.text("reason", label=N_("Reason"), required=True, max_length=500, multiline=True)
    reader.check()
    return revision, status, reason


def sections_of(form: FormData) -> tuple[str, ...]:
    """Rules whose fields were sent: a form may carry some sections only."""
    prefixes = {name.split("_", 1)[0] for name in form}
    sent = {_PREFIXES.get(prefix, prefix) for prefix in prefixes}
    return tuple(rule for rule in rules.PARTS if rule in sent)


def _status(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    status = reader.choice("status", vocabulary.codes("window_statuses"), label=N_("Status"), required=True)
    return {"status": status, "status_evidence": _evidence(reader, "status", base)}


def _amount(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    currencies = {*vocabulary.planning_rates()[0], base.amount.currency}
    return {"amount": AmountRule(
        minimum=_digits(reader.money("amount_minimum", label=N_("Smallest amount"))),
        minimum_known=reader.flag("amount_minimum_known"),
        maximum=_digits(reader.money("amount_maximum", label=N_("Largest amount"))),
        maximum_known=reader.flag("amount_maximum_known"),
        currency=reader.choice("amount_currency", currencies, label=N_("Currency"), required=True)
        or base.amount.currency,
        evidence=_evidence(reader, "amount", base),
    )}  # fmt: skip


def _duration(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    return {"duration": DurationRule(
        minimum=reader.whole("duration_minimum", label=N_("Shortest duration"), minimum=1, maximum=600),
        maximum=reader.whole("duration_maximum", label=N_("Longest duration"), minimum=1, maximum=600),
        evidence=_evidence(reader, "duration", base),
    )}  # fmt: skip


def _applicants(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    answers = {kind: _tri(reader, f"applicant_{kind}") for kind in vocabulary.codes("applicant_kinds")}
    evidence = _evidence(reader, "applicants", base)
    if set(answers.values()) == {Tri.UNKNOWN}:
        uncertain = [] if base.applicants.known else base.applicants.uncertain
        kinds = [] if base.applicants.known else base.applicants.kinds
        rule = ApplicantRule(kinds=kinds, uncertain=uncertain, known=False, evidence=evidence)
    else:
        may = [kind for kind, answer in answers.items() if answer is Tri.YES]
        perhaps = [kind for kind, answer in answers.items() if answer is Tri.UNKNOWN]
        rule = ApplicantRule(
            kinds=_in_order_of(base.applicants.kinds, may), uncertain=_in_order_of(base.applicants.uncertain, perhaps),
            evidence=evidence,
        )  # fmt: skip
    return {"applicants": rule}


def _countries(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    bases = {*COUNTRY_BASES, base.countries.basis}
    states = {state: _tri(reader, f"country_{state}") for state in vocabulary.codes("states")}
    return {"countries": CountryRule(
        basis=reader.choice("countries_basis", bases, label=N_("Class of countries"), required=True)
        or base.countries.basis,
        states={**base.countries.states, **states}, evidence=_evidence(reader, "countries", base),
    )}  # fmt: skip


def _species(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    known, before = vocabulary.codes("species"), base.species
    others = _tri(reader, "species_others")
    answers = {code: _tri(reader, f"species_{code}") for code in known}
    # Only what differs from the answer for all others has to be said, beside what was said before.
    kept = {code: answers.get(code, answer) for code, answer in before.species.items()}
    kept |= {code: answer for code, answer in answers.items() if answer is not others}
    preferred = reader.choices("species_preferred", {*known, *before.preferred}, label=N_("Preferred species"))
    red_list = reader.choices("species_red_list", {*RED_LIST, *before.red_list}, label=N_("Red List categories"))
    bases = {*SPECIES_BASES, before.basis}
    basis = reader.choice("species_basis", bases, label=N_("Choice of species"), required=True)
    return {"species": SpeciesRule(
        basis=basis or before.basis, species=kept, others=others, preferred=_in_order_of(before.preferred, preferred),
        red_list=_in_order_of(before.red_list, red_list), evidence=_evidence(reader, "species", base),
    )}  # fmt: skip


def _themes(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    allowed = {*vocabulary.codes("themes"), *base.themes}
    words = reader.text("themes_words", label=N_("The donor’s own words"), max_length=1000, multiline=True)
    return {
        "themes": _in_order_of(base.themes, reader.choices("themes", allowed, label=N_("Themes"))),
        "theme_words": [line.strip() for line in words.split("\n") if line.strip()],
    }


def _cofinancing(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    mode = reader.choice("cofinancing_mode", vocabulary.codes("cofinancing_modes"), label=N_("Rule"), required=True)
    required = {"none": Tri.NO, "required": Tri.YES}.get(mode) or _tri(reader, "cofinancing_required")
    return {"cofinancing": CofinancingRule.model_validate({
        "mode": mode or base.cofinancing.mode, "ratio": _digits(reader.money("cofinancing_ratio", label=N_("Ratio"))),
        "required": required, "counts_in_kind": _tri(reader, "cofinancing_in_kind"),
        "evidence": _evidence(reader, "cofinancing", base),
    })}  # fmt: skip


def _intermediary(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    return {"intermediary": IntermediaryRule(
        intermediary=_tri(reader, "intermediary_needed"), endorsement=_tri(reader, "intermediary_endorsement"),
        who=reader.text("intermediary_who", label=N_("Who"), max_length=300),
        evidence=_evidence(reader, "intermediary", base),
    )}  # fmt: skip


def _call(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    return {"call": CallRule(
        cycle=reader.choice("call_cycle", vocabulary.codes("call_cycles"), label=N_("Cycle"), required=True)
        or base.call.cycle,
        opens=reader.date("call_opens", label=N_("Opens on")),
        deadline=reader.date("call_deadline", label=N_("Deadline")),
        deadline_certain=reader.flag("call_deadline_certain"),
        last_deadline=reader.date("call_last_deadline", label=N_("Last deadline")),
        zone=reader.choice("call_zone", {*ZONES, base.call.zone}, label=N_("The donor’s time zone"), required=True)
        or base.call.zone,
        note=reader.text("call_note", label=N_("Note"), max_length=500, multiline=True),
        evidence=_evidence(reader, "call", base),
    )}  # fmt: skip


def _about(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    kinds = vocabulary.codes("window_kinds")
    return {
        "name": reader.text("about_name", label=N_("Name of the window"), required=True, max_length=200),
        "kind": reader.choice("about_kind", kinds, label=N_("Kind of donor"), required=True) or base.kind,
        "url": _address(reader, "about_url", N_("The donor’s page")),
    }


def _summary(reader: Reader, base: WindowTerms) -> dict[str, Any]:
    labels = {"en": N_("Summary in English"), "ru": N_("Summary in Russian"), "fr": N_("Summary in French")}
    typed = {
        language: reader.text(f"summary_{language}", label=label, max_length=LONGEST_SUMMARY, multiline=True)
        for language, label in labels.items()
    }
    old = base.summary
    if not typed[old.source] and old.text(old.source):
        reader.fail(f"summary_{old.source}", NO_ENGLISH)
    source_changed = typed[old.source] != _version(old, old.source).text
    versions = {}
    for language, text in typed.items():
        before = _version(old, language)
        if text == before.text:
            stale = before.stale or (source_changed and language != old.source)
            versions[language] = before.model_copy(update={"stale": stale})
        else:
            versions[language] = Text(text=text, origin="written")
    kept = {language: version for language, version in versions.items() if version.text}
    return {"summary": LocalizedText.model_validate({"source": old.source, "versions": kept})}


def _notes(reader: Reader, _base: WindowTerms) -> dict[str, Any]:
    return {
        "confidence": reader.choice("notes_confidence", CONFIDENCE, label=N_("Confidence"), required=True) or "unknown",
        "unverified": reader.text("notes_unverified", label=N_("Not verified"), max_length=1000, multiline=True),
        "notes": reader.text("notes_text", label=N_("Notes"), max_length=2000, multiline=True),
    }


_SECTIONS: Final[Mapping[str, Callable[[Reader, WindowTerms], dict[str, Any]]]] = {
    "status": _status, "call": _call, "amount": _amount, "duration": _duration, "applicants": _applicants,
    "countries": _countries, "species": _species, "themes": _themes, "cofinancing": _cofinancing,
    "intermediary": _intermediary, "about": _about, "summary": _summary, "notes": _notes,
}  # fmt: skip


def _evidence(reader: Reader, rule: str, base: WindowTerms) -> Evidence:
    before = rules.evidence_of(base, rule)
    confidence = reader.choice(f"{rule}_confidence", CONFIDENCE, label=N_("Confidence"), required=True)
    return Evidence.model_validate({
        "sentence": reader.text(f"{rule}_sentence", label=N_("What the source says"), max_length=LONGEST_SENTENCE,
                                multiline=True),
        "url": _address(reader, f"{rule}_source", N_("Source")),
        "year": reader.whole(f"{rule}_year", label=N_("Year of the source"), minimum=1950, maximum=2100),
        "checked": reader.date(f"{rule}_checked", label=N_("Checked on")),
        "confidence": confidence or before.confidence, "check_again": before.check_again,
    })  # fmt: skip


def _address(reader: Reader, name: str, label: str) -> str:
    value = reader.text(name, label=label, max_length=500)
    if value and not _ADDRESS.fullmatch(value):
        reader.fail(name, NOT_ADDRESS, label=label)
    return value


def _digits(value: Decimal | None) -> Decimal | None:
    """The same number without a useless fraction."""
    return None if value is None else Decimal(f"{value.normalize():f}")


def _tri(reader: Reader, name: str) -> Tri:
    """One of three answers. What was not answered is unknown."""
    return Tri(reader.choice(name, TRI) or "unknown")


def _version(text: LocalizedText, language: str) -> Text:
    versions: Mapping[str, Text] = text.versions  # type: ignore[assignment]
    return versions.get(language) or Text(text="")


def _in_order_of(before: list[str], chosen: list[str]) -> list[str]:
    """`chosen`, in the order it had before; what is new comes last. An unchanged choice stays the same list."""
    return [code for code in before if code in chosen] + [code for code in chosen if code not in before]
