"""Says whether a reader of an older schema can still read what a newer writer sends.

Readers ignore fields they do not know, so a new field is harmless. Everything that could make an old reader refuse a
message or miss what it relies on is a break: a required field gone or made optional, a type changed, a new value in a
closed list, null where there was none, a limit that is looser than before.
"""

from typing import Any, Final

Schema = dict[str, Any]

_LOWER_IS_LOOSER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_HIGHER_IS_LOOSER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def breaks(old: Schema, new: Schema) -> list[str]:
    """Every way in which a message of `new` could fail a reader of `old` (both JSON Schema documents); [] if none."""
    return _compare(old, new, old, new, "$", frozenset())


def _compare(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str, seen: frozenset[str]
) -> list[str]:
    pair = f"{old.get('$ref')}|{new.get('$ref')}"
    if "$ref" in old and pair in seen:
        return []
    seen |= {pair}
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    if not old:
        return []  # the old reader takes anything here
    found: list[str] = []
    old_kinds, new_kinds = _alternatives(old, old_root), _alternatives(new, new_root)
    if len(old_kinds) > 1 or len(new_kinds) > 1:
        for kind, schema in new_kinds.items():
            if kind not in old_kinds:
                found.append(f"{path}: may now be {kind}")
            else:
                found += _compare(old_kinds[kind], schema, old_root, new_root, path, seen)
        return found
    if old.get("type") != new.get("type"):
        return [f"{path}: type {old.get('type')} became {new.get('type')}"]
    found += _values(old, new, path)
    for name, schema in old.get("properties", {}).items():
        inner = f"{path}.{name}"
        if name not in new.get("properties", {}):
            if name in old.get("required", []):
                found.append(f"{inner}: required field is gone")
            continue
        if name in old.get("required", []) and name not in new.get("required", []):
            found.append(f"{inner}: required field became optional")
        found += _compare(schema, new["properties"][name], old_root, new_root, inner, seen)
    if isinstance(old.get("items"), dict):
        found += _compare(old["items"], new.get("items", {}), old_root, new_root, f"{path}[]", seen)
    if isinstance(old.get("additionalProperties"), dict):
        values = new.get("additionalProperties")
        values = values if isinstance(values, dict) else {}
        found += _compare(old["additionalProperties"], values, old_root, new_root, f"{path}.*", seen)
    return found


def _values(old: Schema, new: Schema, path: str) -> list[str]:
    found: list[str] = []
    if "enum" in old and (extra := sorted(set(map(str, new.get("enum", ["anything"]))) - set(map(str, old["enum"])))):
        found.append(f"{path}: new values {', '.join(extra)}")
    if "const" in old and new.get("const") != old["const"]:
        found.append(f"{path}: constant {old['const']!r} changed")
    for key in ("pattern", "format"):
        if key in old and new.get(key) != old[key]:
            found.append(f"{path}: {key} changed")
    for key in _LOWER_IS_LOOSER:
        if key in old and new.get(key, float("-inf")) < old[key]:
            found.append(f"{path}: {key} is looser")
    for key in _HIGHER_IS_LOOSER:
        if key in old and new.get(key, float("inf")) > old[key]:
            found.append(f"{path}: {key} is looser")
    return found


def _resolve(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def _alternatives(schema: Schema, root: Schema) -> dict[str, Schema]:
    """What a value may be, by kind: a schema with anyOf names each, any other only itself."""
    if "anyOf" not in schema:
        return {str(schema.get("type", "any")): schema}
    found: dict[str, Schema] = {}
    for option in schema["anyOf"]:
        resolved = _resolve(option, root)
        found[str(resolved.get("type", "any")) + ("/" + resolved["format"] if "format" in resolved else "")] = resolved
    return found
