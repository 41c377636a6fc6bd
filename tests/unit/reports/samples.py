"""Facts as other services publish them, for the tests of documents."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.envelope import Event, new_id, wrap
from contracts.events import (
    ActionFit,
    ActionPublished,
    ActionRef,
    BudgetLine,
    CofinancingLine,
    Contact,
    OrganisationRegistered,
    PairSummary,
    Partner,
    Payload,
    ProposalJudged,
    ProposalSubmitted,
    WindowPairedWithActions,
)
from contracts.values import LocalizedText, Money, Text, Tri

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PROGRAMME = "cami-2021-2026"
ORGANISATION = UUID("01930000-0000-7000-8000-000000000001")
PROPOSAL = UUID("01930000-0000-7000-8000-0000000000a1")
RATES = {"USD": Decimal(1), "EUR": Decimal("0.87"), "KZT": Decimal(525)}

SUMMARY = {
    "en": "Saiga, kulan and goitered gazelle cross the railway and the border fence of the Ustyurt Plateau twice a "
    "year. The project opens 14 crossings, trains 60 rangers in four districts, and agrees one monitoring protocol "
    "between the three states.\n\nIt builds on eight years of aerial counts and on the joint patrols begun in 2023.",
    "ru": "Сайгаки, куланы и джейраны дважды в год пересекают железную дорогу и пограничное ограждение на плато "
    "Устюрт. Проект откроет 14 переходов, обучит 60 инспекторов в четырёх районах и согласует единый протокол "
    "мониторинга между тремя государствами.\n\nОн опирается на восемь лет авиаучётов и на совместные "
    "рейды, начатые в 2023 году.",
    "fr": "Saïgas, koulans et gazelles à goitre franchissent deux fois par an la voie ferrée et la clôture frontalière "
    "du plateau de l'Oustiourt. Le projet ouvre 14 passages, forme 60 gardes dans quatre districts et établit un "
    "protocole de suivi commun aux trois États.\n\nIl s'appuie sur huit années de comptages aériens.",
}
PROBLEM = (
    'The fence was built in 2012 "for a few years" and still stands. Each autumn it holds back some 4 000 animals; in '
    "2024-2025 rangers counted 311 carcasses within 25 km of the rails.\n\n"
    "Three causes meet:\n- crossings lie too far apart and are closed by drifting sand;\n"
    "- nobody owns the task of keeping them open;\n- counts on the two sides of the border are made in different "
    "months, so that the same animals are counted twice or not at all."
)


def localized(source: str = "en", **versions: str | Text) -> LocalizedText:
    """A text with its languages; a plain string is a version that somebody wrote."""
    return LocalizedText(
        source=source,
        versions={k: v if isinstance(v, Text) else Text(text=v) for k, v in versions.items()},
    )


def organisation(**changes: Any) -> OrganisationRegistered:
    """An NGO of Kazakhstan."""
    return OrganisationRegistered(
        organisation_id=ORGANISATION, name="Steppe Corridors Association", legal_form="association",
        applicant_kind="local_ngo", country="KAZ", year_founded=2009,
        yearly_income=Money(amount=Decimal(420_000), currency="USD"), registration_number="KZ-1142",
    ).model_copy(update=changes)  # fmt: skip


def budget_line(number: int, amount: str, *, year: int = 1, category: str = "personnel", currency: str = "USD",
                description: str = "") -> BudgetLine:  # fmt: skip
    """One line, with its worth in dollars at `RATES`."""
    money = Money(amount=Decimal(amount), currency=currency)
    return BudgetLine(
        line_id=UUID(int=number), description=description or f"Line {number}", category=category, year=year,
        money=money, usd=(money.amount / RATES[currency]).quantize(Decimal("0.01")),
    )  # fmt: skip


def cofinancing_line(number: int, amount: str, name: str, *, source: str = "foundation", kind: str = "cash",
                     status: str = "confirmed", currency: str = "USD") -> CofinancingLine:  # fmt: skip
    """One source, with its worth in dollars at `RATES`."""
    money = Money(amount=Decimal(amount), currency=currency)
    return CofinancingLine(
        line_id=UUID(int=number), source_name=name, source=source, kind=kind, status=status, money=money,
        usd=(money.amount / RATES[currency]).quantize(Decimal("0.01")),
    )  # fmt: skip


LINES = (
    ("Project manager, half time", "personnel", "54000", (1, 2, 3)),
    ("Field coordinators (3)", "personnel", "43200", (1, 2, 3)),
    ("Crossing structures and their upkeep", "works", "118000", (1, 2)),
    ("Two patrol vehicles with radio sets", "vehicles", "76400", (1,)),
    ("Aerial counts over 62 000 km²", "monitoring", "38500", (1, 3)),
    ("Training of 60 rangers", "meetings", "21750", (2,)),
    ("Satellite collars (24)", "equipment", "57600", (1,)),
    ("Travel within the three states", "travel", "12300", (1, 2, 3)),
    ("Audit", "audit", "6000", (3,)),
)


def standard_lines(currency: str = "USD") -> list[BudgetLine]:
    """The sample budget."""
    lines = [(d, c, a, y) for d, c, a, years in LINES for y in years]
    return [budget_line(i, a, year=y, category=c, currency=currency, description=d)
            for i, (d, c, a, y) in enumerate(lines, 1)]  # fmt: skip


def standard_cofinancing() -> list[CofinancingLine]:
    """The sample co-financing."""
    return [
        cofinancing_line(901, "120000", "Ministry of Ecology and Natural Resources", source="government",
                         kind="in_kind"),
        cofinancing_line(902, "85000", "Altyn Dala Conservation Fund", status="realised"),
        cofinancing_line(903, "30000", "Steppe Corridors Association", source="own", status="indicative"),
    ]  # fmt: skip


def proposal(**changes: Any) -> ProposalSubmitted:
    """A submitted proposal; totals follow from its lines unless they are given."""
    budget = changes.pop("budget", None)
    budget = standard_lines() if budget is None else budget
    cofinancing = changes.pop("cofinancing", None)
    cofinancing = standard_cofinancing() if cofinancing is None else cofinancing
    currency = changes.get("currency", "USD")
    rate = RATES[currency]
    total_usd = sum((line.usd for line in budget), Decimal(0))
    cofinancing_usd = sum((line.usd for line in cofinancing), Decimal(0))

    def own(*groups: list[Any]) -> Money:
        """The first group less the others, in the proposal's currency."""
        sums = [
            sum((line.money.amount if line.money.currency == currency else (line.usd * rate).quantize(Decimal("0.01"))
                 for line in group), Decimal(0))
            for group in groups
        ]  # fmt: skip
        return Money(amount=sums[0] - sum(sums[1:], Decimal(0)), currency=currency)

    values: dict[str, Any] = {
        "proposal_id": PROPOSAL, "reference": "CAMI-2026-0042", "version": 2, "organisation": organisation(),
        "submitted_by": "Aigul Serikova", "submitted_at": NOON, "programme_id": PROGRAMME, "written_in": "en",
        "title": localized(
            en="Open crossings on the Ustyurt Plateau", ru="Открытые переходы на плато Устюрт",
            fr="Des passages ouverts sur le plateau de l’Oustiourt",
        ),
        "summary": localized(
            en=SUMMARY["en"], ru=Text(text=SUMMARY["ru"], origin="reviewed"),
            fr=Text(text=SUMMARY["fr"], origin="machine", stale=True),
        ),
        "problem": localized(en=PROBLEM),
        "approach": localized(en="We work along the animals' year - in spring, crossings; in autumn, counts. " * 14),
        "results": localized(en="1. Fourteen crossings open all year.\n2. Mortality at the rails halved by 2029."),
        "actions": [
            ActionRef(action_id="9.2", priority="high", themes=["connectivity"], title=localized(
                en="Remove or adapt border fences", ru="Убрать или приспособить пограничные ограждения",
                fr="Supprimer ou adapter les clôtures frontalières")),
            ActionRef(action_id="27.1", priority="high_medium", title=localized(
                en="Agree one protocol for counts of saiga", ru="Согласовать единый протокол учёта сайгака",
                fr="Convenir d’un protocole unique de comptage du saïga")),
            ActionRef(action_id="31.3-2", priority=None, title=localized(en="Share data across borders")),
        ],
        "species": ["saiga", "asiatic_wild_ass", "goitered_gazelle"], "states": ["KAZ", "UZB", "TKM"],
        "themes": ["connectivity"], "starts": date(2027, 3, 1), "ends": date(2030, 2, 28), "duration_months": 36,
        "budget": budget, "cofinancing": cofinancing,
        "contacts": [Contact(name="Aigul Serikova", role="Project lead", email="aigul@example.org"),
                     Contact(name="Timur Aliev", role="Finance", email="timur@example.org")],
        "partners": [Partner(line_id=UUID(int=801), name="Institute of Zoology", applicant_kind="research",
                             country="KAZ", role="Counts from the air", lead="agreed"),
                     Partner(line_id=UUID(int=802), name="Ustyurt Reserve", applicant_kind="government",
                             country="UZB", role="Patrols")],
        "currency": currency, "total": own(budget), "cofinancing_total": own(cofinancing),
        "requested": own(budget, cofinancing), "total_usd": total_usd, "cofinancing_usd": cofinancing_usd,
        "requested_usd": total_usd - cofinancing_usd, "rates_date": date(2026, 11, 1),
        "rates_source": "Planning rates of this project",
    }  # fmt: skip
    return ProposalSubmitted(**(values | changes))


