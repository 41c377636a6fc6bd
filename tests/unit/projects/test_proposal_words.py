"""Words of the pages of proposals that come from data are translated like all others."""

from contracts.vocabulary import planning_rates
from services.projects.pages.proposals.view import RATES_SOURCE
from services.projects.values.proposals import SECTIONS, TEXT_FIELDS
from services.projects.values.questions import QUESTIONS


def test_the_source_of_the_rates_is_the_one_that_is_translated() -> None:
    assert planning_rates()[2] == RATES_SOURCE


def test_every_section_has_its_questions_and_every_text_a_limit() -> None:
    assert tuple(QUESTIONS) == SECTIONS
    assert [question.field for question in QUESTIONS["summary"].questions if question.limit] == list(TEXT_FIELDS)
    assert all(part.each for part in QUESTIONS.values() if part.most > 1)
