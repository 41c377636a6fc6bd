"""Who applies, who submits, who endorses. Rules 3, 11 and 12."""

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.answers import Answer, no, unknown, yes
from services.matching.rules.facts import ProposalFacts
from services.matching.rules.settled import told_of


def applicant(proposal: ProposalFacts, terms: WindowTerms) -> Answer:
    """Rule 3. A kind that stands in neither of the donor's lists may not apply, if anything is known at all."""
    rule, kind = terms.applicants, proposal.applicant_kind
    if kind in rule.kinds:
        return yes("applicant_accepted", kind=kind)
    if told_of(terms, f"kind:{kind}") is Tri.NO:
        return no("applicant_told_no", kind=kind)
    if kind in rule.uncertain or not rule.known:
        return unknown("applicant_uncertain", "accepts_kind", kind=kind)
    if rule.kinds or rule.uncertain:
        return no("applicant_refused", kind=kind, kinds=sorted({*rule.kinds, *rule.uncertain}))
    return no("applicant_nobody", kind=kind)


def intermediary(proposal: ProposalFacts, terms: WindowTerms) -> Answer:
    """Rule 11. That a body must submit is no obstacle by itself, but until one has agreed nobody knows."""
    rule = terms.intermediary
    if rule.intermediary is Tri.NO:
        return yes("intermediary_none")
    if rule.intermediary is Tri.YES and proposal.agency_agreed:
        return yes("intermediary_agreed")
    if rule.intermediary is Tri.YES:
        return unknown("intermediary_needed", "agency_agreed", who=rule.who)
    return unknown("intermediary_unknown", "who_submits")


def endorsement(proposal: ProposalFacts, terms: WindowTerms) -> Answer:
    """Rule 12. As for the intermediary: needed means unknown until it is had."""
    rule = terms.intermediary
    if rule.endorsement is Tri.NO:
        return yes("endorsement_none")
    if rule.endorsement is Tri.YES and proposal.endorsed:
        return yes("endorsement_given")
    if rule.endorsement is Tri.YES:
        return unknown("endorsement_needed", "endorsement_had", who=rule.who)
    return unknown("endorsement_unknown", "who_endorses")
