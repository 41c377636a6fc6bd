"""Languages: which one, and what is looked up in it."""

from pathlib import Path

import pytest

from services.chassis.i18n import (
    choose_language,
    current_language,
    gettext,
    load_catalogues,
    ngettext,
    translate,
    translate_plural,
    use_language,
)
from services.chassis.translations import catalogue_faults, missing_messages


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [
        ("ru", "fr", "ru"), (None, "fr", "fr"), ("de", "fr", "fr"), (None, None, "en"), ("", "", "en"),
        (None, "ru-RU,ru;q=0.9,en;q=0.8", "ru"), (None, "kk,ru;q=0.7,en;q=0.3", "ru"),
        (None, "de-DE,de;q=0.9", "en"), (None, "en;q=0.2,fr;q=0.8", "fr"), (None, "fr;q=0,ru;q=0.1", "ru"),
        (None, ";;;,,q=1,fr;q=x", "en"), (None, "fr;q=9", "en"), (None, "FR-ca", "fr"), ("../ru", None, "en"),
    ],
)  # fmt: skip
def test_the_readers_language(cookie: str | None, header: str | None, language: str) -> None:
    assert choose_language(cookie, header) == language


def test_lookup_falls_back_to_english() -> None:
    load_catalogues()
    assert translate("ru", "Sign in") == "Войти"
    assert translate("fr", "Sign in") == "Se connecter"
    assert translate("en", "Sign in") == "Sign in"
    assert translate("de", "Sign in") == "Sign in"
    assert translate("ru", "Nobody has translated this") == "Nobody has translated this"


def test_a_message_without_parameters_may_hold_a_percent_sign() -> None:
    assert translate("en", "100% of it") == "100% of it"
    assert translate("en", "%(share)s%% of it", share=50) == "50% of it"


@pytest.mark.parametrize(
    ("number", "russian", "french"),
    [(1, "1 результат", "1 résultat"), (3, "3 результата", "3 résultats"), (5, "5 результатов", "5 résultats"),
     (21, "21 результат", "21 résultats"), (0, "0 результатов", "0 résultat")],
)  # fmt: skip
def test_countable_messages(number: int, russian: str, french: str) -> None:
    load_catalogues()
    forms = ("%(count)s result", "%(count)s results")
    assert translate_plural("ru", *forms, number, count=number) == russian
    assert translate_plural("fr", *forms, number, count=number) == french
    assert translate_plural("en", *forms, number, count=number) == f"{number} result{'' if number == 1 else 's'}"


def test_the_language_of_a_page_ends_with_it() -> None:
    load_catalogues()
    with use_language("fr"):
        assert (current_language(), gettext("Yes")) == ("fr", "Oui")
        with use_language("ru"):
            assert gettext("Yes") == "Да"
        assert ngettext("%(count)s result", "%(count)s results", 2, count=2) == "2 résultats"
    assert current_language() == "en"


def test_the_check_of_catalogues_finds_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "locale").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        '{{ _("Save") }} {% trans %}Two\n words{% endtrans %} {{ ngettext("%(num)s day", "%(num)s days", n) }}'
    )
    (tmp_path / "code.py").write_text('A = N_("Hello %(name)s")\nB = gettext("Empty")\n')
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    russian = '"Language: ru\\n"\n"Plural-Forms: nplurals=3; plural=0;\\n"\n'
    (tmp_path / "locale" / "ru.po").write_text(
        head + russian + '\nmsgid "Hello %(name)s"\nmsgstr "Привет, %(nmae)s"\n\nmsgid "Empty"\nmsgstr ""\n'
        '\nmsgid "%(num)s day"\nmsgid_plural "%(num)s days"\nmsgstr[0] "а"\nmsgstr[1] "б"\nmsgstr[2] "в"\n'
        '\nmsgid "Gone"\nmsgstr "Нет"\n\n#, fuzzy\nmsgid "Save"\nmsgstr "Беречь"\n'
    )
    (tmp_path / "locale" / "extra.ru.po").write_text(head + '"Language: ru\\n"\n\nmsgid "Gone"\nmsgstr "Ушло"\n')
    missing = missing_messages([tmp_path])
    assert [text.split(" in ")[0] for text in missing["ru"]] == ["'Empty'", "'Save'", "'Two words'"]
    assert len(missing["fr"]) == 5
    faults = "\n".join(catalogue_faults([tmp_path]))
    expected_faults = (
        "placeholders ['nmae']", "empty: 'Empty'", "not used anywhere: 'Gone'", "fuzzy: 'Save'", "but 'Ушло'",
    )  # fmt: skip
    for expected in expected_faults:
        assert expected in faults, faults
