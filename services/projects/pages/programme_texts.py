"""What pages say of actions, in the reader's language: labels, short lines, chips, facts; and the same as JSON.

Everything here works in the current language (`services.chassis.i18n.use_language`), except the JSON, which has all.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from contracts import vocabulary
from contracts.values import LocalizedText
from services.chassis.formats import LOCALES
from services.chassis.i18n import N_, current_language, gettext, ngettext
from services.projects.catalogue import party_label
from services.projects.queries.actions import SORTS, Facet, Found, Selection, order_of
from services.projects.queries.programmes import NO_PRIORITY, ActionView, ProgrammeView
from services.projects.rules.search import normalised

_NAMES: Final[Mapping[str, str]] = {
    "section": N_("Section"), "priority": N_("Priority"), "species": N_("Species"), "state": N_("Range state"),
    "responsible": N_("Responsible party"), "theme": N_("Theme"), "landscape": N_("Landscape"),
    "sort": N_("Sort by"), "page": N_("Page"),
}  # fmt: skip
_ORDERS: Final = dict(zip(SORTS, (N_("Number"), N_("Priority"), N_("Most specific")), strict=True))
_VOCABULARIES: Final = {"priority": "priorities", "species": "species", "state": "states", "theme": "themes",
                        "landscape": "landscapes"}  # fmt: skip
REFERENCES: Final = (N_("CMS Resolution 11.24 (Rev.COP13), annex"),)
"""Names of the documents that shipped programmes are annexes of, for translation."""
_OPEN: Final = ("priority", "species")
"""Filters that stand open at first: those that people use most."""
_GROUPS: Final = ("priority", "species", "state", "section", "responsible", "theme", "landscape")
"""Filters in the order of the page."""
_NAMED: Final = 3
"""How many species or states a row names before it counts the rest."""


def parameter_name(name: str) -> str:
    """What people call a parameter of the list's address."""
    return gettext(_NAMES[name])


def named_value(name: str, value: str) -> str:
    """A parameter with its value: "Species: Saiga antelope"."""
    return gettext("%(name)s: %(value)s", name=parameter_name(name), value=value)


def value_label(view: ProgrammeView, facet: str, value: str) -> str:
    """A value of a filter as people read it."""
    if facet == "section":
        return f"{value}. {view.by_section[int(value)].title.text(current_language())}"
    if facet == "responsible":
        return party_label(value, current_language())
    if value == NO_PRIORITY:
        return gettext("No priority stated")
    if facet == "state":
        return state_label(view, value)
    return vocabulary.label(_VOCABULARIES[facet], value, current_language())


def state_label(view: ProgrammeView, code: str) -> str:
    """The name of a state; of one that is new to the vocabulary, the name that Unicode's CLDR has."""
    if not vocabulary.entry("states", code):
        iso2 = next((one.iso2 for one in view.states if one.code == code), "")
        if name := LOCALES[current_language()].territories.get(iso2):
            return str(name)
    return vocabulary.label("states", code, current_language())


def species_line(view: ProgrammeView, codes: Sequence[str]) -> str:
    """The species of an action in a few words."""
    if len(codes) > 1 and len(codes) >= view.listed_species:
        return gettext("All species")
    return _brief([vocabulary.label("species", code, current_language()) for code in codes])


def states_line(view: ProgrammeView, codes: Sequence[str]) -> str:
    """The states of an action in a few words."""
    if len(codes) > 1 and len(codes) >= len(view.states):
        return gettext("All range states")
    return _brief([state_label(view, code) for code in codes])


def list_context(view: ProgrammeView, found: Found, base: str) -> dict[str, Any]:
    """What the template of the list needs: filters, chips and rows, ready to be written down."""
    selection = found.selection
    keep = {name: value for name, value in selection.parameters() if name in ("sort", "all")}
    return {
        "view": view, "base": base, "selection": selection, "page": found.page, "keep": keep,
        "groups": _groups(view, found.facets), "active": sum(len(values) for _, values in selection.chosen),
        "chips": _chips(view, selection, base), "clear": base + Selection(sort=selection.sort).query(),
        "orders": [(value, gettext(label)) for value, label in _ORDERS.items()],
        "rows": [_row(view, action, base) for action in found.page],
    }  # fmt: skip


def action_context(view: ProgrammeView, action: ActionView, base: str, overview: str) -> dict[str, Any]:
    """What the template of one action needs beside the action."""
    section = view.by_section[action.section]
    part = next(one for one in view.parts if one.number == action.part)
    before, after = view.beside(action)
    see_actions = [other for one in action.see_also for other in view.numbered(one)]
    language = current_language()
    whole = len(action.species) > 1 and len(action.species) >= view.listed_species
    everywhere = len(action.states) > 1 and len(action.states) >= len(view.states)
    return {
        "base": base, "section": section, "part": part, "before": before, "after": after,
        "crumbs": [
            (view.title.text(language), overview),
            (section.title.text(language), f"{base}?section={section.number}"),
        ],
        "lists": [
            ("species", gettext("Species"), _labels("species", action.species),
             species_line(view, action.species) if whole else ""),
            ("state", gettext("Range states"), _states(view, action.states),
             states_line(view, action.states) if everywhere else ""),
            ("landscape", gettext("Landscapes"), _labels("landscapes", action.landscapes), ""),
            ("theme", gettext("Themes"), _labels("themes", action.themes), ""),
        ],
        "parties": [(code, party_label(code, language), code in action.unconfirmed) for code in action.responsible],
        "see_actions": see_actions,
        "see_sections": [view.by_section[int(one)] for one in action.see_also
                         if one.isdecimal() and int(one) in view.by_section],
        "seen_from": [one for one in view.referring_to(action) if one not in see_actions],
        "items": _items(action), "item_count": sum("." not in item for item in action.sub_items),
        "twins": [one for one in view.numbered(action.number) if one is not action],
        "reference": reference(view),
    }  # fmt: skip


