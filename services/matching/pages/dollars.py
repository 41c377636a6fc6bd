"""Amounts on forms of plans and studies: whole US dollars, typed the way people write them."""

from decimal import ROUND_FLOOR, Decimal

from services.chassis.forms import Reader
from services.matching.portfolio.instance import MOST_MONEY


def dollars(
    reader: Reader, name: str, label: str, *, required: bool = False, minimum: int = 1, maximum: int = MOST_MONEY,
) -> int | None:  # fmt: skip
    """Whole US dollars, as `chassis.parsing` reads an amount: 500000 and 500,000 are one, and cents are dropped."""
    found = reader.money(name, label=label, required=required, minimum=Decimal(minimum), maximum=Decimal(maximum))
    return None if found is None else int(found.to_integral_value(ROUND_FLOOR))
