"""The form of a scenario: what can be changed, what was typed, and what it says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final
from uuid import UUID

from sqlmodel import Session

from contracts.values import LocalizedText
from contracts.vocabulary import codes
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_
from services.matching.commands.portfolios import DESCRIPTION_LIMIT, NAME_LIMIT, Draft
from services.matching.handlers.terms import all_terms
from services.matching.portfolio.instance import MOST_MONEY
from services.matching.queries.portfolios import live
from services.matching.rules.portfolios import LEAST_GRANT, MOST_WINDOWS_EACH, Changes, NewWindow, in_usd
from services.matching.shipped import blending, rates
from services.matching.tables import Scenario
from services.matching.words.portfolios import own

NAME: Final = N_("Name of the scenario")
DESCRIPTION: Final = N_("What it is for")
BUDGET: Final = N_("Could give in all")
LARGEST: Final = N_("Largest grant")
SMALLEST: Final = N_("Smallest grant")
WINDOW_NAME: Final = N_("Name of the window")
RATIO: Final = N_("Co-financing for each dollar of grant")
MAX_WINDOWS: Final = N_("Windows for one proposal, at most")
LEAST: Final = N_("Smallest grant where a donor states none")
TOO_LOW: Final = N_("%(label)s: the window makes no grant below %(limit)s dollars. Please enter that or more.")
NOT_OVER: Final = N_("%(label)s: please enter no more than the largest grant.")
MOST_NEW: Final = 12
MOST_LINES: Final = MOST_NEW + 1
"""Lines of new windows that the page draws, whatever is sent: one more than may be kept, to be told so beside it."""
NEW_LINE: Final = re.compile(r"new-([0-9]{1,2})-(.+)", re.DOTALL)
TOO_MANY: Final = N_("%(label)s: at most %(limit)s new windows fit one scenario.")
MOST_EACH: Final = 20
DOLLAR: Final = Decimal(1)
_FLAGS: Final = ("unsure", "parts", "each_state", "each_species")
_VOCABULARIES: Final = {"states": "states", "species": "species", "kinds": "applicant_kinds"}


@dataclass(frozen=True)
class WindowLine:
    """A window that a scenario can change. Amounts are whole US dollars at planning rates."""

    window_id: str
    name: str
    donor_name: str
    smallest: int
    largest: int | None
    pairs: int
    """Proposals that count for it."""


@dataclass(frozen=True)
class ProposalLine:
    """A proposal that a scenario can wish for."""

    proposal_id: UUID
    reference: str
    title: LocalizedText
    need: int
    pairs: int


@dataclass(frozen=True)
class Offered:
    """What there is to change."""

    windows: Sequence[WindowLine]
    """Those that count for more proposals first."""
    proposals: Sequence[ProposalLine]
    rates_day: str


def offered(session: Session) -> Offered:
    """Today's windows and proposals."""
    terms = [one for one in all_terms(session) if one.window_id not in blending().preparation]
    budgets = {one.window_id: MOST_MONEY for one in terms if one.amount.maximum is None}
    today = live(session, Changes(budgets=budgets))  # so that windows without a known maximum count too
    of_window = [0] * len(today.windows)
    of_proposal = [0] * len(today.proposals)
    for p, w in today.pairs:
        of_window[w] += 1
        of_proposal[p] += 1
    counts = {one.window_id: of_window[w] for w, one in enumerate(today.windows)}
    windows = []
    for one in terms:
        rule = one.amount
        windows.append(
            WindowLine(
                one.window_id, one.name, one.donor_name,
                (in_usd(rule.minimum, rule.currency, rates(), ROUND_CEILING) or 0) if rule.minimum is not None else 0,
                in_usd(rule.maximum, rule.currency, rates(), ROUND_FLOOR) if rule.maximum is not None else None,
                counts.get(one.window_id, 0),
            )
        )  # fmt: skip
    windows.sort(key=lambda one: (-one.pairs, one.donor_name.casefold(), one.name.casefold()))
    proposals = [
        ProposalLine(one.proposal_id, one.reference, one.title, today.instance.proposals[p].need, of_proposal[p])
        for p, one in enumerate(today.proposals)
    ]
    return Offered(windows, proposals, today.rates_day)


def values_of(name: str, description: str, changes: Changes, revision: int | None = None) -> FormState:
    """The form as it stands for a scenario."""
    values: dict[str, str | list[str]] = {
        "name": name, "description": description, "closed": sorted(changes.closed),
        "max_windows": str(changes.max_windows), "least_grant": str(changes.least_grant),
        "revision": str(revision or ""),
    }  # fmt: skip
    values |= {flag: "1" for flag in _FLAGS if getattr(changes, flag)}
    values |= {f"budget-{key}": str(dollars) for key, dollars in changes.budgets.items()}
    values |= {f"largest-{key}": str(dollars) for key, dollars in changes.largest.items()}
    values |= {f"wish-{key}": "must" for key in changes.must} | {f"wish-{key}": "must_not" for key in changes.must_not}
    for number, window in enumerate(changes.new_windows):
        values |= {
            f"new-{number}-name": window.name, f"new-{number}-budget": str(window.budget),
            f"new-{number}-smallest": str(window.smallest), f"new-{number}-largest": str(window.largest),
            f"new-{number}-ratio": f"{window.ratio.normalize():f}", f"new-{number}-states": sorted(window.states),
            f"new-{number}-species": sorted(window.species), f"new-{number}-kinds": sorted(window.kinds),
        }  # fmt: skip
    return FormState(values)


