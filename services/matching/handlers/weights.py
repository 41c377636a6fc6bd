"""The weights in force: those that the program ships with, until a coordinator changes them."""

from sqlmodel import Session

from services.matching import shipped
from services.matching.rules import Weights


def weights_in_force(session: Session) -> Weights:
    """What every judgement weighs by."""
    return shipped.weights()
