"""The published language stays readable: for readers of yesterday, of tomorrow, and of any CloudEvents client."""

import copy
import json
import traceback
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
import yaml

from contracts import generate
from contracts.compatibility import breaks
from contracts.envelope import UnknownEventType, UnreadableEvent, new_id, read, wrap
from contracts.events import NAMES, ProposalWithdrawn, topic_of

SUBMITTED = "cami.projects.proposal.submitted.v1"


def _withdrawn() -> ProposalWithdrawn:
    return ProposalWithdrawn(
        proposal_id=new_id(), reference="CAMI-2026-0001", version=1, withdrawn_at=datetime.now(UTC), reason="Джейран"
    )


def test_generated_files_are_up_to_date_and_break_no_reader() -> None:
    assert generate.problems() == []


def test_every_event_has_a_schema_a_topic_and_a_reader_entry() -> None:
    assert set(generate.READERS) == set(NAMES)
    for name in NAMES:
        assert topic_of(name).split(".")[1] in {"accounts", "projects", "donors", "matching", "reports"}
        jsonschema.Draft202012Validator.check_schema(generate.schema_of(name))


def test_an_event_survives_the_journey_and_its_body_fits_the_schema() -> None:
    sent = wrap(_withdrawn(), source="projects", subject="1", time=datetime.now(UTC), traceparent="00-a-b-01")
    received = read(sent.headers(), sent.body())
    assert received == sent
    jsonschema.validate(json.loads(sent.body()), generate.schema_of(sent.type))


def test_headers_are_those_of_the_cloudevents_binary_mode() -> None:
    headers = wrap(_withdrawn(), source="projects", subject="s", time=datetime.now(UTC)).headers()
    for name in ("ce_specversion", "ce_id", "ce_source", "ce_type"):  # required by CloudEvents 1.0
        assert headers[name]
    assert headers["content-type"] == "application/json"


def test_unknown_fields_are_ignored() -> None:
    event = wrap(_withdrawn(), source="projects", subject="1", time=datetime.now(UTC))
    body = json.loads(event.body()) | {"mood": "new"}
    assert read(event.headers(), json.dumps(body).encode()).data == event.data


def test_unknown_types_and_unreadable_messages_are_told_apart() -> None:
    headers = wrap(_withdrawn(), source="projects", subject="1", time=datetime.now(UTC)).headers()
    with pytest.raises(UnknownEventType):
        read(headers | {"ce_type": "cami.projects.proposal.sung.v1"}, b"{}")
    for bad_headers, body in (
        ({}, b"{}"),
        (headers, b"not json"),
        (headers, b'{"proposal_id": 1}'),
        (headers | {"ce_id": "x"}, b"{}"),
        ({k: v for k, v in headers.items() if k != "ce_time"}, b"{}"),
    ):
        with pytest.raises(UnreadableEvent):
            read(bad_headers, body)


def test_what_people_typed_is_no_part_of_the_reason() -> None:
    event = wrap(_withdrawn(), source="projects", subject="1", time=datetime.now(UTC))
    body = json.loads(event.body()) | {"version": "sixty-seven"}
    with pytest.raises(UnreadableEvent) as caught:
        read(event.headers(), json.dumps(body).encode())
    assert str(caught.value).startswith(f"{event.type}: version: Input should be a valid integer")
    shown = traceback.format_exception(caught.type, caught.value, None)
    assert "sixty" not in "".join(shown)


def _edit(schema: dict[str, Any], *path: str) -> dict[str, Any]:
    for key in path:
        schema = schema[key]
    return schema


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s["properties"].pop("reference"), "required field is gone"),
        (lambda s: s["required"].remove("title"), "became optional"),
        (lambda s: _edit(s, "properties", "version").update(type="string"), "type integer became string"),
        (lambda s: _edit(s, "properties", "written_in")["enum"].append("kk"), "new values kk"),
        (lambda s: _edit(s, "properties").update(reference={"anyOf": [{"type": "string"}, {"type": "null"}]}), "null"),
        (lambda s: _edit(s, "$defs", "Money", "properties", "currency").update(pattern=".*"), "pattern changed"),
        (lambda s: _edit(s, "$defs", "CofinancingLine", "properties", "status")["enum"].append("hoped"), "hoped"),
        (lambda s: _edit(s, "properties", "starts").update(format="date-time"), "format changed"),
    ],
)
def test_a_change_that_breaks_an_old_reader_is_refused(change: Any, said: str) -> None:
    old = generate.schema_of(SUBMITTED)
    new = copy.deepcopy(old)
    change(new)
    found = breaks(old, new)
    assert len(found) >= 1
    assert any(said in what for what in found), found


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["properties"].update(mood={"type": "string"}),
        lambda s: (s["properties"].update(mood={"type": "string"}), s["required"].append("mood")),
        lambda s: s["properties"]["written_in"]["enum"].remove("fr"),
        lambda s: s.update(description="Other words."),
        lambda s: None,
    ],
)
def test_a_change_that_old_readers_survive_is_allowed(change: Any) -> None:
    old = generate.schema_of(SUBMITTED)
    new = copy.deepcopy(old)
    change(new)
    assert breaks(old, new) == []


def test_the_asyncapi_document_names_every_event_on_its_topic() -> None:
    document = yaml.safe_load((generate.HERE / "asyncapi.yaml").read_text(encoding="utf-8"))
    assert document["asyncapi"] == "3.0.0"
    for name in NAMES:
        assert name in document["channels"][topic_of(name)]["messages"]
        payload = document["components"]["messages"][name]["payload"]["schema"]["$ref"]
        assert (generate.HERE / payload).exists()
