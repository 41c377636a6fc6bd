"""Other NGOs register, write their short proposals and submit them, one after the other."""

import secrets
from collections.abc import Callable

from services.demo import story
from services.demo.browser import Browser, Fields
from services.demo.neighbours import Brought, Neighbour


def bring(neighbour: Neighbour, open_browser: Callable[[], Browser]) -> list[str]:
    """Register an NGO and submit all that it brings; answers the proposals' ids. Raises Missing."""
    browser = open_browser()
    email = f"lead.{secrets.token_hex(4)}@example.org"
    browser.open("/accounts/register")
    profile = {
        "name": neighbour.name, "country": neighbour.country, "year_founded": neighbour.founded,
        "income": neighbour.income, "registration_number": f"{neighbour.country}-{neighbour.founded}",
        "person_name": neighbour.person, "email": email, "password": story.PASSWORD,
    }  # fmt: skip
    browser.post(browser.form("/accounts/register"), story.ORGANISATION | profile)
    browser.expect(neighbour.person)
    return [_submit(browser, brought, neighbour, email) for brought in neighbour.proposals]


def _submit(browser: Browser, brought: Brought, neighbour: Neighbour, email: str) -> str:
    browser.open("/projects/proposals/new")
    browser.post(browser.form("/proposals/new"), {"title": brought.title, "written_in": "en"})
    proposal = browser.url.rsplit("/", 1)[1].split("?")[0]
    for name, fields in _sections(brought, neighbour, email).items():
        path = f"/projects/proposals/{proposal}/{name}"
        browser.open(path)
        browser.post(browser.form(path), {**fields, "then": "next"})
    browser.open(f"/projects/proposals/{proposal}/check")
    browser.post(browser.form("/submit"))
    return proposal


def _sections(brought: Brought, neighbour: Neighbour, email: str) -> dict[str, Fields]:
    budget = [(what, category, "1", amount, "USD") for what, category, amount in brought.budget]
    shared = [(*line, "USD") for line in brought.cofinancing]
    columns = ("source_name", "source", "kind", "status", "amount", "currency")
    return {
        "summary": {
            "title-en": brought.title,
            "summary-en": brought.summary,
            "problem-en": "The animals lose ground every year, and the people who live beside them gain nothing.",
            "approach-en": f"{brought.summary} All of it is agreed with those who live there.",
            "results-en": "What is counted at the end is published in Russian and English.",
        },
        "actions": {"actions": brought.actions},
        "species": {"species": brought.species, "states": brought.states},
        "dates": {"starts": "2027-09-01", "ends": "2029-02-28"},
        "budget": {"currency": "USD", **story.lines(("description", "category", "year", "amount", "currency"), budget)},
        "cofinancing": story.lines(columns, shared) if shared else {"none": "1"},
        "contacts": story.lines(("name", "role", "email"), [(neighbour.person, "Director", email)]),
    }
