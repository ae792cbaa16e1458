"""A registry's code as an ARM template, as Bicep, and as Terraform for the provider AzAPI."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from acr_relocate.core.registry.managed_identities import portable_identity
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.identity import SOURCE_TAG
from acr_relocate.core.target.as_code import CodeResource, Parameter, RegistryCode
from acr_relocate.core.target.template import SCHEMA

Json = dict[str, Any]
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_]\w*")


def to_arm(code: RegistryCode) -> str:
    """Return an ARM template of the resources in the registry's own group, with their full ids.

    An endpoint in another group has a template of its own; here it is left out.
    """
    kept = [one for one in code.resources if _is_beside(one, code)]
    parameters = {one.name: {"type": "secureObject" if one.is_object else "secureString"} for one in _parameters(kept)}
    ids = {one.symbol: one.id for one in code.resources}
    template = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "resources": [_arm_resource(one, ids) for one in kept],
    }
    return json.dumps(template, indent=2) + "\n"


def _is_beside(one: CodeResource, code: RegistryCode) -> bool:
    return ResourceId(one.id).group.lower() == ResourceId(code.resources[0].id).group.lower()


def _arm_resource(one: CodeResource, ids: Mapping[str, str]) -> Json:
    before = [*filter(None, [one.parent]), *one.after]
    fields = {
        "type": one.type,
        "apiVersion": one.api_version,
        "scope": ids[one.parent] if one.is_extension else None,
        "name": one.name if one.is_extension else _full_name(one, ids),
        "location": one.location,
        "tags": _arm_value(one.tags) or None,
        "identity": _arm_value(one.identity),
        **{name: _arm_value(value) for name, value in one.values.items()},
        "dependsOn": [ids[symbol] for symbol in dict.fromkeys(before)] or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _full_name(one: CodeResource, ids: Mapping[str, str]) -> str:
    return f"{ResourceId(ids[one.parent]).name}/{one.name}" if one.parent else one.name


def _arm_value(value: Any) -> Any:
    if isinstance(value, Parameter):
        return f"[parameters('{value.name}')]"
    if isinstance(value, dict):
        return {name: _arm_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_arm_value(inner) for inner in value]
    is_like_expression = isinstance(value, str) and value.startswith("[") and value.endswith("]")
    return f"[{value}" if is_like_expression else value


def to_bicep(code: RegistryCode) -> str:
    """Return Bicep for the registry's resource group; endpoints in other groups are left out."""
    kept = [one for one in code.resources if _is_beside(one, code)]
    kinds = {one.name: "object" if one.is_object else "string" for one in _parameters(kept)}
    parts = [f"@secure()\nparam {name} {kind}\n" for name, kind in kinds.items()]
    return "\n".join([*parts, *map(_bicep_resource, kept)])


def _bicep_resource(one: CodeResource) -> str:
    fields = {
        "scope" if one.is_extension else "parent": _Raw(one.parent) if one.parent else None,
        "name": one.name,
        "location": one.location,
        "tags": one.tags or None,
        "identity": one.identity,
        **one.values,
        "dependsOn": [_Raw(symbol) for symbol in one.after if symbol != one.parent] or None,
    }
    body = _block({name: value for name, value in fields.items() if value is not None}, _BICEP)
    return f"resource {one.symbol} '{one.type}@{one.api_version}' = {body}\n"


def to_terraform(code: RegistryCode) -> str:
    """Return HCL with a resource and an import block for each, and the variables that they need."""
    variables = {one.name: "map(string)" if one.is_object else "string" for one in _parameters(code.resources)}
    parts = [
        'terraform {\n  required_providers {\n    azapi = {\n      source = "Azure/azapi"\n    }\n  }\n}\n',
        *(f'variable "{name}" {{\n  type      = {kind}\n  sensitive = true\n}}\n' for name, kind in variables.items()),
        *map(_terraform_resource, code.resources),
        *(f'import {{\n  to = azapi_resource.{one.symbol}\n  id = "{_import_id(one)}"\n}}\n' for one in code.resources),
    ]
    return "\n".join([*parts, *_source_note(code)])


