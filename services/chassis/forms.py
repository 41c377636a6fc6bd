"""Reading forms: what was typed becomes values, and everything wrong is told at once, field by field.

`Reader` never stops at the first mistake. It collects `FieldError`s, and `check()` raises `Invalid` with all of them.
Every message names its field and says what to do. `FormState` carries what was typed back to the page.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, Self, TypeVar
from uuid import UUID

from starlette.datastructures import FormData, UploadFile

from services.chassis.errors import FieldError, Invalid
from services.chassis.i18n import N_, gettext
from services.chassis.parsing import LARGEST_AMOUNT, clean_text, parse_amount, parse_date

_EMAIL: Final = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[^@\s.,;:<>()\[\]\\\"]+(\.[^@\s.,;:<>()\[\]\\\"]+)+")

REQUIRED: Final = N_("%(label)s: please fill this in.")
CHOOSE: Final = N_("%(label)s: please choose one of the answers.")
CHOOSE_SOME: Final = N_("%(label)s: please choose at least one.")
NOT_OFFERED: Final = N_("%(label)s: this answer is not on the list. Please choose from the list.")
TOO_LONG: Final = N_("%(label)s: at most %(limit)s characters fit here and you have %(length)s. Please shorten it.")
TOO_SHORT: Final = N_("%(label)s: please write at least %(limit)s characters.")
UNREADABLE: Final = N_("%(label)s: some characters cannot be read. Please type the text again.")
NOT_WHOLE: Final = N_("%(label)s: please enter a whole number in digits, for example 12.")
TOO_SMALL: Final = N_("%(label)s: please enter %(limit)s or more.")
TOO_LARGE: Final = N_("%(label)s: please enter %(limit)s or less.")
NOT_DATE: Final = N_("%(label)s: please enter a date that exists, as year-month-day, for example 2027-03-31.")
TOO_EARLY: Final = N_("%(label)s: please enter %(limit)s or a later day.")
TOO_LATE: Final = N_("%(label)s: please enter %(limit)s or an earlier day.")
NOT_EMAIL: Final = N_("%(label)s: please enter an e-mail address like name@example.org.")
STALE_FORM: Final = N_("%(label)s: this page is out of date. Please open it again and send the form once more.")

Values = Mapping[str, str | list[str]]
Number = TypeVar("Number", int, Decimal)


@dataclass(frozen=True)
class FormState:
    """What a form shows: the values typed so far and what is wrong with them."""

    values: Values = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    @classmethod
    def of(cls, form: FormData | Values, errors: Iterable[FieldError] = ()) -> Self:
        """The state of a form as it was just sent."""
        if not isinstance(form, FormData):
            return cls(form, list(errors))
        names = dict.fromkeys(form)
        texts = {name: [v for v in form.getlist(name) if isinstance(v, str)] for name in names}
        return cls({name: v[0] if len(v) == 1 else v for name, v in texts.items() if v}, list(errors))

    def value(self, name: str) -> str:
        """The value of `name`, the first if there are several, "" if there is none."""
        found: Any = self.values.get(name, "")
        if isinstance(found, list | tuple):
            found = found[0] if found else ""
        return "" if found is None else str(found)

    def values_of(self, name: str) -> list[str]:
        """All values of `name`."""
        found: Any = self.values.get(name)
        if found is None or found == "":
            return []
        return [str(v) for v in found] if isinstance(found, list | tuple | set | frozenset) else [str(found)]

    def error(self, name: str) -> str:
        """What is wrong with `name` in the current language; "" if nothing is.

        The label is left out, because at the field it stands above already.
        """
        found = next((e for e in self.errors if e.field == name), None)
        if found is None:
            return ""
        text, label = error_text(found), gettext(dict(found.params).get("label", ""))
        if label and text.startswith(label):
            rest = text[len(label) :].lstrip(":\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE} ")
            return rest[:1].upper() + rest[1:]
        return text


def error_text(error: FieldError) -> str:
    """The message of `error` in the current language. Its parameters are translated too: a label is a msgid."""
    params = {name: gettext(value) for name, value in error.params}
    return gettext(error.message, **params)


class Reader:
    """Parses one form. Methods answer a neutral value ("", None, [], False) for what is missing or wrong."""

    def __init__(self, form: FormData | Values, *, prefix: str = "", errors: list[FieldError] | None = None) -> None:
        self._form = form
        self._prefix = prefix
        self.errors: list[FieldError] = errors if errors is not None else []

    def fail(self, name: str, message: str, **params: object) -> None:
        """Note that something is wrong with `name`. `message` is a msgid."""
        texts = tuple((key, str(value)) for key, value in params.items())
        self.errors.append(FieldError(self._prefix + name, message, texts))

    def check(self) -> None:
        """Raise Invalid if anything was wrong."""
        if self.errors:
            raise Invalid(self.errors)

    def rows(self, group: str, *, ignore: Collection[str] = ()) -> list["Reader"]:
        """Readers of the lines of a repeated group, whose fields are named `group-0-name`, `group-1-name` ...

        Lines in which nothing was typed are left out; a field in `ignore`, such as a currency that is always
        chosen, does not count as typed.
        """
        pattern = re.compile(re.escape(f"{self._prefix}{group}-") + r"([0-9]{1,4})-(.+)", re.DOTALL)
        filled = {
            int(found[1]) for name in self._form
            if (found := pattern.fullmatch(name)) and found[2] not in ignore and any(v.strip() for v in self._all(name))
        }  # fmt: skip
        return [Reader(self._form, prefix=f"{self._prefix}{group}-{n}-", errors=self.errors) for n in sorted(filled)]

    def text(
        self, name: str, *, label: str, required: bool = False, max_length: int = 500, min_length: int = 0,
        multiline: bool = False,
    ) -> str:  # fmt: skip
        """Text in Unicode form NFC without blanks at its ends; on one line unless `multiline`."""
        value = self._clean(name, label, multiline=multiline)
        if not value:
            if required and not self._failed(name):
                self.fail(name, REQUIRED, label=label)
            return ""
        if len(value) > max_length:
            self.fail(name, TOO_LONG, label=label, limit=max_length, length=len(value))
        elif len(value) < min_length:
            self.fail(name, TOO_SHORT, label=label, limit=min_length)
        return value

    def whole(
        self, name: str, *, label: str, required: bool = False, minimum: int | None = None, maximum: int | None = None,
    ) -> int | None:  # fmt: skip
        """A whole number; spaces between its digits are allowed."""
        value = self.text(name, label=label, required=required)
        if not value or self._failed(name):
            return None
        digits = _without_spaces(value).replace("\N{MINUS SIGN}", "-")
        if not re.fullmatch(r"-?[0-9]{1,15}", digits):
            self.fail(name, NOT_WHOLE, label=label)
            return None
        return self._within(name, label, int(digits), minimum, maximum)

    def money(
        self, name: str, *, label: str, required: bool = False, minimum: Decimal | None = None,
        maximum: Decimal = LARGEST_AMOUNT,
    ) -> Decimal | None:  # fmt: skip
        """An amount of money, not below zero; `parsing` tells how it may be written."""
        value = self.text(name, label=label, required=required)
        if not value or self._failed(name):
            return None
        try:
            found = parse_amount(value)
        except ValueError as error:
            self.fail(name, str(error), label=label)
            return None
        return self._within(name, label, found, minimum, maximum)

    def date(
        self, name: str, *, label: str, required: bool = False, earliest: date | None = None,
        latest: date | None = None,
    ) -> date | None:  # fmt: skip
        """A day between 1900 and 2200: 2027-03-31, 31.03.2027 or 31/03/2027."""
        value = self.text(name, label=label, required=required)
        if not value or self._failed(name):
            return None
        found = parse_date(value)
        if found is None:
            self.fail(name, NOT_DATE, label=label)
        elif earliest and found < earliest:
            self.fail(name, TOO_EARLY, label=label, limit=earliest.isoformat())
        elif latest and found > latest:
            self.fail(name, TOO_LATE, label=label, limit=latest.isoformat())
        return found

    def choice(self, name: str, allowed: Collection[str], *, label: str = "", required: bool = False) -> str:
        """One of `allowed`."""
        value = self._clean(name, label or name)
        if not value:
            if required and not self._failed(name):
                self.fail(name, CHOOSE, label=label or name)
            return ""
        if value not in allowed:
            self.fail(name, NOT_OFFERED, label=label or name)
            return ""
        return value

    def choices(self, name: str, allowed: Collection[str], *, label: str = "", required: bool = False) -> list[str]:
        """Some of `allowed`, each once, in the order in which they were sent."""
        values = list(dict.fromkeys(v.strip() for v in self._raw_all(name) if v.strip()))
        if any(v not in allowed for v in values):
            self.fail(name, NOT_OFFERED, label=label or name)
        found = [v for v in values if v in allowed]
        if required and not found and not self._failed(name):
            self.fail(name, CHOOSE_SOME, label=label or name)
        return found

    def email(self, name: str, *, label: str, required: bool = False) -> str:
        """An e-mail address, its domain in lower case."""
        value = self.text(name, label=label, required=required, max_length=254)
        if not value or self._failed(name):
            return ""
        if not _EMAIL.fullmatch(value):
            self.fail(name, NOT_EMAIL, label=label)
            return ""
        local, _, domain = value.rpartition("@")
        return f"{local}@{domain.lower()}"

    def flag(self, name: str) -> bool:
        """True when a single checkbox is ticked."""
        return any(v.strip() not in ("", "0", "no", "false", "off") for v in self._raw_all(name))

    def identifier(self, name: str, *, label: str = "", required: bool = False) -> UUID | None:
        """An id that the page itself put into the form, such as `once`."""
        value = self._clean(name, label or name)
        try:
            return UUID(value) if value or required else None
        except ValueError:
            self.fail(name, STALE_FORM, label=label or name)
            return None

    def _raw_all(self, name: str) -> list[str]:
        return self._all(self._prefix + name)

    def _all(self, full: str) -> list[str]:
        if isinstance(self._form, FormData):
            return [v for v in self._form.getlist(full) if isinstance(v, str)]
        found = self._form.get(full, [])
        return [found] if isinstance(found, str) else list(found)

    def _clean(self, name: str, label: str, *, multiline: bool = False) -> str:
        raw = self._raw_all(name)
        if not raw:
            return ""
        try:
            return clean_text(raw[0], multiline=multiline)
        except ValueError:
            self.fail(name, UNREADABLE, label=label)
            return ""

    def _failed(self, name: str) -> bool:
        return any(e.field == self._prefix + name for e in self.errors)

    def _within(
        self, name: str, label: str, value: Number, minimum: Number | None, maximum: Number | None
    ) -> Number | None:
        if minimum is not None and value < minimum:
            self.fail(name, TOO_SMALL, label=label, limit=_plain(minimum))
        elif maximum is not None and value > maximum:
            self.fail(name, TOO_LARGE, label=label, limit=_plain(maximum))
        else:
            return value
        return None


def upload(form: FormData, name: str) -> UploadFile | None:
    """The file that was sent as `name`; None when none was chosen."""
    found = form.get(name)
    return found if isinstance(found, UploadFile) and found.filename else None


def _without_spaces(value: str) -> str:
    return "".join(c for c in value if not c.isspace())


def _plain(limit: int | Decimal) -> str:
    """A limit as every reader can read it: digits in groups, set off by a narrow space."""
    return f"{limit:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
