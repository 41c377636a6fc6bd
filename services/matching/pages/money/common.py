"""What the pages of studies share."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from starlette.responses import JSONResponse, Response

from services.chassis.errors import NotFound
from services.chassis.i18n import use_language
from services.chassis.web import Visit
from services.matching.commands.studies import AskStudy, StudyKind
from services.matching.handlers.studies import ask_study
from services.matching.queries.studies import donors, latest, study
from services.matching.rules.portfolios.record import live_from
from services.matching.rules.portfolios.values import Live
from services.matching.tables import Study
from services.matching.words import studies as say

PATHS: Final = {"unlock": "/matching/unlock", "steering": "/matching/steering"}


def chosen(visit: Visit, study_id: str, kind: StudyKind) -> Study:
    """The study that the address names. Raises NotFound."""
    try:
        which = UUID(study_id)
    except ValueError:
        raise NotFound(study_id) from None
    with visit.service.read() as session:
        found = study(session, which, kind)
        if found is None:
            raise NotFound(study_id)
        session.expunge(found)
    return found


def live_of(found: Study) -> Live | None:
    """What the study was made of; None before it is made."""
    if found.result is None or found.job is None or found.record is None:
        return None
    return live_from(found.job["request"], found.record)


async def ask(visit: Visit, kind: StudyKind, asked: Mapping[str, Any], once: UUID) -> Response:
    """Have a study made, and go to its page."""
    command = AskStudy(once, kind, asked, visit.person.name)
    study_id = await visit.work(lambda context: ask_study(context, command))
    visit.service.extras.wake()
    return visit.redirect(f"{PATHS[kind]}/{study_id}")


def progress_of(visit: Visit, found: Study) -> Response:
    """How far it has come, for the page's script."""
    with use_language(visit.lang):
        text = say.progress(found.state, found.done, found.steps)
    return JSONResponse(
        {"run": str(found.study_id), "state": found.state, "phase": found.state, "done": found.done,
         "steps": found.steps, "text": text},
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip


def shelf(visit: Visit, kind: StudyKind) -> dict[str, Any]:
    """What both first pages show: the donors to choose from, and former studies with their donors' names."""
    with visit.service.read() as session:
        known = donors(session)
        former = list(latest(session, kind))
        for one in former:
            session.expunge(one)
    return {"donors": known, "names": dict(known), "former": former, "say_studies": say}
