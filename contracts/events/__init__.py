"""Every event: its payload, its stable name and its version. THE list of what services tell each other.

Payloads stand by the service that tells of them, one module each; everybody imports them from here.

Names are literal strings (`cami.<service>.<aggregate>.<what happened>.v<n>`), never class paths: a class may be
renamed, a name on the bus may not. A payload may gain optional fields; anything else needs a new version.
"""

from typing import Final

from contracts.events.accounts import OrganisationRegistered, PersonRegistered
from contracts.events.donors import WindowPublished
from contracts.events.matching import (
    ActionFit,
    PairDecided,
    PairSummary,
    ProposalJudged,
    PursuitMoved,
    QuestionAnswered,
    WindowPairedWithActions,
)
from contracts.events.payload import Payload
from contracts.events.projects import (
    ActionPublished,
    ActionRef,
    BudgetLine,
    CofinancingLine,
    Contact,
    Partner,
    ProgrammeImported,
    ProposalSubmitted,
    ProposalWithdrawn,
)
from contracts.events.reports import DocumentRendered

__all__ = [
    "NAMES",
    "NAME_OF",
    "ActionFit",
    "ActionPublished",
    "ActionRef",
    "BudgetLine",
    "CofinancingLine",
    "Contact",
    "DocumentRendered",
    "OrganisationRegistered",
    "PairDecided",
    "PairSummary",
    "Partner",
    "Payload",
    "PersonRegistered",
    "ProgrammeImported",
    "ProposalJudged",
    "ProposalSubmitted",
    "ProposalWithdrawn",
    "PursuitMoved",
    "QuestionAnswered",
    "WindowPairedWithActions",
    "WindowPublished",
    "topic_of",
]

NAMES: Final[dict[str, type[Payload]]] = {
    "cami.accounts.organisation.registered.v1": OrganisationRegistered,
    "cami.accounts.person.registered.v1": PersonRegistered,
    "cami.projects.action.published.v1": ActionPublished,
    "cami.projects.programme.imported.v1": ProgrammeImported,
    "cami.projects.proposal.submitted.v1": ProposalSubmitted,
    "cami.projects.proposal.withdrawn.v1": ProposalWithdrawn,
    "cami.donors.window.published.v1": WindowPublished,
    "cami.matching.proposal.judged.v1": ProposalJudged,
    "cami.matching.window.paired.v1": WindowPairedWithActions,
    "cami.matching.pair.decided.v1": PairDecided,
    "cami.matching.question.answered.v1": QuestionAnswered,
    "cami.matching.pursuit.moved.v1": PursuitMoved,
    "cami.reports.document.rendered.v1": DocumentRendered,
}
"""Name and version -> payload. Checked for drift and for compatibility with what is already on the bus."""

NAME_OF: Final[dict[type[Payload], str]] = {payload: name for name, payload in NAMES.items()}


def topic_of(name: str) -> str:
    """The topic of an event: its producing service (`cami.projects.proposal.submitted.v1` -> `cami.projects`)."""
    return ".".join(name.split(".")[:2])
