"""What people ask for concerning proposals."""

from dataclasses import dataclass
from uuid import UUID

from contracts.values import Language
from services.projects.values.proposals import Answers


@dataclass(frozen=True)
class Actor:
    """The person who asks, of one applying organisation. `lead`: may speak for it to the secretariat."""

    person_id: UUID
    organisation_id: UUID
    name: str
    lead: bool = False


@dataclass(frozen=True)
class StartProposal:
    """Begin a draft. The form has chosen its id, so that a form posted twice begins one draft."""

    actor: Actor
    proposal_id: UUID
    written_in: Language
    title: str = ""


@dataclass(frozen=True)
class SaveSection:
    """Save one section. `revision` is the one that the person had in front of them."""

    actor: Actor
    proposal_id: UUID
    revision: int
    answers: Answers


@dataclass(frozen=True)
class SubmitProposal:
    """Hand the proposal to the secretariat as `version`, which is one more than was submitted before."""

    actor: Actor
    proposal_id: UUID
    version: int


@dataclass(frozen=True)
class WithdrawProposal:
    """Take a submitted proposal back for changes. `version` is the one that is meant."""

    actor: Actor
    proposal_id: UUID
    version: int
    reason: str = ""


@dataclass(frozen=True)
class DeleteDraft:
    """Put a draft away; it can be restored."""

    actor: Actor
    proposal_id: UUID


@dataclass(frozen=True)
class RestoreDraft:
    """Take a deleted draft back."""

    actor: Actor
    proposal_id: UUID
