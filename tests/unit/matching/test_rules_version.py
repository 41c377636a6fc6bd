"""Whoever changes what pairs are judged by says so: what is stored is judged anew only by a version that is higher."""

import ast
import hashlib
import io
import json
import re
import tokenize
from pathlib import Path
from typing import Any

import services.matching as matching
from contracts import vocabulary
from services.matching import shipped
from services.matching.rules import version

ROOT = Path(matching.__file__).resolve().parents[2]
BEGINNINGS = ("services.matching.rules", "services.matching.rules.questions", "services.matching.rules.settled")
"""What the handlers that judge, fit and pair go by."""
OURS = ("services.matching.rules", "contracts.values", "contracts.windows", "contracts.vocabulary")
"""Of what those import, what can alter a verdict: nothing of `kernel` is stored."""


def file_of(module: str) -> Path | None:
    """The file of a module, or None where the name is not that of a module."""
    path = ROOT.joinpath(*module.split("."))
    whole = path / "__init__.py"
    return whole if whole.exists() else path.with_suffix(".py") if path.with_suffix(".py").exists() else None


def imported(source: str) -> set[str]:
    """Modules that a source names in its imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


def judging_modules() -> dict[str, str]:
    """Module -> its source, of all that judging goes by."""
    found: dict[str, str] = {}
    waiting = list(BEGINNINGS)
    while waiting:
        module = waiting.pop()
        path = file_of(module)
        if module in found or path is None or not module.startswith(OURS):
            continue
        found[module] = path.read_text(encoding="utf-8")
        waiting += imported(found[module])
    return found


def bare(source: str) -> str:
    """A source without comments, docstrings and white space: they alter nothing."""
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    cut: list[tuple[int, int]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            cut.append((starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            begins = starts[row - 1] + len(lines[row - 1][:column].encode())
            cut.append((begins, begins + len(token.string.encode())))
    kept, raw, at = b"", source.encode(), 0
    for begins, ends in sorted(cut):
        kept, at = kept + raw[at:begins], max(at, ends)
    return re.sub(r"\s+", "", (kept + raw[at:]).decode())


def data() -> dict[str, Any]:
    """What judging reads: weights, planning rates, and the ranks of priorities."""
    ranks = {code: vocabulary.entry("priorities", code)["rank"] for code in vocabulary.codes("priorities")}
    units, day, _source = vocabulary.planning_rates()
    weights = shipped.weights_data()
    weighed = {name: weights[name] for name in ("version", "action", "priority_percent", "pace_days")}
    weighed["proposal"] = [[part["part"], part["points"]] for part in weights["proposal"]]
    return {"ranks": ranks, "rates": [{code: str(worth) for code, worth in units.items()}, day], "weights": weighed}


def fingerprint() -> str:
    sources = {module: bare(source) for module, source in judging_modules().items()}
    whole = json.dumps({"sources": sources, "data": data()}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()


def test_what_judging_goes_by_changes_with_its_version() -> None:
    now = fingerprint()
    assert now == version.FINGERPRINT, (
        "What pairs are judged by has changed. If any verdict, fit or reason of any pair can be another now, raise"
        f" VERSION in services/matching/rules/version.py; in any case put FINGERPRINT there to {now}"
    )


def test_all_that_judges_is_looked_at() -> None:
    modules = set(judging_modules())
    for name in (
        "judge",
        "fit",
        "eligibility",
        "money",
        "when",
        "who",
        "what",
        "actions",
        "answers",
        "history",
        "shares",
    ):
        assert f"services.matching.rules.{name}" in modules
    assert not any("portfolios" in name or "packages" in name or name.endswith(".gaps") for name in modules)


def test_comments_and_docstrings_alter_nothing_and_everything_else_does() -> None:
    source = 'def f(x):\n    """Says «this»."""\n    return x + 1  # «one»\n'
    assert bare(source) == bare("def f(x):\n\n    # more\n    return x + 1\n")
    assert bare(source) != bare(source.replace("+ 1", "+ 2"))
