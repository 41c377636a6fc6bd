"""Drafts: started, saved section by section, put away and taken back."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from contracts.values import LocalizedText, Text
from services.chassis.errors import Conflict, NotFound
from services.chassis.i18n import N_
from services.chassis.service import Context
from services.projects.commands.proposals import Actor, DeleteDraft, RestoreDraft, SaveSection, StartProposal
from services.projects.handlers.proposals.references import next_reference
from services.projects.records.proposals import read_proposal, registered_as, write_section
from services.projects.rules import proposals as rules
from services.projects.tables.programmes import ActionRow, ProgrammeRow
from services.projects.tables.proposals import ProposalRow
from services.projects.values.proposals import (
    SECTION_OF,
    Answers,
    Partners,
    Proposal,
    Section,
    TickedActions,
    TypedSummary,
    status_of,
)

NOT_EDITABLE = N_("This proposal has been submitted. Withdraw it first to change it.")
PUT_AWAY = N_("This draft has been deleted. Restore it first.")


@dataclass(frozen=True)
class Saved:
    """A section after it was saved: its revision, and when it last changed."""

    section: Section
    revision: int
    at: datetime


class SectionChanged(Conflict):
    """Somebody else has saved this section since the person opened it. Nothing of theirs was stored.

    `stored` is the proposal as it is now and `wanted` as the person would have it; `revision`, `by` and `at` are of
    the save that came first.
    """

    def __init__(self, section: Section, stored: Proposal, wanted: Proposal, mark: dict[str, object]) -> None:
        super().__init__(f"section {section} is at revision {mark['revision']} already")
        self.section = section
        self.stored = stored
        self.wanted = wanted
        self.revision = int(str(mark["revision"]))
        self.by = str(mark["by"])
        self.at = datetime.fromisoformat(str(mark["at"]))


class NotNow(Conflict):
    """The proposal's status does not allow it. The text is a msgid that says what to do."""


def start_proposal(context: Context, command: StartProposal) -> ProposalRow:
    """A new draft with a reference of its own; the same one again when the form comes twice.

    Raises NotFound when the id is taken by another organisation.
    """
    existing = context.session.get(ProposalRow, command.proposal_id)
    if existing is not None:
        return _checked(existing, command.actor)
    texts = {}
    if command.title:
        title = LocalizedText(source=command.written_in, versions={command.written_in: Text(text=command.title)})
        texts["title"] = title.model_dump(mode="json")
    row = ProposalRow(
        id=command.proposal_id, reference=next_reference(context.session, context.now.year),
        organisation_id=command.actor.organisation_id, status="draft", written_in=command.written_in, texts=texts,
        programme_id=newest_programme(context.session), created_at=context.now, created_by=command.actor.name,
        updated_at=context.now,
    )  # fmt: skip
    context.session.add(row)
    return row


def save_section(context: Context, command: SaveSection) -> Saved:
    """Store one section. A save that changes nothing succeeds whatever its revision, so a form may come twice.

    Raises SectionChanged, NotNow, or NotFound.
    """
    row = own(context, command.actor, command.proposal_id)
    status = status_of(row.status)
    if not rules.may_edit(status):
        raise NotNow(PUT_AWAY if status == "deleted" else NOT_EDITABLE)
    section = SECTION_OF[type(command.answers)]
    mark = row.saved.get(section) or {"revision": 0, "at": row.created_at.isoformat(), "by": row.created_by}
    stored = read_proposal(context.session, row)
    wanted = applied(context.session, stored, command.answers)
    if rules.same_answers(stored, wanted, section):
        return Saved(section, int(mark["revision"]), datetime.fromisoformat(mark["at"]))
    if command.revision != int(mark["revision"]):
        raise SectionChanged(section, stored, wanted, mark)
    write_section(context.session, row, wanted, section)
    revision = int(mark["revision"]) + 1
    row.saved = {
        **row.saved, section: {"revision": revision, "at": context.now.isoformat(), "by": command.actor.name},
    }  # fmt: skip
    row.updated_at = context.now
    return Saved(section, revision, context.now)


def applied(session: Session, stored: Proposal, answers: Answers) -> Proposal:
    """`stored` with one section as its form has it."""
    if isinstance(answers, TypedSummary):
        return replace(stored, summary=rules.merged(stored.summary, answers))
    if isinstance(answers, TickedActions):
        order = session.exec(
            select(ActionRow.id).where(ActionRow.programme_id == answers.programme_id).order_by(col(ActionRow.position))
        ).all()
        return replace(stored, actions=rules.after_ticks(stored.actions, answers, order))
    if isinstance(answers, Partners):
        named = {rules.folded(line.name) for line in answers.lines}
        return replace(stored, partners=rules.recognised(answers, registered_as(session, named)))
    change: dict[str, Any] = {SECTION_OF[type(answers)]: answers}
    return replace(stored, **change)


def delete_draft(context: Context, command: DeleteDraft) -> ProposalRow:
    """Put a draft away; does nothing when it lies there already. Raises NotNow for a submitted one, or NotFound."""
    row = own(context, command.actor, command.proposal_id)
    status = status_of(row.status)
    if status == "submitted":
        raise NotNow(NOT_EDITABLE)
    if status != "deleted":
        row.status, row.updated_at = "deleted", context.now
    return row


def restore_draft(context: Context, command: RestoreDraft) -> ProposalRow:
    """Take a deleted draft back as what it was before; does nothing to one that is not deleted. Raises NotFound."""
    row = own(context, command.actor, command.proposal_id)
    if row.status == "deleted":
        row.status = "withdrawn" if row.version else "draft"
        row.updated_at = context.now
    return row


def own(context: Context, actor: Actor, proposal_id: UUID) -> ProposalRow:
    """A proposal of the actor's organisation, locked for this transaction. Raises NotFound for any other."""
    row = context.session.get(ProposalRow, proposal_id, with_for_update=True)
    if row is None:
        raise NotFound(f"no proposal {proposal_id}")
    return _checked(row, actor)


def newest_programme(session: Session) -> str:
    """Id of the Programme of Work that began last; "" while none is loaded."""
    return session.exec(select(ProgrammeRow.id).order_by(col(ProgrammeRow.start).desc())).first() or ""


def _checked(row: ProposalRow, actor: Actor) -> ProposalRow:
    if row.organisation_id != actor.organisation_id:
        raise NotFound(f"no proposal {row.id}")  # what is not theirs looks like what is not there
    return row
