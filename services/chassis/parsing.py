"""What a person typed, made into text, an amount or a day. Pure functions; the messages are msgids.

How an amount is read: groups of three digits may be set off by a space of any kind, an apostrophe, a comma or a point;
decimals by a comma or a point. As money has at most two decimals, one comma or point before exactly three digits can
only set off thousands: "1,234" and "1.234" are 1234. Anything that is not plainly one amount is refused.
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from services.chassis.i18n import N_

LARGEST_AMOUNT: Final = Decimal(10) ** 13
NOT_MONEY: Final = N_("%(label)s: please enter one amount in digits, for example 45000 or 45000.50.")
NEGATIVE: Final = N_("%(label)s: an amount cannot be below zero. Please remove the minus sign.")
DECIMALS: Final = N_("%(label)s: please give at most two decimals.")

_DATE_FORMATS: Final = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")
_GROUPED: Final = re.compile(r"\d{1,3}(?:(?P<mark>[ ',.])\d{3})(?:(?P=mark)\d{3})*")


def clean_text(value: str, *, multiline: bool = False) -> str:
    """`value` in NFC, line ends as LF, without control characters or blanks at its ends.

    Raises ValueError for what is not text at all: lone surrogates and characters that Unicode will never assign.
    """
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    if not multiline:
        text = text.replace("\n", " ").replace("\t", " ")
    if not text.isprintable():
        if any(unicodedata.category(c) == "Cs" or ord(c) & 0xFFFE == 0xFFFE for c in text):
            raise ValueError("not text")
        text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")
    lines = (line.rstrip() for line in text.split("\n"))
    return "\n".join(lines).strip()


def parse_amount(value: str) -> Decimal:
    """The amount that `value` writes. Raises ValueError whose text is the msgid of what to do."""
    text = "".join(" " if c.isspace() else c for c in value.strip())
    text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if re.match(r"[-\N{MINUS SIGN}\N{EN DASH}]\s*\d", text):
        raise ValueError(NEGATIVE)
    if not re.fullmatch(r"[0-9][0-9 ',.]*", text):
        raise ValueError(NOT_MONEY)
    whole, decimals = text, ""
    if match := re.fullmatch(r"(.*\d)[.,](\d*)", text):
        last_mark = text[match.end(1)]
        only_mark = not re.search(r"[ ',.]", match[1])
        # Three digits after the only mark, or after one more mark of the same kind, are thousands, not decimals.
        if len(match[2]) != 3 or (not only_mark and last_mark not in match[1]):
            whole, decimals = match[1], match[2]
            if not decimals or last_mark in whole:
                raise ValueError(NOT_MONEY)
            if len(decimals) > 2:
                raise ValueError(DECIMALS)
    if not re.fullmatch(r"[0-9]+", whole):
        if whole.startswith("0") or not _GROUPED.fullmatch(whole):
            raise ValueError(NOT_MONEY)
        whole = re.sub(r"[^0-9]", "", whole)
    if len(whole.lstrip("0")) > 14:
        return LARGEST_AMOUNT + 1
    return Decimal(f"{whole}.{decimals or 0}").quantize(Decimal("0.01"))


def parse_date(value: str) -> date | None:
    """The day that `value` writes, or None."""
    for form in _DATE_FORMATS:
        try:
            found = datetime.strptime(value, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return found if 1900 <= found.year <= 2200 else None
    return None
