"""Actions of the Programme arrive one by one; the Programme is paired when it is complete."""

import re

from contracts.envelope import Event
from contracts.events import ActionPublished, ProgrammeImported
from contracts.vocabulary import entry
from services.chassis.service import Context
from services.matching.handlers.pairing import complete_programmes, pair, pair_action
from services.matching.handlers.terms import all_terms
from services.matching.handlers.turns import take_turn
from services.matching.rules import facts_of_action
from services.matching.tables import ActionCopy, ProgrammeCopy


def on_action_published(context: Context, event: Event[ActionPublished]) -> None:
    """Keep the action. Pairs wait for the whole Programme; if that is paired already, this action is paired anew."""
    take_turn(context)
    published = event.data
    session = context.session
    copy = session.get(ActionCopy, (published.programme_id, published.action_id))
    before = facts_of_action(ActionPublished.model_validate(copy.payload)) if copy else None
    session.merge(
        ActionCopy(
            programme_id=published.programme_id, action_id=published.action_id, section=published.section,
            priority=published.priority, sort_key=sort_key(published.action_id),
            priority_rank=int(entry("priorities", published.priority or "").get("rank", 0)),
            payload=published.model_dump(mode="json"),
        )
    )  # fmt: skip
    if before == facts_of_action(published) or session.get(ProgrammeCopy, published.programme_id) is None:
        return
    session.flush()
    if published.programme_id not in complete_programmes(context):
        return
    if before is None:  # the last to come after the news that the Programme is complete
        pair(context, all_terms(context.session), published.programme_id)
    else:
        pair_action(context, published)


def on_programme_imported(context: Context, event: Event[ProgrammeImported]) -> None:
    """Pair all windows with all actions of the Programme, unless some of its actions are still on their way."""
    take_turn(context)
    imported = event.data
    context.session.merge(
        ProgrammeCopy(
            programme_id=imported.programme_id,
            actions=imported.actions,
            first_year=imported.start,
            last_year=imported.end,
        )
    )
    context.session.flush()
    if imported.programme_id in complete_programmes(context):
        pair(context, all_terms(context.session), imported.programme_id)


def sort_key(action_id: str) -> str:
    """`9.1-2` -> `00009.00001-00002`: sorts as people count."""
    return re.sub(r"\d+", lambda found: found.group().zfill(5), action_id)[:40]
