"""The twelve rules in their fixed order, and where the answer to each comes from."""

from collections.abc import Callable
from typing import Final

from contracts.values import Evidence, Tri
from contracts.windows import WindowTerms
from services.matching.rules import money, what, when, who
from services.matching.rules.answers import Answer, Setting
from services.matching.rules.facts import ProposalFacts
from services.matching.rules.findings import Finding, Params
from services.matching.rules.questions import behind

Rule = Callable[[ProposalFacts, WindowTerms, Setting], Answer]

RULES: Final[dict[str, Rule]] = {
    "status": lambda _, terms, setting: when.status(terms, setting),
    "call": lambda _, terms, setting: when.call(terms, setting),
    "applicant": lambda proposal, terms, _: who.applicant(proposal, terms),
    "states": lambda proposal, terms, _: what.states(proposal, terms),
    "species": lambda proposal, terms, _: what.species(proposal, terms),
    "themes": lambda proposal, terms, _: what.themes(proposal, terms),
    "amount_minimum": money.amount_minimum,
    "amount_maximum": money.amount_maximum,
    "duration": lambda proposal, terms, _: money.duration(proposal, terms),
    "cofinancing": lambda proposal, terms, _: money.cofinancing(proposal, terms),
    "intermediary": lambda proposal, terms, _: who.intermediary(proposal, terms),
    "endorsement": lambda proposal, terms, _: who.endorsement(proposal, terms),
}
"""Rule code -> rule, in the order in which people read them."""


def findings(proposal: ProposalFacts, terms: WindowTerms, setting: Setting) -> tuple[Finding, ...]:
    """The answer of every rule, with its evidence."""
    evidence = evidence_by_rule(terms)
    answers = {code: rule(proposal, terms, setting) for code, rule in RULES.items()}
    return tuple(
        Finding(code, *answer, evidence=told_evidence(terms, code, answer.params) or evidence[code])
        for code, answer in answers.items()
    )


def verdicts(proposal: ProposalFacts, terms: WindowTerms, setting: Setting) -> dict[str, Tri]:
    """Rule -> its bare verdict: `findings` without evidence, for those who judge many proposals that differ little."""
    return {code: rule(proposal, terms, setting).verdict for code, rule in RULES.items()}


def evidence_by_rule(terms: WindowTerms) -> dict[str, Evidence]:
    """Where the fact behind each rule comes from, but for what people have answered (`told_evidence`).

    A rule without a source of its own has that of the whole window.
    """
    window = Evidence(url=terms.url, checked=terms.checked, confidence=terms.confidence, check_again=terms.check_again)
    words = "; ".join(terms.theme_words)
    own = {
        "status": terms.status_evidence,
        "call": terms.call.evidence,
        "applicant": terms.applicants.evidence,
        "states": terms.countries.evidence,
        "species": terms.species.evidence,
        "themes": window.model_copy(update={"sentence": words}) if words else window,
        "amount_minimum": terms.amount.evidence,
        "amount_maximum": terms.amount.evidence,
        "duration": terms.duration.evidence,
        "cofinancing": terms.cofinancing.evidence,
        "intermediary": terms.intermediary.evidence,
        "endorsement": terms.intermediary.evidence,
    }
    return {rule: evidence if evidence.url or evidence.sentence else window for rule, evidence in own.items()}


def told_evidence(terms: WindowTerms, rule: str, params: Params) -> Evidence | None:
    """The evidence of the answer that a finding rests on; None where it rests on the inventory alone."""
    return next((told.evidence for told in behind(terms, rule, params)), None)
