"""What would make a proposal fit: the smallest set of changes, found exactly and judged by the rules themselves.

Smallest means fewest kinds of change, then the least cost (`amendments.Cost`), then the fewest unknowns.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from typing import Final

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.amendments import KINDS, Amendment, Cost, Kind, Variant, variants
from services.matching.rules.answers import Setting
from services.matching.rules.eligibility import RULES, findings, verdicts
from services.matching.rules.facts import ProposalFacts
from services.matching.rules.findings import Finding, Overall, Params, overall_of

_WORTH: Final = {Tri.NO: 0, Tri.UNKNOWN: 1, Tri.YES: 2}
Verdicts = Mapping[str, Tri]
Key = tuple[int, tuple[int, int, int, Decimal, int, int], int]


@dataclass(frozen=True)
class Changed:
    """Changes, the proposal with them made, and what the rules say of it."""

    amendments: tuple[Amendment, ...]
    facts: ProposalFacts
    verdicts: Verdicts

    @property
    def overall(self) -> Overall:
        """The verdict on the changed proposal."""
        return overall_of(self.verdicts.values())

    @property
    def unknown(self) -> tuple[str, ...]:
        """The rules whose answers stay open."""
        return tuple(rule for rule, verdict in self.verdicts.items() if verdict is Tri.UNKNOWN)

    @property
    def refused(self) -> tuple[str, ...]:
        """The rules that still say no."""
        return tuple(rule for rule, verdict in self.verdicts.items() if verdict is Tri.NO)

    @property
    def cost(self) -> Cost:
        """Of all changes together."""
        return sum((amendment.cost for amendment in self.amendments), Cost())

    @property
    def key(self) -> "Key":
        """Smallest first."""
        return len(self.amendments), self.cost.key, len(self.unknown)


@dataclass(frozen=True)
class Help:
    """What would turn a refusal."""

    opens: Changed | None
    """The smallest set after which no rule refuses; None when nothing helps."""
    certain: Changed | None
    """The smallest set after which every rule says yes; None when some answer stays open whatever is changed."""
    in_the_way: tuple[str, ...]
    """The rules that refuse whatever is changed: why nothing helps."""
    open_questions: tuple[str, ...]
    """The rules that no change can bring to a yes, only an answer of the donor."""
    still_open: tuple[Finding, ...] = ()
    """What stays unknown once `opens` is done, with the questions to ask; empty where that is a yes on every rule."""


def what_would_help(facts: ProposalFacts, terms: WindowTerms, setting: Setting) -> Help:
    """The smallest changes that bring `facts` past `terms`: to no refusal, and to a yes on every rule."""
    before = verdicts(facts, terms, setting)
    best = _best_within_reach(facts, terms, setting, before)
    in_the_way = tuple(rule for rule, verdict in best.items() if verdict is Tri.NO)
    unsettled = tuple(rule for rule, verdict in best.items() if verdict is Tri.UNKNOWN)
    if in_the_way:
        return Help(None, None, in_the_way, unsettled)
    opens: Changed | None = None
    certain: Changed | None = None
    kinds = _useful(facts, terms, setting, before)
    nearest = Changed((), facts, before)
    for count in range(len(kinds) + 1):
        found = [one for some in combinations(kinds, count) for one in _made(some, facts, terms, setting)]
        opens = opens or min((one for one in found if one.overall != "not_eligible"), key=_by_key, default=None)
        certain = certain or min((one for one in found if one.overall == "eligible"), key=_by_key, default=None)
        if opens and (certain or unsettled):
            break
        nearest = min((nearest, *found), key=lambda one: len(one.refused))
    if opens is None:  # rules that contradict one another: a smallest grant above the largest
        return Help(None, None, nearest.refused, unsettled)
    if certain is None:
        unsettled = unsettled or opens.unknown
    return Help(opens, certain, (), unsettled, _unknown_after(opens, terms, setting))


def _unknown_after(changed: Changed, terms: WindowTerms, setting: Setting) -> tuple[Finding, ...]:
    if not changed.unknown:
        return ()
    return tuple(one for one in findings(changed.facts, terms, setting) if one.verdict is Tri.UNKNOWN)


def _by_key(changed: Changed) -> Key:
    return changed.key


def _made(
    kinds: Sequence[Kind], facts: ProposalFacts, terms: WindowTerms, setting: Setting, done: tuple[Amendment, ...] = ()
) -> Iterator[Changed]:
    """Every proposal that comes of one change of each of `kinds`."""
    if not kinds:
        yield Changed(done, facts, verdicts(facts, terms, setting))
        return
    for amendment, changed in _distinct(kinds[0], facts, terms, setting):
        yield from _made(kinds[1:], changed, terms, setting, (*done, amendment))


def _distinct(kind: Kind, facts: ProposalFacts, terms: WindowTerms, setting: Setting) -> list[Variant]:
    """As `variants`, with the leads taken together between which neither the rules see a difference nor the cost."""
    made = variants(kind, facts, terms, setting)
    if kind != "lead":
        return made
    alike: dict[tuple[Tri, str], list[Variant]] = defaultdict(list)
    for variant in made:
        alike[RULES["applicant"](variant[1], terms, setting).verdict, variant[0].code].append(variant)
    return [
        (replace(group[0][0], params=_together([one.params for one, _ in group])), group[0][1])
        for group in alike.values()
    ]


def _together(several: Sequence[Params]) -> Params:
    """The kinds of several leads, and the partners that are of them."""
    made: dict[str, list[str]] = {}
    for params in several:
        for name, codes in params.items():
            if isinstance(codes, list):
                made[name] = [*made.get(name, []), *codes]
    return {**made}


def _best_within_reach(
    facts: ProposalFacts, terms: WindowTerms, setting: Setting, before: Verdicts
) -> dict[str, Tri]:  # fmt: skip
    """Rule -> the best answer that any change gives. No rule looks at the facts of two kinds of change, except that
    for co-financing, which looks at amount and contributions: so single changes and that pair tell all."""
    best = dict(before)
    alone: list[tuple[Kind, ...]] = [(kind,) for kind in KINDS]
    for kinds in [*alone, ("amount", "cofinancing")]:
        for changed in _made(kinds, facts, terms, setting):
            for rule, verdict in changed.verdicts.items():
                best[rule] = max(best[rule], verdict, key=_WORTH.__getitem__)
    return best


def _useful(facts: ProposalFacts, terms: WindowTerms, setting: Setting, before: Verdicts) -> list[Kind]:
    """The kinds of change that better some answer. Contributions also make good what a larger amount spoils."""
    useful: set[Kind] = set()
    for kind in KINDS:
        for changed in _made((kind,), facts, terms, setting):
            if any(_WORTH[verdict] > _WORTH[before[rule]] for rule, verdict in changed.verdicts.items()):
                useful.add(kind)
    if "amount" in useful:
        useful.add("cofinancing")
    return [kind for kind in KINDS if kind in useful]


@dataclass(frozen=True)
class Opening:
    """A single change, and the windows that refuse now and no longer would."""

    amendment: Amendment
    window_ids: tuple[str, ...]


def openings(facts: ProposalFacts, windows: Iterable[tuple[WindowTerms, Setting]]) -> list[Opening]:
    """For each kind of change, the one that opens the most of the windows (then: that costs the least), best first;
    and for each of the partners that would lead, named, what that opens.

    A change is one and the same for all windows it is said to open: each has judged the proposal with it made.
    """
    reachable = [
        (terms, setting, before)
        for terms, setting in windows
        if Tri.NO in (before := verdicts(facts, terms, setting)).values() and _may_open(before)
    ]
    found: list[Opening] = []
    for kind in KINDS:
        tried: dict[ProposalFacts, Amendment] = {}
        for terms, setting, _ in reachable:
            for amendment, changed in variants(kind, facts, terms, setting):
                tried.setdefault(changed, amendment)
        opened = [
            Opening(amendment, ids)
            for changed, amendment in tried.items()
            if (ids := tuple(terms.window_id for terms, setting, _ in reachable if _takes(changed, terms, setting)))
        ]
        for alike in _by_partners(opened):
            found.append(min(alike, key=_widest))
    return sorted(found, key=_widest)


def _widest(opening: Opening) -> tuple[int, tuple[int, int, int, Decimal, int, int]]:
    return -len(opening.window_ids), opening.amendment.cost.key


def _by_partners(opened: Iterable[Opening]) -> Iterable[list[Opening]]:
    """One group for all that names no partner, and one for each set of partners of one kind."""
    groups: dict[tuple[str, ...], list[Opening]] = defaultdict(list)
    for one in opened:
        partners = one.amendment.params.get("partners", [])
        groups[tuple(partners) if isinstance(partners, list) else ()].append(one)
    return groups.values()


FIXED: Final = frozenset({"status", "call", "species", "themes"})
"""Rules that look at nothing a change touches: what they refuse stays refused."""


def _may_open(before: Verdicts) -> bool:
    return all(before[rule] is not Tri.NO for rule in FIXED)


def _takes(facts: ProposalFacts, terms: WindowTerms, setting: Setting) -> bool:
    return all(rule(facts, terms, setting).verdict is not Tri.NO for rule in RULES.values())
