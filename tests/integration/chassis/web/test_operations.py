"""The pages of operations: what stands where, and what is done with parked messages, once and on the record."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import html5lib
import pytest
from starlette.testclient import TestClient

from contracts.envelope import Event
from contracts.events import ProposalWithdrawn
from services.chassis import operations, parked
from services.chassis.bus import Bus, Message, Outgoing, open_bus
from services.chassis.consumer import Consumer
from services.chassis.service import Context, Service
from services.chassis.settings import Settings
from services.chassis.web import create_app
from tests import support
from tests.engines.databases import Databases
from tests.faults.messages import message
from tests.faults.parts import COUNTER, EffectRow, effects, open_part

HERE = "/counter/operations"


@pytest.fixture
def settings(tmp_path: Path, databases: Databases) -> Settings:
    """Settings with short pauses."""
    databases.empty(COUNTER.name)
    return support.settings_in(tmp_path, consumer_retries=0, poll_seconds=0.05, database_url=databases.url)


@pytest.fixture
def log(settings: Settings) -> Iterator[Bus]:
    """The bus."""
    bus = open_bus(settings)
    yield bus
    bus.close()


@pytest.fixture
def counter(settings: Settings, log: Bus) -> Iterator[Service]:
    """A service that cannot handle what begins with `bad`, as the runner would have it."""
    service = open_part(COUNTER, settings)
    service.bus = log
    service.consumers = [Consumer(service, log)]
    yield service
    service.close()


@pytest.fixture
def admin(counter: Service, settings: Settings) -> Iterator[TestClient]:
    """An administrator's browser."""
    app = create_app({"counter": counter}, settings)
    with TestClient(app, follow_redirects=False, headers={"accept": "text/html"}) as client:
        support.sign_in(client, settings, "administrator", name="Aigul Test")
        yield client


def park(counter: Service, text: str = "bad news") -> UUID:
    """A message that could not be handled, and its id."""
    consumer = counter.consumers[0]
    assert isinstance(consumer, Consumer)
    consumer.handle(message(text, counter))
    with counter.read() as session:
        return parked.waiting(session, COUNTER.messaging, limit=1000)[-1].id


def mend(counter: Service) -> None:
    """From now on the handler manages."""

    def handler(context: Context, event: Event[ProposalWithdrawn]) -> None:
        context.session.add(EffectRow(text=event.data.reference))

    counter.component = replace(COUNTER, routes={ProposalWithdrawn: handler})


def history(counter: Service, parked_id: UUID) -> list[tuple[str, str, str]]:
    """What has happened to a message: what, who (their name), text."""
    with counter.read() as session:
        found = parked.history(session, COUNTER.messaging, parked_id)
    return [(each.what, each.who.partition(" <")[0], each.text) for each in found]


def test_nothing_to_do_says_so(admin: TestClient) -> None:
    page = admin.get(HERE)
    assert page.status_code == 200
    for words in (
        "Nothing is parked.",
        "counter.<wbr>projects",
        "cami.<wbr>projects",
        "none yet",
        "the outbox is empty",
    ):
        assert words in page.text


def test_the_overview_tells_of_consumers_and_of_what_is_parked(counter: Service, admin: TestClient, log: Bus) -> None:
    good = message("good", counter)
    consumer = Consumer(counter, log)
    consumer.handle(good)
    parked_id = park(counter)
    found = operations.overview(counter, 1)
    (group,) = found.groups
    assert (group.name, group.handled, group.parked, group.lag) == ("counter.projects", 1, 1, 0)
    assert group.last is not None
    assert group.last.type == good.headers["ce_type"]
    page = admin.get(HERE).text
    assert f"{HERE}/parked/{parked_id}" in page
    assert "ValueError: no good: bad news" in page


def test_what_waits_for_the_service_is_counted(counter: Service, log: Bus) -> None:
    for number in range(3):
        each = message(f"{number}", counter)
        log.publish([Outgoing("cami.projects", each.key, each.headers, each.body)])
    assert operations.overview(counter, 1).groups[0].lag == 3


def test_without_a_bus_the_page_is_there_all_the_same(counter: Service, admin: TestClient, log: Bus) -> None:
    log.close()
    page = admin.get(HERE)
    assert page.status_code == 200
    assert "the bus cannot be asked now" in page.text


def test_many_parked_messages_come_page_by_page(counter: Service, admin: TestClient) -> None:
    for number in range(operations.PAGE_SIZE + 1):
        park(counter, f"bad {number}")
    assert "Page 1 of 2" in admin.get(HERE).text
    last = admin.get(f"{HERE}?page=2").text
    assert "Page 2 of 2" in last
    assert last.count("/operations/parked/") == 1
    assert "Page 2 of 2" in admin.get(f"{HERE}?page=99").text


def test_a_message_is_shown_with_all_that_is_known(counter: Service, admin: TestClient) -> None:
    parked_id = park(counter)
    page = admin.get(f"{HERE}/parked/{parked_id}").text
    for words in ("bad news", "ValueError: no good", "ce_subject", "partition 0, offset 0", "the program"):
        assert words in page, words


