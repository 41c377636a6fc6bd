"""A payload that changes: what an older reader cannot read is refused, and so is what cannot read older messages.

Each change is made to a real payload class. What the check of compatibility says of it is held against what happens
when a reader of the old class is given a message of the new one, and the other way round.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from pydantic import Field, ValidationError, create_model
from typer.testing import CliRunner

from contracts import generate
from contracts.envelope import new_id
from contracts.events import NAMES, PairDecided, Payload
from services.cli import app

DECIDED = "cami.matching.pair.decided.v1"
Change = Callable[[dict[str, Any]], None]


def changed(change: Change) -> type[Payload]:
    """`PairDecided` after `change` to its fields, as name -> (type, what else is known of it)."""
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in PairDecided.model_fields.items()}
    change(fields)
    return create_model("PairDecided", __base__=Payload, __doc__=PairDecided.__doc__, **fields)


def message_of(model: type[Payload], **values: Any) -> bytes:
    """A message of the payload class."""
    known: dict[str, Any] = {
        "proposal_id": new_id(), "window_id": "mbz", "stage": "none", "decided_by": "Aigul",
        "decided_at": datetime.now(UTC), **values,
    }  # fmt: skip
    return model(**{name: known[name] for name in model.model_fields if name in known}).model_dump_json().encode()


def readable(model: type[Payload], body: bytes) -> bool:
    """Whether a reader of the class reads it."""
    try:
        model.model_validate_json(body)
    except ValidationError:
        return False
    return True


def said(model: type[Payload], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `make check` says of the change, files that are merely to be written anew left out."""
    monkeypatch.setitem(NAMES, DECIDED, model)
    return [problem for problem in generate.problems() if problem.startswith(DECIDED)]


def without(name: str) -> Change:
    """The field is gone."""
    return lambda fields: fields.pop(name)


def becomes(name: str, kind: Any, default: Any = ...) -> Change:
    """The field is another one, or a new one."""
    return lambda fields: fields.update({name: (kind, default)})


STAGES = Literal["none", "shortlisted", "dismissed", "dreamt"]
BREAKS_OLD_READERS = [
    (without("window_id"), {}, "required field is gone"),
    (becomes("reason", int), {"reason": 5}, "type string became integer"),
    (becomes("stage", STAGES), {"stage": "dreamt"}, "new values dreamt"),
    (becomes("decided_by", str | None), {"decided_by": None}, "may now be null"),
    (becomes("window_id", list[str]), {"window_id": ["mbz"]}, "type string became array"),
]
BREAKS_OLD_MESSAGES = [
    (becomes("mood", str), "mood: required field is gone"),
    (becomes("stage", Literal["none", "shortlisted"]), "new values dismissed"),
    (becomes("decided_by", str, Field(min_length=5)), "minLength is looser"),
]
HARMLESS = [becomes("mood", str, "calm"), becomes("moods", list[str], []), becomes("since", datetime | None, None)]


@pytest.mark.parametrize(("change", "values", "words"), BREAKS_OLD_READERS)
def test_what_an_older_reader_cannot_read_is_refused(
    change: Change, values: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = changed(change)
    assert not readable(PairDecided, message_of(newer, **values))
    found = " ".join(said(newer, monkeypatch))
    assert "breaks its readers" in found
    assert words in found


@pytest.mark.parametrize(("change", "words"), BREAKS_OLD_MESSAGES)
def test_what_cannot_read_older_messages_is_refused(
    change: Change, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    newer = changed(change)
    assert not readable(newer, message_of(PairDecided, stage="dismissed", decided_by="Bo"))
    found = " ".join(said(newer, monkeypatch))
    assert "can no longer read what was sent before" in found
    assert words in found


@pytest.mark.parametrize("change", HARMLESS)
def test_what_both_can_read_is_allowed(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = changed(change)
    assert readable(PairDecided, message_of(newer))
    assert readable(newer, message_of(PairDecided))
    assert said(newer, monkeypatch) == []


def test_an_event_that_was_released_does_not_go_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "NAMES", {name: model for name, model in NAMES.items() if name != DECIDED})
    assert f"{DECIDED} was released and is gone; readers may still need it" in generate.problems()


def test_make_check_fails_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(app, ["contracts", "check"]).exit_code == 0
    monkeypatch.setitem(NAMES, DECIDED, changed(without("stage")))
    refused = CliRunner().invoke(app, ["contracts", "check"])
    assert refused.exit_code == 1
    assert "$.stage: required field is gone" in refused.output
