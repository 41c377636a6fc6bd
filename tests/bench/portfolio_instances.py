"""Made-up instances of several kinds for the bench and the tests of portfolios.

`make` spreads costs and grants over orders of magnitude. The other styles differ in how they are made, not only in
their figures, so that the solver is not fitted to one: `live` is like what the service itself asks, `uniform` draws
every figure evenly, `two tiers` has a few large funds among many small ones and many proposals for few actions.
"""

from random import Random
from typing import Any, Final

Json = dict[str, Any]
STYLES: Final = ("live", "uniform", "two tiers")
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


def styled(proposals: int, windows: int, style: str, seed: int) -> Json:
    """An instance of one of the other styles."""
    random = Random(f"{proposals} {windows} {style} {seed}")
    making = {"live": _live, "uniform": _uniform, "two tiers": _two_tiers}[style]
    return {**making(random, proposals, windows), "max_windows_per_proposal": 3}


def _live(random: Random, proposals: int, windows: int) -> Json:
    """Priorities as weights, one grant or a few in each window, pairs where states and species meet."""
    actions = [{"id": n, "weight": random.choice([10, 8, 8, 6, 6, 6, 4, 4, 2, 1])} for n in range(3 * proposals // 2)]
    made, reach = [], []
    for n in range(windows):
        largest = random.choice([10, 15, 25, 50, 100, 150, 300, 500, 1000, 2000]) * 1000
        made.append({
            "id": f"w{n}", "budget": largest * random.choice([1, 1, 1, 2, 3]), "max_grant": largest,
            "min_grant": int(largest * random.choice([0, 0, 0.1, 0.2, 0.5])),
            "cofinancing_ratio": random.choice([0, 0, 0, 0.25, 0.5, 1, 1, 2, 3]),
        })  # fmt: skip
        wide, deep = random.choice([2, 5, 9, 14]), random.choice([3, 8, 15, 15])
        reach.append((set(random.sample(range(14), wide)), set(random.sample(range(15), deep))))
    rows, eligible = [], []
    for n in range(proposals):
        cost = random.choice([20, 35, 50, 80, 120, 200, 300, 450, 700, 1000, 1500, 3000]) * 1000 + random.randrange(
            9999
        )
        home = random.randrange(len(actions))
        near = {(home + int(abs(random.gauss(0, 12)))) % len(actions) for _ in range(random.randint(1, 8))}
        confirmed = int(cost * random.choice([0, 0, 0, 0.1, 0.25, 0.4]))
        rows.append({"id": n, "cost": cost, "confirmed_cofinancing": confirmed, "actions": sorted(near)})
        states = set(random.sample(range(14), random.choice([1, 1, 2, 3])))
        species = set(random.sample(range(15), random.choice([1, 2, 4])))
        eligible += [
            [n, window["id"]] for window, (where, what) in zip(made, reach, strict=True)
            if states & where and species & what and random.random() < 0.5
        ]  # fmt: skip
    return {"actions": actions, "proposals": rows, "windows": made, "eligible": eligible}


def _uniform(random: Random, proposals: int, windows: int) -> Json:
    """A quarter of the money that is needed, in windows of much the same size."""
    actions = [{"id": f"a{n}", "weight": random.randint(1, 10)} for n in range(3 * proposals // 2)]
    rows: list[Json] = []
    for n in range(proposals):
        cost = random.randint(20_000, 3_000_000)
        confirmed = random.choice([0, random.randint(0, cost // 2)])
        chosen = [f"a{at}" for at in random.sample(range(len(actions)), random.randint(1, 8))]
        rows.append({"id": f"p{n}", "cost": cost, "confirmed_cofinancing": confirmed, "actions": chosen})
    share = sum(row["cost"] - row["confirmed_cofinancing"] for row in rows) / 4 / windows
    made = []
    for n in range(windows):
        budget = int(share * random.uniform(0.3, 1.7))
        largest = min(3_000_000, int(budget * random.uniform(0.3, 1)))
        made.append({
            "id": f"w{n}", "budget": budget, "min_grant": random.randint(0, largest // 2), "max_grant": largest,
            "cofinancing_ratio": random.choice([0, 0, 0.5, 1, 1.5, 2, 4]),
        })  # fmt: skip
    density = random.uniform(0.05, 0.5)
    return {"actions": actions, "proposals": rows, "windows": made, "eligible": _some(random, rows, made, density)}


def _two_tiers(random: Random, proposals: int, windows: int) -> Json:
    """A fifth of the windows has ten times the money of the others."""
    actions = [{"id": f"a{n}", "weight": random.choice([1, 2, 4, 8])} for n in range(max(8, proposals // 4))]
    rows: list[Json] = []
    for n in range(proposals):
        cost = int(min(3e6, max(2e4, random.lognormvariate(12, 1))))
        chosen = [f"a{at}" for at in random.sample(range(len(actions)), random.randint(1, 4))]
        confirmed = int(cost * random.choice([0, 0.1, 0.2]))
        rows.append({"id": f"p{n}", "cost": cost, "confirmed_cofinancing": confirmed, "actions": chosen})
    total = sum(row["cost"] for row in rows)
    made = []
    for n in range(windows):
        part = 0.01 if random.random() < 0.2 else 0.001
        budget = int(total * part * 69 / windows * random.uniform(0.5, 2))
        largest = min(budget, random.choice([50, 100, 250, 1000, 3000]) * 1000)
        made.append({
            "id": f"w{n}", "budget": budget, "min_grant": int(largest * random.choice([0, 0.05, 0.25, 0.5])),
            "max_grant": largest, "cofinancing_ratio": random.choice([0, 0, 0, 0.1, 0.3, 1]),
        })  # fmt: skip
    return {"actions": actions, "proposals": rows, "windows": made, "eligible": _some(random, rows, made, 0.2)}


def _some(random: Random, proposals: list[Json], windows: list[Json], density: float) -> list[list[str]]:
    """Each pair with this chance."""
    return [[p["id"], w["id"]] for p in proposals for w in windows if random.random() < density]
