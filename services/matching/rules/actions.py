"""An action of the Programme against a window: could the window pay for it, and how well would the two suit?

An action is not yet a project: it has no applicant, amount or dates, and it may be paid for in some of its states
only. So four rules are asked (status, states, species, themes), and one payable state is enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from contracts.events import ActionPublished
from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.answers import Setting
from services.matching.rules.facts import Rates
from services.matching.rules.fit import FULL_THEMES, OTHER_SPECIES, UNKNOWN_SPECIES
from services.matching.rules.settled import only_told_themes
from services.matching.rules.shares import ALL, HALF, NOTHING, apportion
from services.matching.rules.weights import ACTION_PARTS, Weights
from services.matching.rules.what import named_species, refused_themes
from services.matching.rules.when import status


@dataclass(frozen=True)
class ActionFacts:
    """An action as the rules see it. No species or no states means that it is not about particular ones."""

    action_id: str
    priority: str | None
    themes: frozenset[str]
    species: frozenset[str]
    states: frozenset[str]


class ActionVerdict(NamedTuple):
    """The answer for one action. `parts` are in the order of `ACTION_PARTS` and add up to `fit`; 0 if not payable."""

    overall: Tri
    could_pay: bool
    """No rule says no, and at least one theme or one of the donor's preferred species is shared."""
    fit: int
    parts: tuple[int, ...]


_NO_PARTS: Final = (0,) * len(ACTION_PARTS)


def facts_of_action(payload: ActionPublished) -> ActionFacts:
    """The facts of a published action."""
    return ActionFacts(
        payload.action_id, payload.priority,
        frozenset(payload.themes), frozenset(payload.species), frozenset(payload.states),
    )  # fmt: skip


class PreparedWindow:
    """A window made ready to be asked about many actions: 69 windows meet 228 actions in one go."""

    def __init__(self, terms: WindowTerms, *, today: date, weights: Weights) -> None:
        self._status = status(terms, Setting(today, Rates({}, today))).verdict
        self._themes = frozenset(terms.themes)
        self._least_themes = HALF if only_told_themes(terms) else NOTHING
        self._refused = refused_themes(terms)
        self._states: Mapping[str, Tri] = terms.countries.states
        self._species: Mapping[str, Tri] = terms.species.species
        self._others = terms.species.others
        self._named = named_species(terms.species)
        self._weights = weights

    def judge(self, action: ActionFacts) -> ActionVerdict:
        """Judge one action."""
        species = self._species_of(action)
        states = self._states_of(action)
        shared = action.themes & self._themes
        refused = bool(action.themes) and action.themes <= self._refused
        themes = Tri.YES if shared else Tri.NO if refused else Tri.UNKNOWN  # as in rule 6 of a proposal
        answers = (self._status, states[0], species[0], themes)
        overall = Tri.NO if Tri.NO in answers else Tri.UNKNOWN if Tri.UNKNOWN in answers else Tri.YES
        if overall is Tri.NO or not (shared or action.species & self._named):
            return ActionVerdict(overall, False, 0, _NO_PARTS)
        weight = self._weights.action
        parts = apportion([
            weight["priority"] * ALL * self._weights.priority_percent.get(action.priority or "", 0) // 100,
            weight["themes"] * self._themes_of(action, len(shared)),
            weight["species"] * species[1],
            weight["states"] * states[1],
        ])  # fmt: skip
        return ActionVerdict(overall, True, sum(parts), tuple(parts))

    def _themes_of(self, action: ActionFacts, shared: int) -> int:
        if not self._themes or not action.themes:
            return HALF
        earned = min(ALL, shared * ALL // min(FULL_THEMES, len(action.themes), len(self._themes)))
        return max(self._least_themes, earned)

    def _species_of(self, action: ActionFacts) -> tuple[Tri, int]:
        """(answer, thousandths earned): named by the donor all, not shut out 2/3, unknown 1/3, refused nothing."""
        if not action.species:
            payable = self._others is Tri.YES or Tri.YES in self._species.values()
            best = Tri.YES if payable else self._others
            return best, {Tri.YES: OTHER_SPECIES, Tri.UNKNOWN: UNKNOWN_SPECIES, Tri.NO: 0}[best]
        best, total = Tri.NO, 0
        for code in action.species:
            answer = self._species.get(code, self._others)
            if answer is Tri.YES:
                best = Tri.YES
                total += ALL if code in self._named else OTHER_SPECIES
            elif answer is Tri.UNKNOWN:
                total += UNKNOWN_SPECIES
                if best is Tri.NO:
                    best = Tri.UNKNOWN
        return best, total // len(action.species)

    def _states_of(self, action: ActionFacts) -> tuple[Tri, int]:
        """(answer, thousandths earned): the mean over its states, or over the window's where it names none."""
        answers = [self._states.get(code, Tri.UNKNOWN) for code in action.states] or list(self._states.values())
        sure, open_ = answers.count(Tri.YES), answers.count(Tri.UNKNOWN)
        if not answers:
            return Tri.UNKNOWN, HALF
        best = Tri.YES if sure else Tri.UNKNOWN if open_ else Tri.NO
        return best, (sure * ALL + open_ * HALF) // len(answers)
