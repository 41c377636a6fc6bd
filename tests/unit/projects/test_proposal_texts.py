"""Translations become stale when, and only when, the text they were made from changes without them."""

from contracts.values import Language
from services.projects.rules import proposals as rules
from services.projects.values.proposals import Origin, Summary, TypedSummary, TypedText


def typed(written_in: Language = "en", **versions: TypedText) -> TypedSummary:
    """A form in which only the title is filled in."""
    languages: dict[Language, TypedText] = {code: versions[code] for code in ("en", "ru", "fr") if code in versions}
    return TypedSummary(written_in, {"title": languages})


def ru(text: str, origin: Origin = "written", *, current: bool = False) -> TypedText:
    return TypedText(text, origin, current)


def stale(summary: Summary) -> tuple[str, ...]:
    return rules.stale_languages(summary.text("title"))


FIRST = rules.merged(Summary(), typed(en=TypedText("Saiga"), ru=ru("Сайгак", "machine")))


def test_each_version_keeps_where_it_came_from() -> None:
    versions = FIRST.text("title").versions
    assert (versions["en"].origin, versions["ru"].origin) == ("written", "machine")
    assert FIRST.written("title") == "Saiga"
    assert stale(FIRST) == ()


def test_a_changed_source_makes_its_translations_stale() -> None:
    changed = rules.merged(FIRST, typed(en=TypedText("Saiga antelope"), ru=ru("Сайгак", "machine")))
    assert stale(changed) == ("ru",)
    again = rules.merged(changed, typed(en=TypedText("Saiga antelope"), ru=ru("Сайгак", "machine")))
    assert stale(again) == ("ru",)


def test_white_space_changes_nothing() -> None:
    assert stale(rules.merged(FIRST, typed(en=TypedText("  Saiga\n"), ru=ru("Сайгак")))) == ()


def test_a_translation_that_changes_too_or_is_said_to_match_is_current() -> None:
    source = TypedText("Saiga antelope")
    assert stale(rules.merged(FIRST, typed(en=source, ru=ru("Антилопа сайгак")))) == ()
    assert stale(rules.merged(FIRST, typed(en=source, ru=ru("Сайгак", current=True)))) == ()
    lagging = rules.merged(FIRST, typed(en=source, ru=ru("Сайгак")))
    assert stale(rules.merged(lagging, typed(en=source, ru=ru("Антилопа сайгак")))) == ()
    assert stale(rules.merged(lagging, typed(en=source, ru=ru("Сайгак", current=True)))) == ()


def test_the_first_source_text_makes_nothing_stale_and_an_emptied_one_does() -> None:
    only_russian = rules.merged(Summary(), typed(ru=ru("Сайгак")))
    assert stale(rules.merged(only_russian, typed(en=TypedText("Saiga"), ru=ru("Сайгак")))) == ()
    assert stale(rules.merged(FIRST, typed(en=TypedText(""), ru=ru("Сайгак")))) == ("ru",)


def test_an_emptied_translation_is_gone() -> None:
    assert set(rules.merged(FIRST, typed(en=TypedText("Saiga"), ru=ru(""))).text("title").versions) == {"en"}


def test_another_language_may_become_the_source() -> None:
    turned = rules.merged(FIRST, typed("ru", en=TypedText("Saiga"), ru=ru("Сайгак")))
    assert turned.written("title") == "Сайгак"
    assert turned.text("title").versions["ru"].origin == "written"
    assert stale(turned) == ()
    lagging = rules.merged(FIRST, typed(en=TypedText("Saiga antelope"), ru=ru("Сайгак")))
    assert stale(rules.merged(lagging, typed("ru", en=TypedText("Saiga antelope"), ru=ru("Сайгак")))) == ("en",)


def test_nothing_typed_leaves_no_text() -> None:
    assert rules.merged(FIRST, typed()).texts == {}


def test_word_changes_show_what_went_and_what_came() -> None:
    assert rules.word_changes("the old road north", "the new road") == [
        ("same", "the"), ("gone", "old"), ("new", "new"), ("same", "road"), ("gone", "north"),
    ]  # fmt: skip


def test_very_long_texts_are_set_side_by_side() -> None:
    before, after = "a " * 3000, "b " * 3000
    assert rules.word_changes(before, after) == [("gone", before), ("new", after)]
