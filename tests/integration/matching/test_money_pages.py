"""Pages of a donor's money: what it would unlock, and flagship steering."""

import re
from decimal import Decimal
from uuid import UUID

import html5lib
import pytest
from sqlmodel import select

from contracts.envelope import new_id
from contracts.values import Tri
from contracts.windows import AmountRule, SpeciesRule
from services.matching.planning.researcher import Researcher
from services.matching.tables import Study
from tests.integration.matching.conftest import NGO, Pages
from tests.integration.matching.events import action, hand, imported, published, submitted
from tests.integration.matching.test_pages import text
from tests.support import form_post
from tests.unit.matching.build import window

UNLOCK, STEERING = "/matching/unlock", "/matching/steering"
FIRST, SECOND = UUID(int=1), UUID(int=2)


@pytest.fixture
def money(pages: Pages) -> Pages:
    """Two proposals, a donor with money for one of them, and an action that nobody has proposed work on."""
    pages.service.extras.close()  # tests make studies themselves
    leopards = SpeciesRule(basis="preference", preferred=["snow_leopard"])
    hand(
        pages.service,
        published(window("small", donor_id="a", donor_name="Donor A", name="Small Grant", species=leopards,
                         amount=AmountRule(maximum=Decimal(16000)))),
        action("3.1"), action("4.2", "high", states=["TJK"], species=["argali"]), imported(2),
        submitted(FIRST, reference="CAMI-2026-0001", organisation=NGO),
        submitted(SECOND, reference="CAMI-2026-0002", species=["snow_leopard", "argali"], states=["TJK"]),
    )  # fmt: skip
    return pages


def asked(pages: Pages, path: str, **fields: object) -> str:
    """The address of a study that was asked for on the form."""
    response = form_post(pages.client, f"{path}?donor=a", {name: str(value) for name, value in fields.items()}, to=path)
    assert response.status_code == 303, response.text[:2000]
    return str(response.headers["location"])


def make(pages: Pages) -> None:
    assert Researcher(pages.service).turn()


def studies(pages: Pages) -> int:
    with pages.service.read() as session:
        return len(session.exec(select(Study)).all())


def test_what_money_would_unlock_is_asked_followed_and_answered(money: Pages) -> None:
    assert "Worked out before" not in money.get(UNLOCK)
    page = asked(money, UNLOCK, amount="15 000", donor="a")
    assert "It waits for its turn." in text(money.get(page))
    told = money.client.get(f"{page}/progress").json()
    assert (told["state"], told["text"]) == ("queued", "It waits for its turn.")
    money.get(f"{page}/sheet", 404)
    make(money)
    assert money.client.get(f"{page}/progress").json()["state"] == "done"
    words = text(money.get(page))
    assert "With USD 15,000 from Donor A, the best plan funds 1 proposal that it leaves out today." in words
    assert "Today’s best plan, without it, funds 1 of 2 proposals." in words
    assert "Each dollar brings, confirmed USD 0.33" in words
    assert "By whose rules the money would be given: Small Grant (+5)." in words
    assert words.count("Proven") == 4
    assert "4.2 Action 4.2" in words[words.index("Invitations") :]
    assert "3.1 Action 3.1" not in words[words.index("Invitations") :]
    assert "Current to 22 Nov 2026" in words
    sheet = text(money.get(f"{page}/sheet"))
    assert "With USD 15,000 from Donor A" in sheet
    assert f'href="{page}"' in money.get(UNLOCK)


def test_a_window_that_states_no_amount_is_called_by_its_name(money: Pages) -> None:
    hand(
        money.service,
        published(window("open-fund", donor_id="c", donor_name="C", name="Steppe Fund", amount=AmountRule())),
    )
    page = asked(money, UNLOCK, amount=30000, donor="c")
    make(money)
    words = text(money.get(page))
    assert "By whose rules the money would be given: Steppe Fund (+" in words
    assert "open-fund" not in words


def test_without_rules_preferences_choose(money: Pages) -> None:
    page = asked(money, UNLOCK, amount=20000, states="TJK")
    make(money)
    words = text(money.get(page))
    assert "Only for work in these states: Tajikistan." in words
    assert "With USD 20,000 that no rules bind, the best plan funds 1 proposal" in words
    nothing = asked(money, UNLOCK, amount=20000, species="wild_camel")
    make(money)
    assert "No proposal could take this money" in text(money.get(nothing))


