"""Template functions on arrays and objects."""

from local_azure.template.errors import FUNCTIONS_HELP, TemplateError
from local_azure.template.functions.table import Value, bad_argument, function, number, text


@function("length", 1)
def length(value: Value) -> int:
    """Return characters of a string, items of an array, properties of an object."""
    if not isinstance(value, str | list | dict):
        raise bad_argument("length", "a string, an array or an object", value)
    return len(value)


@function("empty", 1)
def empty(value: Value) -> bool:
    """Return whether a string, an array or an object holds nothing, or is null."""
    if value is not None and not isinstance(value, str | list | dict):
        raise bad_argument("empty", "a string, an array or an object", value)
    return not value


@function("first", 1)
def first(value: Value) -> Value:
    """Return the first item or character."""
    if not isinstance(value, str | list):
        raise bad_argument("first", "a string or an array", value)
    return value[0] if value else _nothing(value)


@function("last", 1)
def last(value: Value) -> Value:
    """Return the last item or character."""
    if not isinstance(value, str | list):
        raise bad_argument("last", "a string or an array", value)
    return value[-1] if value else _nothing(value)


def _nothing(value: Value) -> Value:
    return "" if isinstance(value, str) else None


@function("take", 2)
def take(value: Value, count: Value) -> Value:
    """Return the first so many items or characters."""
    if not isinstance(value, str | list):
        raise bad_argument("take", "a string or an array", value)
    return value[: max(number("take", count), 0)]


@function("skip", 2)
def skip(value: Value, count: Value) -> Value:
    """Return the rest after so many items or characters."""
    if not isinstance(value, str | list):
        raise bad_argument("skip", "a string or an array", value)
    return value[max(number("skip", count), 0) :]


@function("contains", 2)
def contains(container: Value, wanted: Value) -> bool:
    """Return whether a string holds another, an array an item, or an object a property (in any case)."""
    if isinstance(container, str):
        return text("contains", wanted) in container
    if isinstance(container, dict):
        return text("contains", wanted).lower() in {key.lower() for key in container}
    if isinstance(container, list):
        return wanted in container
    raise bad_argument("contains", "a string, an array or an object", container)


@function("array", 1)
def array(value: Value) -> list[Value]:
    """Return the value as an array."""
    return value if isinstance(value, list) else [value]


@function("createArray", 0, None)
def create_array(*values: Value) -> list[Value]:
    """Return the arguments as an array."""
    return list(values)


@function("createObject", 0, None)
def create_object(*pairs: Value) -> dict[str, Value]:
    """Return keys and values in turn, as an object."""
    if len(pairs) % 2:
        raise TemplateError(
            "Unable to evaluate template language function 'createObject': function expects an even number of "
            f"arguments. {FUNCTIONS_HELP}"
        )
    return {text("createObject", key): value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}


@function("range", 2)
def number_range(start: Value, count: Value) -> list[int]:
    """Return so many integers from a first one."""
    begin = number("range", start)
    return list(range(begin, begin + number("range", count)))


@function("union", 1, None)
def union(*values: Value) -> Value:
    """Return arrays without duplicates, or objects merged, nested objects too; the later value wins."""
    if all(isinstance(value, list) for value in values):
        items: list[Value] = []
        for value in values:
            items.extend(item for item in value if item not in items)
        return items
    merged: dict[str, Value] = {}
    for value in values:
        if not isinstance(value, dict):
            raise bad_argument("union", "only arrays or only objects", value)
        merged = _merged(merged, value)
    return merged


def _merged(base: dict[str, Value], extra: dict[str, Value]) -> dict[str, Value]:
    result = dict(base)
    for key, value in extra.items():
        old = result.get(key)
        result[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


@function("intersection", 1, None)
def intersection(first_value: Value, *values: Value) -> Value:
    """Return the items, or the properties, common to all."""
    if isinstance(first_value, list):
        return [item for item in first_value if all(item in value for value in values)]
    if isinstance(first_value, dict):
        return {key: item for key, item in first_value.items() if all(value.get(key) == item for value in values)}
    raise bad_argument("intersection", "only arrays or only objects", first_value)
