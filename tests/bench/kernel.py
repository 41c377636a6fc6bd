"""Eligibility and fit in columns, 100,000 proposals against 1,000 windows: `python -m tests.bench kernel`.

Three bare masks in NumPy (kind, states, amount) over the same columns are measured in the same run: what is beside
them is the price of twelve rules in three values. One core; the least of some runs, since others may share it.
"""

import os
import random
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

import numpy as np
import psutil

from contracts.values import Money, Tri
from contracts.vocabulary import codes, planning_rates
from contracts.windows import (
    AmountRule,
    ApplicantRule,
    CallRule,
    CofinancingRule,
    CountryRule,
    DurationRule,
    IntermediaryRule,
    SpeciesRule,
    WindowTerms,
)
from services.matching.kernel import Fits, Kernel
from services.matching.rules import ProposalFacts, Rates
from services.matching.rules.answers import Setting
from services.matching.rules.facts import HALF_A_CENT, ZERO, AddressedAction, Cofinancing
from services.matching.rules.fit import fit
from services.matching.rules.history import History, Outcome
from services.matching.shipped import weights

PROPOSALS: Final = 100_000
WINDOWS: Final = 1_000
TODAY: Final = date(2026, 11, 22)
CHECKED: Final = 2_000
"""Pairs that are compared with the reference before anything is timed."""


def measure(proposals: int = PROPOSALS, windows: int = WINDOWS) -> dict[str, Any]:
    """Seconds and milliseconds beside their bars."""
    chance = random.Random(4)
    rates = Rates(planning_rates()[0], TODAY)
    facts = [_proposal(chance, rates) for _ in range(proposals)]
    setting = Setting(TODAY, rates)
    terms = [_window(chance, number) for number in range(windows)]
    before, began = _megabytes(), time.perf_counter()
    kernel = Kernel(facts, terms, [setting] * windows)
    found: dict[str, Any] = {"pairs": proposals * windows, "building_seconds": round(time.perf_counter() - began, 2)}
    _check(kernel, chance)
    seconds, eligible, unsure = min(_all_pairs(kernel) for _ in range(3))
    bare = min(_timed(partial(_bare, kernel)) for _ in range(3))
    found |= {"eligible_share": round(eligible / found["pairs"], 4), "unsure_share": round(unsure / found["pairs"], 4)}
    found |= {"all_pairs_seconds": round(seconds, 3), "bar_seconds": 1.5}
    found |= {"three_bare_masks_seconds": round(bare, 3), "ratio_to_bare_masks": round(seconds / bare, 2)}
    found |= {"megabytes_of_kernel_and_run": round(_megabytes() - before)}
    fits = _fits(kernel, chance, found)
    changed_terms = [_window(chance, number) for number in range(20)]
    of_window = [
        _timed(partial(fits.rejudge_window, at, changed, setting, fits.histories[at]))
        for at, changed in enumerate(changed_terms)
    ]
    of_proposal = [
        _timed(partial(fits.rejudge_proposal, row, changed))
        for row, changed in enumerate([_proposal(chance, rates) for _ in range(20)])
    ]
    found |= {"one_window_ms": _middle(of_window), "one_window_worst_ms": _worst(of_window), "bar_window_ms": 20}
    found |= {"one_proposal_ms": _middle(of_proposal), "one_proposal_worst_ms": _worst(of_proposal)}
    found |= {"bar_proposal_ms": 5, "load": round(os.getloadavg()[0], 1)}
    print(f"kernel: {found}", file=sys.stderr)
    return found


def _check(kernel: Kernel, chance: random.Random) -> None:
    for _ in range(CHECKED):
        at, row = chance.randrange(len(kernel.terms)), chance.randrange(len(kernel.facts))
        if list(kernel.pair(at, row).values()) != kernel.by_reference(at, row):
            raise AssertionError((kernel.terms[at], kernel.facts[row]))


