"""The form of a scenario: what can be changed, what was typed, and what it says."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from contracts.vocabulary import codes
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_
from services.matching.commands.portfolios import DESCRIPTION_LIMIT, NAME_LIMIT, Draft
from services.matching.pages.dollars import dollars
from services.matching.queries.scenario_lines import Offered, WindowLine
from services.matching.rules.portfolios import (
    LEAST_BY,
    LEAST_GRANT,
    MOST_WINDOWS_EACH,
    USUAL_SHARE,
    Changes,
    LeastBy,
    NewWindow,
)
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
LEAST_AMOUNT: Final = N_("The amount")
LEAST_SHARE: Final = N_("The share, in per cent")
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


def values_of(name: str, description: str, changes: Changes, revision: int | None = None) -> FormState:
    """The form as it stands for a scenario."""
    values: dict[str, str | list[str]] = {
        "name": name, "description": description, "max_windows": str(changes.max_windows),
        "least_by": changes.least_by, "least_grant": _grouped(changes.least_grant),
        "least_share": str(changes.least_share), "revision": str(revision or ""),
    }  # fmt: skip
    if changes.closed or changes.budgets or changes.largest:
        values["windows-only"] = "entered"
    if changes.must or changes.must_not:
        values["proposals-only"] = "entered"
    values |= {f"closed-{key}": "1" for key in changes.closed}
    values |= {flag: "1" for flag in _FLAGS if getattr(changes, flag)}
    values |= {f"budget-{key}": _grouped(amount) for key, amount in changes.budgets.items()}
    values |= {f"largest-{key}": _grouped(amount) for key, amount in changes.largest.items()}
    values |= {f"wish-{key}": "must" for key in changes.must} | {f"wish-{key}": "must_not" for key in changes.must_not}
    for number, window in enumerate(changes.new_windows):
        values |= {
            f"new-{number}-name": window.name, f"new-{number}-budget": _grouped(window.budget),
            f"new-{number}-smallest": _grouped(window.smallest) if window.smallest else "",
            f"new-{number}-largest": _grouped(window.largest),
            f"new-{number}-ratio": f"{window.ratio.normalize():f}", f"new-{number}-states": sorted(window.states),
            f"new-{number}-species": sorted(window.species), f"new-{number}-kinds": sorted(window.kinds),
        }  # fmt: skip
    return FormState(values)


def _grouped(dollars: int) -> str:
    """An amount as every reader can read it, and as it may be typed: its digits in groups."""
    return f"{dollars:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


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
    closed = frozenset(key for key in known if reader.flag(f"closed-{key}")) | (before.closed - known.keys())
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
                    limit=_grouped(line.smallest),
                )
            largest[line.window_id] = most
    wishes = {
        line.proposal_id: reader.choice(f"wish-{line.proposal_id}", ("must", "must_not")) for line in there.proposals
    }
    windows = tuple(_new(row, number) for number, row in enumerate(reader.rows("new"), start=1))
    if len(windows) > MOST_NEW:
        reader.fail("new-0-name", TOO_MANY, label=WINDOW_NAME, limit=MOST_NEW)
    most_each = reader.whole("max_windows", label=MAX_WINDOWS, minimum=1, maximum=MOST_EACH)
    least_by, least_grant, least_share = _least(reader)
    reader.check()
    return Draft(
        name, description,
        Changes(
            closed, windows, budgets, largest,
            frozenset(key for key, wish in wishes.items() if wish == "must") | (before.must - ids),
            frozenset(key for key, wish in wishes.items() if wish == "must_not") | (before.must_not - ids),
            reader.flag("unsure"), reader.flag("parts"), reader.flag("each_state"), reader.flag("each_species"),
            most_each or MOST_WINDOWS_EACH, least_by, least_grant, least_share,
        ),
    )  # fmt: skip


def _least(reader: Reader) -> tuple[LeastBy, int, int]:
    """How the smallest grant is reckoned where a donor states none. A figure counts only with the choice it belongs to,
    so that scenarios that mean the same are the same."""
    chosen = reader.choice("least_by", LEAST_BY, label=LEAST, required=True)
    amount, share = LEAST_GRANT, USUAL_SHARE
    if chosen == "amount":
        found = dollars(reader, "least_grant", LEAST_AMOUNT, minimum=0)
        amount = LEAST_GRANT if found is None else found
    if chosen == "share":
        share = reader.whole("least_share", label=LEAST_SHARE, required=True, minimum=1, maximum=100) or USUAL_SHARE
    return next((one for one in LEAST_BY if one == chosen), "usual"), amount, share


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
