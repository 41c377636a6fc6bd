"""The weights in force: those that the program ships with, until a coordinator changes them."""

from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from services.matching import shipped
from services.matching.rules import Weights
from services.matching.tables import WeightsInForce

_LIMIT: Final = 100
_known: dict[UUID, Weights] = {}
"""By the id of the version, which no two databases share. Never changed once put in."""


def weights_in_force(session: Session) -> Weights:
    """What every judgement weighs by."""
    found = session.get(WeightsInForce, 1)
    if found is None:
        return shipped.weights()
    known = _known.get(found.version_id)
    if known is None:
        if len(_known) >= _LIMIT:
            _known.clear()
        known = _known[found.version_id] = Weights.from_data(found.data)
    return known


def data_in_force(session: Session) -> dict[str, Any]:
    """The same with the reason for each weight, as a file of weights holds it."""
    found = session.get(WeightsInForce, 1)
    return shipped.weights_data() if found is None else found.data
