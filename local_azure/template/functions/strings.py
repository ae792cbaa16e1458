"""Template functions on strings."""

import base64 as base64_codec
import json as json_codec
import re
from urllib.parse import quote, unquote, urljoin

from local_azure.template.errors import FUNCTIONS_HELP, TemplateError
from local_azure.template.functions.table import Value, bad_argument, function, number, text

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^}]*))?\}")


def as_text(value: Value) -> str:
    """Return a value as `string`, `concat` and `format` write it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "True" if value else "False"
    return "" if value is None else json_codec.dumps(value, separators=(",", ":"), ensure_ascii=False)


@function("concat", 1, None)
def concat(*values: Value) -> Value:
    """Join strings, or arrays."""
    if all(isinstance(value, list) for value in values):
        return [item for value in values for item in value]
    for value in values:
        if isinstance(value, list | dict) or value is None:
            raise bad_argument("concat", "only strings or only arrays", value)
    return "".join(as_text(value) for value in values)


@function("format", 1, None)
def format_text(pattern: Value, *values: Value) -> str:
    """Format as .NET does: `{0}`, `{0,8}`, `{0:D3}`."""

    def replacement(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return match.group(0)[0]
        if int(match.group(1)) >= len(values):
            raise TemplateError(
                "Unable to evaluate language function 'format': the format is invalid: "
                f"index {match.group(1)} has no argument. {FUNCTIONS_HELP}"
            )
        shown = _formatted(values[int(match.group(1))], match.group(3) or "")
        width = int(match.group(2) or 0)
        return shown.rjust(width) if width >= 0 else shown.ljust(-width)

    return _PLACEHOLDER.sub(replacement, text("format", pattern))


def _formatted(value: Value, specifier: str) -> str:
    if not specifier or not isinstance(value, int):
        return as_text(value)
    kind, digits = specifier[0].upper(), int(specifier[1:] or 0)
    if kind == "D":
        return f"{value:0{digits + (value < 0)}d}"
    if kind == "N":
        return f"{value:,.{digits}f}"
    if kind == "X":
        return f"{value:0{digits}X}" if specifier[0] == "X" else f"{value:0{digits}x}"
    raise TemplateError(
        f"Unable to evaluate language function 'format': format specifier '{specifier}' is not supported by the "
        f"embedded Azure. {FUNCTIONS_HELP}"
    )


@function("toLower", 1)
def to_lower(value: Value) -> str:
    """Return the string in lower case."""
    return text("toLower", value).lower()


@function("toUpper", 1)
def to_upper(value: Value) -> str:
    """Return the string in upper case."""
    return text("toUpper", value).upper()


@function("trim", 1)
def trim(value: Value) -> str:
    """Return the string without white space around it."""
    return text("trim", value).strip()


@function("padLeft", 2, 3)
def pad_left(value: Value, width: Value, fill: Value = " ") -> str:
    """Return the value right-aligned."""
    return as_text(value).rjust(number("padLeft", width), text("padLeft", fill))


@function("replace", 3)
def replace(value: Value, old: Value, new: Value) -> str:
    """Replace every occurrence."""
    return text("replace", value).replace(text("replace", old), text("replace", new))


@function("split", 2)
def split(value: Value, delimiters: Value) -> list[str]:
    """Return the parts between one delimiter, or any of several."""
    choices = delimiters if isinstance(delimiters, list) else [delimiters]
    return re.split("|".join(re.escape(text("split", choice)) for choice in choices), text("split", value))


@function("join", 2)
def join(values: Value, delimiter: Value) -> str:
    """Return the items of an array with a delimiter between them."""
    if not isinstance(values, list):
        raise bad_argument("join", "an array", values)
    return text("join", delimiter).join(as_text(value) for value in values)


@function("substring", 2, 3)
def substring(value: Value, start: Value, length: Value = None) -> str:
    """Return part of a string, which must hold it all."""
    whole, first = text("substring", value), number("substring", start)
    last = len(whole) if length is None else first + number("substring", length)
    if not 0 <= first <= last <= len(whole):
        raise TemplateError(
            "Unable to evaluate template language function 'substring'. The index and length parameters must refer to "
            f"a location within the string. The index parameter: '{start}', the length parameter: "
            f"'{last - first}', the length of the string parameter: '{len(whole)}'. {FUNCTIONS_HELP}"
        )
    return whole[first:last]


@function("indexOf", 2)
def index_of(value: Value, wanted: Value) -> int:
    """Return where it first occurs, in any case, or -1."""
    if isinstance(value, list):
        return value.index(wanted) if wanted in value else -1
    return text("indexOf", value).lower().find(text("indexOf", wanted).lower())


@function("lastIndexOf", 2)
def last_index_of(value: Value, wanted: Value) -> int:
    """Return where it last occurs, in any case, or -1."""
    return text("lastIndexOf", value).lower().rfind(text("lastIndexOf", wanted).lower())


@function("startsWith", 2)
def starts_with(value: Value, prefix: Value) -> bool:
    """Return whether it begins so, in any case."""
    return text("startsWith", value).lower().startswith(text("startsWith", prefix).lower())


@function("endsWith", 2)
def ends_with(value: Value, suffix: Value) -> bool:
    """Return whether it ends so, in any case."""
    return text("endsWith", value).lower().endswith(text("endsWith", suffix).lower())


@function("string", 1)
def string(value: Value) -> str:
    """Return any value as a string; objects and arrays as JSON."""
    return as_text(value)


@function("json", 1)
def json(value: Value) -> Value:
    """Parse a JSON text."""
    try:
        return json_codec.loads(text("json", value))
    except ValueError as error:
        raise TemplateError(
            f"Unable to evaluate template language function 'json': the value is not valid JSON. {FUNCTIONS_HELP}"
        ) from error


@function("base64", 1)
def base64(value: Value) -> str:
    """Return the UTF-8 of a string in base 64."""
    return base64_codec.b64encode(text("base64", value).encode()).decode()


@function("base64ToString", 1)
def base64_to_string(value: Value) -> str:
    """Return the decoded base 64 string."""
    return base64_codec.b64decode(text("base64ToString", value)).decode()


@function("uri", 2)
def uri(base: Value, relative: Value) -> str:
    """Return an absolute URI."""
    return urljoin(text("uri", base), text("uri", relative))


@function("uriComponent", 1)
def uri_component(value: Value) -> str:
    """Return the string, percent-encoded."""
    return quote(text("uriComponent", value), safe="!'()*-._~")


@function("uriComponentToString", 1)
def uri_component_to_string(value: Value) -> str:
    """Return the string that was percent-encoded."""
    return unquote(text("uriComponentToString", value))
