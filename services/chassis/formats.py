"""Numbers, money, dates and moments as they are written in English, Russian and French.

Groups of digits are set off by a comma in English and by a narrow no-break space in Russian and French; a minus is a
real minus; a currency is its ISO 4217 code, before the amount in English and after it in the other two.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_date, format_timedelta

from services.chassis.i18n import N_, translate

NBSP: Final = "\N{NO-BREAK SPACE}"
NARROW: Final = "\N{NARROW NO-BREAK SPACE}"
MINUS: Final = "\N{MINUS SIGN}"
LOCALES: Final = {"en": Locale("en", "GB"), "ru": Locale("ru"), "fr": Locale("fr")}
_TODAY, _TOMORROW, _YESTERDAY = N_("today"), N_("tomorrow"), N_("yesterday")


def number(value: Decimal | int | float, language: str, decimals: int | None = None) -> str:
    """`value` with its digits grouped. `decimals`: how many to show; None shows those it has."""
    if isinstance(value, float):
        value = Decimal(str(value))
    digits = f"{value:,}" if decimals is None else f"{value:,.{decimals}f}"
    if digits.startswith("-"):
        digits = MINUS + digits[1:]
    if language == "en":
        return digits
    return digits.replace(",", NARROW).replace(".", ",")


def percent(share: Decimal | float, language: str, decimals: int = 0) -> str:
    """`share` (0.25) as a percentage (25 %)."""
    digits = number(Decimal(str(share)) * 100, language, decimals)
    return f"{digits}%" if language == "en" else f"{digits}{NARROW if language == 'fr' else NBSP}%"


def amount(value: Decimal | int, currency: str, language: str, decimals: int | None = None) -> str:
    """An amount with its currency. Cents are shown only where there are any, unless `decimals` says otherwise."""
    rounded = Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    if decimals is None:
        decimals = 0 if rounded == rounded.to_integral_value() else 2
    digits = number(rounded, language, decimals)
    return f"{currency}{NBSP}{digits}" if language == "en" else f"{digits}{NBSP}{currency}"


@lru_cache(maxsize=64)
def language_name(code: str, language: str) -> str:
    """The name of a language in another one: Russian, русский, russe. It begins small where the language does so."""
    return str(LOCALES[language].languages[code])


@lru_cache(maxsize=8192)
def day(value: date, language: str) -> str:
    """A date with its month in short: 22 Nov 2026, 22 нояб. 2026, 22 nov. 2026."""
    return _date(value, "d MMM y", language)


@lru_cache(maxsize=1024)
def long_day(value: date, language: str) -> str:
    """A date with its month in full: 22 November 2026, 22 ноября 2026, 22 novembre 2026."""
    return _date(value, "d MMMM y", language)


def month(value: date, language: str) -> str:
    """The month of a day, with its year, as it stands by itself: October 2026."""
    return format_date(value, "LLLL y", locale=LOCALES[language]).replace(" ", NBSP)


def _date(value: date, pattern: str, language: str) -> str:
    """By the patterns of CLDR; the first of a month is an ordinal in French, which they do not know."""
    text = format_date(value, pattern, locale=LOCALES[language])
    if language == "fr" and value.day == 1:
        text = "1er" + text.removeprefix("1")
    return text.replace(" ", NBSP)


def moment(value: datetime, language: str) -> str:
    """A moment in UTC, to the minute: 22 Nov 2026, 14:32 UTC."""
    at = value.astimezone(UTC)
    return f"{day(at.date(), language)}, {at:%H:%M}{NBSP}UTC"


def until(value: date, language: str, today: date) -> str:
    """How far `value` is from `today`: today, tomorrow, in 12 days, in 3 months, 5 days ago."""
    return _distance((value - today).days, language)


@lru_cache(maxsize=4096)
def _distance(days: int, language: str) -> str:
    near = {0: _TODAY, 1: _TOMORROW, -1: _YESTERDAY}
    if days in near:
        return translate(language, near[days])
    # People count days up to two months ahead; beyond that months say more, and then years.
    length, locale = timedelta(days=days), LOCALES[language]
    if abs(days) < 60:
        return format_timedelta(length, granularity="day", threshold=10_000, add_direction=True, locale=locale)
    if abs(days) < 730:
        return format_timedelta(length, granularity="month", threshold=24, add_direction=True, locale=locale)
    return format_timedelta(length, granularity="year", threshold=1, add_direction=True, locale=locale)


def duration(length: timedelta, language: str) -> str:
    """How long something has taken or been waiting, in its largest unit: 12 seconds, 3 minutes, 2 days."""
    return format_timedelta(length, threshold=1.5, locale=LOCALES[language]).replace(" ", NBSP)
