"""The picture of a plan: heights are money, nothing overlaps, and every grant is drawn once."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.windows import AmountRule
from services.matching.rules.portfolios import Live
from services.matching.rules.portfolios.picture import LEFT, PITCH, RIGHT, TOP, Picture, picture_of
from tests.unit.matching.build import window
from tests.unit.matching.portfolios.build import candidate, made, verdict

PROPOSALS, WINDOWS = 6, 5


def everything() -> Live:
    """Each proposal with each window."""
    large = AmountRule(maximum=Decimal(10_000_000))
    return made(
        [candidate(number + 1, requested=Decimal(1000 * (number + 1))) for number in range(PROPOSALS)],
        [window(f"w{number}", amount=large) for number in range(WINDOWS)],
        [verdict(p + 1, f"w{w}") for p in range(PROPOSALS) for w in range(WINDOWS)],
    )  # fmt: skip


LIVE = everything()
GRANTS = st.dictionaries(
    st.tuples(st.integers(0, PROPOSALS - 1), st.integers(0, WINDOWS - 1)), st.integers(1, 900_000), min_size=1
).map(lambda found: [(p, w, amount) for (p, w), amount in sorted(found.items())])


def drawn(grants: list[tuple[int, int, int]]) -> Picture:
    picture = picture_of(LIVE, grants)
    assert picture is not None
    return picture


def test_a_plan_that_pays_for_nothing_has_no_picture() -> None:
    assert picture_of(LIVE, []) is None


@given(GRANTS)
def test_every_grant_is_one_band_as_high_as_its_money(grants: list[tuple[int, int, int]]) -> None:
    picture = drawn(grants)
    assert sorted((band.proposal, band.window, band.dollars) for band in picture.bands) == grants
    scale = picture.bands[0].height / picture.bands[0].dollars
    for band in picture.bands:
        assert band.height == pytest.approx(band.dollars * scale)
    for mark in (*picture.proposals, *picture.windows):
        assert mark.height == pytest.approx(mark.dollars * scale)
        assert mark.own == pytest.approx(mark.own_dollars * scale)


@given(GRANTS)
def test_marks_stand_apart_and_within_the_picture(grants: list[tuple[int, int, int]]) -> None:
    picture = drawn(grants)
    for marks in (picture.proposals, picture.windows):
        for above, below in pairwise(marks):
            assert above.y + above.height + above.own <= below.y + 1e-6
            assert below.middle - above.middle >= PITCH - 1e-6
        assert marks[0].y >= TOP - 1e-6
        assert marks[-1].y + marks[-1].height + marks[-1].own <= picture.height + 1e-6


@given(GRANTS)
def test_bands_leave_and_reach_their_marks_side_by_side(grants: list[tuple[int, int, int]]) -> None:
    picture = drawn(grants)
    for mark in picture.proposals:
        ends = sorted(
            (band.left_y, band.left_y + band.height) for band in picture.bands if band.proposal == mark.position
        )
        assert ends[0][0] == pytest.approx(mark.y)
        assert ends[-1][1] == pytest.approx(mark.y + mark.height)
        assert all(first[1] == pytest.approx(second[0]) for first, second in pairwise(ends))
    for mark in picture.windows:
        ends = sorted(
            (band.right_y, band.right_y + band.height) for band in picture.bands if band.window == mark.position
        )
        assert ends[0][0] == pytest.approx(mark.y)
        assert ends[-1][1] == pytest.approx(mark.y + mark.height)
        assert all(first[1] == pytest.approx(second[0]) for first, second in pairwise(ends))


def test_bands_at_one_mark_do_not_cross() -> None:
    picture = drawn([(0, 0, 10), (0, 1, 10), (0, 2, 10)])
    bands = sorted(picture.bands, key=lambda band: band.left_y)
    assert [band.right_y for band in bands] == sorted(band.right_y for band in bands)


def test_a_path_runs_from_edge_to_edge() -> None:
    (band,) = drawn([(0, 0, 10)]).bands
    assert band.path.startswith(f"M{LEFT:g},")
    assert f"{RIGHT:g}," in band.path
    assert band.path.endswith("Z")
