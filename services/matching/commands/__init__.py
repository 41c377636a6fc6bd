"""What people can ask matching to do, one module a subject."""

from services.matching.commands.decisions import REASON_LIMIT, DecidePair

__all__ = ["REASON_LIMIT", "DecidePair"]
