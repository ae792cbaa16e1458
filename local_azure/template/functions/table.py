"""The table of template functions, and how a function gets into it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local_azure.template.errors import FUNCTIONS_HELP, TemplateError

Value = Any  # any JSON value: what parameters, variables and functions are made of


@dataclass(frozen=True)
class Function:
    """A template function.

    call: takes the evaluated arguments; for `lazy` functions, one callable per argument that evaluates it.
    contextual: whether the evaluation context comes first.
    """

    name: str
    call: Callable[..., Value]
    least: int
    most: int | None
    contextual: bool = False
    lazy: bool = False

    def check_count(self, count: int) -> None:
        """Raise TemplateError unless the function takes that many arguments."""
        if self.least <= count and (self.most is None or count <= self.most):
            return
        expected = str(self.least) if self.most == self.least else f"{self.least} to {self.most or 'any number'}"
        raise TemplateError(
            f"Unable to evaluate template language function '{self.name}': function requires {expected} "
            f"argument(s) while {count} were provided. {FUNCTIONS_HELP}"
        )


FUNCTIONS: dict[str, Function] = {}


def function(
    name: str, least: int, most: int | None = -1, *, contextual: bool = False, lazy: bool = False
) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Register a template function of `least` to `most` arguments (None: any number; default: exactly `least`)."""

    def register(call: Callable[..., Value]) -> Callable[..., Value]:
        limit = least if most == -1 else most
        FUNCTIONS[name.lower()] = Function(name, call, least, limit, contextual=contextual, lazy=lazy)
        return call

    return register


def find(name: str) -> Function:
    """Return the function of that name, in any case. Raises TemplateError for an unknown one."""
    known = FUNCTIONS.get(name.lower())
    if known is None and name.lower().startswith("list"):
        raise TemplateError(
            f"The template function '{name}' reads secrets and is not supported by the embedded Azure. {FUNCTIONS_HELP}"
        )
    if known is None:
        raise TemplateError(f"The template function '{name}' is not valid. {FUNCTIONS_HELP}")
    return known


def bad_argument(name: str, expected: str, value: Value) -> TemplateError:
    """Return a refusal of an argument of the wrong type."""
    return TemplateError(
        f"Unable to process template language expressions: the template language function '{name}' expects "
        f"{expected}, but the provided value is of type '{type_name(value)}'. {FUNCTIONS_HELP}"
    )


def type_name(value: Value) -> str:
    """Return the name that Azure's messages use for the type of a JSON value."""
    if value is None:
        return "Null"
    names = {bool: "Boolean", int: "Integer", float: "Float", str: "String", list: "Array", dict: "Object"}
    return names[type(value)]


def text(name: str, value: Value) -> str:
    """Return the value, which must be a string."""
    if not isinstance(value, str):
        raise bad_argument(name, "a value of type 'String'", value)
    return value


def number(name: str, value: Value) -> int:
    """Return the value, which must be an integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_argument(name, "a value of type 'Integer'", value)
    return value


def truth(name: str, value: Value) -> bool:
    """Return the value, which must be a boolean."""
    if not isinstance(value, bool):
        raise bad_argument(name, "a value of type 'Boolean'", value)
    return value
