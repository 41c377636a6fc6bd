"""Labelled pairs: how well verdict and fit together find what an expert would advise to apply for.

A pair is found when no rule refuses it and its fit reaches the threshold. Precision is how many of the found are good;
recall is how many of the good are found. The three, and the ten, best-placed of a proposal's labelled windows, of those
that are not refused, give the precision at three and at ten. Order is how often, of two windows of one proposal that
are not refused, the good one has the higher fit (a tie counts half): the weights alone decide that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, get_args

from contracts.values import Money
from contracts.windows import WindowTerms
from services.matching.rules.facts import AddressedAction, Cofinancing, ProposalFacts, Rates
from services.matching.rules.judge import judge
from services.matching.rules.ranking import Ranked, sort_key
from services.matching.rules.weights import Weights

Label = Literal["good", "poor", "wrong"]
LABELS: Final = get_args(Label)
THRESHOLD: Final = 60
"""The fit from which a pair is worth a coordinator's look."""
DEPTHS: Final = (3, 10)


@dataclass(frozen=True)
class Labelled:
    """One proposal that was made up, and what an expert would say of some windows."""

    proposal_id: str
    title: str
    """In English, as the reasons are."""
    facts: ProposalFacts
    labels: Mapping[str, Label]
    """By window id."""
    reasons: Mapping[str, str]
    """Why each has its label, by window id."""


@dataclass(frozen=True)
class LabelledSet:
    """One version of the labelled pairs."""

    version: int
    as_of: date
    """The day that the pairs are judged on, whatever the calendar says."""
    proposals: tuple[Labelled, ...]
    floor: Mapping[str, Decimal]
    """Figure of `Quality.figures` -> what the weights that the program ships with must reach."""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "LabelledSet":
        """Read a file. Raises KeyError, ValueError when it is damaged."""
        return cls(
            int(data["version"]), date.fromisoformat(data["as_of"]),
            tuple(
                Labelled(
                    one["id"], one["title"], _facts(one), _labels(one),
                    {pair["window_id"]: pair["why"] for pair in one["pairs"]},
                )
                for one in data["proposals"]
            ),
            {name: Decimal(least) for name, least in data["floor"].items()},
        )  # fmt: skip


@dataclass(frozen=True)
class Quality:
    """What the weights achieve on the labelled pairs."""

    pairs: int
    """Those whose window is known; the others are left out."""
    good: int
    found: int
    found_good: int
    placed: Mapping[int, tuple[int, int]]
    """3 and 10 -> (how many are among so many best-placed of their proposal, how many of these are good)."""
    compared: int
    """Pairs of one proposal of which one is good and the other is not, neither refused."""
    in_order: Decimal
    """Of these, those in the right order; a tie counts half."""

    @property
    def precision(self) -> Decimal | None:
        """How many of the found are good, 0 to 1; None when nothing is found."""
        return _share(self.found_good, self.found)

    @property
    def recall(self) -> Decimal | None:
        """How many of the good are found, 0 to 1."""
        return _share(self.found_good, self.good)

    def precision_at(self, depth: int) -> Decimal | None:
        """How many of the three, or ten, best-placed of each proposal are good, 0 to 1."""
        placed, placed_good = self.placed[depth]
        return _share(placed_good, placed)

    @property
    def order(self) -> Decimal | None:
        """How often the better of two is placed before the other, 0 to 1; a half is chance."""
        return _share(self.in_order, self.compared)

    @property
    def figures(self) -> dict[str, Decimal | None]:
        """Every figure by name, each 0 to 1 and better the higher; None where there is nothing to measure."""
        return {
            "precision": self.precision, "recall": self.recall, "precision_at_3": self.precision_at(3),
            "precision_at_10": self.precision_at(10), "order": self.order,
        }  # fmt: skip

    def below(self, floor: Mapping[str, Decimal]) -> list[str]:
        """Names of the figures that are below `floor`."""
        return [name for name, found in self.figures.items() if found is not None and found < floor.get(name, 0)]


