"""Numbers, money and dates as each language writes them."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from services.chassis import formats
from services.chassis.i18n import load_catalogues

S, N = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("value", "decimals", "english", "others"),
    [
        (1234567, None, "1,234,567", f"1{S}234{S}567"), (Decimal("-1234.5"), None, "−1,234.5", f"−1{S}234,5"),
        (Decimal("8350.5"), 2, "8,350.50", f"8{S}350,50"), (0, None, "0", "0"), (999, None, "999", "999"),
        (1.5, 1, "1.5", "1,5"), (Decimal("12.005"), 0, "12", "12"),
    ],
)  # fmt: skip
def test_numbers(value: Decimal | int | float, decimals: int | None, english: str, others: str) -> None:
    assert formats.number(value, "en", decimals) == english
    assert formats.number(value, "ru", decimals) == others
    assert formats.number(value, "fr", decimals) == others


def test_money_shows_cents_only_where_there_are_any() -> None:
    assert formats.amount(Decimal("45000.00"), "USD", "en") == f"USD{N}45,000"
    assert formats.amount(Decimal("45000.5"), "USD", "ru") == f"45{S}000,50{N}USD"
    assert formats.amount(45000, "KZT", "fr") == f"45{S}000{N}KZT"
    assert formats.amount(45000, "EUR", "en", 2) == f"EUR{N}45,000.00"
    assert formats.amount(Decimal("-0.25"), "EUR", "en") == f"EUR{N}−0.25"


def test_names_of_languages() -> None:
    assert [formats.language_name("ru", language) for language in ("en", "ru", "fr")] == ["Russian", "русский", "russe"]


def test_percentages() -> None:
    assert formats.percent(Decimal("0.254"), "en") == "25%"
    assert formats.percent(0.254, "ru", 1) == f"25,4{N}%"
    assert formats.percent(1, "fr") == f"100{S}%"


def test_days_and_moments() -> None:
    day = date(2026, 11, 22)
    assert formats.day(day, "en") == f"22{N}Nov{N}2026"
    assert formats.day(day, "ru") == f"22{N}нояб.{N}2026"
    assert formats.day(day, "fr") == f"22{N}nov.{N}2026"
    assert formats.long_day(day, "ru").startswith(f"22{N}ноября")
    first = date(2027, 4, 1)
    assert formats.long_day(first, "fr") == f"1er{N}avril{N}2027"
    assert formats.day(first, "fr").startswith(f"1er{N}avr")
    assert formats.day(first, "en") == f"1{N}Apr{N}2027"
    almaty = datetime(2026, 11, 23, 1, 30, tzinfo=timezone(timedelta(hours=5)))
    assert formats.moment(almaty, "en") == f"22{N}Nov{N}2026, 20:30{N}UTC"


@pytest.mark.parametrize(
    ("days", "english", "russian", "french"),
    [
        (0, "today", "сегодня", "aujourd’hui"), (1, "tomorrow", "завтра", "demain"), (-1, "yesterday", "вчера", "hier"),
        (12, "in 12 days", "через 12 дней", "dans 12 jours"), (21, "in 21 days", "через 21 день", "dans 21 jours"),
        (-5, "5 days ago", "5 дней назад", "il y a 5 jours"), (90, "in 3 months", "через 3 месяца", "dans 3 mois"),
        (800, "in 2 years", "через 2 года", "dans 2 ans"),
    ],
)  # fmt: skip
def test_distances(days: int, english: str, russian: str, french: str) -> None:
    load_catalogues()
    today = datetime(2026, 11, 22, tzinfo=UTC).date()
    then = today + timedelta(days=days)
    assert [formats.until(then, language, today) for language in ("en", "ru", "fr")] == [english, russian, french]
