"""Past months are computed from versions and moves; windows that close unused; the order of orphans."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from services.matching.rules.gaps import (
    Dated,
    Life,
    Move,
    Need,
    Pursued,
    assess,
    closing_unused,
    history,
    month_end,
    months_between,
    orphan_key,
    pursuits_at,
    standing_lives,
)

P, Q = UUID(int=1), UUID(int=2)


def at(month: int, day: int = 10) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def life(proposal: UUID, version: int, submitted: int | None, withdrawn: int | None = None) -> Life:
    return Life(
        proposal, version, at(submitted) if submitted else None, at(withdrawn) if withdrawn else None,
        ("1.1",), ("KGZ",), (), Decimal(100),
    )  # fmt: skip


def test_months_run_from_the_first_to_this_one() -> None:
    assert months_between(datetime(2025, 11, 30, 23, tzinfo=UTC), at(1)) == [
        date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)
    ]  # fmt: skip
    assert months_between(None, at(5)) == [date(2026, 5, 1)]
    assert months_between(at(7), at(5)) == [date(2026, 5, 1)], "a clock that is ahead makes no month to come"
    assert month_end(date(2026, 12, 1)) == datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert month_end(date(2024, 2, 1)).day == 29


def test_the_version_that_stood_is_the_latest_not_withdrawn() -> None:
    lives = [life(P, 1, 1), life(P, 2, 3, 5), life(P, 3, 7)]

    def standing(month: int) -> list[int]:
        return [one.version for one in standing_lives(lives, at(month, 20))]

    assert [standing(month) for month in (1, 2, 3, 4, 5, 6, 7)] == [[1], [1], [2], [2], [], [], [3]]
    assert standing_lives([life(P, 1, 4), life(P, 2, None, 5)], at(6)) == [], "a withdrawal takes those before along"


def test_a_pair_is_where_its_moves_and_decisions_have_brought_it() -> None:
    moves = [
        Move(P, "w", at(1), "shortlisted", decision=True), Move(P, "w", at(2), "submitted", Decimal(70)),
        Move(P, "w", at(3), "dismissed", decision=True), Move(P, "w", at(4), "none", decision=True),
        Move(P, "w", at(5), "awarded", Decimal(60)), Move(P, "w", at(6), "dismissed", decision=True),
    ]  # fmt: skip

    def there(month: int) -> tuple[Pursued, ...]:
        return pursuits_at(moves, at(month, 20)).get(P, ())

    assert there(1) == (Pursued("w", "identified"),)
    assert there(2) == (Pursued("w", "submitted", Decimal(70)),)
    assert there(3) == ()
    assert there(4) == (Pursued("w", "submitted", Decimal(70)),)
    assert there(5) == there(6) == (Pursued("w", "awarded", Decimal(60)),), "what a donor granted stays granted"


def test_history_counts_each_month_with_what_was_known_by_its_end() -> None:
    lives = [life(P, 1, 1, 4), life(Q, 1, 2)]
    moves = [Move(P, "w", at(2), "submitted", Decimal(40)), Move(Q, "w", at(5), "awarded", Decimal(100))]
    months = months_between(at(1), at(5))
    found = history({"1.1", "1.2"}, {"1.1", "1.2"}, lives, moves, months, at(5, 20))
    assert [m.counts for m in found] == [
        (1, 1, 0, 0, 0), (1, 0, 0, 1, 0), (1, 0, 0, 1, 0), (1, 1, 0, 0, 0), (1, 0, 0, 0, 1)
    ], "orphaned, proposed, pursued, pending, funded"  # fmt: skip
    assert [m.money for m in found] == [(0, 0, 100), (0, 40, 160), (0, 40, 160), (0, 0, 100), (100, 0, 0)]
    assert {m.need for m in found} == {2}


def test_history_of_some_actions_takes_their_share_of_the_money() -> None:
    two = Life(P, 1, at(1), None, ("1.1", "1.2"), ("KGZ",), (), Decimal("100.01"))
    (first,) = history({"1.1", "1.2"}, {"1.2"}, [two], [], [date(2026, 1, 1)], at(2))
    assert first.money.open == Decimal("50.00")
    assert first.need == 1


def dated(window_id: str, day: date) -> Dated:
    return Dated(window_id, window_id, "Donor", day, True, Decimal(5000), "USD")


def test_windows_that_close_unused_are_told_with_what_is_lost() -> None:
    needs = [
        Need("1.1", 1, "high", "1.1", frozenset({"KGZ"}), frozenset()),
        Need("1.2", 1, "high_medium", "1.2", frozenset({"KGZ"}), frozenset()),
        Need("1.3", 1, "low", "1.3", frozenset({"KGZ"}), frozenset()),
    ]
    payers = {"1.1": {"soon", "passed"}, "1.2": {"soon", "busy", "late", "old"}, "1.3": {"low"}}
    payers["1.1"].add("soon")
    gaps = assess(needs, [], "state", payers=payers)
    today = date(2026, 11, 22)
    windows = [
        dated("late", date(2027, 1, 22)), dated("soon", date(2026, 12, 1)), dated("passed", date(2026, 11, 1)),
        dated("old", date(2026, 10, 31)), dated("busy", date(2026, 12, 1)), dated("low", date(2026, 12, 1)),
    ]  # fmt: skip
    found = closing_unused(gaps, windows, {"busy"}, today=today, days=60)
    assert [(one.window.window_id, one.actions, one.alone, one.over(today)) for one in found] == [
        ("passed", ("1.1",), (), True),
        ("soon", ("1.1", "1.2"), (), False),
    ]
    found = closing_unused(gaps, windows, {"busy"}, today=today, days=61)
    assert [one.window.window_id for one in found] == ["passed", "soon", "late"]
    alone = closing_unused(assess(needs, [], "state", payers={"1.1": {"soon"}}), windows, (), today=today, days=60)
    assert alone[0].alone == ("1.1",)


def test_the_most_orphaned_come_first_by_priority_and_then_by_few_windows() -> None:
    keys = {
        "orphaned high, no window": orphan_key("orphaned", 5, 0),
        "orphaned high, many": orphan_key("orphaned", 5, 30),
        "orphaned low": orphan_key("orphaned", 1, 0),
        "proposed high": orphan_key("proposed", 5, 0),
        "funded high": orphan_key("funded", 5, 0),
    }
    assert sorted(keys, key=keys.__getitem__) == list(keys)
