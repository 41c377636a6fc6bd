"""The shipped inventory: complete, well formed, and right in the places that were checked by hand."""

import json
from collections import Counter
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from contracts import vocabulary
from contracts.values import Tri
from contracts.windows import WindowTerms

SHIPPED: list[dict[str, Any]] = json.loads(
    (files("services.donors") / "data" / "windows.json").read_text(encoding="utf-8")
)
WINDOWS = {record["window_id"]: WindowTerms.model_validate(record) for record in SHIPPED}
GEF = {
    "gef-fsp", "gef-msp", "gef-ea", "gef-ppg", "gef-sgp-planning", "gef-sgp-regular", "gef-sgp-strategic",
    "gef-gbff", "gef-gwp",
}  # fmt: skip
TRUST_FUNDS = {"wb-progreen", "cms-sgp", "cms-voluntary", "cepf-mca-large", "cepf-mca-small", "llf", "blue-action"}
PRIVATE_SECTOR = {"with-snow-leopards", "disney", "oyu-tolgoi", "tco", "kumtor"}
every_window = pytest.mark.parametrize("terms", WINDOWS.values(), ids=WINDOWS)


def test_there_are_sixty_nine_windows() -> None:
    assert len(SHIPPED) == len(WINDOWS) == 69


def test_counts_of_each_kind() -> None:
    assert Counter(terms.kind for terms in WINDOWS.values()) == {
        "foundation": 22, "multilateral": 15, "bilateral": 15, "trust_fund": 7, "private_sector": 5, "national": 5,
    }  # fmt: skip


def test_windows_of_the_gef_of_trust_funds_and_of_the_private_sector_have_their_kind() -> None:
    assert {name for name, terms in WINDOWS.items() if terms.fund == "gef"} == GEF
    assert {WINDOWS[name].kind for name in GEF} == {"multilateral"}
    assert {name for name, terms in WINDOWS.items() if terms.kind == "trust_fund"} == TRUST_FUNDS
    assert {name for name, terms in WINDOWS.items() if terms.kind == "private_sector"} == PRIVATE_SECTOR


def test_a_donor_has_one_name() -> None:
    names = {(terms.donor_id, terms.donor_name) for terms in WINDOWS.values()}
    assert len(names) == len({donor for donor, _ in names})


@every_window
def test_codes_are_known(terms: WindowTerms) -> None:
    assert terms.kind in vocabulary.codes("window_kinds")
    assert terms.status in vocabulary.codes("window_statuses")
    assert terms.call.cycle in vocabulary.codes("call_cycles")
    assert terms.cofinancing.mode in vocabulary.codes("cofinancing_modes")
    assert set(terms.themes) <= set(vocabulary.codes("themes"))
    assert set(terms.applicants.kinds) | set(terms.applicants.uncertain) <= set(vocabulary.codes("applicant_kinds"))
    assert set(terms.species.species) | set(terms.species.preferred) <= set(vocabulary.codes("species"))
    assert set(terms.countries.states) == set(vocabulary.codes("states"))


@every_window
def test_every_rule_has_its_evidence(terms: WindowTerms) -> None:
    rules = (
        terms.amount, terms.duration, terms.applicants, terms.countries, terms.species, terms.cofinancing,
        terms.intermediary, terms.call,
    )  # fmt: skip
    for evidence in (*(rule.evidence for rule in rules), terms.status_evidence):
        assert 0 < len(evidence.sentence) <= 200
        assert evidence.checked is not None
        assert evidence.check_again is not None
        assert evidence.check_again > evidence.checked
        if evidence.confidence in ("high", "medium"):
            assert evidence.url, f"{terms.window_id}: nobody is sure without a source: {evidence.sentence}"


@every_window
def test_the_summary_is_written_in_three_languages(terms: WindowTerms) -> None:
    assert set(terms.summary.versions) == {"en", "ru", "fr"}
    for version in terms.summary.versions.values():
        assert 0 < len(version.text) <= 200
        assert version.origin == "written"


@every_window
def test_ranges_make_sense(terms: WindowTerms) -> None:
    amount, duration = terms.amount, terms.duration
    assert amount.minimum is None or amount.maximum is None or amount.minimum <= amount.maximum
    assert duration.minimum is None or duration.maximum is None or duration.minimum <= duration.maximum
    assert amount.maximum is not None or not amount.maximum_known or terms.window_id == "gef-fsp"


@every_window
def test_a_rule_by_red_list_category_is_never_sure(terms: WindowTerms) -> None:
    """The categories in our vocabulary are general knowledge, so what follows from them is of low confidence."""
    if terms.species.red_list:
        assert terms.species.evidence.confidence == "low"
        for species, answer in terms.species.species.items():
            if vocabulary.entry("species", species)["red_list"] is None:
                assert answer is Tri.UNKNOWN


def test_the_ceiling_of_medium_sized_gef_projects_is_not_certain() -> None:
    amount = WINDOWS["gef-msp"].amount
    assert (amount.maximum, amount.maximum_known, amount.evidence.confidence) == (Decimal(2_000_000), False, "low")


def test_the_full_sized_gef_project_has_a_floor_and_no_ceiling() -> None:
    amount = WINDOWS["gef-fsp"].amount
    assert (amount.minimum, amount.maximum, amount.maximum_known) == (Decimal(2_000_001), None, True)