def test_a_replay_is_confirmed_done_once_and_kept(counter: Service, admin: TestClient) -> None:
    parked_id = park(counter)
    mend(counter)
    here = f"{HERE}/parked/{parked_id}"
    for _click in range(2):
        form = {"csrf": support.csrf_of(admin.get("/style").text), "note": "mended"}
        answer = admin.post(f"{here}/replay", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, here)
        admin.get(here)
    assert effects(counter) == {"bad news": 1}
    assert [each[:2] for each in history(counter, parked_id)] == [("parked", ""), ("replayed", "Aigul Test")]
    assert history(counter, parked_id)[-1][2] == "mended"
    assert admin.get(f"{here}/replay").status_code == 303, "there is nothing left to confirm"
    assert "Settled lately" in admin.get(HERE).text


def test_a_replay_that_fails_again_shows_why(counter: Service, admin: TestClient) -> None:
    parked_id = park(counter)
    answer = support.form_post(admin, f"{HERE}/parked/{parked_id}/replay", {"note": ""})
    assert answer.status_code == 409
    assert "Replayed in vain" in answer.text
    assert "ValueError: no good: bad news" in answer.text
    assert [each[0] for each in history(counter, parked_id)] == ["parked", "failed"]
    assert "Discard" in answer.text


def test_to_discard_needs_a_note(counter: Service, admin: TestClient) -> None:
    parked_id = park(counter)
    here = f"{HERE}/parked/{parked_id}"
    refused = support.form_post(admin, f"{here}/discard", {"note": "  "})
    assert refused.status_code == 400
    assert "One thing needs your attention" in refused.text
    assert len(history(counter, parked_id)) == 1
    done = support.form_post(admin, f"{here}/discard", {"note": "not ours"})
    assert done.status_code == 303
    assert history(counter, parked_id)[-1] == ("discarded", "Aigul Test", "not ours")
    page = admin.get(here).text
    assert "it was not handled, and will not be" in page
    assert "not ours" in page
    assert effects(counter) == {}


def test_what_cannot_be_read_can_only_be_discarded(counter: Service, admin: TestClient, log: Bus) -> None:
    Consumer(counter, log).handle(replace(message("a", counter), body=b'{"half": '))
    with counter.read() as session:
        (waiting,) = parked.waiting(session, COUNTER.messaging)
    here = f"{HERE}/parked/{waiting.id}"
    page = admin.get(here).text
    assert "This message cannot be replayed" in page
    assert f"{here}/replay" not in page
    assert admin.get(f"{here}/replay").headers["location"] == here
    assert f"{here}/discard" in page


def test_a_payload_is_markup_to_nobody(counter: Service, admin: TestClient) -> None:
    parked_id = park(counter, "bad <script>alert(1)</script>")
    page = admin.get(f"{HERE}/parked/{parked_id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("body", "text"),
    [(b'{"b":[1,{"c":"\xd1\x8f"}]}', '{\n  "b": [\n    1,\n    {\n      "c": "я"\n    }\n  ]\n}'),
     (b"\xff\x00text", "\\xff\x00text"), (b"", ""), (b"[" * 100_000, "[" * operations.MOST_SHOWN)],
)  # fmt: skip
def test_payloads(body: bytes, text: str) -> None:
    shown = operations.payload_of(body)
    assert (shown.text, shown.size, shown.cut) == (text, len(body), len(body) > operations.MOST_SHOWN)


def test_a_large_payload_is_not_shown_whole(counter: Service, admin: TestClient) -> None:
    body = json.dumps({"text": "word " * 200_000}).encode()
    odd = message("a", counter)
    with counter.work() as context:
        place = Message("cami.projects", 0, 0, "key", odd.headers, body, context.now)
        parked_id = parked.park(context.session, COUNTER.messaging, "counter", place, "no", context.now)
    page = admin.get(f"{HERE}/parked/{parked_id}")
    assert len(page.text) < 3 * operations.MOST_SHOWN
    assert "only its beginning is shown" in page.text


def test_what_is_not_there_is_not_found(counter: Service, admin: TestClient) -> None:
    parked_id = park(counter)
    assert admin.get(f"{HERE}/parked/{uuid4()}").status_code == 404
    assert admin.get(f"{HERE}/parked/nonsense").status_code == 404
    assert admin.get(f"{HERE}/parked/{parked_id}/eat").status_code == 404
    csrf = support.csrf_of(admin.get("/style").text)
    assert admin.post(f"{HERE}/parked/{parked_id}/eat", data={"csrf": csrf}).status_code == 404
    assert admin.post(f"{HERE}/parked/{uuid4()}/discard", data={"csrf": csrf, "note": "n"}).status_code == 404


def test_the_way_there_is_shown_to_administrators_only(admin: TestClient, settings: Settings) -> None:
    assert 'href="/operations"' in admin.get(HERE).text
    assert admin.get("/operations").headers["location"] == HERE
    support.sign_in(admin, settings, "coordinator")
    assert 'href="/operations"' not in admin.get("/style").text
    assert admin.get(HERE).status_code == 403


@pytest.mark.parametrize(("language", "title"), [("en", "Operations"), ("ru", "Эксплуатация"), ("fr", "Exploitation")])
def test_in_three_languages(admin: TestClient, counter: Service, language: str, title: str) -> None:
    parked_id = park(counter)
    admin.cookies.set("cami_lang", language)
    done = park(counter, "bad and old")
    support.form_post(admin, f"{HERE}/parked/{done}/discard", {"note": "not ours"})
    shown = f"{HERE}/parked/{parked_id}"
    for path in (HERE, shown, f"{shown}/replay", f"{shown}/discard", f"{HERE}/parked/{done}"):
        page = admin.get(path)
        assert page.status_code == 200
        assert title in page.text
        html5lib.HTMLParser(strict=True).parse(page.text)  # raises at the first fault
