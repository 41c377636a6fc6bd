"""What a live table and its shadow have in common, and how the one becomes the other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, delete, func, select, update

from services.chassis.rebuild.shadow import Key, chunks, one_of, rows_of

ROWS: Final = 500
"""So many rows are compared at a time: copies may hold more than fits into memory."""


@dataclass
class Difference:
    """Keys of rows that a rebuild adds, changes and removes."""

    added: set[Key] = field(default_factory=set)
    changed: set[Key] = field(default_factory=set)
    removed: set[Key] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.added) + len(self.changed) + len(self.removed)

    @property
    def keys(self) -> set[Key]:
        """All of them."""
        return self.added | self.changed | self.removed


def between(table: Table, live: Connection, shadow: Connection, step: Callable[[int], None]) -> Difference:
    """How the live rows must change to be those of the shadow; `step` is told how many rows were compared."""
    found = Difference()
    names = [column.name for column in table.primary_key]
    for some in live.execute(select(table).execution_options(yield_per=ROWS)).mappings().partitions(ROWS):
        rows = {tuple(row[name] for name in names): dict(row) for row in some}
        made = rows_of(shadow, table, list(rows))
        found.removed |= rows.keys() - made.keys()
        found.changed |= {key for key, row in made.items() if row != rows[key]}
        step(len(rows))
    if _count(shadow, table) == _count(live, table) - len(found.removed):
        return found
    for some_keys in shadow.execute(select(*table.primary_key).execution_options(yield_per=ROWS)).partitions(ROWS):
        keys = [tuple(row) for row in some_keys]
        found.added |= set(keys) - rows_of(live, table, keys).keys()
    return found


def put(table: Table, keys: Iterable[Key], live: Connection, shadow: Connection) -> Difference:
    """Make the live rows of `keys` those of the shadow, in the caller's transaction; answers what that changed."""
    found = Difference()
    for some in chunks(list(keys), ROWS):
        before, after = rows_of(live, table, some), rows_of(shadow, table, some)
        gone = before.keys() - after.keys()
        new = after.keys() - before.keys()
        other = {key for key in after.keys() & before.keys() if after[key] != before[key]}
        if gone:
            live.execute(delete(table).where(one_of(table, list(gone))))
        if new:
            live.execute(table.insert(), [after[key] for key in new])
        if other:
            live.execute(_update(table), [{f"b_{name}": value for name, value in after[key].items()} for key in other])
        found.removed |= gone
        found.added |= new
        found.changed |= other
    return found


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _update(table: Table) -> Any:
    primary = {column.name for column in table.primary_key}
    statement = update(table).values(
        {column: bindparam(f"b_{column.name}", type_=column.type) for column in table.c if column.name not in primary}
    )
    for column in table.primary_key:
        statement = statement.where(column == bindparam(f"b_{column.name}", type_=column.type))
    return statement
