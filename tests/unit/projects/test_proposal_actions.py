"""Ticks on one page of a list, and what the actions ticked suggest."""

from contracts.values import LocalizedText
from services.projects.rules import proposals as rules
from services.projects.values.proposals import AddressedAction, ChosenActions, TickedActions

ORDER = ["1.1", "1.2", "2.1", "10.1"]


def action(action_id: str, themes: tuple[str, ...] = (), species: tuple[str, ...] = ()) -> AddressedAction:
    return AddressedAction(action_id, "high", LocalizedText(), themes, species)


def test_ticks_that_the_page_did_not_show_stay() -> None:
    stored = ChosenActions("p", ("1.1", "10.1"))
    ticks = TickedActions("p", shown=("1.1", "1.2", "2.1"), ticked=("2.1",))
    assert rules.after_ticks(stored, ticks, ORDER) == ChosenActions("p", ("2.1", "10.1"))


def test_only_what_was_shown_can_be_ticked_and_the_order_is_the_programmes() -> None:
    ticks = TickedActions("p", shown=("10.1", "1.2"), ticked=("10.1", "1.2", "99.9"))
    assert rules.after_ticks(ChosenActions(), ticks, ORDER).ids == ("1.2", "10.1")


def test_another_programme_begins_without_ticks() -> None:
    ticks = TickedActions("q", shown=("1.1",), ticked=("1.1",))
    assert rules.after_ticks(ChosenActions("p", ("2.1",)), ticks, ORDER) == ChosenActions("q", ("1.1",))


def test_themes_come_from_the_actions_most_shared_first() -> None:
    actions = [action("1", ("connectivity", "finance")), action("2", ("law", "finance")), action("3", ("law",))]
    assert rules.themes_of(actions) == ["finance", "law", "connectivity"]
    assert rules.themes_of([]) == []


def test_suggestions_leave_out_actions_that_serve_everything() -> None:
    offered = ("saiga", "argali", "kiang")
    actions = [action("1", species=offered), action("2", species=("kiang", "saiga")), action("3", species=("saiga",))]
    assert rules.suggested(actions, "species", offered) == {"saiga": 2, "kiang": 1}
