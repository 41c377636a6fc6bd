"""SQLite's write-ahead log: readers go on reading while one writes."""

import sqlite3
import time

PATIENCE_SECONDS = 30.0


def use_wal(connection: sqlite3.Connection) -> None:
    """Switch the file of `connection` to WAL if nobody has yet. Raises sqlite3.Error.

    When several processes open a fresh file at once, SQLite tells all but one "locked" without waiting for them.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
                return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
        else:
            raise sqlite3.OperationalError("this file cannot have a write-ahead log")
        time.sleep(0.01)
