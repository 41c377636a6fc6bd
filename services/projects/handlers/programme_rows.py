"""A catalogue as rows and back, and bringing the rows of one programme up to date in bulk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlmodel import Session, col

from contracts import vocabulary
from contracts.events import ActionPublished
from contracts.values import LocalizedText
from services.projects.rules.programmes import Known, fingerprint, heading_key
from services.projects.rules.search import searchable
from services.projects.tables.programmes import (
    ActionRow,
    ProgrammePartRow,
    ProgrammeRow,
    ProgrammeSectionRow,
    ProgrammeSpeciesRow,
    ProgrammeStateRow,
)
from services.projects.values.programmes import (
    Action,
    ActionFacts,
    ActionTexts,
    Catalogue,
    Facts,
    PartFacts,
    SectionFacts,
    SpeciesFacts,
    StateFacts,
)

Row = dict[str, Any]
Positioned = TypeVar("Positioned", ProgrammePartRow, ProgrammeSpeciesRow, ProgrammeStateRow, ActionRow)
_TABLES: Final[tuple[tuple[type[Any], str], ...]] = (
    (ProgrammePartRow, "number"), (ProgrammeSectionRow, "number"), (ProgrammeSpeciesRow, "code"),
    (ProgrammeStateRow, "code"), (ActionRow, "id"),
)  # fmt: skip
"""Tables of a programme's rows in the order in which they may be written, with what names a row in its programme."""


@dataclass(frozen=True)
class Written:
    """Ids of the actions that were new, that had changed, and that are no longer in the programme."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def rows_of(catalogue: Catalogue, payloads: Mapping[str, ActionPublished]) -> dict[type[Any], list[Row]]:
    """All rows of `catalogue` but the programme's own, by table. `payloads` are what is published of each action."""
    of: Row = {"programme_id": catalogue.id}
    return {
        ProgrammePartRow: [
            {**of, "number": one.facts.number, "position": position, "heading": one.facts.source_title,
             "title": one.title.model_dump(mode="json")}
            for position, one in enumerate(catalogue.parts, start=1)
        ],
        ProgrammeSectionRow: [
            {**of, "number": one.facts.number, "part": one.facts.part, "heading": one.facts.source_title,
             "title": one.title.model_dump(mode="json"), "scientific_name": one.facts.scientific_name,
             "species": list(one.facts.species), "states": list(one.facts.states)}
            for one in catalogue.sections
        ],
        ProgrammeSpeciesRow: [
            {**of, "code": one.code, "position": position, "scientific_name": one.scientific_name,
             "cms_appendix": one.cms_appendix}
            for position, one in enumerate(catalogue.species, start=1)
        ],
        ProgrammeStateRow: [
            {**of, "code": one.code, "position": position, "iso2": one.iso2, "party": one.party}
            for position, one in enumerate(catalogue.states, start=1)
        ],
        ActionRow: [
            _action_row(catalogue, position, action, payloads[action.facts.id])
            for position, action in enumerate(catalogue.actions, start=1)
        ],
    }  # fmt: skip


def write_rows(session: Session, programme_id: str, rows: Mapping[type[Any], list[Row]]) -> Written:
    """Make the rows of one programme equal to `rows`. Rows that stay are updated in place: others refer to them."""
    columns = (col(ActionRow.id), col(ActionRow.content_hash), col(ActionRow.position))
    before: dict[str, tuple[str, int]] = {}
    for action_id, digest, position in session.execute(
        select(*columns).where(col(ActionRow.programme_id) == programme_id)
    ):
        before[action_id] = (digest, position)
    vanished: list[tuple[Table, str, list[Any]]] = []
    for model, name in _TABLES:
        table: Table = model.__table__
        stored = set(session.scalars(select(table.c[name]).where(table.c.programme_id == programme_id)))
        wanted = rows[model]
        if model is ActionRow:
            wanted = [one for one in wanted if before.get(one["id"]) != (one["content_hash"], one["position"])]
        if new := [one for one in wanted if one[name] not in stored]:
            session.execute(insert(table), new)
        if old := [one for one in wanted if one[name] in stored]:
            _update(session, table, name, old)
        vanished.append((table, name, list(stored - {one[name] for one in rows[model]})))
    for table, name, keys in reversed(vanished):
        if keys:
            session.execute(delete(table).where(table.c.programme_id == programme_id, table.c[name].in_(keys)))
    ids = [one["id"] for one in rows[ActionRow]]
    hashes = {one["id"]: one["content_hash"] for one in rows[ActionRow]}
    return Written(
        tuple(one for one in ids if one not in before),
        tuple(one for one in ids if one in before and before[one][0] != hashes[one]),
        tuple(one for one in before if one not in hashes),
    )


def known_before(session: Session, programme_id: str) -> Known:
    """What the rows tell an import into `programme_id`: the newest programme has the first word."""
    order = list(session.scalars(select(col(ProgrammeRow.id)).order_by(col(ProgrammeRow.start).desc())))
    sections: dict[str, LocalizedText] = {}
    parts: dict[str, LocalizedText] = {}
    ranges: dict[str, tuple[str, ...]] = {}
    for one in (programme_id, *order):
        single: dict[int, str] = {}
        for section in session.scalars(select(ProgrammeSectionRow).where(col(ProgrammeSectionRow.programme_id) == one)):
            _keep_ours(sections, section.heading, section.title)
            if len(section.species) == 1:
                single[section.number] = section.species[0]
        for part in session.scalars(select(ProgrammePartRow).where(col(ProgrammePartRow.programme_id) == one)):
            _keep_ours(parts, part.heading, part.title)
        found: dict[str, set[str]] = {}
        for action in _actions(session, one):
            if action.section in single and action.own_texts:
                found.setdefault(single[action.section], set()).update(action.states)
        ranges = {code: tuple(sorted(states)) for code, states in found.items()} | ranges
    same = _sections(session, programme_id)
    return Known(
        {one.id: _texts(one) for one in _actions(session, programme_id) if one.own_texts},
        {one.number: LocalizedText.model_validate(one.title) for one in same if _ours(one.title)},
        sections, parts, ranges,
    )  # fmt: skip