def _fits(kernel: Kernel, chance: random.Random, found: dict[str, Any]) -> Fits:
    """The fits of every pair that no rule refuses with the best hundred of each window: first checked, then timed."""
    before, began = _megabytes(), time.perf_counter()
    donors = [_history(chance) for _ in range(40)]
    fits = Fits(kernel, weights(), [chance.choice(donors) for _ in kernel.terms])
    found |= {"building_fit_seconds": round(time.perf_counter() - began, 2)}
    _check_fits(fits, chance)
    seconds, more, processor, pairs = min((_fit_of_all_pairs(fits) for _ in range(3)), key=lambda run: run[1])
    found |= {"pairs_with_fit": pairs, "all_pairs_with_fit_and_top_100_seconds": round(seconds, 3)}
    found |= {"fit_more_seconds": round(more, 3), "bar_fit_more_seconds": 1.0}
    found |= {"of_one_processor_with_fit_seconds": round(processor, 3)}
    found |= {"megabytes_of_fits_and_run": round(_megabytes() - before)}
    return fits


def _check_fits(fits: Fits, chance: random.Random) -> None:
    kernel = fits.kernel
    for _ in range(CHECKED):
        at, row = chance.randrange(len(kernel.terms)), chance.randrange(len(kernel.facts))
        facts, terms, setting = kernel.facts[row], kernel.terms[at], kernel.settings[at]
        _, parts = fit(facts, terms, setting, fits.weights, fits.histories[at])
        if fits.parts(at, np.array([row]))[:, 0].tolist() != [part.points for part in parts]:
            raise AssertionError((terms, facts))


def _fit_of_all_pairs(fits: Fits) -> tuple[float, float, float, int]:
    """(seconds, how many of them are more than eligibility takes just now, seconds of the processor, pairs)."""
    alone = _all_pairs(fits.kernel)[0]
    began, processor, pairs = time.perf_counter(), time.process_time(), 0
    for best in fits.every_window():
        pairs += best.pairs
    seconds = time.perf_counter() - began
    return seconds, seconds - alone, time.process_time() - processor, pairs


def _all_pairs(kernel: Kernel) -> tuple[float, int, int]:
    began, eligible, unsure = time.perf_counter(), 0, 0
    for found in kernel.every_window():
        eligible, unsure = eligible + found.eligible.size, unsure + found.unsure.size
    return time.perf_counter() - began, eligible, unsure


