"""The embedded event bus: one SQLite file, no server; several threads and processes may use it at once."""

from services.chassis.bus_log.bus import LogBus

__all__ = ["LogBus"]
