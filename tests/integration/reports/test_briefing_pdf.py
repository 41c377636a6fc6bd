"""A briefing: one page, whatever there is to say."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from contracts.envelope import new_id
from contracts.events import ActionFit
from contracts.values import Evidence, LocalizedText, Tri
from contracts.windows import ApplicantRule, CallRule, CofinancingRule, CountryRule, WindowTerms
from services.chassis.i18n import translate
from services.chassis.pdf import PdfPool
from services.reports.documents.briefing import compose_briefing
from services.reports.documents.environment import Composed
from services.reports.documents.terms import in_brief, not_known
from services.reports.sources import Action, BriefingSource, Fitting, Origin, Pairing
from tests.integration.reports.conftest import Printed, text_of, window
from tests.unit.reports.samples import NOON, PROGRAMME, action, localized, proposal

LONG = "Rétablir la connectivité des aires de répartition du saïga et du koulan de part et d’autre des frontières"
RUSSIAN = "Восстановление связности ареалов сайгака, кулана и джейрана на плато Устюрт через две границы"


def origin() -> Origin:
    return Origin(new_id(), NOON)


def source(rows: int, *, terms: WindowTerms | None = None, title: LocalizedText | None = None) -> BriefingSource:
    """`rows` proposals and as many actions, of which an event names 25 at most."""
    title = title or localized(en=LONG, ru=RUSSIAN, fr=LONG)
    numbers = [f"{1 + i % 32}.{1 + i // 32}" for i in range(min(rows, 25))]
    fits = tuple(ActionFit(action_id=n, overall=Tri.YES, fit=95 - i) for i, n in enumerate(numbers))
    fitting = tuple(
        Fitting(proposal(reference=f"CAMI-2026-{i:04d}", title=title), origin(), origin(),
                "unsure" if i % 4 == 1 else "eligible", 10, i % 3 + 1, 0, max(1, 90 - i), shortlisted=i % 5 == 0)
        for i in range(rows)
    )  # fmt: skip
    return BriefingSource(
        terms or window(), origin(), (Pairing(PROGRAMME, 1, rows, fits, origin()),) if rows else (),
        {(PROGRAMME, n): Action(action(n, title=LONG, priority="high_medium"), origin()) for n in numbers}, fitting,
    )  # fmt: skip


def wordy() -> WindowTerms:
    """A window with more to say than a page can hold."""
    words = "A rather long sentence about the terms of this grant, with many clauses. " * 12
    return window(
        name=words[:200], donor_name=words[:180], url="https://example.org/" + "x" * 300, unverified=words,
        summary=localized(en=words, ru="Довольно длинное предложение об условиях гранта. " * 20, fr=words),
        applicants=ApplicantRule(kinds=["government", "ngo_local", "ngo_intl", "research", "company"],
                                 uncertain=["community", "un_agency", "individual"]),
        countries=CountryRule(basis="list", states={"KAZ": "yes"}, evidence=Evidence(sentence=words)),
        call=CallRule(cycle="annual"), cofinancing=CofinancingRule(mode="required"),
        intermediary=window().intermediary.model_copy(update={"who": words}),
    )  # fmt: skip


def first_that_fits(pool: PdfPool, composed: Composed) -> PdfReader:
    """As the printer does it: the shorter versions are for when the first runs over."""
    for html in (composed.html, *composed.fallbacks):
        rendered = pool.render(html, language=composed.language, title=composed.title)
        if rendered.pages <= (composed.most_pages or rendered.pages):
            return PdfReader(io.BytesIO(rendered.pdf))
    raise AssertionError("not even the shortest version fits")


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
@pytest.mark.parametrize("rows", [0, 1, 3, 200])
def test_it_is_one_page_at_the_first_go(printed: Printed, language: str, rows: int) -> None:
    composed = compose_briefing(source(rows), language)
    assert composed.most_pages == 1
    pdf = printed(composed)
    assert len(pdf.pages) == 1
    text = text_of(pdf)
    assert "Rufford Foundation" in text
    assert translate(language, "Terms in brief") in text
    assert translate(language, "Actions of the Programme that fit") in text
    assert translate(language, "What is not known, and whom to ask") in text
    assert translate(language, "Page %(page)s of %(pages)s", page=1, pages=1) in text


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("rows", [0, 200])
def test_it_is_one_page_for_the_wordiest_donor(pool: PdfPool, language: str, rows: int) -> None:
    assert len(first_that_fits(pool, compose_briefing(source(rows, terms=wordy()), language)).pages) == 1


def test_the_best_come_first_and_the_rest_is_counted(printed: Printed) -> None:
    text = text_of(printed(compose_briefing(source(200), "en")))
    shown = [i for i in range(200) if f"CAMI-2026-{i:04d}," in text]
    assert shown == list(range(len(shown)))
    assert len(shown) >= 2
    assert f"and {200 - len(shown)} more proposals" in text
    assert text.index("CAMI-2026-0000") < text.index("CAMI-2026-0001")
    assert "more actions" in text
    assert "High to medium" in text


def test_a_short_list_is_shown_whole(printed: Printed) -> None:
    text = text_of(printed(compose_briefing(source(2), "en")))
    assert "CAMI-2026-0001" in text
    assert "more proposals" not in text


def test_an_empty_list_says_so(printed: Printed) -> None:
    text = text_of(printed(compose_briefing(source(0), "en")))
    assert "No submitted proposal fits this window yet." in text
    assert "No action of the Programme has been paired with this window yet." in text


def test_what_is_not_known_is_asked_and_every_record_is_named(printed: Printed) -> None:
    made = source(1)
    text = text_of(printed(compose_briefing(made, "en")))
    assert "The largest grant: its present value is not verified." in text
    assert "Whether the ceiling still holds." in text
    assert "Grants director" in text
    assert "https://example.org/grants" in text
    for event_id in (made.origin.event_id, made.pairings[0].origin.event_id, made.fitting[0].submitted.event_id,
                     made.fitting[0].judged.event_id):  # fmt: skip
        assert str(event_id) in text.replace(" ", "") or str(event_id) in text


def test_the_same_events_give_the_same_document() -> None:
    made = source(5)
    assert compose_briefing(made, "fr") == compose_briefing(made, "fr")


def test_hostile_terms_are_printed_and_not_obeyed(printed: Printed) -> None:
    hostile = "<script>alert(1)</script><img src=http://127.0.0.1:9/>"
    changes: dict[str, Any] = {"name": hostile, "donor_name": hostile, "url": hostile, "unverified": hostile}
    text = text_of(printed(compose_briefing(source(1, terms=window(**changes), title=localized(en=hostile)), "en")))
    assert text.count("<script>alert(1)</script>") >= 4


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"applicants": ApplicantRule(known=False)}, "Who may apply is not known."),
        ({"applicants": ApplicantRule(uncertain=["company"])}, "Whether these may apply: Company."),
        ({"countries": CountryRule(basis="unknown")}, "In which range states money may be spent is not known."),
        ({"cofinancing": CofinancingRule(mode="unknown")}, "Whether co-financing is asked for is not known."),
        ({"call": CallRule(cycle="annual")}, "When the next call closes is not known."),
    ],
)
def test_unknown_never_vanishes(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in not_known(window(**changes))


def test_terms_in_brief_say_what_is_known() -> None:
    facts = dict(in_brief(window()))
    assert facts["Grant"] == "up to GBP\u00a07,000 (not verified)"
    assert facts["Countries"] == "Kazakhstan, Uzbekistan"
    assert facts["Species"] == "Any species"
    assert facts["Duration"] == "No length stated"
