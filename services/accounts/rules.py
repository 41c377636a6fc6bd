"""Decisions about people and organisations: pure, without clock or database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from contracts import vocabulary

STAFF: Final = ("coordinator", "secretariat", "administrator")
"""Roles of the initiative itself; they belong to no applicant organisation."""
OF_ORGANISATIONS: Final = ("applicant", "lead")
LINK_LIFE: Final = timedelta(hours=24)
LOCK_AFTER: Final = 5
"""Wrong passwords in a row after which an account rests."""
LOCK_FOR: Final = timedelta(minutes=15)
PASSWORD_LEAST: Final = 10
PASSWORD_MOST: Final = 200


def applicant_kind(legal_form: str) -> str:
    """What an organisation of `legal_form` counts as when a donor asks who may apply."""
    return str(vocabulary.entry("legal_forms", legal_form).get("applicant_kind", "ngo_local"))


def roles_one_may_give(roles: frozenset[str]) -> tuple[str, ...]:
    """The roles that a person with `roles` may give to others: nobody hands out more than is theirs to give."""
    if "administrator" in roles:
        return (*OF_ORGANISATIONS, *STAFF)
    if roles & {"coordinator", "secretariat"}:
        return OF_ORGANISATIONS
    if "lead" in roles:
        return OF_ORGANISATIONS
    return ()


def password_problem(password: str, *, name: str, email: str) -> Literal["short", "long", "easy"] | None:
    """What is wrong with a new password: `short`, `long`, `easy`, or None. Length counts, not its make-up
    (NIST SP 800-63B, section 5.1.1.2)."""
    if len(password) < PASSWORD_LEAST:
        return "short"
    if len(password) > PASSWORD_MOST:
        return "long"
    plain = password.casefold()
    if plain in {name.casefold(), email.casefold()} or len(set(plain)) < 4:
        return "easy"
    return None


@dataclass(frozen=True)
class Attempts:
    """Wrong passwords in a row, and until when the account rests because of them."""

    wrong: int
    locked_until: datetime | None

    def locked(self, now: datetime) -> bool:
        """Whether even the right password is refused at `now`."""
        return self.locked_until is not None and now < self.locked_until

    def after_wrong(self, now: datetime) -> "Attempts":
        """The state after one more wrong password at `now`."""
        wrong = self.wrong + 1
        return Attempts(0, now + LOCK_FOR) if wrong >= LOCK_AFTER else Attempts(wrong, self.locked_until)
