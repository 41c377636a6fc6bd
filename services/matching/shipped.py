"""Facts that matching ships with: the weights of the fit, and the planning rates of the shared vocabulary."""

import json
from datetime import date
from functools import cache
from pathlib import Path

from contracts.vocabulary import planning_rates
from services.matching.rules import Rates, Weights

WEIGHTS_VERSION = 1


@cache
def weights() -> Weights:
    """The weights in force."""
    path = Path(__file__).parent / "data" / f"fit-weights-{WEIGHTS_VERSION}.json"
    return Weights.from_data(json.loads(path.read_text(encoding="utf-8")))


@cache
def rates() -> Rates:
    """The planning rates in force."""
    units, day, _source = planning_rates()
    return Rates(units, date.fromisoformat(day))
