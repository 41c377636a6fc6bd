"""Keeping programmes: loading the shipped one, importing others, and what the other services are told."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from contracts.events import ActionPublished, ProgrammeImported
from services.chassis.errors import Conflict
from services.chassis.service import Service
from services.projects.catalogue import SHIPPED, load_catalogue, read_facts
from services.projects.commands.programmes import ImportProgramme, LoadCatalogue
from services.projects.component import COMPONENT
from services.projects.handlers.programmes import Kept, import_programme, load_programme, load_shipped
from services.projects.programme import parse_programme
from services.projects.queries.programmes import ProgrammeView, heads, programme
from services.projects.tables.programmes import ActionRow, ProgrammeRow
from services.projects.values.programmes import Catalogue, Facts
from tests.conftest import MakeService
from tests.support import outbox_of
from tests.unit.projects.programme_text import next_programme

SHIPPED_ID = "cami-2021-2026"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return load_catalogue(SHIPPED / SHIPPED_ID)


@pytest.fixture
def service(make_service: MakeService) -> Service:
    """The service with the shipped programme."""
    made = make_service(COMPONENT)
    load_shipped(made, lambda _what, _done, _total: None)
    return made


def facts_of(catalogue: Catalogue) -> Facts:
    """The facts alone, as an importer would read them."""
    return Facts(
        catalogue.start, catalogue.end, tuple(one.facts for one in catalogue.parts),
        tuple(one.facts for one in catalogue.sections), catalogue.species, catalogue.states,
        tuple(one.facts for one in catalogue.actions),
    )  # fmt: skip


def import_(service: Service, facts: Facts, name: str = "file.txt") -> Kept:
    """Import `facts` in a transaction of their own."""
    with service.work() as context:
        return import_programme(context, ImportProgramme(facts, name))


def view_of(service: Service, programme_id: str | None = None) -> ProgrammeView:
    """The programme as pages see it."""
    with service.read() as session:
        found = programme(session, programme_id)
    assert found
    return found


def next_facts() -> Facts:
    """The facts of another programme."""
    return read_facts(parse_programme(next_programme()).as_json())


def test_loading_publishes_every_action_then_the_whole(make_service: MakeService) -> None:
    service = make_service(COMPONENT)
    told: list[tuple[str, int, int]] = []
    load_shipped(service, lambda *news: told.append(news))
    assert told[0] == ("Loading the Programme of Work 2021–2026", 1, 228)
    assert told[-1] == ("Loading the Programme of Work 2021–2026", 228, 228)
    events = outbox_of(service)
    assert [type(event.data) for event in events] == [ActionPublished] * 228 + [ProgrammeImported]
    assert events[0].subject == f"{SHIPPED_ID}/1.1"
    by_id = {event.data.action_id: event.data for event in events[:-1]}
    assert by_id["31.5"].title.text("ru").startswith("Составить реестр")
    assert by_id["31.5"].priority == "medium"
    assert by_id["22.1"].species == ["snow_leopard"]
    assert by_id["22.1"].section_title.text("fr") == "Panthère des neiges"
    whole = events[-1].data
    assert (whole.programme_id, whole.start, whole.end, whole.actions, whole.sections) == (
        SHIPPED_ID,
        2021,
        2026,
        228,
        32,
    )
    assert whole.action_ids == list(by_id)


def test_a_second_start_writes_and_emits_nothing(service: Service) -> None:
    before = len(outbox_of(service))
    with service.read() as session:
        updated = session.scalar(select(ProgrammeRow.updated_at))
    load_shipped(service, lambda _what, _done, _total: pytest.fail("nothing is to be loaded"))
    assert len(outbox_of(service)) == before
    with service.read() as session:
        assert session.scalar(select(ProgrammeRow.updated_at)) == updated


def test_the_same_facts_imported_change_nothing(service: Service, catalogue: Catalogue) -> None:
    before = len(outbox_of(service))
    kept = import_(service, facts_of(catalogue))
    assert (kept.actions, kept.added, kept.changed, kept.removed) == (228, 0, 0, 0)
    assert len(outbox_of(service)) == before


def test_changed_facts_keep_our_texts(service: Service, catalogue: Catalogue) -> None:
    before = len(outbox_of(service))
    facts = facts_of(catalogue)
    at = next(place for place, one in enumerate(facts.actions) if one.id == "31.5")
    actions = [*facts.actions]
    actions[at] = replace(actions[at], priority="high", responsible=("donors",))
    kept = import_(service, replace(facts, actions=tuple(actions)))
    assert (kept.added, kept.changed, kept.removed) == (0, 1, 0)
    news = outbox_of(service)[before:]
    assert [type(event.data) for event in news] == [ActionPublished, ProgrammeImported]
    assert (news[0].data.action_id, news[0].data.priority, news[0].data.responsible) == ("31.5", "high", ["donors"])
    action = view_of(service).by_id["31.5"]
    assert action.title.text("en") == "Build a donor inventory and find a CAMI champion"
    assert action.own_texts


def test_an_action_that_is_gone_is_dropped_and_a_new_one_added(service: Service, catalogue: Catalogue) -> None:
    before = len(outbox_of(service))
    facts = facts_of(catalogue)
    new = replace(facts.actions[-1], id="32.5", number="32.5")
    kept = import_(service, replace(facts, actions=(*facts.actions[1:], new)))
    assert (kept.added, kept.changed, kept.removed) == (1, 0, 1)
    news = outbox_of(service)[before:]
    assert [event.subject for event in news] == [f"{SHIPPED_ID}/32.5", SHIPPED_ID]
    assert "1.1" not in news[-1].data.action_ids
    assert "32.5" in news[-1].data.action_ids
    view = view_of(service)
    assert "1.1" not in view.by_id
    assert not view.by_id["32.5"].own_texts
    assert view.by_id["1.2"].own_texts


def test_shipped_facts_do_not_replace_imported_ones(service: Service, catalogue: Catalogue) -> None:
    facts = facts_of(catalogue)
    changed = (replace(facts.actions[0], priority="low"), *facts.actions[1:])
    import_(service, replace(facts, actions=changed), "newer.txt")
    first = catalogue.actions[0]
    title = first.texts.title.model_copy(
        update={"versions": {**first.texts.title.versions, "en": first.texts.title.versions["ru"]}}
    )
    newer = replace(
        catalogue, actions=(replace(first, texts=replace(first.texts, title=title)), *catalogue.actions[1:])
    )
    with service.work() as context:
        kept = load_programme(context, LoadCatalogue(newer, "another edition"))
    assert (kept.added, kept.changed) == (0, 1)
    action = view_of(service).by_id["1.1"]
    assert action.priority == "low"
    assert action.title.text("en") == first.texts.title.text("ru")
    assert view_of(service).source_name == "newer.txt"


def test_an_import_before_the_first_load_gets_our_texts_with_it(
    make_service: MakeService, catalogue: Catalogue
) -> None:
    service = make_service(COMPONENT)
    import_(service, facts_of(catalogue))
    assert not view_of(service).by_id["31.5"].own_texts
    load_shipped(service, lambda _what, _done, _total: None)
    view = view_of(service)
    assert all(action.own_texts for action in view.actions)
    assert view.sections[0].title.text("ru") == "Трансграничное сотрудничество"
    assert view.parts[0].title.text("ru") == "Общие меры"


def test_a_next_programme_stands_beside_the_first(service: Service) -> None:
    kept = import_(service, next_facts(), "next.txt")
    assert kept.programme_id == "cami-2026-2031"
    assert kept.added == kept.actions == 11
    with service.read() as session:
        assert [head.id for head in heads(session)] == ["cami-2026-2031", SHIPPED_ID]
    assert len(view_of(service, SHIPPED_ID).actions) == 228
    newer = view_of(service)
    assert newer.id == "cami-2026-2031"
    assert {one.code for one in newer.species if one.cms_appendix} >= {"pallas_cat", "eurasian_lynx"}
    assert newer.by_id["3.1"].title.text("en") == "Action 3.1 (Pallas’s cat)"
    assert newer.by_id["1.3-2"].number == "1.3"
    assert newer.by_id["6.1"].states == ("MNG", "RUS", "KAZ")
    assert newer.parts[1].title.text("en") == "Measures for species", "the part's heading was met before"


def test_a_refused_import_writes_nothing(service: Service, catalogue: Catalogue) -> None:
    before = len(outbox_of(service))
    facts = facts_of(catalogue)
    for broken in (replace(facts, actions=()), replace(next_facts(), sections=next_facts().sections[:2])):
        with pytest.raises(Conflict):
            import_(service, broken)
    assert len(outbox_of(service)) == before
    with service.read() as session:
        assert session.scalar(select(func.count()).select_from(ActionRow)) == 228
        assert [head.id for head in heads(session)] == [SHIPPED_ID]


def test_a_failure_half_way_leaves_nothing(make_service: MakeService, catalogue: Catalogue) -> None:
    service = make_service(COMPONENT)

    def fail(done: int, _total: int) -> None:
        if done == 100:
            raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError), service.work() as context:
        load_programme(context, LoadCatalogue(catalogue, "edition"), fail)
    assert outbox_of(service) == []
    with service.read() as session:
        assert heads(session) == ()


def test_the_read_model_follows_every_change(service: Service, catalogue: Catalogue) -> None:
    first = view_of(service)
    assert view_of(service) is first, "nothing has changed, so nothing is read again"
    facts = facts_of(catalogue)
    import_(service, replace(facts, actions=(replace(facts.actions[0], priority="low"), *facts.actions[1:])))
    assert first.by_id["1.1"].priority == "medium"
    assert view_of(service).by_id["1.1"].priority == "low"
