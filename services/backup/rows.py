"""Rows as the archive holds them: the same whichever database they come from and go to.

Every column has a kind, which the manifest names, so that an archive is read by what it says itself and not by the
tables of whatever version of the program reads it.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Table
from sqlalchemy.types import TypeEngine

from services.chassis.columns import UtcDateTime

BATCH: Final = 500
BATCH_OF_BYTES: Final = 20
"""Rows at a time of a table that holds documents."""
_KINDS: Final[Sequence[tuple[type[TypeEngine[Any]], str]]] = (
    (sa.Uuid, "uuid"), (sa.DateTime, "moment"), (sa.Date, "date"), (sa.Boolean, "bool"),
    (sa.Float, "float"), (sa.Numeric, "decimal"), (sa.Integer, "int"), (sa.JSON, "json"), (sa.LargeBinary, "bytes"),
    (sa.String, "text"),
)  # fmt: skip
"""The first that fits; floats are a kind of numeric to SQLAlchemy."""
_TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    "uuid": sa.Uuid(), "moment": UtcDateTime(), "date": sa.Date(), "bool": sa.Boolean(), "float": sa.Float(),
    "decimal": sa.Numeric(38, 10), "int": sa.BigInteger(), "json": sa.Text(), "bytes": sa.LargeBinary(),
    "text": sa.Text(),
}  # fmt: skip
_ENCODE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "uuid": str, "moment": datetime.isoformat, "date": date.isoformat, "decimal": str,
    "bytes": lambda value: b64encode(value).decode("ascii"),
}  # fmt: skip
_DECODE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "uuid": UUID, "moment": datetime.fromisoformat, "date": date.fromisoformat, "decimal": Decimal, "bytes": b64decode,
}  # fmt: skip


def kinds_of(table: Table) -> dict[str, str]:
    """Column -> kind. Raises TypeError for a type that has no kind yet."""
    return {column.name: _kind(column) for column in table.columns}


def saved(connection: Connection, table: Table) -> Iterator[list[Any]]:
    """Every row of `table`, a few at a time."""
    kinds = kinds_of(table)
    encoders = [_ENCODE.get(kind, _as_it_is) for kind in kinds.values()]
    # JSON travels as its own text: what stands there is kept to the letter, and so is the difference between no value
    # and a value that is null.
    columns = [_text_of(column, connection) if kinds[column.name] == "json" else column for column in table.columns]
    order = list(table.primary_key.columns)
    found = connection.execute(
        sa.select(*columns).order_by(*order), execution_options={"yield_per": _batch(kinds.values())}
    )
    for row in found:
        yield [None if value is None else encode(value) for encode, value in zip(encoders, row, strict=True)]


def restore(
    connection: Connection, name: str, kinds: Mapping[str, str], rows: Iterator[list[Any]], told: Callable[[int], None]
) -> None:  # fmt: skip
    """Put `rows` into the empty table `name`; `told` hears how many are there, after each batch."""
    table = Table(name, sa.MetaData(), *(Column(column, _TYPES[kind]) for column, kind in kinds.items()))
    decoders = [_DECODE.get(kind, _as_it_is) for kind in kinds.values()]
    insert = sa.insert(table).values({
        column: _value(column, kind, connection) for column, kind in kinds.items()
    })  # fmt: skip
    done, size = 0, _batch(kinds.values())
    while batch := list(islice(rows, size)):
        connection.execute(insert, [
            {
                f"v_{column}": None if value is None else decode(value)
                for column, decode, value in zip(kinds, decoders, row, strict=True)
            }
            for row in batch
        ])  # fmt: skip
        done += len(batch)
        told(done)


def set_sequences(connection: Connection) -> None:
    """Let numbers that PostgreSQL gives out go on after those that are there. SQLite looks at the table itself."""
    if connection.dialect.name != "postgresql":
        return
    owned = connection.execute(sa.text(
        "SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)"
        " FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0"
        " AND NOT a.attisdropped AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL"
    )).all()  # fmt: skip
    for table, column, sequence in owned:
        most = connection.execute(sa.select(sa.func.max(sa.column(column))).select_from(sa.table(table))).scalar()
        if most is not None:
            connection.execute(sa.text("SELECT setval(:sequence, :most)"), {"sequence": sequence, "most": most})


def _kind(column: Column[Any]) -> str:
    found = column.type.impl_instance if isinstance(column.type, sa.types.TypeDecorator) else column.type
    for type_, kind in _KINDS:
        if isinstance(found, type_):
            return kind
    raise TypeError(f"{column}: a backup cannot hold columns of the type {column.type!r} yet")


def _text_of(column: Column[Any], connection: Connection) -> Any:
    if connection.dialect.name == "postgresql":
        return sa.cast(column, sa.Text)
    return sa.type_coerce(column, sa.Text)  # it is text; a cast would be one more thing to get wrong


def _value(column: str, kind: str, connection: Connection) -> Any:
    given = sa.bindparam(f"v_{column}", type_=_TYPES[kind])
    return sa.cast(given, sa.JSON) if kind == "json" and connection.dialect.name == "postgresql" else given


def _batch(kinds: Any) -> int:
    return BATCH_OF_BYTES if "bytes" in kinds else BATCH


def _as_it_is(value: Any) -> Any:
    return value