def _bare(kernel: Kernel) -> int:
    """Kind, states and greatest amount as masks and nothing else, over all proposals at once."""
    p, w, count = kernel.proposals, kernel.windows, 0
    for at in range(len(w)):
        mask = (p.kind & w.kinds_no[at]) == 0
        mask &= (p.states & w.states_no[at]) == 0
        mask &= p.usd <= w.maximum_open[at, 0]
        count += int(np.count_nonzero(mask))
    return count


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _middle(seconds: list[float]) -> float:
    return round(sorted(seconds)[len(seconds) // 2] * 1000, 2)


def _worst(seconds: list[float]) -> float:
    return round(max(seconds) * 1000, 2)


def _megabytes() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


# --- what is judged ---------------------------------------------------------------------------------------------------

KINDS, STATES, SPECIES, THEMES = (codes(name) for name in ("applicant_kinds", "states", "species", "themes"))
PRIORITIES: Final = (*codes("priorities"), None)
CURRENCIES: Final = ("USD",) * 6 + ("EUR", "EUR", "GBP", "CHF")


def _some(chance: random.Random, all_codes: tuple[str, ...], most: int) -> list[str]:
    return chance.sample(all_codes, chance.randint(1, min(most, len(all_codes))))


def _cents(chance: random.Random, most: Decimal) -> Decimal:
    return (most * chance.randint(0, 1000) / 1000).quantize(Decimal("0.01"))


def _proposal(chance: random.Random, rates: Rates) -> ProposalFacts:
    usd = Decimal(round(10 ** chance.uniform(4, 6.7), 2)).quantize(Decimal("0.01"))
    currency = chance.choice(CURRENCIES)
    money = Money(amount=(usd * rates.units_per_usd[currency]).quantize(Decimal("0.01")), currency=currency)
    brought = [_cents(chance, usd / 2) if chance.random() < 0.5 else ZERO for _ in range(4)]
    return ProposalFacts(
        applicant_kind=chance.choice(KINDS), states=frozenset(_some(chance, STATES, 3)),
        species=frozenset(_some(chance, SPECIES, 4)), themes=frozenset(_some(chance, THEMES, 4)),
        actions=_actions(chance), requested=money, requested_usd=usd, duration_months=chance.randint(6, 72),
        starts=TODAY + timedelta(days=chance.randint(30, 600)),
        cofinancing=Cofinancing(*brought), rounding=ZERO if currency == "USD" else 3 * HALF_A_CENT,
    )  # fmt: skip


def _actions(chance: random.Random) -> frozenset[AddressedAction]:
    """One to six actions of the Programme."""
    return frozenset(
        AddressedAction(f"{number}.1", chance.choice(PRIORITIES), frozenset(_some(chance, THEMES, 3)))
        for number in chance.sample(range(1, 33), chance.randint(1, 6))
    )


def _history(chance: random.Random) -> History:
    """A donor's answers: none from half of them, else up to four."""
    return History.of(
        Outcome(chance.random() < 0.4, TODAY - timedelta(days=chance.randint(10, 2500)),
                frozenset(_some(chance, SPECIES, 3)), frozenset(_some(chance, THEMES, 3)))
        for _ in range(chance.choice((0, 0, 0, 0, 1, 2, 3, 4)))
    )  # fmt: skip


def _window(chance: random.Random, number: int) -> WindowTerms:
    """Each unknown in about a tenth of the windows; about a hundredth of all pairs is eligible."""
    least = Decimal(round(10 ** chance.uniform(3.5, 5.5), -3))
    known = [code for code in STATES if chance.random() < 0.9]
    paid = _some(chance, SPECIES, 8)
    mode = chance.choices(("none", "encouraged", "required", "portfolio_target", "unknown"), (4, 2, 3, 1, 1))[0]
    return WindowTerms(
        window_id=f"w-{number}", revision=1, donor_id="d", donor_name="D", name="N", kind="foundation",
        status=chance.choices(("open", "recurring", "closed", "unknown"), (6, 6, 1, 1))[0],
        amount=AmountRule(minimum=least if chance.random() < 0.7 else None, maximum=least * chance.choice((5, 20, 50)),
                          currency=chance.choice(CURRENCIES), maximum_known=chance.random() < 0.9),
        duration=DurationRule(maximum=chance.choice((None, 24, 36, 60))),
        applicants=ApplicantRule(kinds=_some(chance, KINDS, 6), uncertain=_some(chance, KINDS, 1)),
        countries=CountryRule(basis="list", states={c: chance.choice((Tri.YES, Tri.YES, Tri.NO)) for c in known}),
        species=(SpeciesRule(basis="any") if chance.random() < 0.4
                 else SpeciesRule(basis="list", species=dict.fromkeys(paid, Tri.YES), others=Tri.NO)),
        themes=_some(chance, THEMES, 12),
        cofinancing=CofinancingRule(mode=mode, ratio=chance.choice((Decimal("0.5"), Decimal(1), None)),
                                    required=Tri.NO, counts_in_kind=chance.choice(list(Tri))),
        intermediary=IntermediaryRule(intermediary=chance.choices((Tri.NO, Tri.YES), (9, 1))[0],
                                      endorsement=chance.choices((Tri.NO, Tri.UNKNOWN), (9, 1))[0]),
        call=CallRule(
            cycle=chance.choices(("rolling", "annual"), (9, 1))[0],
            deadline=TODAY + timedelta(days=chance.randint(10, 300)) if chance.random() < 0.5 else None,
        ),
    )  # fmt: skip
