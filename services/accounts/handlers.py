"""What accounts does when it is asked: load, decide, save, tell."""

import hashlib
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from contracts.envelope import new_id
from contracts.events import OrganisationRegistered, PersonRegistered
from contracts.values import Money
from services.accounts import passwords, rules
from services.accounts.commands import (
    ChangeMe,
    ChangeOrganisation,
    InvitePerson,
    OrganisationProfile,
    RegisterOrganisation,
    SignIn,
)
from services.accounts.tables import OrganisationRow, PersonRow, SignInLinkRow
from services.chassis.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from services.chassis.i18n import N_
from services.chassis.security import User
from services.chassis.service import Context, Routes

EMAIL_TAKEN: Final = N_("E-mail address: an account with this address exists. Sign in with it, or use another address.")
NO_MATCH: Final = N_("The e-mail address and the password do not match. Check both, or ask for a sign-in link.")
RESTING: Final = N_("Too many wrong passwords. Try again in 15 minutes, or ask for a sign-in link.")
PASSWORD_PROBLEMS: Final = {
    "short": N_("Password: use at least 10 characters. A few unrelated words are easy to keep in mind."),
    "long": N_("Password: use at most 200 characters."),
    "easy": N_("Password: this one is too easy to guess. A few unrelated words make a good one."),
}
CHANGED_MEANWHILE: Final = N_("Somebody else changed this profile while you were typing. Check it and save again.")


def register_organisation(context: Context, command: RegisterOrganisation) -> PersonRow | FieldError:
    """Register an organisation with its first lead and answer that person.

    The same command twice registers once. The second one signs in like anybody else, for an id alone must sign nobody
    in: it answers what `sign_in` does, and must be committed in either case. Raises Invalid when the address is taken
    or the password too weak, Conflict when the form has registered another organisation or person.
    """
    if context.session.get(OrganisationRow, command.organisation_id) is not None:
        found = by_email(context.session, command.email)
        if found is None or found.organisation_id != command.organisation_id:
            raise Conflict("this form has been used already; open the registration page again")
        return sign_in(context, SignIn(command.email, command.password))
    _check_new_password(command.password, name=command.person_name, email=command.email)
    _check_email_free(context.session, command.email)
    add_organisation(context, command.organisation_id, command.profile)
    return add_person(
        context,
        InvitePerson(new_id(), command.person_name, command.email, "lead", command.organisation_id, command.language),
        passwords.hashed(command.password),
    )


def change_organisation(context: Context, command: ChangeOrganisation) -> OrganisationRow:
    """Save a new profile. Raises NotFound, or Conflict when it was changed since the form was opened."""
    row = context.session.get(OrganisationRow, command.organisation_id, with_for_update=True)
    if row is None:
        raise NotFound("no such organisation")
    profile = command.profile
    if profile == profile_of(row):  # nothing new, or the second click of two
        return row
    if row.revision != command.revision:
        raise Conflict(CHANGED_MEANWHILE)
    row.revision += 1
    row.name, row.legal_form, row.country = profile.name, profile.legal_form, profile.country
    row.year_founded, row.registration_number = profile.year_founded, profile.registration_number
    row.income, row.income_currency = profile.income, profile.income_currency
    context.session.add(row)
    _tell_organisation(context, row.id, row.revision, profile)
    return row


def invite_person(context: Context, command: InvitePerson, by: User | None) -> tuple[PersonRow, str]:
    """Add a person and answer them with the token of their sign-in link. `by` is None on the command line.

    The same command twice adds one person. Raises Invalid for a taken address, Forbidden for a role that is not
    `by`'s to give, NotFound for an unknown organisation, Conflict when the id is that of somebody else.
    """
    if by is not None and command.role not in rules.roles_one_may_give(by.roles):
        raise Forbidden("this role is not yours to give")
    if command.organisation_id and context.session.get(OrganisationRow, command.organisation_id) is None:
        raise NotFound("no such organisation")
    person = context.session.get(PersonRow, command.person_id)
    if person is None:
        _check_email_free(context.session, command.email)
        person = add_person(context, command, None)
    elif _invitation_of(person) != _invitation(command):
        # The id comes out of a form. A link for whomever it names would let anybody in as anybody.
        raise Conflict("this form has been used already; open the page again")
    return person, new_link(context, person)