@pytest.mark.parametrize(
    ("path", "fields", "field", "message"),
    [
        (UNLOCK, {"donor": "a", "amount": ""}, "amount", "Amount: please fill this in."),
        (UNLOCK, {"amount": "-5"}, "amount", "Amount: an amount cannot be below zero."),
        (UNLOCK, {"amount": "0"}, "amount", "Amount: please enter 1 or more."),
        (UNLOCK, {"amount": "a lot"}, "amount", "Amount: please enter one amount in digits"),
        (UNLOCK, {"amount": "9" * 30}, "amount", "or less."),
        (UNLOCK, {"amount": "10", "donor": "nobody"}, "donor", "Donor: this answer is not on the list."),
        (STEERING, {"donor": "a"}, "preferred", "Species that the donor prefers: please choose at least one."),
        (STEERING, {"donor": "a", "preferred": "unicorn"}, "preferred", "this answer is not on the list"),
        (STEERING, {"donor": "a", "preferred": "saiga", "budget": "x"}, "budget", "please enter one amount in digits"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    money: Pages, path: str, fields: dict[str, str], field: str, message: str
) -> None:
    response = form_post(money.client, f"{path}?donor=a", fields, to=path)
    assert response.status_code == 400
    assert message in text(response.text)
    assert f'id="f-{field}-error"' in response.text
    if fields.get("budget"):
        assert 'value="saiga" checked' in response.text
    assert studies(money) == 0


def test_the_same_click_twice_is_one_study(money: Pages) -> None:
    once = str(new_id())
    assert asked(money, UNLOCK, amount=5, once=once) == asked(money, UNLOCK, amount=5, once=once)
    assert studies(money) == 1


def test_the_donors_species_are_chosen_beforehand_and_can_be_changed(money: Pages) -> None:
    page = money.get(f"{STEERING}?donor=a")
    assert re.findall(r'name="preferred" value="(\w+)" checked', page) == ["snow_leopard"]
    assert "Bennett and others (2015)" in text(page)
    assert not re.findall(r'name="preferred" value="(\w+)" checked', money.get(STEERING))


def test_a_donor_that_pays_for_one_species_only_begins_with_it(money: Pages) -> None:
    only = SpeciesRule(basis="list", species={"saiga": Tri.YES, "argali": Tri.UNKNOWN}, others=Tri.NO)
    listed = SpeciesRule(basis="red_list", species={"urial": Tri.YES}, others=Tri.NO, red_list=["VU"])
    open_ = SpeciesRule(basis="list", species={"kiang": Tri.YES}, others=Tri.UNKNOWN)
    hand(
        money.service,
        published(window("saiga", donor_id="b", donor_name="Donor B", species=only)),
        published(window("threatened", donor_id="b", donor_name="Donor B", species=listed)),
        published(window("partly", donor_id="b", donor_name="Donor B", species=open_)),
    )
    page = money.get(f"{STEERING}?donor=b")
    assert re.findall(r'name="preferred" value="(\w+)" checked', page) == ["saiga"]


@pytest.mark.parametrize("typed", ["15,000", "15.000", "15\N{NARROW NO-BREAK SPACE}000", "15 000.00"])
def test_an_amount_may_be_typed_as_elsewhere(money: Pages, typed: str) -> None:
    asked(money, UNLOCK, amount=typed, donor="a")
    asked(money, STEERING, donor="a", preferred="saiga", budget=typed)
    with money.service.read() as session:
        found = {study.kind: study.asked for study in session.exec(select(Study)).all()}
    assert (found["unlock"]["amount"], found["steering"]["budget"]) == (15_000, 15_000)


def test_the_trade_off_is_a_curve_whose_plans_can_be_opened(money: Pages) -> None:
    low = submitted().actions[0].model_copy(update={"action_id": "5.1", "priority": "low"})
    second = submitted(
        SECOND, reference="CAMI-2026-0002", version=2, species=["snow_leopard", "argali"], states=["TJK"], actions=[low]
    )
    hand(money.service, action("5.1", "low"), imported(3), second)
    page = asked(money, STEERING, donor="a", preferred="snow_leopard")
    make(money)
    words = text(money.get(page))
    assert "For 80 % less value for Snow leopard, these are carried too: Argali." in words
    assert "Plan 1 the preferred species alone decides 10 0 % 0" in words
    assert "CAMI-2026-0002" in words
    assert "CAMI-2026-0001" not in words
    assert "Carried beyond plan 1: Argali." in words
    first = text(money.get(f"{page}?plan=1"))
    assert "CAMI-2026-0001" in first
    assert "Carried beyond plan 1" not in first
    for odd in ("0", "99", "x", "-1", "99999999999"):
        assert "Carried beyond plan 1: Argali." in text(money.get(f"{page}?plan={odd}"))
    assert 'class="curve__svg"' in money.get(page)


def test_money_that_is_too_little_says_what_to_do(money: Pages) -> None:
    page = asked(money, STEERING, donor="a", preferred="snow_leopard", budget=100)
    make(money)
    assert "This money cannot fund any proposal in full" in text(money.get(page))
    none = asked(money, STEERING, donor="a", preferred="saiga")
    make(money)
    assert "No proposal that this money could fund names Saiga antelope." in text(money.get(none))


def test_a_study_that_failed_says_so(money: Pages) -> None:
    page = asked(money, UNLOCK, amount=5)
    with money.service.work() as context:
        study = context.session.exec(select(Study)).one()
        study.state, study.error = "failed", "interrupted"
        context.session.add(study)
    assert "never came to its end. Please ask again." in text(money.get(page))


def test_only_those_who_coordinate_see_it_and_what_is_not_there_is_not_found(money: Pages) -> None:
    page = asked(money, UNLOCK, amount=5)
    for path in (
        f"{UNLOCK}/x",
        f"{UNLOCK}/{new_id()}",
        f"{STEERING}/{new_id()}",
        f"{STEERING}{page.removeprefix(UNLOCK)}",
    ):
        money.get(path, 404)
    money.be("lead", organisation=NGO)
    for path in (UNLOCK, STEERING, page, f"{page}/progress", f"{page}/sheet"):
        money.get(path, 403)


def test_a_windows_page_leads_to_both(money: Pages) -> None:
    page = money.get("/matching/windows/small")
    assert f'href="{UNLOCK}?donor=a"' in page
    assert f'href="{STEERING}?donor=a"' in page


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
def test_the_pages_are_sound_in_every_language(money: Pages, language: str) -> None:
    unlock, steering = (
        asked(money, UNLOCK, amount=15000, donor="a"),
        asked(money, STEERING, donor="a", preferred="saiga"),
    )
    waiting = money.get(unlock)
    make(money)
    make(money)
    money.client.cookies.set("cami_lang", language)
    paths = (UNLOCK, f"{STEERING}?donor=a", unlock, f"{unlock}/sheet", steering)
    for page in (waiting, *(money.get(path) for path in paths)):
        html5lib.HTMLParser(strict=True).parse(page)
    assert ("Value added" in money.get(unlock)) == (language == "en")