def known_from(catalogue: Catalogue) -> Known:
    """What a shipped catalogue tells about a programme whose facts somebody imported."""
    return Known(
        {one.facts.id: one.texts for one in catalogue.actions},
        {one.facts.number: one.title for one in catalogue.sections},
        {heading_key(one.facts.source_title): one.title for one in catalogue.sections},
        {heading_key(one.facts.source_title): one.title for one in catalogue.parts},
    )


def stored_facts(session: Session, row: ProgrammeRow) -> Facts:
    """The facts of a programme as they are kept."""
    parts = _positioned(session, ProgrammePartRow, row.id)
    species = _positioned(session, ProgrammeSpeciesRow, row.id)
    states = _positioned(session, ProgrammeStateRow, row.id)
    return Facts(
        row.start, row.end,
        tuple(PartFacts(one.number, one.heading) for one in parts),
        tuple(
            SectionFacts(one.number, one.part, one.heading, one.scientific_name, tuple(one.species), tuple(one.states))
            for one in _sections(session, row.id)
        ),
        tuple(SpeciesFacts(one.code, one.scientific_name, one.cms_appendix) for one in species),
        tuple(StateFacts(one.code, one.iso2, one.party) for one in states),
        tuple(
            ActionFacts(
                one.id, one.number, one.section, one.priority, one.sub_item_priorities, tuple(one.responsible),
                tuple(one.unconfirmed), tuple(one.sub_items), tuple(one.see_also),
            )
            for one in _actions(session, row.id)
        ),
    )  # fmt: skip


def _action_row(catalogue: Catalogue, position: int, action: Action, payload: ActionPublished) -> Row:
    facts, texts = action.facts, action.texts
    row: Row = {
        "programme_id": catalogue.id, "id": facts.id, "number": facts.number,
        "section": facts.section, "priority": facts.priority, "sub_item_priorities": dict(facts.sub_item_priorities),
        "responsible": list(facts.responsible), "unconfirmed": list(facts.unconfirmed),
        "sub_items": list(facts.sub_items), "see_also": list(facts.see_also),
        "title": texts.title.model_dump(mode="json"), "summary": texts.summary.model_dump(mode="json"),
        "own_texts": texts.own, "themes": list(texts.themes), "species": list(texts.species),
        "states": list(texts.states), "landscapes": list(texts.landscapes),
        "search": searchable(_words(catalogue, action, payload)),
    }  # fmt: skip
    # Its place is left out: an action that only moves because another was put before it has not changed.
    return {**row, "position": position, "content_hash": fingerprint([row, payload.model_dump(mode="json")])}


def _words(catalogue: Catalogue, action: Action, payload: ActionPublished) -> Iterable[str]:
    """All an action is found by. Species and states that every cross-cutting action has would find everything."""
    yield str(action.facts.section)
    for text in (payload.title, payload.summary, payload.section_title):
        for version in text.versions.values():
            yield version.text
    named = {"themes": action.texts.themes, "landscapes": action.texts.landscapes}
    if len(action.texts.species) < sum(one.listed for one in catalogue.species):
        named["species"] = action.texts.species
        yield from (one.scientific_name for one in catalogue.species if one.code in action.texts.species)
    if len(action.texts.states) < len(catalogue.states):
        named["states"] = action.texts.states
    for name, codes in named.items():
        for code in codes:
            yield from (vocabulary.label(name, code, language) for language in vocabulary.LANGUAGES)


def _update(session: Session, table: Table, name: str, rows: list[Row]) -> None:
    changing = [column for column in rows[0] if column not in ("programme_id", name)]
    values = {column: bindparam(f"new_{column}", type_=table.c[column].type) for column in changing}
    statement = (
        update(table)
        .where(table.c.programme_id == bindparam("of_programme"), table.c[name] == bindparam("of_row"))
        .values(values)
    )
    renamed = [
        {"of_programme": row["programme_id"], "of_row": row[name]} | {f"new_{column}": row[column] for column in values}
        for row in rows
    ]
    session.connection().execute(statement, renamed)


def _sections(session: Session, programme_id: str) -> Iterable[ProgrammeSectionRow]:
    return session.scalars(
        select(ProgrammeSectionRow)
        .where(col(ProgrammeSectionRow.programme_id) == programme_id)
        .order_by(col(ProgrammeSectionRow.number))
    )


def _positioned(session: Session, model: type[Positioned], programme_id: str) -> Iterable[Positioned]:
    table: Any = model
    return session.scalars(select(table).where(table.programme_id == programme_id).order_by(table.position))


def _actions(session: Session, programme_id: str) -> Iterable[ActionRow]:
    return _positioned(session, ActionRow, programme_id)


def _texts(row: ActionRow) -> ActionTexts:
    return ActionTexts(
        LocalizedText.model_validate(row.title), LocalizedText.model_validate(row.summary), tuple(row.themes),
        tuple(row.species), tuple(row.states), tuple(row.landscapes),
    )  # fmt: skip


def _ours(title: Mapping[str, Any]) -> bool:
    """Whether a heading has a title of ours: one that is only printed has no English."""
    return "en" in title["versions"]


def _keep_ours(titles: dict[str, LocalizedText], heading: str, title: Mapping[str, Any]) -> None:
    if _ours(title):
        titles.setdefault(heading_key(heading), LocalizedText.model_validate(title))
