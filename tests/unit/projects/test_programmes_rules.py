"""Completing facts into a catalogue: what is ours stays, what nobody has written says so."""

from dataclasses import replace

import pytest

from services.projects.rules.programmes import (
    Known,
    complete,
    expand,
    fingerprint,
    heading_key,
    inconsistencies,
    published,
    written,
)
from services.projects.values.programmes import (
    EVERYTHING,
    ActionFacts,
    ActionTexts,
    Facts,
    PartFacts,
    SectionFacts,
    SpeciesFacts,
    StateFacts,
)

FACTS = Facts(
    2027, 2032,
    (PartFacts("I", "Mesures transversales"), PartFacts("II", "Mesures spécifiques aux espèces")),
    (
        SectionFacts(1, "I", "Coopération transfrontalière"),
        SectionFacts(2, "II", "Manul", "Otocolobus manul", ("pallas_cat",)),
        SectionFacts(3, "II", "Altaï", None, ("argali", "snow_leopard"), ("MNG", "KAZ")),
    ),
    (SpeciesFacts("argali", "Ovis ammon", "II"), SpeciesFacts("pallas_cat", "Otocolobus manul", "II"),
     SpeciesFacts("chinkara", "Gazella bennettii", None)),
    (StateFacts("KAZ", "KZ", True), StateFacts("MNG", "MN", True), StateFacts("CHN", "CN", False)),
    (
        ActionFacts("1.1", "1.1", 1, "high", {"a": "high"}, ("cms",), (), ("a",), ("2.1",)),
        ActionFacts("2.1", "2.1", 2, None),
        ActionFacts("3.1", "3.1", 3, "low"),
    ),
)  # fmt: skip
OURS = ActionTexts(written(en="Map", ru="Карта", fr="Carte"), written(en="A map.", ru="Карта.", fr="Une carte."))


def test_ours_are_kept() -> None:
    catalogue = complete(FACTS, Known({"1.1": OURS}))
    assert catalogue.actions[0].texts is OURS
    assert catalogue.actions[0].facts.priority == "high"


def test_a_neutral_title_says_that_it_is_one() -> None:
    texts = complete(FACTS, Known()).actions[1].texts
    assert not texts.own
    assert texts.title.text("en") == "Action 2.1 (Pallas’s cat)"
    assert texts.title.text("ru") == "Мера 2.1 (Манул)"
    assert {version.origin for version in texts.title.versions.values()} == {"machine"}
    assert texts.summary.text("en") == ""


def test_a_heading_met_before_brings_its_title() -> None:
    ours = written(en="Cooperation", ru="Сотрудничество", fr="Coopération")
    known = Known(section_titles={heading_key("coopération  TRANSFRONTALIÈRE"): ours})
    assert complete(FACTS, known).sections[0].title == ours
    assert complete(FACTS, Known(numbered={1: ours})).sections[0].title == ours


def test_a_new_heading_stays_as_printed_and_in_no_other_language() -> None:
    catalogue = complete(FACTS, Known())
    title = catalogue.sections[0].title
    assert (title.source, set(title.versions)) == ("fr", {"fr"})
    assert catalogue.actions[0].texts.title.text("ru") == "Мера 1.1"
    assert catalogue.actions[0].texts.title.text("fr") == "Action 1.1 (Coopération transfrontalière)"


def test_what_a_section_is_confined_to() -> None:
    first, second, third = (
        action.texts for action in complete(FACTS, Known(ranges={"pallas_cat": ("MNG", "IRN")})).actions
    )
    assert (first.species, first.states) == (("argali", "pallas_cat"), ("KAZ", "MNG", "CHN"))
    assert (second.species, second.states) == (("pallas_cat",), ("MNG",))
    assert (third.species, third.states) == (("argali", "snow_leopard"), ("MNG", "KAZ"))


def test_the_star_is_expanded() -> None:
    texts = expand(replace(OURS, species=(EVERYTHING,), states=(EVERYTHING,)), FACTS)
    assert texts.species == ("argali", "pallas_cat")
    assert texts.states == ("KAZ", "MNG", "CHN")


def test_what_is_published() -> None:
    catalogue = complete(FACTS, Known({"1.1": OURS}))
    payload = published(catalogue, catalogue.actions[0])
    assert (payload.programme_id, payload.action_id, payload.part) == ("cami-2027-2032", "1.1", "I")
    assert payload.sub_item_priorities == {"a": "high"}
    assert payload.see_also == ["2.1"]


def test_a_fingerprint_knows_no_order_of_keys() -> None:
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})
    assert fingerprint([1, 2]) != fingerprint([2, 1])


def test_sound_facts_have_no_inconsistencies() -> None:
    assert inconsistencies(FACTS) == []


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (replace(FACTS, actions=(FACTS.actions[0], FACTS.actions[0])), "action 1.1 occurs twice"),
        (replace(FACTS, actions=()), "there are no actions"),
        (replace(FACTS, end=2020), "the period ends in 2020"),
        (replace(FACTS, parts=FACTS.parts[:1]), "section 2 is in part II, which is missing"),
        (replace(FACTS, sections=FACTS.sections[:2]), "action 3.1 is in section 3, which is missing"),
    ],
)
def test_inconsistencies(broken: Facts, fault: str) -> None:
    assert any(fault in one for one in inconsistencies(broken))
