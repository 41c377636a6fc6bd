"""Events of the other services as matching receives them, and a hand that delivers them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.envelope import Event, new_id, wrap
from contracts.events import (
    ActionPublished,
    ActionRef,
    BudgetLine,
    CofinancingLine,
    Contact,
    OrganisationRegistered,
    Payload,
    ProgrammeImported,
    ProposalSubmitted,
    ProposalWithdrawn,
    WindowPublished,
)
from contracts.values import LocalizedText, Money, Text
from contracts.windows import WindowTerms
from services.chassis.inbox import claim
from services.chassis.service import Service

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PROGRAMME = "cami-2021-2026"
SOURCES = {WindowPublished: "donors", ProposalSubmitted: "projects", ProposalWithdrawn: "projects"}


def text(en: str, ru: str = "", fr: str = "") -> LocalizedText:
    versions: dict[Any, Text] = {"en": Text(text=en)}
    if ru:
        versions |= {"ru": Text(text=ru), "fr": Text(text=fr)}
    return LocalizedText(source="en", versions=versions)


def submitted(
    proposal_id: UUID | None = None, *, organisation: UUID | None = None, **changed: Any
) -> ProposalSubmitted:
    """A proposal of a Kyrgyz NGO on snow leopards, asking for 15 000 dollars."""
    requested = changed.pop("requested", Decimal(15000))
    fields: dict[str, Any] = {
        "proposal_id": proposal_id or new_id(), "reference": "CAMI-2026-0042", "version": 1,
        "organisation": OrganisationRegistered(
            organisation_id=organisation or new_id(), name="Ala-Too Nature Trust", legal_form="association",
            applicant_kind="ngo_local", country="KGZ", year_founded=2009,
            yearly_income=Money(amount=Decimal(120000), currency="USD"), registration_number="KG-1",
        ),
        "submitted_by": "Aigul Test", "submitted_at": NOW, "programme_id": PROGRAMME, "written_in": "en",
        "title": text("Herders who guard snow leopards", "Чабаны охраняют снежного барса", "Des bergers gardiens"),
        "summary": text("Community rangers in the Inner Tien Shan."),
        "actions": [ActionRef(action_id="3.1", priority="high", title=text("Rangers"),
                              themes=["community_conservation"])],
        "species": ["snow_leopard"], "states": ["KGZ"], "themes": ["community_conservation"],
        "starts": date(2027, 9, 1), "ends": date(2028, 8, 31), "duration_months": 12,
        "budget": [BudgetLine(line_id=new_id(), description="Rangers", category="personnel", year=1,
                              money=Money(amount=requested, currency="USD"), usd=requested)],
        "cofinancing": [CofinancingLine(line_id=new_id(), source_name="Own", source="own", kind="cash",
                                        status="confirmed", money=Money(amount=Decimal(5000), currency="USD"),
                                        usd=Decimal(5000))],
        "contacts": [Contact(name="Aigul Test", role="Lead", email="aigul@example.org")], "currency": "USD",
        "total": Money(amount=requested + 5000, currency="USD"),
        "cofinancing_total": Money(amount=Decimal(5000), currency="USD"),
        "requested": Money(amount=requested, currency="USD"), "total_usd": requested + 5000,
        "cofinancing_usd": Decimal(5000), "requested_usd": requested,
        "rates_date": date(2026, 11, 1), "rates_source": "planning",
    }  # fmt: skip
    return ProposalSubmitted(**{**fields, **changed})


def withdrawn(of: ProposalSubmitted, version: int | None = None) -> ProposalWithdrawn:
    return ProposalWithdrawn(
        proposal_id=of.proposal_id, reference=of.reference, version=version or of.version, withdrawn_at=NOW
    )


def published(terms: WindowTerms) -> WindowPublished:
    return WindowPublished(terms=terms)


def action(action_id: str, priority: str | None = "high", **changed: Any) -> ActionPublished:
    """An action on snow leopards in Kyrgyzstan."""
    fields: dict[str, Any] = {
        "programme_id": PROGRAMME, "action_id": action_id, "number": action_id.partition("-")[0],
        "section": int(action_id.partition(".")[0]), "section_title": text("Section"), "part": "I",
        "priority": priority, "title": text(f"Action {action_id}", f"Действие {action_id}", f"Action {action_id}"),
        "summary": text("What it is for."), "themes": ["community_conservation"], "species": ["snow_leopard"],
        "states": ["KGZ"],
    }  # fmt: skip
    return ActionPublished(**{**fields, **changed})


def imported(actions: int, programme_id: str = PROGRAMME) -> ProgrammeImported:
    return ProgrammeImported(programme_id=programme_id, start=2021, end=2026, actions=actions, sections=32)


def enveloped(payload: Payload) -> Event[Any]:
    return wrap(payload, source=SOURCES.get(type(payload), "projects"), subject="s", time=NOW)


def hand(service: Service, *payloads: Payload) -> list[Event[Any]]:
    """Deliver each payload in an event of its own."""
    events = [enveloped(payload) for payload in payloads]
    hand_events(service, events)
    return events


def hand_events(service: Service, events: Iterable[Event[Any]]) -> int:
    """Deliver events as the consumer does: claim, handle, commit. Answers how many were new."""
    handled = 0
    for event in events:
        with service.work(event=event) as context:
            if claim(context.session, service.component.messaging, service.name, event, context.now):
                service.component.routes[type(event.data)](context, event)
                handled += 1
    return handled
