"""Made-up instances of several kinds for the bench and the tests of portfolios."""

from random import Random
from typing import Any, Final

KINDS: Final = ("loose", "tight", "very tight", "few pairs", "many pairs", "overlap", "co-financing", "narrow grants")


def make(proposals: int, windows: int, kind: str, seed: int, actions: int = 228) -> dict[str, Any]:
    """An instance of this size; the same seed makes the same one.

    `tight` kinds have little money; `overlap` has few actions for all; `narrow grants` have a smallest grant near the
    largest.
    """
    random = Random(f"{proposals} {windows} {kind} {seed}")
    money = {"loose": 1.0, "tight": 0.3, "very tight": 0.1}.get(kind, 0.4)
    density = {"few pairs": 0.06, "many pairs": 0.5}.get(kind, random.uniform(0.1, 0.35))
    addressed = max(4, actions // 10) if kind == "overlap" else actions
    return {
        "actions": [{"id": f"a{n}", "weight": random.choice([1, 2, 2, 3, 4, 4, 5, 8, 10])} for n in range(actions)],
        "proposals": [_proposal(random, n, addressed) for n in range(proposals)],
        "windows": [_window(random, n, kind, money) for n in range(windows)],
        "eligible": [
            [f"p{p}", f"w{w}"] for p in range(proposals) for w in range(windows) if random.random() < density
        ],
        "max_windows_per_proposal": 3,
    }  # fmt: skip


def _proposal(random: Random, number: int, actions: int) -> dict[str, Any]:
    cost = int(round(10 ** random.uniform(4.3, 6.5), -2))
    confirmed = int(cost * random.choice([0, 0, 0.1, 0.2, 0.3, 0.5]))
    chosen = random.sample(range(actions), random.randint(1, min(8, actions)))
    return {
        "id": f"p{number}", "cost": cost, "confirmed_cofinancing": confirmed, "actions": [f"a{at}" for at in chosen],
    }  # fmt: skip


def _window(random: Random, number: int, kind: str, money: float) -> dict[str, Any]:
    largest = int(round(10 ** random.uniform(4.2, 6.3), -3))
    smallest = random.choice([0.5, 0.7, 0.9]) if kind == "narrow grants" else random.choice([0, 0.05, 0.1, 0.2, 0.4])
    budget = int(largest * random.choice([1, 1.5, 2, 3, 5]) * (max(money, 0.6) if kind == "narrow grants" else money))
    ratios = [1, 2, 3, 4] if kind == "co-financing" else [0, 0, 0.2, 0.5, 1, 1, 2]
    return {
        "id": f"w{number}", "budget": budget, "min_grant": int(largest * smallest), "max_grant": largest,
        "cofinancing_ratio": random.choice(ratios),
    }  # fmt: skip