def of_scenario(scenario: Scenario) -> FormState:
    """The form of a scenario that is kept, in the current language."""
    return values_of(
        own(scenario.name), own(scenario.description), Changes.from_json(scenario.changes), scenario.revision
    )  # fmt: skip


def new_lines(form: FormState) -> int:
    """How many lines of new windows were typed; what is sent is not trusted, so there is an end to them."""
    numbers = [int(found[1]) for name in form.values if (found := NEW_LINE.fullmatch(name))]
    return min(max(numbers, default=-1) + 1, MOST_LINES)


def read(reader: Reader, there: Offered, before: Changes) -> Draft:
    """What the form says. What a scenario says of windows and proposals that are not there any more, it goes on saying.

    Raises Invalid.
    """
    known = {one.window_id: one for one in there.windows}
    ids = {one.proposal_id for one in there.proposals}
    name = reader.text("name", label=NAME, required=True, max_length=NAME_LIMIT)
    description = reader.text("description", label=DESCRIPTION, max_length=DESCRIPTION_LIMIT, multiline=True)
    closed = frozenset(reader.choices("closed", known)) | (before.closed - known.keys())
    budgets = _kept(before.budgets, known)
    largest = _kept(before.largest, known)
    for line in there.windows:
        budget = dollars(reader, f"budget-{line.window_id}", BUDGET)
        if budget is not None:
            budgets[line.window_id] = budget
        most = dollars(reader, f"largest-{line.window_id}", LARGEST)
        if most is not None:
            if most < line.smallest:
                reader.fail(
                    f"largest-{line.window_id}",
                    TOO_LOW,
                    label=LARGEST,
                    limit=f"{line.smallest:,}".replace(",", "\N{NARROW NO-BREAK SPACE}"),
                )
            largest[line.window_id] = most
    wishes = {
        line.proposal_id: reader.choice(f"wish-{line.proposal_id}", ("must", "must_not")) for line in there.proposals
    }
    windows = tuple(_new(row, number) for number, row in enumerate(reader.rows("new"), start=1))
    if len(windows) > MOST_NEW:
        reader.fail("new-0-name", TOO_MANY, label=WINDOW_NAME, limit=MOST_NEW)
    most_each = reader.whole("max_windows", label=MAX_WINDOWS, minimum=1, maximum=MOST_EACH)
    least = dollars(reader, "least_grant", LEAST, minimum=0)
    reader.check()
    return Draft(
        name, description,
        Changes(
            closed, windows, budgets, largest,
            frozenset(key for key, wish in wishes.items() if wish == "must") | (before.must - ids),
            frozenset(key for key, wish in wishes.items() if wish == "must_not") | (before.must_not - ids),
            reader.flag("unsure"), reader.flag("parts"), reader.flag("each_state"), reader.flag("each_species"),
            most_each or MOST_WINDOWS_EACH, LEAST_GRANT if least is None else least,
        ),
    )  # fmt: skip


def _kept(before: Mapping[str, int], known: Mapping[str, WindowLine]) -> dict[str, int]:
    return {key: amount for key, amount in before.items() if key not in known}


def _new(row: Reader, number: int) -> NewWindow:
    name = row.text("name", label=WINDOW_NAME, required=True, max_length=NAME_LIMIT)
    budget = dollars(row, "budget", BUDGET, required=True) or 1
    largest = dollars(row, "largest", LARGEST) or budget
    smallest = dollars(row, "smallest", SMALLEST, minimum=0) or 0
    if smallest > largest:
        row.fail("smallest", NOT_OVER, label=SMALLEST)
    ratio = row.money("ratio", label=RATIO, maximum=Decimal(99)) or Decimal(0)
    chosen = {
        field: frozenset(row.choices(field, codes(vocabulary), label=field))
        for field, vocabulary in _VOCABULARIES.items()
    }
    return NewWindow(f"new-{number}", name, budget, smallest, largest, ratio, **chosen)


def dollars(reader: Reader, name: str, label: str, *, required: bool = False, minimum: int = 1) -> int | None:
    """Whole US dollars."""
    found = reader.money(name, label=label, required=required, minimum=Decimal(minimum), maximum=Decimal(MOST_MONEY))
    return None if found is None else int(found.to_integral_value(ROUND_FLOOR))