def action(number: str = "9.2", title: str = "", **changes: Any) -> ActionPublished:
    """An action of the Programme."""
    values: dict[str, Any] = {
        "programme_id": PROGRAMME, "action_id": number, "number": number.split("-")[0],
        "section": int(number.split(".")[0]),
        "section_title": localized(
            en="Barriers to movement", ru="Преграды на путях миграции", fr="Obstacles aux déplacements"
        ),
        "part": "I", "priority": "high",
        "title": localized(
            en=title or f"Do what action {number} asks", ru=f"Выполнить меру {number}", fr=f"Mener l’action {number}"
        ),
        "summary": localized(en="A summary."),
    }  # fmt: skip
    return ActionPublished(**(values | changes))


def judged(window_id: str, fit: int | None, *, proposal_id: UUID = PROPOSAL, overall: str = "eligible",
           version: int = 2, stage: str = "none", unknown: int = 1) -> ProposalJudged:  # fmt: skip
    """A judgement of one proposal with one pair in it."""
    pair = PairSummary(
        window_id=window_id, window_revision=1, overall=overall, yes=10, unknown=unknown, no=0, fit=fit, stage=stage,
    )  # fmt: skip
    return ProposalJudged(proposal_id=proposal_id, version=version, pairs=[pair], because=str(new_id()))


def paired(
    window_id: str, numbers: list[str], *, revision: int = 1, count: int | None = None
) -> WindowPairedWithActions:
    """The actions that a window could pay for, each a little less than the one before."""
    fits = [
        ActionFit(action_id=number, overall=Tri.YES if i % 3 else Tri.UNKNOWN, fit=max(0, 96 - 2 * i))
        for i, number in enumerate(numbers)
    ]
    return WindowPairedWithActions(
        window_id=window_id, window_revision=revision, programme_id=PROGRAMME, count=count or len(numbers),
        actions=fits[:25],
    )  # fmt: skip


def event(payload: Payload, *, source: str = "projects", subject: str = "x", minutes: int = 0) -> Event[Any]:
    """`payload` as it comes from the bus, some minutes after noon."""
    return wrap(payload, source=source, subject=subject, time=NOON + timedelta(minutes=minutes))
