"""Errors that services share. Driver exceptions become ours at one boundary (`db`, the buses)."""

from dataclasses import dataclass


class CamiError(Exception):
    """Base of all our errors. `status` is the HTTP status a page answers with."""

    status = 500


class NotFound(CamiError):
    """There is no such thing, or not for this person: the two must look alike."""

    status = 404


class Forbidden(CamiError):
    """The person is signed in but has not the role this needs."""

    status = 403


class Conflict(CamiError):
    """What was asked contradicts what is already there."""

    status = 409


class DatabaseBusy(CamiError):
    """The database did not answer in time; the same request may go through later."""

    status = 503


class AlreadyThere(Conflict):
    """A row like this one came to be in the middle of the transaction: run again, it would find it."""


class Undone(DatabaseBusy):
    """The database undid the transaction for the sake of another one that held what it needed: run it again."""


class BusUnavailable(CamiError):
    """The event bus did not take or give messages; the caller tries again later."""

    status = 503


class MessageTooLarge(CamiError):
    """An event that the bus would not take; trying again does not help."""

    status = 413


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong with one field. `message` is an English msgid; `params` fill it after translation."""

    field: str
    message: str
    params: tuple[tuple[str, str], ...] = ()


class Invalid(CamiError):
    """A form was filled in wrongly: what, and where. Shown at the fields and in a summary; what was typed stays."""

    status = 400

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{e.field}: {e.message}" for e in errors))
        self.errors = errors