class Told(NamedTuple):
    """One labelled pair with what verdict and fit say of it."""

    pair: Ranked
    label: Label

    @property
    def good(self) -> bool:
        """Whether an expert would advise to apply."""
        return self.label == "good"

    @property
    def found(self) -> bool:
        """Whether it is among those that a coordinator would look at."""
        return self.pair.fit is not None and self.pair.fit >= THRESHOLD


def told(
    labelled: LabelledSet, windows: Mapping[str, WindowTerms], weights: Weights, rates: Rates
) -> dict[str, list[Told]]:
    """Proposal id -> its labelled pairs, best first, judged by `weights` against the windows as they are known here."""
    found: dict[str, list[Told]] = {}
    for one in labelled.proposals:
        pairs = []
        for window_id, label in one.labels.items():
            if window_id in windows:
                result = judge(one.facts, windows[window_id], today=labelled.as_of, rates=rates, weights=weights)
                pairs.append(Told(Ranked(window_id, result.overall, result.fit, result.no), label))
        found[one.proposal_id] = sorted(pairs, key=lambda pair: sort_key(pair.pair))
    return found


def quality(labelled: LabelledSet, windows: Mapping[str, WindowTerms], weights: Weights, rates: Rates) -> Quality:
    """How well `weights` do on all labelled pairs."""
    by_proposal = told(labelled, windows, weights, rates).values()
    every = [pair for pairs in by_proposal for pair in pairs]
    open_ = [[pair for pair in pairs if pair.pair.fit is not None] for pairs in by_proposal]
    found = [pair for pair in every if pair.found]
    placed = {depth: [pair for pairs in open_ for pair in pairs[:depth]] for depth in DEPTHS}
    return Quality(
        pairs=len(every), good=sum(pair.good for pair in every),
        found=len(found), found_good=sum(pair.good for pair in found),
        placed={depth: (len(best), sum(pair.good for pair in best)) for depth, best in placed.items()},
        compared=sum(_compared(pairs) for pairs in open_), in_order=sum(map(_ordered, open_), Decimal(0)),
    )  # fmt: skip


def _compared(pairs: Sequence[Told]) -> int:
    better = sum(pair.good for pair in pairs)
    return better * (len(pairs) - better)


def _ordered(pairs: Sequence[Told]) -> Decimal:
    right = Decimal(0)
    for good in (one.pair.fit or 0 for one in pairs if one.good):
        for other in (one.pair.fit or 0 for one in pairs if not one.good):
            right += 1 if good > other else Decimal("0.5") if good == other else 0
    return right


def _share(part: int | Decimal, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal("0.001")) if whole else None


def _labels(one: Mapping[str, Any]) -> dict[str, Label]:
    labels: dict[str, Label] = {}
    for pair in one["pairs"]:
        if pair["label"] not in LABELS or not pair["why"] or pair["window_id"] in labels:
            raise ValueError(f"{one['id']}, {pair['window_id']}: one label with its reason")
        labels[pair["window_id"]] = pair["label"]
    return labels


def _facts(one: Mapping[str, Any]) -> ProposalFacts:
    return ProposalFacts(
        applicant_kind=one["applicant_kind"], states=frozenset(one["states"]), species=frozenset(one["species"]),
        themes=frozenset(one["themes"]),
        actions=frozenset(
            AddressedAction(action["action_id"], action["priority"], frozenset(action["themes"]))
            for action in one["actions"]
        ),
        requested=Money(amount=Decimal(one["requested"]), currency=one["currency"]),
        requested_usd=Decimal(one["requested_usd"]), duration_months=one["duration_months"],
        starts=date.fromisoformat(one["starts"]),
        cofinancing=Cofinancing(**{name: Decimal(sum_) for name, sum_ in one["cofinancing"].items()}),
    )  # fmt: skip