def overview_context(view: ProgrammeView) -> dict[str, Any]:
    """What the template of a programme needs beside it: the columns for priorities that occur in it."""
    occurring = view.masks["priority"]
    columns = [
        (code, value_label(view, "priority", code) if code != NO_PRIORITY else gettext("Not stated"))
        for code in order_of(view, "priority")
        if code in occurring
    ]
    party = {one.code: one.party for one in view.states}
    states = [(code, label, party[code]) for code, label in _states(view, party)]
    return {"columns": columns, "listed": view.listed_species, "states": states, "reference": reference(view)}


def reference(view: ProgrammeView) -> str:
    """The document that the programme is an annex of, as it is called in the reader's language."""
    return gettext(view.reference) if view.reference else ""


def list_as_json(view: ProgrammeView, found: Found, ignored: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A page of the list for programs."""
    page = found.page
    return {
        "programme": view.id, "total": page.total, "page": page.number, "pages": page.pages, "per_page": page.size,
        "items": [as_json(view, action) for action in page],
        "facets": {
            facet.name: [{"value": choice.value, "count": choice.count} for choice in facet.choices]
            for facet in found.facets
        },
        "ignored": [{"parameter": name, "value": value} for name, value in ignored],
    }  # fmt: skip


def as_json(view: ProgrammeView, action: ActionView) -> dict[str, Any]:
    """An action for programs, with its texts in all languages."""
    section = view.by_section[action.section]
    return {
        "id": action.id, "programme": view.id, "number": action.number,
        "part": action.part, "section": {"number": section.number, "title": _versions(section.title)},
        "title": _versions(action.title), "summary": _versions(action.summary), "own_texts": action.own_texts,
        "priority": action.priority, "sub_item_priorities": dict(action.sub_item_priorities),
        "responsible": list(action.responsible), "unconfirmed": list(action.unconfirmed),
        "sub_items": list(action.sub_items), "see_also": list(action.see_also),
        "themes": list(action.themes), "species": list(action.species), "states": list(action.states),
        "landscapes": list(action.landscapes),
    }  # fmt: skip


def _labels(name: str, codes: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, vocabulary.label(name, code, current_language())) for code in codes]


def _states(view: ProgrammeView, codes: Iterable[str]) -> list[tuple[str, str]]:
    return sorted(((code, state_label(view, code)) for code in codes), key=lambda pair: normalised(pair[1]))


def _versions(text: LocalizedText) -> dict[str, str]:
    return {language: version.text for language, version in text.versions.items()}


def _brief(labels: Sequence[str]) -> str:
    """ "A, B, C", or "A, B and 5 more" where there are many."""
    if len(labels) <= _NAMED:
        return ", ".join(labels)
    rest = len(labels) - _NAMED + 1
    return ngettext(
        "%(names)s and %(num)s more", "%(names)s and %(num)s more", rest, names=", ".join(labels[: _NAMED - 1])
    )


def _groups(view: ProgrammeView, facets: Iterable[Facet]) -> list[dict[str, Any]]:
    by_name = {facet.name: facet for facet in facets}
    groups = []
    for name in _GROUPS:
        options = [(one.value, value_label(view, name, one.value), one.count) for one in by_name[name].choices]
        if name == "state":
            options.sort(key=lambda option: normalised(option[1]))
        chosen = [one.value for one in by_name[name].choices if one.chosen]
        options.sort(key=lambda option: option[0] not in chosen)  # what is chosen must not hide below the fold
        groups.append({"name": name, "label": parameter_name(name), "options": options, "chosen": chosen,
                       "open": name in _OPEN})  # fmt: skip
    return groups


def _chips(view: ProgrammeView, selection: Selection, base: str) -> list[tuple[str, str]]:
    chips = []
    if selection.words:
        chips.append((gettext("“%(words)s”", words=selection.words), base + selection.without_words().query()))
    for name, values in selection.chosen:
        for value in values:
            label = named_value(name, value_label(view, name, value))
            chips.append((label, base + selection.without(name, value).query()))
    return chips


def _row(view: ProgrammeView, action: ActionView, base: str) -> dict[str, Any]:
    language = current_language()
    title, found, _version = action.title.best(language)
    return {
        "href": f"{base}/{action.id}", "id": action.id, "title": title, "lang": found if found != language else None,
        "section": view.by_section[action.section].title, "priority": action.priority,
        "species": species_line(view, action.species), "states": states_line(view, action.states),
    }  # fmt: skip


def _items(action: ActionView) -> list[tuple[str, str]]:
    """(letters, code of their priority) where the items of an action have priorities of their own."""
    groups: dict[str, list[str]] = {}
    for letter, code in action.sub_item_priorities.items():
        groups.setdefault(code, []).append(letter)
    return [(", ".join(letters), code) for code, letters in groups.items()]
