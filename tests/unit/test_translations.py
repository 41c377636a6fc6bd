"""Every text of the interface stands in Russian and French, and no catalogue holds anything that is wrong or idle."""

from pathlib import Path

import pytest

from services.chassis.translations import catalogue_faults, missing_messages

SERVICES = Path(__file__).resolve().parents[2] / "services"
ROOTS = sorted(path for path in SERVICES.iterdir() if (path / "__init__.py").is_file())
CHASSIS = SERVICES / "chassis"
SERVICES_ALONE = [path for path in ROOTS if (path / "component.py").is_file()]


def test_every_message_is_translated() -> None:
    missing = missing_messages(ROOTS)
    assert not any(missing.values()), "\n".join(f"{lang}: {text}" for lang, texts in missing.items() for text in texts)


@pytest.mark.parametrize("service", SERVICES_ALONE, ids=lambda path: path.name)
def test_a_service_that_runs_alone_needs_nobody_elses_words(service: Path) -> None:
    missing = missing_messages([CHASSIS, service])
    assert not any(missing.values()), "\n".join(f"{lang}: {text}" for lang, texts in missing.items() for text in texts)


def test_no_catalogue_has_faults() -> None:
    faults = catalogue_faults(ROOTS)
    assert not faults, "\n".join(faults)
