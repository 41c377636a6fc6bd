"""Facts that matching ships with: versions of the weights of the fit, and the planning rates of the vocabulary."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from contracts.vocabulary import planning_rates
from services.matching.rules import Rates, Weights
from services.matching.rules.contributors import Blending
from services.matching.rules.labelled import LabelledSet

WEIGHTS_VERSION: Final = 3
"""The newest: in force until a coordinator changes it (see `handlers.weights`)."""
LABELLED_VERSION: Final = 1
_DATA: Final = Path(__file__).parent / "data"


@cache
def weights_data(version: int = WEIGHTS_VERSION) -> dict[str, Any]:
    """The file of one version, with the reason for each weight. Raises FileNotFoundError."""
    found: dict[str, Any] = json.loads((_DATA / f"fit-weights-{version}.json").read_text(encoding="utf-8"))
    return found


@cache
def weights(version: int = WEIGHTS_VERSION) -> Weights:
    """The weights of one version. What is in force, `handlers.weights.weights_in_force` knows."""
    return Weights.from_data(weights_data(version))


@cache
def labelled(version: int = LABELLED_VERSION) -> LabelledSet:
    """The labelled pairs that guard changes of the weights."""
    return LabelledSet.from_data(json.loads((_DATA / f"labelled-pairs-{version}.json").read_text(encoding="utf-8")))


@cache
def rates() -> Rates:
    """The planning rates in force."""
    units, day, _source = planning_rates()
    return Rates(units, date.fromisoformat(day))


@cache
def blending() -> Blending:
    """What donors say about their grants beside other money."""
    return Blending.from_data(json.loads((_DATA / "blending-1.json").read_text(encoding="utf-8")))
