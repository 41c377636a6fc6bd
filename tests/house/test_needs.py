"""What a machine lacks is a reason to skip, and a failure where it has to be there."""

import pytest

from tests import needs


def test_what_is_there_is_no_reason_to_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "LACKS", {"browser": lambda: ""})
    needs.require("browser")


def test_what_is_missing_is_told_when_a_test_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "LACKS", {"browser": lambda: "no browser here"})
    monkeypatch.setenv("REQUIRE", "kafka,postgres")
    with pytest.raises(pytest.skip.Exception, match="no browser here"):
        needs.require("browser")


def test_what_is_required_may_not_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "LACKS", {"browser": lambda: "no browser here"})
    monkeypatch.setenv("REQUIRE", "kafka, browser")
    with pytest.raises(pytest.fail.Exception, match="no browser here; REQUIRE says it must be there"):
        needs.require("browser")
