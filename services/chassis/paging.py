"""One page of a long list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some of `total` items: page `number` (from 1) of those with `size` items each."""

    items: Sequence[Item]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; one when there is nothing."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Position of the page's first item, from 1; 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.items else 0

    @property
    def last(self) -> int:
        """Position of the page's last item."""
        return self.first + len(self.items) - 1 if self.items else 0

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def page_number(asked: int, total: int, size: int) -> int:
    """The page to show when page `asked` was asked for: never before the first, never after the last."""
    return min(max(1, asked), max(1, -(-total // size)))