@pytest.mark.parametrize("window", ["gef-fsp", "gef-msp"])
def test_gef_cofinancing_is_required_while_seven_to_one_is_a_portfolio_ambition(window: str) -> None:
    rule = WINDOWS[window].cofinancing
    assert (rule.mode, rule.ratio, rule.required) == ("portfolio_target", Decimal(7), Tri.YES)


@pytest.mark.parametrize(
    ("window", "mode", "ratio", "required"),
    [
        ("llf", "required", Decimal("0.5"), Tri.YES),
        ("eu-ndici-cso", "required", None, Tri.YES),
        ("gef-ea", "encouraged", None, Tri.NO),
        ("darwin-main", "encouraged", None, Tri.UNKNOWN),
        ("adaptation-fund", "none", None, Tri.NO),
        ("iucn-sos-ca", "unknown", None, Tri.UNKNOWN),
    ],
)
def test_cofinancing(window: str, mode: str, ratio: Decimal | None, required: Tri) -> None:
    rule = WINDOWS[window].cofinancing
    assert (rule.mode, rule.ratio, rule.required) == (mode, ratio, required)


@pytest.mark.parametrize(
    ("window", "state", "answer"),
    [
        ("gef-fsp", "RUS", Tri.UNKNOWN), ("gef-fsp", "KAZ", Tri.YES), ("iwtcf-main", "RUS", Tri.NO),
        ("iwtcf-main", "CHN", Tri.YES), ("darwin-main", "KGZ", Tri.UNKNOWN), ("darwin-main", "RUS", Tri.NO),
        ("gef-sgp-regular", "TJK", Tri.YES), ("gef-sgp-regular", "UZB", Tri.UNKNOWN), ("cms-sgp", "MNG", Tri.YES),
        ("cms-sgp", "BTN", Tri.NO), ("adb-nature", "AFG", Tri.UNKNOWN), ("adb-nature", "IRN", Tri.NO),
        ("kfw-fc", "UZB", Tri.UNKNOWN), ("rufford-1", "NPL", Tri.UNKNOWN), ("whitley", "RUS", Tri.NO),
        ("clp-future", "AFG", Tri.UNKNOWN), ("clp-future", "IRN", Tri.NO), ("elsp", "KAZ", Tri.UNKNOWN),
        ("elsp", "MNG", Tri.NO), ("btfec-large", "BTN", Tri.YES), ("btfec-large", "NPL", Tri.NO),
        ("mbz", "RUS", Tri.YES), ("eu-ndici-cso", "IRN", Tri.UNKNOWN), ("undp-biofin", "PAK", Tri.UNKNOWN),
        ("iucn-segre-caf", "KAZ", Tri.UNKNOWN), ("iucn-segre-caf", "CHN", Tri.YES),
    ],
)  # fmt: skip
def test_states(window: str, state: str, answer: Tri) -> None:
    assert WINDOWS[window].countries.states[state] is answer


@pytest.mark.parametrize(
    ("window", "species", "answer"),
    [
        ("iucn-sos-ca", "snow_leopard", Tri.YES), ("iucn-sos-ca", "saiga", Tri.NO), ("gef-fsp", "kiang", Tri.YES),
        ("unep-vt", "argali", Tri.UNKNOWN), ("cms-sgp", "kiang", Tri.YES), ("cms-sgp", "chinkara", Tri.UNKNOWN),
        ("opcfhk", "wild_camel", Tri.YES), ("opcfhk", "bukhara_deer", Tri.UNKNOWN), ("opcfhk", "saiga", Tri.NO),
        ("rufford-1", "kiang", Tri.NO), ("rufford-1", "saiga", Tri.YES), ("mbz", "saiga", Tri.YES),
        ("wcn", "saiga", Tri.YES), ("wcn", "argali", Tri.UNKNOWN), ("franklinia", "saiga", Tri.NO),
        ("panthera-kap", "pallas_cat", Tri.YES), ("cepf-mca-large", "kiang", Tri.YES),
    ],
)  # fmt: skip
def test_species(window: str, species: str, answer: Tri) -> None:
    rule = WINDOWS[window].species
    assert rule.species.get(species, rule.others) is answer


def test_other_values_checked_by_hand() -> None:
    assert WINDOWS["mbz"].amount.maximum == 25_000
    assert (WINDOWS["cms-sgp"].amount.currency, WINDOWS["cms-sgp"].duration.maximum) == ("EUR", 24)
    assert (WINDOWS["cms-sgp"].status, WINDOWS["segre"].status) == ("unknown", "suspended")
    assert (WINDOWS["darwin-main"].status, WINDOWS["iucn-sos-rapid"].status) == ("opens_later", "not_for_us")
    assert WINDOWS["gef-fsp"].applicants.kinds == ["government"]
    assert "ngo_local" in WINDOWS["gef-fsp"].applicants.uncertain
    assert WINDOWS["iki-medium"].applicants.kinds == []
    assert WINDOWS["gef-fsp"].intermediary.intermediary is WINDOWS["gef-fsp"].intermediary.endorsement is Tri.YES
    assert WINDOWS["gcf-sap"].amount.maximum is None
    assert str(WINDOWS["cepf-mca-small"].call.last_deadline) == "2023-01-10"
    assert str(WINDOWS["mbz"].call.deadline) == "2027-02-28"
    assert not WINDOWS["mbz"].call.deadline_certain
    assert "snow_leopard" in WINDOWS["cepf-mca-large"].species.preferred