def new_link(context: Context, person: PersonRow) -> str:
    """Make a sign-in link for `person` and answer its token, which is not kept: only its hash is."""
    token = secrets.token_urlsafe(24)
    context.session.add(
        SignInLinkRow(token_hash=_hash(token), person_id=person.id, expires_at=context.now + rules.LINK_LIFE)
    )
    context.session.flush()
    return token


def person_of_link(session: Session, token: str, now: datetime, *, to_use: bool = False) -> PersonRow | None:
    """Whom the link would sign in; None when it is unknown, used or too old. `to_use`: nobody else may meanwhile."""
    link = session.get(SignInLinkRow, _hash(token), with_for_update=to_use or None)
    if link is None or link.used_at is not None or link.expires_at < now:
        return None
    person = session.get(PersonRow, link.person_id, with_for_update=to_use or None)
    return person if person is not None and person.active else None


def use_link(context: Context, token: str) -> PersonRow:
    """Sign in by link, once. Raises NotFound when it cannot be used any more."""
    person = person_of_link(context.session, token, context.now, to_use=True)
    link = context.session.get(SignInLinkRow, _hash(token))
    if person is None or link is None:
        raise NotFound("this sign-in link has been used or is too old")
    link.used_at = context.now
    person.signed_in_at = context.now
    person.wrong_passwords, person.locked_until = 0, None
    context.session.add_all([link, person])
    return person


def sign_in(context: Context, command: SignIn) -> PersonRow | FieldError:
    """The person, or what is wrong. A wrong password is counted, so this must be committed in either case."""
    person = by_email(context.session, command.email, to_change=True)  # guesses made at once are counted one by one
    right = passwords.matches(person.password_hash if person else None, command.password)
    if person is None or not person.active:
        return FieldError("email", NO_MATCH)
    attempts = rules.Attempts(person.wrong_passwords, person.locked_until)
    if attempts.locked(context.now):
        return FieldError("email", RESTING)
    if not right:
        after = attempts.after_wrong(context.now)
        person.wrong_passwords, person.locked_until = after.wrong, after.locked_until
        context.session.add(person)
        return FieldError("email", RESTING if after.locked(context.now) else NO_MATCH)
    person.wrong_passwords, person.locked_until, person.signed_in_at = 0, None, context.now
    if person.password_hash and passwords.outdated(person.password_hash):
        person.password_hash = passwords.hashed(command.password)
    context.session.add(person)
    return person


def change_me(context: Context, command: ChangeMe) -> PersonRow:
    """Save what a person changed of their own account.

    Raises Invalid for a weak password, NotFound for an account that has been closed: a session that outlives it must
    not become a new one here.
    """
    person = context.session.get(PersonRow, command.person_id, with_for_update=True)
    if person is None or not person.active:
        raise NotFound("no such person")
    if command.new_password:
        _check_new_password(command.new_password, name=command.name, email=person.email, field="new_password")
        person.password_hash = passwords.hashed(command.new_password)
    person.name, person.language = command.name, command.language
    context.session.add(person)
    _tell_person(context, person)
    return person


def set_active(context: Context, person_id: UUID, active: bool, by: User) -> PersonRow:
    """Let a person in, or keep them out. A lead may do so within the own organisation, never to themselves."""
    person = manageable(context.session, person_id, by)
    if person.id == by.person_id:
        raise Conflict(N_("You cannot close your own account; ask another lead or the secretariat."))
    person.active = active
    context.session.add(person)
    return person


