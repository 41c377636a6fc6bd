"""Decisions about people: passwords, attempts, and who may give which role."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts import vocabulary
from services.accounts import passwords, rules

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", "short"),
        ("ninechars", "short"),
        ("x" * 201, "long"),
        ("aaaaaaaaaaaa", "easy"),
        ("Aigul@Example.org", "easy"),
        ("aigul asanova", "easy"),
        ("saiga river lantern", None),
        ("кулан степь фонарь", None),
    ],
)
def test_a_password_is_judged_by_length_and_guessability(password: str, problem: str | None) -> None:
    assert rules.password_problem(password, name="Aigul Asanova", email="aigul@example.org") == problem


def test_five_wrong_passwords_let_an_account_rest_and_time_wakes_it() -> None:
    attempts = rules.Attempts(0, None)
    for _ in range(4):
        attempts = attempts.after_wrong(NOW)
        assert not attempts.locked(NOW)
    attempts = attempts.after_wrong(NOW)
    assert attempts.locked(NOW)
    assert attempts.locked(NOW + timedelta(minutes=14, seconds=59))
    assert not attempts.locked(NOW + timedelta(minutes=15))


def test_nobody_gives_more_than_is_theirs_to_give() -> None:
    assert rules.roles_one_may_give(frozenset({"applicant"})) == ()
    assert set(rules.roles_one_may_give(frozenset({"lead"}))) == {"applicant", "lead"}
    assert set(rules.roles_one_may_give(frozenset({"coordinator"}))) == {"applicant", "lead"}
    assert "administrator" not in rules.roles_one_may_give(frozenset({"secretariat"}))
    assert set(rules.roles_one_may_give(frozenset({"administrator"}))) == set(vocabulary.codes("roles"))


def test_every_legal_form_counts_as_a_known_kind_of_applicant() -> None:
    kinds = set(vocabulary.codes("applicant_kinds"))
    for form in vocabulary.codes("legal_forms"):
        assert rules.applicant_kind(form) in kinds


def test_only_the_right_password_matches_and_no_password_matches_nothing() -> None:
    stored = passwords.hashed("saiga river lantern")
    assert stored.startswith("$argon2id$")
    assert passwords.matches(stored, "saiga river lantern")
    assert not passwords.matches(stored, "saiga river lanterns")
    assert not passwords.matches(None, "nobody has this password")
    assert not passwords.matches("damaged", "saiga river lantern")
