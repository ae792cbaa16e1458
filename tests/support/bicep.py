"""Bicep read, and compiled to an ARM template, as far as an export needs it: no compiler of Bicep is to be had here."""

import json
import re
from typing import Any, Final

from lark import Lark, Transformer

from acr_relocate.core.target.template import SCHEMA

_BICEP: Final = Lark(r"""
    start: (param | resource)*
    param: "@secure()" "param" NAME NAME
    resource: "resource" NAME TEXT "=" object
    ?value: object | array | TEXT -> text | NUMBER -> number | NAME -> name
    object: "{" pair* "}"
    pair: (NAME | TEXT) ":" value
    array: "[" value* "]"
    NAME: /[A-Za-z_]\w*/
    TEXT: /'([^'\\\n]|\\.)*'/
    NUMBER: /-?\d+(\.\d+)?/
    %ignore /\s+/
""")


def _unquoted(text: str) -> str:
    """The text of a literal, which has the escapes of Bicep."""
    signs = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(r"\\(.)", lambda found: signs.get(found[1], found[1]), text[1:-1])


class _Reader(Transformer[Any, Any]):
    """Turn Bicep into data; names that are no JSON word stay names, in angle brackets."""

    def text(self, found: list[str]) -> str:
        return _unquoted(found[0])

    def number(self, found: list[str]) -> Any:
        return json.loads(found[0])

    def name(self, found: list[str]) -> Any:
        return {"true": True, "false": False, "null": None}.get(found[0], f"<{found[0]}>")

    def pair(self, found: list[Any]) -> tuple[str, Any]:
        key = str(found[0])
        return (_unquoted(key) if key.startswith("'") else key), found[1]

    def object(self, found: list[Any]) -> dict[str, Any]:
        return dict(found)

    def array(self, found: list[Any]) -> list[Any]:
        return found

    def resource(self, found: list[Any]) -> tuple[str, str, Any]:
        return str(found[0]), _unquoted(found[1]), found[2]

    def param(self, found: list[Any]) -> tuple[str, str]:
        return str(found[0]), str(found[1])

    def start(self, found: list[Any]) -> list[Any]:
        return found


def read_bicep(text: str) -> list[Any]:
    """Return the parameters, as name and type, and the resources, as symbol, type and fields."""
    found: list[Any] = _Reader().transform(_BICEP.parse(text))
    return found


def compile_bicep(text: str, group_id: str) -> dict[str, Any]:
    """Return the ARM template for that resource group, with full ids in the place of symbols."""
    read = read_bicep(text)
    ids: dict[str, str] = {}
    resources = []
    for symbol, kind, fields in (one for one in read if len(one) == 3):
        of_type, _, version = kind.partition("@")
        parent, scope = (ids.get(str(fields.pop(field, "")).strip("<>"), "") for field in ("parent", "scope"))
        place = f"{scope or group_id}/providers/{of_type}/{fields['name']}"
        ids[symbol] = f"{parent}/{of_type.rpartition('/')[2]}/{fields['name']}" if parent else place
        before = [ids[one.strip("<>")] for one in fields.pop("dependsOn", ())]
        name = f"{parent.rpartition('/')[2]}/{fields.pop('name')}" if parent else fields.pop("name")
        own = {
            "type": of_type,
            "apiVersion": version,
            "name": name,
            "dependsOn": [*filter(None, (parent, scope)), *before],
        }
        resources.append(own | ({"scope": scope} if scope else {}) | _in_template(fields))
    parameters = {name: {"type": f"secure{kind.title()}"} for name, kind in (one for one in read if len(one) == 2)}
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "parameters": parameters, "resources": resources}


def _in_template(value: Any) -> Any:
    """Write parameters as expressions, and texts that look like one as texts."""
    if isinstance(value, dict):
        return {name: _in_template(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_in_template(one) for one in value]
    if isinstance(value, str) and value.startswith("<"):
        return f"[parameters('{value.strip('<>')}')]"
    return f"[{value}" if isinstance(value, str) and value.startswith("[") else value