def _source_note(code: RegistryCode) -> Iterator[str]:
    """Yield how a configuration that has the source forgets it, without deleting it."""
    if source := " ".join((code.resources[0].tags.get(SOURCE_TAG) or "").split()):  # in one line
        yield (
            f"# {source}\n# is the source. A configuration that has it forgets it with the block below, under its own "
            "address;\n# `acr-relocate delete-source` deletes it.\n#\n# removed {\n"
            "#   from = azurerm_container_registry.NAME\n#   lifecycle {\n#     destroy = false\n#   }\n# }\n"
        )


def _terraform_resource(one: CodeResource) -> str:
    group = one.id.partition("/providers/")[0]
    fields = {
        "type": f"{one.type}@{one.api_version}",
        "name": one.name,
        "parent_id": _Raw(f"azapi_resource.{one.parent}.id") if one.parent else group,
        "location": one.location,
        "tags": one.tags or None,
        "identity": _Block(_terraform_identity(one.identity)) if one.identity else None,
        "body": one.values,
        "depends_on": [_Raw(f"azapi_resource.{symbol}") for symbol in one.after if symbol != one.parent] or None,
    }
    body = _block({name: value for name, value in fields.items() if value is not None}, _TERRAFORM)
    return f'resource "azapi_resource" "{one.symbol}" {body}\n'


def _terraform_identity(identity: Json) -> Json:
    portable = portable_identity(identity) or identity
    users = list(portable.get("userAssignedIdentities") or ())
    return {"type": portable["type"]} | ({"identity_ids": users} if users else {})


def _import_id(one: CodeResource) -> str:
    return f"{one.id}?api-version={one.api_version}"


def _parameters(resources: list[CodeResource] | tuple[CodeResource, ...]) -> Iterator[Parameter]:
    return (parameter for one in resources for parameter in one.parameters)


class _Block(dict[str, Any]):
    """A block of Terraform's, which has no sign between its name and its braces."""

    __slots__ = ()


class _Raw(str):
    """An expression of the language, written as it is."""

    __slots__ = ()


class _Syntax:
    """The differences between the two languages. `aligned`: neighbouring signs stand below one another."""

    def __init__(
        self, assign: str, parameter: str, text: Callable[[str], str], after_item: str = "", *, aligned: bool = False
    ) -> None:
        self.assign, self.parameter, self.text, self.after_item = assign, parameter, text, after_item
        self.aligned = aligned


def _bicep_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"


def _terraform_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


_BICEP: Final = _Syntax(": ", "{}", _bicep_text)
_TERRAFORM: Final = _Syntax(" = ", "var.{}", _terraform_text, ",", aligned=True)


def _block(values: Mapping[str, Any], syntax: _Syntax, indent: str = "") -> str:
    """Return the object of the language, one field in a line."""
    inner = f"{indent}  "
    fields = []
    for name, value in values.items():
        key = name if _PLAIN_KEY.fullmatch(name) else syntax.text(name)
        fields.append((key, " " if isinstance(value, _Block) else syntax.assign, _value(value, syntax, inner)))
    lines = [f"{inner}{key}{assign}{text}" for key, assign, text in (_aligned(fields) if syntax.aligned else fields)]
    return "\n".join(["{", *lines, f"{indent}}}"]) if lines else "{}"


def _aligned(fields: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield the fields as `terraform fmt` writes them: signs of neighbours of one line stand below one another."""
    for is_long, neighbours in groupby(fields, key=lambda field: "\n" in field[2]):
        group = list(neighbours)
        width = 0 if is_long else max(len(key) for key, _, _ in group)
        yield from ((key.ljust(width), assign, text) for key, assign, text in group)


def _value(value: Any, syntax: _Syntax, indent: str) -> str:
    if isinstance(value, Parameter):
        return syntax.parameter.format(value.name)
    if isinstance(value, _Raw):
        return str(value)
    if isinstance(value, str):
        return syntax.text(value)
    if isinstance(value, Mapping):
        return _block(value, syntax, indent)
    if isinstance(value, list):
        inner = f"{indent}  "
        lines = [f"{inner}{_value(one, syntax, inner)}{syntax.after_item}" for one in value]
        return "\n".join(["[", *lines, f"{indent}]"]) if lines else "[]"
    return json.dumps(value)
