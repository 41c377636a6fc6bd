"""Writes what is generated from the payloads: JSON Schemas, the AsyncAPI 3 document, the event catalogue.

`schemas/` is the present state. `released/` keeps each event's schema as it was when that version was first published;
it is only ever added to, and `problems` holds the present state against it.
"""

import inspect
import json
from pathlib import Path
from typing import Any, Final

import yaml

from contracts.compatibility import breaks
from contracts.events import NAMES, Payload, topic_of

HERE: Final = Path(__file__).parent
READERS: Final[dict[str, tuple[str, ...]]] = {
    "cami.accounts.organisation.registered.v1": ("projects",),
    "cami.accounts.person.registered.v1": (),
    "cami.projects.action.published.v1": ("matching", "reports"),
    "cami.projects.programme.imported.v1": ("matching",),
    "cami.projects.proposal.submitted.v1": ("matching", "reports"),
    "cami.projects.proposal.withdrawn.v1": ("matching", "reports"),
    "cami.donors.window.published.v1": ("matching", "reports"),
    "cami.matching.proposal.judged.v1": ("reports",),
    "cami.matching.window.paired.v1": ("reports",),
    "cami.matching.pair.decided.v1": ("reports",),
    "cami.matching.question.answered.v1": (),
    "cami.matching.pursuit.moved.v1": (),
    "cami.reports.document.rendered.v1": (),
}
"""Which services handle an event; a test holds this to the services' ROUTES tables."""


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one event's payload as a writer sends it."""
    schema = NAMES[name].model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{name.replace('.', ':')}",
        **schema,
    }


def generated() -> dict[Path, str]:
    """Every generated file with its content."""
    files = {HERE / "schemas" / f"{name}.json": _json(schema_of(name)) for name in NAMES}
    files[HERE / "asyncapi.yaml"] = _asyncapi()
    files[HERE / "events.md"] = _catalogue()
    return files


def write() -> list[Path]:
    """Write every file that differs, and the released schema of every event that has none yet; answers what changed."""
    wanted = generated()
    for name in NAMES:
        kept = HERE / "released" / f"{name}.json"
        if not kept.exists():
            wanted[kept] = _json(schema_of(name))
    changed = []
    for path, content in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            changed.append(path)
    return changed


def problems() -> list[str]:
    """Files that are not what would be generated, events without a released schema, and changes that break readers."""
    found = []
    for path, content in generated().items():
        if not path.exists():
            found.append(f"{path.relative_to(HERE.parent)} is missing; run: make contracts")
        elif path.read_text(encoding="utf-8") != content:
            found.append(f"{path.relative_to(HERE.parent)} is out of date; run: make contracts")
    for name in NAMES:
        kept = HERE / "released" / f"{name}.json"
        if not kept.exists():
            found.append(f"{name} has no released schema; run: make contracts")
            continue
        released = json.loads(kept.read_text(encoding="utf-8"))
        for what in breaks(released, schema_of(name)):
            found.append(f"{name} breaks its readers ({what}); keep it, and add a new version beside it")
        # Old messages stay in the log, and read copies are made anew from them.
        for what in breaks(NAMES[name].model_json_schema(mode="validation"), released):
            found.append(f"{name} can no longer read what was sent before ({what}); add a new version beside it")
    known = {path.stem for path in (HERE / "released").glob("*.json")}
    found += [f"{name} was released and is gone; readers may still need it" for name in sorted(known - set(NAMES))]
    return found


def _asyncapi() -> str:
    topics = sorted({topic_of(name) for name in NAMES})
    document: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "CAMI Funding events",
            "version": "1.0.0",
            "description": "Facts that the services tell each other. CloudEvents 1.0, binary content mode.",
        },
        "defaultContentType": "application/json",
        "channels": {
            topic: {
                "address": topic,
                "description": f"Events of the {topic.split('.')[1]} service, keyed by the aggregate's id.",
                "messages": {n: {"$ref": f"#/components/messages/{n}"} for n in NAMES if topic_of(n) == topic},
            }
            for topic in topics
        },
        "operations": {
            f"send-{topic.split('.')[1]}": {"action": "send", "channel": {"$ref": f"#/channels/{topic}"}}
            for topic in topics
        },
        "components": {
            "messageTraits": {
                "cloudevent": {
                    "headers": {
                        "type": "object",
                        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time"],
                        "properties": {
                            "ce_specversion": {"const": "1.0"},
                            **{
                                f"ce_{key}": {"type": "string"}
                                for key in (
                                    "id", "source", "type", "subject", "time", "dataschema",
                                    "traceparent", "correlationid", "causationid",
                                )
                            },
                        },
                    }
                }
            },
            "messages": {
                name: {
                    "name": name,
                    "summary": _first_line(payload),
                    "traits": [{"$ref": "#/components/messageTraits/cloudevent"}],
                    "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12",
                                "schema": {"$ref": f"schemas/{name}.json"}},
                }
                for name, payload in NAMES.items()
            },
        },
    }  # fmt: skip
    return "# Generated by `make contracts`; do not edit.\n" + yaml.safe_dump(document, sort_keys=False, width=110)


def _catalogue() -> str:
    lines = [
        "# Event catalogue", "",
        "Generated by `make contracts` from `contracts/events/`; do not edit. Every event travels in a CloudEvents",
        "1.0 envelope, is keyed by its aggregate's id, and may arrive more than once.", "",
        "| event | what happened | told by | heard by |", "|---|---|---|---|",
    ]  # fmt: skip
    for name, payload in NAMES.items():
        heard = ", ".join(READERS[name]) or "nobody yet"
        lines.append(f"| [`{name}`](schemas/{name}.json) | {_first_line(payload)} | {name.split('.')[1]} | {heard} |")
    for name, payload in NAMES.items():
        lines += ["", f"## `{name}`", "", inspect.cleandoc(payload.__doc__ or ""), "", "| field | type |", "|---|---|"]
        schema = schema_of(name)
        for field, info in payload.model_fields.items():
            note = "" if info.is_required() else " (optional)"
            lines.append(f"| `{field}` | {_type_name(schema['properties'][field])}{note} |")
    return "\n".join(lines) + "\n"


def _type_name(schema: dict[str, Any]) -> str:
    """A field's type in words, from its JSON Schema."""
    if "$ref" in schema:
        return f"`{schema['$ref'].rsplit('/', 1)[-1]}`"
    if "anyOf" in schema:
        return " or ".join(_type_name(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type_name(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map to {_type_name(schema['additionalProperties'])}"
    kind = str(schema.get("type", "anything"))
    return str(schema.get("format") or {"null": "nothing"}.get(kind, kind))


def _first_line(payload: type[Payload]) -> str:
    return inspect.cleandoc(payload.__doc__ or "").splitlines()[0].rstrip(".")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
