"""One page of a long list."""

import pytest

from services.chassis.paging import Page, page_number


@pytest.mark.parametrize(
    ("asked", "total", "shown"),
    [(1, 100, 1), (0, 100, 1), (-5, 100, 1), (99, 100, 10), (10, 100, 10), (3, 0, 1), (11, 101, 11)],
)
def test_a_page_that_is_not_there_becomes_the_nearest(asked: int, total: int, shown: int) -> None:
    assert page_number(asked, total, 10) == shown


def test_positions() -> None:
    page = Page(items=["a", "b"], number=3, size=10, total=22)
    assert (page.pages, page.first, page.last, len(page), list(page)) == (3, 21, 22, 2, ["a", "b"])
    empty: Page[str] = Page(items=[], number=1, size=10, total=0)
    assert (empty.pages, empty.first, empty.last) == (1, 0, 0)
