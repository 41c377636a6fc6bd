"""Reading forms: everything wrong is told at once, and what was typed stays."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from starlette.datastructures import FormData

from services.chassis.errors import FieldError, Invalid
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import load_catalogues, use_language

NARROW, NBSP, THIN = "\u202f", "\u00a0", "\u2009"


def read(**values: str | list[str]) -> Reader:
    return Reader(values)


def money(text: str) -> Decimal | str:
    """The amount, or the message."""
    reader = read(sum=text)
    found = reader.money("sum", label="Sum")
    return found if found is not None else reader.errors[0].message


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("45000", "45000"), ("1 234,50", "1234.50"), ("1,234.50", "1234.50"), ("1.234,50", "1234.50"),
        (f"1{NARROW}234,5", "1234.50"), (f"1{NBSP}234{NBSP}567", "1234567"), (f"12{THIN}345.67", "12345.67"),
        ("1'234.50", "1234.50"), ("1’234’567", "1234567"), ("  12,5  ", "12.50"), ("0", "0"), ("0,05", "0.05"),
        ("12 345 678", "12345678"), ("1.234.567,89", "1234567.89"), ("1,234,567", "1234567"), ("007", "7"),
        ("10000000000000", "10000000000000"),
        # One mark before exactly three digits can only set off thousands: money has at most two decimals.
        ("1,234", "1234"), ("1.234", "1234"), ("123,456", "123456"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(typed: str, meant: str) -> None:
    assert money(typed) == Decimal(meant)


@pytest.mark.parametrize(
    "typed",
    [
        "-5", "−5", "– 5", "1 23", "1,23,456", "1,234,56", "12.", ".5", "0,500", "1,2,3", "12.3456", "1.234,567",
        "1 234,567,890", "1e5", "NaN", "Infinity", "١٢٣", "１２３", "²", "$45", "45 USD", "forty", "1 234.567",
        "10000000000000.01", "9" * 40, "1 234 56", "1_000", "0x10", "--5", "1.234.56",
    ],
)  # fmt: skip
def test_what_is_not_plainly_one_amount_is_refused(typed: str) -> None:
    reader = read(sum=typed)
    assert reader.money("sum", label="Sum") is None
    assert [error.field for error in reader.errors] == ["sum"]


def test_messages_name_the_field_and_say_what_to_do() -> None:
    reader = read(sum="-5", year="x", mail="nobody", day="2027-02-30")
    reader.money("sum", label="Amount")
    reader.whole("year", label="Year")
    reader.email("mail", label="E-mail")
    reader.date("day", label="First day")
    reader.text("title", label="Title", required=True)
    with pytest.raises(Invalid) as caught:
        reader.check()
    state = FormState.of({"sum": "-5"}, caught.value.errors)
    assert [error.field for error in state.errors] == ["sum", "year", "mail", "day", "title"]
    assert state.error("sum") == "An amount cannot be below zero. Please remove the minus sign."
    assert state.value("sum") == "-5"
    assert "Amount" in str(dict(state.errors[0].params))


def test_the_message_at_the_field_leaves_the_label_out_in_every_language() -> None:
    load_catalogues()
    state = FormState({}, [FieldError("title", "%(label)s: please fill this in.", (("label", "Amount"),))])
    for language, text in {"en": "Please fill this in.", "ru": "Заполните это поле.", "fr": "À remplir."}.items():
        with use_language(language):
            assert state.error("title") == text
    assert state.error("other") == ""


def test_one_mistake_is_told_once() -> None:
    reader = read(title="\ud800", sum="\ud800")
    reader.text("title", label="Title", required=True)
    reader.money("sum", label="Sum", required=True)
    assert [error.field for error in reader.errors] == ["title", "sum"]


def test_text_is_normalised() -> None:
    reader = read(a="  e\u0301te\u0301 \x00\x07", b="one\r\ntwo\rthree  \n", c="one\r\ntwo\tthree")
    assert reader.text("a", label="A") == "été"
    assert reader.text("b", label="B", multiline=True) == "one\ntwo\nthree"
    assert reader.text("c", label="C") == "one two three"
    assert reader.errors == []


def test_text_keeps_what_scripts_need() -> None:
    """Joiners and direction marks are not control characters."""
    assert read(a="a\u200db").text("a", label="A") == "a\u200db"


def test_lengths() -> None:
    reader = read(a="x" * 11, b="xy")
    reader.text("a", label="A", max_length=10)
    reader.text("b", label="B", min_length=3)
    assert [dict(error.params)["limit"] for error in reader.errors] == ["10", "3"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("12", 12), ("1 200", 1200), ("−3", -3), ("1.5", None), ("١", None), ("1" * 16, None), ("", None), ("1e3", None)],
)
def test_whole_numbers(typed: str, meant: int | None) -> None:
    assert read(n=typed).whole("n", label="N") == meant


def test_limits_of_numbers_and_dates() -> None:
    reader = read(n="5", m="50", d="2027-01-01", e="2027-12-31", s="5")
    assert reader.whole("n", label="N", minimum=6) is None
    assert reader.whole("m", label="M", maximum=49) is None
    reader.date("d", label="D", earliest=date(2027, 1, 2))
    reader.date("e", label="E", latest=date(2027, 12, 30))
    assert reader.money("s", label="S", minimum=Decimal(10)) is None
    assert len(reader.errors) == 5


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2027-03-31", date(2027, 3, 31)), ("31.03.2027", date(2027, 3, 31)), ("31/03/2027", date(2027, 3, 31)),
        ("2027-02-29", None), ("0001-01-01", None), ("9999-12-31", None), ("tomorrow", None), ("20270331", None),
    ],
)  # fmt: skip
def test_dates(typed: str, meant: date | None) -> None:
    assert read(d=typed).date("d", label="D") == meant


def test_choices_come_from_the_list_only() -> None:
    reader = read(one="b", many=["a", "b", "a"], bad="z", worse=["a", "z"])
    assert reader.choice("one", ["a", "b"], label="One") == "b"
    assert reader.choices("many", ["a", "b"], label="Many") == ["a", "b"]
    assert reader.errors == []
    assert reader.choice("bad", ["a"], label="Bad") == ""
    assert reader.choices("worse", ["a"], label="Worse") == ["a"]
    assert reader.choices("none", ["a"], label="None", required=True) == []
    assert reader.choice("nothing", ["a"], label="Nothing", required=True) == ""
    assert [error.field for error in reader.errors] == ["bad", "worse", "none", "nothing"]


@pytest.mark.parametrize("typed", ["a@b.org", "aigul.b+x@Example.ORG", "имя@пример.рф"])
def test_addresses(typed: str) -> None:
    found = read(m=typed).email("m", label="M")
    local, _, domain = typed.rpartition("@")
    assert found == f"{local}@{domain.lower()}"


@pytest.mark.parametrize(
    "typed",
    ["a", "a@b", "a@@b.org", "a b@c.org", "a@b.org, c@d.org", "a@.org", "<a@b.org>", "x" * 250 + "@b.org"],
)
def test_what_is_no_address(typed: str) -> None:
    reader = read(m=typed)
    assert reader.email("m", label="M") == ""
    assert len(reader.errors) == 1


def test_flags_and_identifiers() -> None:
    reader = read(yes="1", on="on", no="0", once="018f2f6e-0000-7000-8000-000000000001", bad="x")
    assert (reader.flag("yes"), reader.flag("on"), reader.flag("no"), reader.flag("none")) == (True, True, False, False)
    assert reader.identifier("once") == UUID("018f2f6e-0000-7000-8000-000000000001")
    assert reader.identifier("absent") is None
    assert reader.errors == []
    assert reader.identifier("bad") is None
    assert [error.field for error in reader.errors] == ["bad"]


def test_repeated_lines_skip_those_left_empty_and_name_their_fields() -> None:
    form: Mapping[str, str | list[str]] = {
        "budget-0-text": "Traps", "budget-0-sum": "100", "budget-1-text": "", "budget-1-sum": " ",
        "budget-1-currency": "USD",
        "budget-10-text": "Rangers", "budget-10-sum": "x", "budgets-3-text": "not mine",
    }  # fmt: skip
    reader = Reader(form)
    lines = reader.rows("budget", ignore=("currency",))
    rows = [(line.text("text", label="Text"), line.money("sum", label="Sum")) for line in lines]
    assert rows == [("Traps", Decimal(100)), ("Rangers", None)]
    assert [error.field for error in reader.errors] == ["budget-10-sum"]


def test_a_form_as_it_was_sent() -> None:
    form = FormData([("name", "Aigul"), ("species", "saiga"), ("species", "argali")])
    state = FormState.of(form)
    assert state.value("name") == "Aigul"
    assert state.values_of("species") == ["saiga", "argali"]
    assert state.values_of("name") == ["Aigul"]
    assert state.value("absent") == ""
    assert state.values_of("absent") == []
    reader = Reader(form)
    assert reader.choices("species", ["saiga", "argali"]) == ["saiga", "argali"]
    assert reader.text("name", label="Name") == "Aigul"


def test_values_of_any_kind_are_shown() -> None:
    state = FormState({"day": date(2027, 1, 2), "sum": Decimal("10.50"), "none": None})  # type: ignore[dict-item]
    assert (state.value("day"), state.value("sum"), state.value("none")) == ("2027-01-02", "10.50", "")
