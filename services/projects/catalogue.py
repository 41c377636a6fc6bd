"""The Programmes of Work that the project ships: facts read from the source, titles and summaries of our own.

A folder `data/programmes/<id>/` holds `facts.json` (the shape that `cami programme import --dry-run --json` prints),
`programme.json` (titles of the parts) and `texts/section-NN.json`. Merged here and checked: a catalogue is complete
or it is not loaded.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from contracts import vocabulary
from contracts.values import LocalizedText
from services.projects.programme.vocabulary import shipped_data
from services.projects.rules.programmes import expand, inconsistencies, programme_title, written
from services.projects.values.programmes import (
    EVERYTHING,
    Action,
    ActionFacts,
    ActionTexts,
    Catalogue,
    Facts,
    Part,
    PartFacts,
    Section,
    SectionFacts,
    SpeciesFacts,
    StateFacts,
)

DATA: Final = Path(__file__).parent / "data"
SHIPPED: Final = DATA / "programmes"
"""Folder with a folder for each programme that is shipped."""


class BrokenCatalogue(ValueError):
    """A shipped catalogue does not hold together; the message lists every fault."""


def shipped_folders() -> list[Path]:
    """Folders of the shipped programmes, the oldest period first."""
    return sorted(folder for folder in SHIPPED.iterdir() if (folder / "facts.json").is_file())


def edition_of(folder: Path) -> str:
    """A hash of all files of a catalogue: it changes exactly when one of them does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.json")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def load_catalogue(folder: Path) -> Catalogue:
    """The catalogue in `folder`. Raises BrokenCatalogue, or OSError for a missing file."""
    facts = read_facts(_json(folder / "facts.json"))
    about = _json(folder / "programme.json")
    titles: dict[int, LocalizedText] = {}
    texts: dict[str, ActionTexts] = {}
    faults = inconsistencies(facts)
    for path in sorted((folder / "texts").glob("section-*.json")):
        content = _json(path)
        titles[content["section"]] = written(**content["title"])
        for entry in content["actions"]:
            if entry["id"] in texts:
                faults.append(f"action {entry['id']} has texts twice")
            texts[entry["id"]] = _texts(entry)
    faults += [f"section {one.number} has no title" for one in facts.sections if one.number not in titles]
    faults += [f"action {one.id} has no texts" for one in facts.actions if one.id not in texts]
    faults += [f"there are texts for {one}, which is no action" for one in texts.keys() - {a.id for a in facts.actions}]
    faults += [f"part {one.number} has no title" for one in facts.parts if one.number not in about["parts"]]
    for one in facts.actions:
        faults += _faults(one.id, texts[one.id]) if one.id in texts else []
    if faults:
        raise BrokenCatalogue(f"{folder.name}: " + "; ".join(faults))
    return Catalogue(
        facts.programme_id, facts.start, facts.end, programme_title(facts.start, facts.end),
        tuple(Part(one, written(**about["parts"][one.number])) for one in facts.parts),
        tuple(Section(one, titles[one.number]) for one in facts.sections),
        facts.species, facts.states,
        tuple(Action(one, expand(texts[one.id], facts)) for one in facts.actions),
        about["source"]["name"], about["source"]["url"],
    )  # fmt: skip


def read_facts(content: Mapping[str, Any]) -> Facts:
    """Facts from the JSON form of a programme that was read. Raises KeyError or TypeError for another shape."""
    return Facts(
        content["period"]["start"],
        content["period"]["end"],
        tuple(PartFacts(one["number"], one["title"]) for one in content["parts"]),
        tuple(
            SectionFacts(
                one["number"], one["part"], one["title"], one.get("scientific_name"),
                tuple(one.get("species", ())), tuple(one.get("states", ())),
            )
            for one in content["sections"]
        ),
        tuple(SpeciesFacts(one["code"], one["scientific_name"], one["cms_appendix"]) for one in content["species"]),
        tuple(StateFacts(one["iso3"], one["iso2"], one["party"]) for one in content["range_states"]),
        tuple(
            ActionFacts(
                one["id"], one["number"], one["section"], one["priority"], dict(one["sub_item_priorities"]),
                tuple(one["responsible"]), tuple(one.get("unconfirmed", ())), tuple(one["sub_items"]),
                tuple(one["see_also"]),
            )
            for one in content["actions"]
        ),
    )  # fmt: skip


@cache
def parties() -> Mapping[str, Mapping[str, str]]:
    """Labels of the responsible parties by code, in three languages."""
    content: dict[str, dict[str, str]] = _json(DATA / "parties.json")
    return content


def party_label(code: str, language: str) -> str:
    """The name of a responsible party, else its code made readable."""
    labels = parties().get(code, {})
    return labels.get(language) or labels.get("en") or code.replace("_", " ").capitalize()


@cache
def wider_parties(code: str) -> tuple[str, ...]:
    """The parties that `code` is a kind of, the nearest first: national_ngos -> (ngos,)."""
    broader = shipped_data()["parties"].get(code, {}).get("broader")
    return (broader, *wider_parties(broader)) if broader else ()


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _texts(entry: Mapping[str, Any]) -> ActionTexts:
    return ActionTexts(
        written(**entry["title"]), written(**entry["summary"]), tuple(entry["themes"]), tuple(entry["species"]),
        tuple(entry["states"]), tuple(entry["landscapes"]),
    )  # fmt: skip


def _faults(action: str, texts: ActionTexts) -> list[str]:
    """What is missing from the texts of one action, or not in the vocabulary."""
    found = [
        f"action {action} has no {what} in {language}"
        for what, text in (("title", texts.title), ("summary", texts.summary))
        for language in vocabulary.LANGUAGES
        if not (version := text.versions.get(language)) or not version.text.strip()
    ]
    for name in ("themes", "species", "states", "landscapes"):
        codes: tuple[str, ...] = getattr(texts, name)
        allowed = {*vocabulary.codes(name), EVERYTHING} if name in ("species", "states") else {*vocabulary.codes(name)}
        found += [f"action {action}: {code} is not among the {name}" for code in codes if code not in allowed]
        found += [f"action {action} has no {name}"] if not codes and name != "landscapes" else []
    return found
