"""Why a window could pay for an action or could not, rule by rule: the words behind `actions.PreparedWindow`.

The bulk of pairs is judged by bare verdicts; this says the same of one pair with reasons, evidence and questions.
"""

from collections.abc import Mapping
from typing import Final

from contracts.values import Tri
from contracts.vocabulary import codes
from contracts.windows import WindowTerms
from services.matching.rules import when
from services.matching.rules.actions import ActionFacts
from services.matching.rules.answers import Answer, Setting, no, sorted_by_answer, unknown, yes
from services.matching.rules.eligibility import evidence_by_rule, told_evidence
from services.matching.rules.findings import Finding
from services.matching.rules.what import named_species, refused_themes

ACTION_RULES: Final = ("status", "states", "species", "themes")
"""The rules that are asked of an action, which has no applicant, amount or dates."""


def action_findings(action: ActionFacts, terms: WindowTerms, setting: Setting) -> tuple[Finding, ...]:
    """The answer of each of the four rules, with its evidence."""
    evidence = evidence_by_rule(terms)
    return tuple(
        Finding(rule, *answer, evidence=told_evidence(terms, rule, answer.params) or evidence[rule])
        for rule, answer in action_answers(action, terms, setting).items()
    )


def action_answers(action: ActionFacts, terms: WindowTerms, setting: Setting) -> Mapping[str, Answer]:
    """Rule -> its answer, without evidence, for those who ask about many actions."""
    return {
        "status": _status(terms, setting), "states": _states(action, terms),
        "species": _species(action, terms), "themes": _themes(action, terms),
    }  # fmt: skip


def _status(terms: WindowTerms, setting: Setting) -> Answer:
    """As for a proposal; but what is arranged is arranged for a proposal, and an action has none yet."""
    answer = when.status(terms, setting)
    return answer._replace(question="propose_to_donor") if answer.question == "ask_donor" else answer


def something_shared(action: ActionFacts, terms: WindowTerms) -> bool:
    """Whether at least one theme or one of the donor's preferred species is shared: else nothing speaks for a pair."""
    return bool(action.themes & set(terms.themes) or action.species & named_species(terms.species))


def _states(action: ActionFacts, terms: WindowTerms) -> Answer:
    """One payable state is enough. An action that names none may be done in any."""
    known = terms.countries.states
    answers = sorted_by_answer(action.states or known, known, Tri.UNKNOWN)
    if answers[Tri.YES]:
        return yes("action_states_paid", states=answers[Tri.YES])
    if answers[Tri.UNKNOWN] or not known:
        return unknown("states_uncertain", "pays_in_states", states=answers[Tri.UNKNOWN] or sorted(codes("states")))
    return no("states_refused", states=answers[Tri.NO])


def _species(action: ActionFacts, terms: WindowTerms) -> Answer:
    """One species that the window pays for is enough."""
    rule = terms.species
    if not action.species:
        payable = sorted(code for code, answer in rule.species.items() if answer is Tri.YES)
        if rule.others is Tri.YES:
            return yes("action_species_any")
        if payable:
            return yes("species_paid", species=payable)
        if rule.others is Tri.NO:
            return no("action_species_needed")
        return unknown(
            "action_species_open", "pays_for_species", species=sorted(set(codes("species")) - rule.species.keys())
        )
    answers = sorted_by_answer(action.species, rule.species, rule.others)
    if answers[Tri.YES]:
        return yes("species_paid", species=answers[Tri.YES])
    if answers[Tri.UNKNOWN]:
        return unknown("species_uncertain", "pays_for_species", species=answers[Tri.UNKNOWN])
    return no("action_species_refused", species=answers[Tri.NO])


def _themes(action: ActionFacts, terms: WindowTerms) -> Answer:
    """As for a proposal: a no only where people were told so."""
    shared = sorted(action.themes & set(terms.themes))
    if shared:
        return yes("themes_shared", themes=shared)
    open_ = sorted(action.themes - refused_themes(terms))
    if not action.themes:
        return unknown("action_themes_none", "name_themes")
    if not open_:
        return no("themes_told_no", themes=sorted(action.themes))
    reason = "action_themes_not_shared" if terms.themes else "themes_not_known"
    return unknown(reason, "pays_for_themes", themes=open_)
