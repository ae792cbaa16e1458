"""Whether a template has the shape of one, and whether everything that its expressions name exists.

Azure checks this before anything is deployed, also in resources whose condition is false.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from local_azure.template.errors import PARAMETERS_HELP, VARIABLES_HELP, TemplateError
from local_azure.template.evaluation import is_property_loop
from local_azure.template.functions import find
from local_azure.template.syntax import Call, Literal, calls, is_expression, parse

Json = Any
DEPLOYMENT_TYPE = "microsoft.resources/deployments"

_SECTIONS = {
    "$schema", "languageversion", "contentversion", "apiprofile", "definitions", "metadata", "parameters", "variables",
    "functions", "resources", "outputs",
}  # fmt: skip
_UNSUPPORTED = {"functions", "definitions", "imports", "extensions"}


def check_structure(template: Json) -> None:
    """Raise TemplateError unless the value has the sections of a template."""
    if not isinstance(template, dict):
        raise TemplateError("The template is not a JSON object")
    for name, content in template.items():
        if name.lower() in _UNSUPPORTED and content:
            raise TemplateError(f"The template section '{name}' is not supported by the embedded Azure")
        if name.lower() not in _SECTIONS:
            raise TemplateError(f"Could not find member '{name}' on object of type 'Template'", path=name)
    for required in ("$schema", "contentVersion", "resources"):
        if required not in template:
            raise TemplateError(f"Required property '{required}' not found in JSON", path="")
    _check_limits(template)


def _check_limits(template: Mapping[str, Json]) -> None:
    limits = {"parameters": 256, "variables": 512, "outputs": 64, "resources": 800}
    for section, limit in limits.items():
        if len(template.get(section) or ()) > limit:
            raise TemplateError(
                f"The number of template {section} limit exceeded. Limit: '{limit}' and actual: "
                f"'{len(template[section])}'. Please see https://aka.ms/arm-template for usage details."
            )


def check_names(template: Mapping[str, Json]) -> None:
    """Raise TemplateError for a parameter, variable or function that does not exist, wherever it is used."""
    parameters = {name.lower() for name in template.get("parameters") or {}}
    variables = _variable_names(template.get("variables") or {})
    for section in ("parameters", "variables"):
        for name, value in (template.get(section) or {}).items():
            _check_value(value, parameters, variables, f"properties.template.{section}.{name}")
    for index, (name, resource) in enumerate(named_resources(template.get("resources") or [])):
        _check_one(
            "resource",
            name,
            f"properties.template.resources[{index}]",
            own_part(resource.get("type"), resource),
            parameters,
            variables,
        )
    for name, output in (template.get("outputs") or {}).items():
        _check_one("output", name, f"properties.template.outputs.{name}", output, parameters, variables)


def _check_one(kind: str, name: str, path: str, value: Json, parameters: set[str], variables: set[str]) -> None:
    try:
        _check_value(value, parameters, variables, path)
    except TemplateError as error:
        raise error.within(kind, name, path) from error


def _check_value(value: Json, parameters: set[str], variables: set[str], path: str) -> None:
    for call in expressions(value):
        function = find(call.name)
        function.check_count(len(call.arguments))
        name = call.arguments[0].value if call.arguments and isinstance(call.arguments[0], Literal) else None
        if function.name == "parameters" and isinstance(name, str) and name.lower() not in parameters:
            raise TemplateError(f"The template parameter '{name}' is not found. {PARAMETERS_HELP}", path=path)
        if function.name == "variables" and isinstance(name, str) and name.lower() not in variables:
            raise TemplateError(f"The template variable '{name}' is not found. {VARIABLES_HELP}", path=path)


def _variable_names(declared: Mapping[str, Json]) -> set[str]:
    names = {name.lower() for name in declared}
    loops = declared.get("copy") or []
    return names | {str(loop["name"]).lower() for loop in loops} if is_property_loop(loops) else names


def named_resources(resources: Json) -> list[tuple[str, dict[str, Json]]]:
    """Return symbolic name (or the `name` as written) and declaration of each resource."""
    if isinstance(resources, dict):
        return list(resources.items())
    if not isinstance(resources, list) or not all(isinstance(resource, dict) for resource in resources):
        raise TemplateError("The template 'resources' section must be an array of objects, or an object of them")
    return [(str(resource.get("name", "")), resource) for resource in resources]


def own_part(kind: Json, resource: dict[str, Json]) -> dict[str, Json]:
    """Return a resource without a nested template whose expressions belong to that template's own scope."""
    properties = resource.get("properties")
    if not isinstance(properties, dict) or not is_inner_scoped(kind, properties):
        return resource
    return {**resource, "properties": {key: value for key, value in properties.items() if key != "template"}}


def is_inner_scoped(kind: Json, properties: Mapping[str, Json]) -> bool:
    """Return whether this nested deployment's expressions are evaluated inside it; Azure's default is outside."""
    options = properties.get("expressionEvaluationOptions") or {}
    return str(kind).lower() == DEPLOYMENT_TYPE and str(options.get("scope", "outer")).lower() == "inner"


def expressions(value: Json) -> Iterator[Call]:
    """Yield every function call in every expression of a value."""
    if isinstance(value, str) and is_expression(value):
        yield from calls(parse(value))
    elif isinstance(value, list):
        for item in value:
            yield from expressions(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from expressions(key)
            yield from expressions(item)
