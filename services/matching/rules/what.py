"""Where, for which species, on what subjects. Rules 4, 5 and 6."""

from typing import Final

from contracts.values import Tri
from contracts.windows import SpeciesRule, WindowTerms
from services.matching.rules.answers import Answer, no, sorted_by_answer, unknown, yes
from services.matching.rules.facts import ProposalFacts
from services.matching.rules.settled import refused

BY_CATEGORY: Final = frozenset({"any", "cms_listed", "traded"})
"""Bases by which a donor takes whole classes of species; those of the Red List begin with `red_list`."""


def named_species(rule: SpeciesRule) -> frozenset[str]:
    """The species that a donor means in particular: those it prefers, else those it lists by name.

    Species that fall under a category (threatened, traded, on the CMS appendices) are payable, but nobody named them.
    """
    if rule.preferred:
        return frozenset(rule.preferred)
    if rule.basis in BY_CATEGORY or rule.basis.startswith("red_list"):
        return frozenset()
    return frozenset(code for code, answer in rule.species.items() if answer is Tri.YES)


def states(proposal: ProposalFacts, terms: WindowTerms) -> Answer:
    """Rule 4. Every state must be payable: work in a state that is refused cannot be cut out of a proposal unasked."""
    if not proposal.states:
        return unknown("states_none_named", "name_states")
    answers = sorted_by_answer(proposal.states, terms.countries.states, Tri.UNKNOWN)
    if answers[Tri.NO]:
        return no("states_refused", states=answers[Tri.NO])
    if answers[Tri.UNKNOWN]:
        return unknown("states_uncertain", "pays_in_states", states=answers[Tri.UNKNOWN])
    return yes("states_paid", states=answers[Tri.YES])


def species(proposal: ProposalFacts, terms: WindowTerms) -> Answer:
    """Rule 5. One species that the window pays for is enough; the others then profit from the same work."""
    rule = terms.species
    if not rule.species and rule.others is Tri.YES:
        return yes("species_any")
    if not proposal.species:
        return unknown("species_none_named", "name_species")
    answers = sorted_by_answer(proposal.species, rule.species, rule.others)
    if answers[Tri.YES]:
        return yes("species_paid", species=answers[Tri.YES])
    if answers[Tri.UNKNOWN]:
        return unknown("species_uncertain", "pays_for_species", species=answers[Tri.UNKNOWN])
    return no("species_refused", species=answers[Tri.NO])


def refused_themes(terms: WindowTerms) -> frozenset[str]:
    """The themes of which people were told that the donor does not pay for them."""
    return frozenset(key.partition(":")[2] for key in refused(terms) if key.startswith("theme:"))


def themes(proposal: ProposalFacts, terms: WindowTerms) -> Answer:
    """Rule 6. A no only where people were told so: a donor's themes are emphases read off a page, and some of its
    words fit none of our codes.

    So a proposal that shares none of them is unknown, with the question to ask, and earns no points for them (half of
    them where no page, but only an answer about single themes, says what they are).
    """
    shared = sorted(proposal.themes & set(terms.themes))
    if shared:
        return yes("themes_shared", themes=shared)
    open_ = sorted(proposal.themes - refused_themes(terms))
    if proposal.themes and not open_:
        return no("themes_told_no", themes=sorted(proposal.themes))
    if not terms.themes:
        return unknown("themes_not_known", "pays_for_themes", themes=open_)
    if not proposal.themes:
        return unknown("themes_none_named", "name_themes")
    return unknown("themes_not_shared", "pays_for_themes", themes=open_)
