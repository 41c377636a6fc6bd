"""One action and one window: each rule that is asked, why, on what evidence; and the fit."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts.values import Tri
from services.chassis.errors import NotFound
from services.chassis.web import SIGNED_IN, allow
from services.matching import words
from services.matching.handlers.judging import day_at, setting_for
from services.matching.handlers.terms import terms_of
from services.matching.handlers.weights import weights_in_force
from services.matching.pages.access import V, follow_the_calendar, is_staff
from services.matching.pages.asked import read
from services.matching.pages.questions import place_of
from services.matching.queries.actions import action as find_action
from services.matching.queries.actions import programmes
from services.matching.queries.current import current_to
from services.matching.queries.windows import group_of
from services.matching.rules import ACTION_PARTS, PreparedWindow, facts_of_action, overall_of
from services.matching.rules.action_findings import action_findings, something_shared
from services.matching.rules.questions import asked as questions_of

ROUTER: Final = APIRouter()


@ROUTER.get("/actions/{action_id}/windows/{window_id}", dependencies=[allow(SIGNED_IN)])
async def action_and_window(visit: V, action_id: str, window_id: str) -> Response:
    """Whether a window could pay for an action, rule by rule; also for one that could not: then why not."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        known = programmes(session)
        asked = read(visit.request.query_params, {"programme": [programme.programme_id for programme in known]})
        wanted = asked.of("programme")
        found = (
            (programme, action) for programme in known
            if (not wanted or programme.programme_id in wanted)
            and (action := find_action(session, programme.programme_id, action_id))
        )  # fmt: skip
        programme, action = next(found, (None, None))
        terms = terms_of(session, window_id)
        if programme is None or action is None or terms is None:
            raise NotFound(f"{action_id} and {window_id}")
        weights = weights_in_force(session)
        current = current_to(session)
    facts, setting = facts_of_action(action), setting_for(terms, visit.now)
    findings = action_findings(facts, terms, setting)
    verdicts = [finding.verdict for finding in findings]
    judged = PreparedWindow(terms, today=day_at(terms.call.zone, visit.now), weights=weights).judge(facts)
    return visit.render(
        "matching/action_pair.html", action=action, terms=terms, findings=findings, overall=overall_of(verdicts),
        counts={answer.value: verdicts.count(answer) for answer in Tri}, judged=judged,
        parts_of_fit=[(part, points, weights.action[part])
                      for part, points in zip(ACTION_PARTS, judged.parts, strict=True)],
        shared=something_shared(facts, terms), questions={f.rule: questions_of(f, terms) for f in findings},
        place_of=place_of, say=words, staff=is_staff(visit), current=current, asked=asked, programme=programme,
        newest=programme.programme_id == known[0].programme_id, group=group_of(terms.kind, terms.fund),
    )  # fmt: skip
