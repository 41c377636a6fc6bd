"""Windows are published and change: the one window is judged again, and no other."""

from contracts.envelope import Event
from contracts.events import WindowPublished
from services.chassis.service import Context
from services.matching.handlers.judging import judge_live
from services.matching.handlers.pairing import complete_programmes, pair
from services.matching.handlers.terms import answers_to_windows
from services.matching.rules import version
from services.matching.rules.questions import settled
from services.matching.tables import WindowCopy


def on_window_published(context: Context, event: Event[WindowPublished]) -> None:
    """Keep the window's terms; judge it for every live proposal; pair it with every complete Programme's actions.

    A revision that is not newer than the one already here changes nothing.
    """
    published = event.data.terms
    copy = context.session.get(WindowCopy, published.window_id)
    if copy is not None and copy.revision >= published.revision:
        return
    terms = settled(published, answers_to_windows(context.session).get(published.window_id, ()))
    context.session.merge(
        WindowCopy(
            window_id=terms.window_id, revision=terms.revision, donor_id=terms.donor_id, donor_name=terms.donor_name,
            name=terms.name, kind=terms.kind, fund=terms.fund, status=terms.status, opens=terms.call.opens,
            deadline=terms.call.deadline, deadline_certain=terms.call.deadline_certain, zone=terms.call.zone,
            terms=published.model_dump(mode="json"),
            published_at=event.time, event_id=str(event.id), rules=version.VERSION,
        )
    )  # fmt: skip
    judge_live(context, [terms], "window")
    for programme_id in complete_programmes(context):
        pair(context, [terms], programme_id)