def manageable(session: Session, person_id: UUID, by: User) -> PersonRow:
    """The person, if `by` may manage them, locked for this transaction.

    Raises NotFound for somebody whom `by` may not even see, so that accounts cannot be guessed at, and Forbidden for
    somebody with a role that is not `by`'s to give.
    """
    person = session.get(PersonRow, person_id, with_for_update=True)
    if person is None or not (by.has(*rules.STAFF) or person.organisation_id == by.organisation_id):
        raise NotFound("no such person")
    if not set(person.roles) <= set(rules.roles_one_may_give(by.roles)):
        raise Forbidden("this account is not yours to change")
    return person


def profile_of(row: OrganisationRow) -> OrganisationProfile:
    """What an organisation says of itself, from its row."""
    return OrganisationProfile(
        row.name, row.legal_form, row.country, row.year_founded, row.income, row.income_currency,
        row.registration_number,
    )  # fmt: skip


def user_of(session: Session, person: PersonRow) -> User:
    """The person as a session tells of them."""
    organisation = session.get(OrganisationRow, person.organisation_id) if person.organisation_id else None
    return User(
        person.id, person.organisation_id, organisation.name if organisation else "", person.name,
        frozenset(person.roles),
    )  # fmt: skip


def add_organisation(context: Context, organisation_id: UUID, profile: OrganisationProfile) -> None:
    """Add an organisation and tell of it. Raises Conflict (from the database) when the id is taken."""
    context.session.add(
        OrganisationRow(
            id=organisation_id, name=profile.name, legal_form=profile.legal_form, country=profile.country,
            year_founded=profile.year_founded, income=profile.income, income_currency=profile.income_currency,
            registration_number=profile.registration_number, registered_at=context.now,
        )
    )  # fmt: skip
    context.session.flush()
    _tell_organisation(context, organisation_id, 1, profile)


def add_person(context: Context, command: InvitePerson, password_hash: str | None) -> PersonRow:
    """Add a person and tell of them; the address must be free."""
    person = PersonRow(
        id=command.person_id, organisation_id=command.organisation_id, name=command.name,
        email=command.email.lower(), password_hash=password_hash, roles=[command.role], language=command.language,
        joined_at=context.now,
    )  # fmt: skip
    context.session.add(person)
    context.session.flush()
    _tell_person(context, person)
    return person


def by_email(session: Session, email: str, *, to_change: bool = False) -> PersonRow | None:
    """The person with this address, in whatever case it was typed; `to_change`: locked for this transaction."""
    query = select(PersonRow).where(col(PersonRow.email) == email.lower())
    return session.exec(query.with_for_update() if to_change else query).first()


def _invitation_of(person: PersonRow) -> tuple[str, list[str], UUID | None]:
    return person.email, person.roles, person.organisation_id


def _invitation(command: InvitePerson) -> tuple[str, list[str], UUID | None]:
    return command.email.lower(), [command.role], command.organisation_id


def _check_email_free(session: Session, email: str) -> None:
    if by_email(session, email) is not None:
        raise Invalid([FieldError("email", EMAIL_TAKEN)])


def _check_new_password(password: str, *, name: str, email: str, field: str = "password") -> None:
    if problem := rules.password_problem(password, name=name, email=email):
        raise Invalid([FieldError(field, PASSWORD_PROBLEMS[problem])])


def _tell_organisation(context: Context, organisation_id: UUID, revision: int, profile: OrganisationProfile) -> None:
    event = OrganisationRegistered(
        organisation_id=organisation_id, revision=revision, name=profile.name, legal_form=profile.legal_form,
        applicant_kind=rules.applicant_kind(profile.legal_form), country=profile.country,
        year_founded=profile.year_founded,
        yearly_income=Money(amount=profile.income, currency=profile.income_currency),
        registration_number=profile.registration_number,
    )  # fmt: skip
    context.emit(event, subject=str(organisation_id))


def _tell_person(context: Context, person: PersonRow) -> None:
    event = PersonRegistered.model_validate(
        {
            "person_id": person.id, "organisation_id": person.organisation_id, "name": person.name,
            "roles": person.roles, "language": person.language,
        }
    )  # fmt: skip
    context.emit(event, subject=str(person.id))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


ROUTES: Final[Routes] = {}
"""Accounts lives on no other service's events."""
