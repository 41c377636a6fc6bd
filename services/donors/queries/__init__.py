"""The read side of donors."""

from services.donors.queries.donors import Donor, donors
from services.donors.queries.windows import (
    Difference,
    Revision,
    WindowView,
    differences,
    status_before_closing,
    terms_at,
    window,
)

__all__ = [
    "Difference",
    "Donor",
    "Revision",
    "WindowView",
    "differences",
    "donors",
    "status_before_closing",
    "terms_at",
    "window",
]
