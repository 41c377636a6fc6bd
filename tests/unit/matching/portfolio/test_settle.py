"""Amounts from floating point become whole dollars that add up."""

from services.matching.portfolio.settle import settle


def test_amounts_that_are_nearly_whole_become_whole() -> None:
    limits = {(0, 0): (1, 50), (0, 1): (1, 50)}
    assert settle({(0, 0): 49.9999999, (0, 1): 10.0000001}, limits, {0: 60}, [50, 50]) == [(0, 0, 50), (0, 1, 10)]


def test_dollars_are_moved_along_a_path_through_other_proposals() -> None:
    """The first proposal lacks a dollar that only its full window could give; the second moves aside."""
    limits = {(0, 0): (1, 60), (1, 0): (10, 60), (1, 1): (1, 60)}
    found = settle({(0, 0): 29.0, (1, 0): 30.0, (1, 1): 20.0}, limits, {0: 30, 1: 50}, [59, 60])
    assert found == [(0, 0, 30), (1, 0, 29), (1, 1, 21)]


def test_too_much_is_taken_back() -> None:
    limits = {(0, 0): (5, 60), (0, 1): (5, 60)}
    assert sum(amount for _, _, amount in settle({(0, 0): 40.0, (0, 1): 31.0}, limits, {0: 70}, [60, 60])) == 70


def test_an_overdrawn_window_is_brought_back_into_its_budget() -> None:
    limits = {(0, 0): (1, 60), (1, 0): (1, 60), (1, 1): (1, 60)}
    found = settle({(0, 0): 30.0, (1, 0): 31.0, (1, 1): 1.0}, limits, {0: 30, 1: 32}, [60, 60])
    assert sum(amount for p, w, amount in found if w == 0) <= 60
    assert {p: sum(a for q, _, a in found if q == p) for p in (0, 1)} == {0: 30, 1: 32}


def test_what_cannot_be_made_whole_is_left_out() -> None:
    limits = {(0, 0): (20, 60), (1, 0): (20, 60)}
    found = settle({(0, 0): 20.0, (1, 0): 20.0}, limits, {0: 20, 1: 20}, [39])
    assert len(found) == 1
