"""Evaluates expressions, and values that contain expressions."""

from functools import partial
from typing import Any

from local_azure.template.context import Context
from local_azure.template.errors import COPY_HELP, FUNCTIONS_HELP, TemplateError
from local_azure.template.functions import find, type_name
from local_azure.template.syntax import Call, Literal, Member, Node, is_expression, parse, unescape

Json = Any


def resolve(value: Json, context: Context) -> Json:
    """Return the value with every expression evaluated and every property loop unrolled."""
    if isinstance(value, str):
        return evaluate(parse(value), context) if is_expression(value) else unescape(value)
    if isinstance(value, list):
        return [resolve(item, context) for item in value]
    if isinstance(value, dict):
        return _resolve_object(value, context)
    return value


def _resolve_object(value: dict[str, Json], context: Context) -> dict[str, Json]:
    resolved: dict[str, Json] = {}
    for key, item in value.items():
        if key.lower() == "copy" and is_property_loop(item):
            resolved.update(unroll(item, context))
        else:
            resolved[resolve(key, context)] = resolve(item, context)
    return resolved


def is_property_loop(value: Json) -> bool:
    """Return whether the value of a `copy` property describes loops rather than a property of that name."""
    return isinstance(value, list) and all(
        isinstance(item, dict) and {"name", "count", "input"} <= set(item) for item in value
    )


def unroll(loops: list[dict[str, Json]], context: Context) -> dict[str, Json]:
    """Return one array per property or variable loop."""
    arrays: dict[str, Json] = {}
    for loop in loops:
        name = resolve(loop["name"], context)
        count = loop_count(loop["count"], name, context)
        arrays[name] = [resolve(loop["input"], context.looping(position, name)) for position in range(count)]
    return arrays


def loop_count(value: Json, name: str, context: Context) -> int:
    """Return how many times a loop runs: 0 to 800."""
    count = resolve(value, context)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= 800:
        raise TemplateError(
            f"The template copy definition at '{name}' has an invalid copy count: '{count}'. The value must be an "
            f"integer between 0 and 800. {COPY_HELP}"
        )
    return count


def evaluate(node: Node, context: Context) -> Json:
    """Return the value of an expression. Raises TemplateError."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Member):
        return _member(evaluate(node.target, context), evaluate(node.key, context))
    return _call(node, context)


def _call(node: Call, context: Context) -> Json:
    known = find(node.name)
    known.check_count(len(node.arguments))
    if known.lazy:
        arguments: list[Json] = [partial(evaluate, argument, context) for argument in node.arguments]
    else:
        arguments = [evaluate(argument, context) for argument in node.arguments]
    return known.call(context, *arguments) if known.contextual else known.call(*arguments)


def _member(target: Json, key: Json) -> Json:
    if isinstance(target, dict) and isinstance(key, str):
        return _property(target, key)
    if isinstance(target, list) and isinstance(key, int):
        if not 0 <= key < len(target):
            raise TemplateError(
                f"The language expression property array index '{key}' is out of bounds. {FUNCTIONS_HELP}"
            )
        return target[key]
    raise TemplateError(
        f"The language expression property '{key}' can't be evaluated: the value is of type '{type_name(target)}'. "
        f"{FUNCTIONS_HELP}"
    )


def _property(target: dict[str, Json], key: str) -> Json:
    if key in target:
        return target[key]
    for name, value in target.items():
        if name.lower() == key.lower():
            return value
    raise TemplateError(
        f"The language expression property '{key}' doesn't exist, available properties are '{', '.join(target)}'. "
        f"{FUNCTIONS_HELP}"
    )
