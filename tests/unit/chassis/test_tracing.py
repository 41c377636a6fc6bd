"""Traces: taken up where they can be, begun where not, and known wherever the work goes."""

import contextvars
import threading

import pytest

from services.chassis import tracing
from services.chassis.tracing import (
    Trail,
    following,
    here,
    is_followed,
    is_traceparent,
    new_traceparent,
    step,
    trail_of,
)

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", GIVEN[:-1], GIVEN.upper(), "01" + GIVEN[2:], f"00-{'0' * 32}-00f067aa0ba902b7-01",
     f"00-{GIVEN[3:35]}-{'0' * 16}-01", GIVEN + "-more"],
)  # fmt: skip
def test_what_is_no_traceparent_begins_a_trace(text: str) -> None:
    assert not is_traceparent(text)
    with step("GET", "server", Trail(text)) as request:
        assert is_traceparent(request.trail.traceparent)
        assert request.trail.followed
        assert request.trail.correlation == request.trail.trace


def test_a_step_goes_on_in_the_same_trace() -> None:
    with step("GET", "server", Trail(GIVEN)) as request:
        assert request.trail.trace == GIVEN[3:35]
        assert request.trail.span != GIVEN[36:52]
        assert here() == request.trail
        with step("inner", "internal", here()) as inner:
            assert here() == inner.trail
            assert inner.trail.trace == GIVEN[3:35]
            assert inner.trail.span != request.trail.span
        assert here() == request.trail
    assert here() == Trail()


def test_a_caller_who_does_not_want_to_be_followed_is_not() -> None:
    with step("GET", "server", Trail(GIVEN[:-2] + "00")) as request:
        assert not request.trail.followed


def test_what_the_program_does_by_itself_is_not_followed() -> None:
    assert not is_followed(new_traceparent())
    assert is_followed(new_traceparent(followed=True))
    assert not is_followed("")
    with step("handle", "consumer", Trail()) as work:
        assert is_traceparent(work.trail.traceparent)
        assert (work.trail.followed, work.trail.correlation) == (False, "")


def test_a_trail_is_forgotten_when_the_work_fails() -> None:
    with pytest.raises(ValueError, match="no"), step("GET", "server", Trail(GIVEN)):
        raise ValueError("no")
    assert here() == Trail()


def test_threads_have_trails_of_their_own() -> None:
    seen: list[Trail] = []
    with following(Trail(GIVEN, service="projects")):
        for target in (lambda: seen.append(here()), lambda: contextvars.copy_context().run(seen.append, here())):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()
    assert seen == [Trail(), Trail()]


def test_a_message_without_a_trace_has_a_trail_all_the_same() -> None:
    trail = trail_of({"ce_id": "1", "ce_type": "t", "ce_traceparent": "00-a-b-01"}, service="s", group="s.t")
    assert trail == Trail(service="s", group="s.t", event="1", type="t")


def test_nobody_is_told_unless_somebody_listens() -> None:
    assert tracing._tracer is None
    with step("GET", "server", Trail()) as request:
        request.describe("GET /", {"http.route": "/"})
        request.fail("not told to anybody")
