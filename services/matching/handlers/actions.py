"""Actions of the Programme arrive one by one; the Programme is paired when it is complete."""

import re

from sqlmodel import col, delete, select

from contracts.envelope import Event
from contracts.events import ActionPublished, ProgrammeImported
from contracts.vocabulary import entry
from services.chassis.service import Context
from services.matching.handlers.pairing import complete_programmes, pair, pair_action
from services.matching.handlers.terms import all_terms
from services.matching.rules import facts_of_action
from services.matching.tables import ActionCopy, ActionPair, ProgrammeCopy


def on_action_published(context: Context, event: Event[ActionPublished]) -> None:
    """Keep the action, unless it is older than what is known. Pairs wait for the whole Programme.

    One that is late, because the news that the Programme is complete was faster, is paired at once.
    """
    published = event.data
    session = context.session
    copy = session.get(ActionCopy, (published.programme_id, published.action_id))
    programme = session.get(ProgrammeCopy, published.programme_id)
    if (copy is not None and copy.revision > published.revision) or _dropped(programme, published):
        return
    before = facts_of_action(ActionPublished.model_validate(copy.payload)) if copy else None
    rank, key = place_of(published.action_id, published.priority)
    session.merge(
        ActionCopy(
            programme_id=published.programme_id, action_id=published.action_id, revision=published.revision,
            section=published.section, priority=published.priority, priority_rank=rank, sort_key=key,
            payload=published.model_dump(mode="json"),
        )
    )  # fmt: skip
    if before == facts_of_action(published) or programme is None or programme.revision < published.revision:
        return
    session.flush()
    if published.programme_id not in complete_programmes(context):
        return
    if before is None:  # the last to come after the news that the Programme is complete
        pair(context, all_terms(context.session), published.programme_id)
    else:
        pair_action(context, published)


def on_programme_imported(context: Context, event: Event[ProgrammeImported]) -> None:
    """Forget the actions that the Programme has dropped, and pair all windows with all others, unless some of these
    are still on their way. News of a revision older than the one that is known changes nothing."""
    imported = event.data
    session = context.session
    known = session.get(ProgrammeCopy, imported.programme_id)
    if known is not None and known.revision > imported.revision:
        return
    session.merge(
        ProgrammeCopy(
            programme_id=imported.programme_id, revision=imported.revision, actions=imported.actions,
            action_ids=list(imported.action_ids), first_year=imported.start, last_year=imported.end,
        )
    )  # fmt: skip
    session.flush()
    if imported.action_ids:
        _forget_others(context, imported)
    if imported.programme_id in complete_programmes(context):
        pair(context, all_terms(context.session), imported.programme_id)


def _dropped(programme: ProgrammeCopy | None, published: ActionPublished) -> bool:
    """Whether the Programme has dropped the action since it said this."""
    return (
        programme is not None and bool(programme.action_ids) and programme.revision >= published.revision
        and published.action_id not in programme.action_ids
    )  # fmt: skip


def _forget_others(context: Context, imported: ProgrammeImported) -> None:
    """Forget actions that are not in the Programme; one that a later revision has brought may be here already."""
    here = select(ActionCopy.action_id).where(
        ActionCopy.programme_id == imported.programme_id, ActionCopy.revision <= imported.revision
    )
    gone = set(context.session.exec(here)) - set(imported.action_ids)
    for table in (ActionPair, ActionCopy) if gone else ():
        context.session.execute(
            delete(table).where(col(table.programme_id) == imported.programme_id, col(table.action_id).in_(gone))
        )


def place_of(action_id: str, priority: str | None) -> tuple[int, str]:
    """What an action is sorted by: the rank of its priority, and its number as a key."""
    return int(entry("priorities", priority or "").get("rank", 0)), sort_key(action_id)


def sort_key(action_id: str) -> str:
    """`9.1-2` -> `00009.00001-00002`: sorts as people count."""
    return re.sub(r"\d+", lambda found: found.group().zfill(5), action_id)[:40]
