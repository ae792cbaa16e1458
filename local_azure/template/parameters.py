"""Parameters and variables: what the template declares against what the deployment provides."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from local_azure.template.context import Context, Lazy, Scope
from local_azure.template.errors import PARAMETERS_HELP, VALUES_HELP, TemplateError
from local_azure.template.evaluation import is_property_loop, loop_count, resolve
from local_azure.template.functions import type_name

Json = Any

_TYPES: dict[str, tuple[str, type]] = {
    "string": ("String", str),
    "securestring": ("String", str),
    "int": ("Integer", int),
    "bool": ("Boolean", bool),
    "object": ("Object", dict),
    "secureobject": ("Object", dict),
    "array": ("Array", list),
}


def is_secure(declaration: Mapping[str, Json]) -> bool:
    """Return whether values of this parameter or output are never shown."""
    return str(declaration.get("type", "")).lower().startswith("secure")


def build_context(template: Mapping[str, Json], given: Mapping[str, Json], scope: Scope) -> Context:
    """Return the context for evaluating the template's resources and outputs.

    given: the deployment's `parameters`, as `{name: {"value": ...}}`. Raises TemplateError.
    """
    declared: dict[str, dict[str, Json]] = template.get("parameters") or {}
    _check_names(declared, given)
    values: dict[str, Lazy] = {}
    variables: dict[str, Lazy] = {}
    context = Context(scope, values, variables)
    provided = {name.lower(): value for name, value in given.items()}
    for name, declaration in declared.items():
        values[name.lower()] = Lazy(
            partial(_value, name, declaration, provided.get(name.lower()), context), "parameter"
        )
    _declare_variables(template.get("variables") or {}, variables, context)
    for name, parameter in values.items():
        parameter.get(name)
    return context


def _check_names(declared: Mapping[str, Json], given: Mapping[str, Json]) -> None:
    known = {name.lower() for name in declared}
    unknown = [name for name in given if name.lower() not in known]
    if unknown:
        raise TemplateError(
            f"The template parameters '{', '.join(unknown)}' in the parameters file are not valid; they are not "
            "present in the original template and can therefore not be provided at deployment time. The only supported "
            f"parameters for this template are '{', '.join(declared)}'. Please see "
            "https://aka.ms/arm-pass-parameter-values for usage details."
        )


def _value(name: str, declaration: Mapping[str, Json], given: Json, context: Context) -> Json:
    value = _given(name, given)
    # An exported template says `"defaultValue": null` where it could not read a secret: that provides nothing.
    if value is None and declaration.get("defaultValue") is not None:
        value = resolve(declaration["defaultValue"], context)
    if value is None:
        if declaration.get("nullable"):
            return None
        raise TemplateError(
            f"The value for the template parameter '{name}' at line '1' and column '1' is not provided. {VALUES_HELP}",
            path=f"properties.template.parameters.{name}",
        )
    _check_type(name, declaration, value)
    _check_limits(name, declaration, value)
    return value


def _given(name: str, given: Json) -> Json:
    if given is None:
        return None
    if not isinstance(given, dict) or not {"value", "reference"} & set(given):
        raise TemplateError(
            f"The value of deployment parameter '{name}' is null or not of the form {{'value': ...}}. {VALUES_HELP}"
        )
    if "reference" in given:
        raise TemplateError(
            f"The parameter '{name}' refers to a secret in a key vault, which the embedded Azure does not support. "
            f"{VALUES_HELP}"
        )
    return given["value"]


def _check_type(name: str, declaration: Mapping[str, Json], value: Json) -> None:
    declared = str(declaration.get("type", ""))
    if declared.lower() not in _TYPES:
        raise TemplateError(
            f"The template parameter '{name}' at line '1' and column '1' is not valid: the type '{declared}' is not "
            f"supported. {PARAMETERS_HELP}"
        )
    expected, kind = _TYPES[declared.lower()]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TemplateError(
            f"The provided value for the template parameter '{name}' is not valid. Expected a value of type "
            f"'{expected}', but received a value of type '{type_name(value)}'. {VALUES_HELP}"
        )


def _check_limits(name: str, declaration: Mapping[str, Json], value: Json) -> None:
    allowed = declaration.get("allowedValues")
    if allowed and not _is_allowed(value, allowed):
        raise TemplateError(
            f"The provided value '{value}' for the template parameter '{name}' is not valid. The value '{value}' is "
            f"not part of the allowed value(s): '{','.join(map(str, allowed))}'."
        )
    size = value if isinstance(value, int) else len(value)
    bounds = ("minValue", "maxValue") if isinstance(value, int) else ("minLength", "maxLength")
    noun = "The value" if isinstance(value, int) else "Length of the value"
    problem = ""
    if size < declaration.get(bounds[0], size):
        problem = f"greater than or equal to '{declaration[bounds[0]]}'"
    elif size > declaration.get(bounds[1], size):
        problem = f"less than or equal to '{declaration[bounds[1]]}'"
    if problem:
        raise TemplateError(
            f"The provided value for the template parameter '{name}' is not valid. {noun} should be {problem}. "
            f"{VALUES_HELP}"
        )


def _is_allowed(value: Json, allowed: list[Json]) -> bool:
    """Return whether the value is allowed: strings in any case, every item of an array."""
    choices = [item.lower() if isinstance(item, str) else item for item in allowed]
    items = value if isinstance(value, list) and value not in allowed else [value]
    return all((item.lower() if isinstance(item, str) else item) in choices for item in items)


def _declare_variables(declared: dict[str, Json], variables: dict[str, Lazy], context: Context) -> None:
    for name, value in declared.items():
        if name.lower() == "copy" and is_property_loop(value):
            for loop in value:
                variables[str(loop["name"]).lower()] = Lazy(partial(_unrolled, loop, context), "variable")
        else:
            variables[name.lower()] = Lazy(partial(resolve, value, context), "variable")


def _unrolled(loop: dict[str, Json], context: Context) -> list[Json]:
    name = str(loop["name"])
    count = loop_count(loop["count"], name, context)
    return [resolve(loop["input"], context.looping(position, name)) for position in range(count)]
