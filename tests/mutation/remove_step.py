"""A pytest plugin: one function of ours does nothing, as if its step had never been written.

    ACR_RELOCATE_WITHOUT='flows.import_images:replay_locks' pytest -p tests.mutation.remove_step TEST

The function stays the object that everybody imported; only its code is another, so that a task, a check and whatever
is in a table of functions are taken out alike.
"""

import ast
import importlib
import inspect
import os
import textwrap
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

VARIABLE = "ACR_RELOCATE_WITHOUT"
INSTEAD = "ACR_RELOCATE_INSTEAD"


def pytest_configure() -> None:
    """The step that the environment names is taken out of this process."""
    if step := os.environ.get(VARIABLE):
        take_out(step, os.environ[INSTEAD])


def take_out(step: str, instead: str) -> None:
    """The function `module:name` only returns the expression, in which its parameters and its module's names hold."""
    function = function_of(step)
    function.__code__ = _doing_nothing(function, instead)


def function_of(step: str) -> FunctionType:
    """The plain function behind `module:name`: beneath a task, a flow, a check or any other decorator."""
    module, _, name = step.partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    found = getattr(found, "fn", None) or getattr(found, "find", found)
    function: Callable[..., Any] = inspect.unwrap(found)
    if not isinstance(function, FunctionType):
        raise TypeError(f"{step} is no function")
    return function


def _doing_nothing(function: FunctionType, instead: str) -> CodeType:
    """The code of a function with the same parameters."""
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    definition.decorator_list = []
    definition.body = ast.parse(f"def _():\n    return {instead}").body[0].body  # type: ignore[attr-defined] # we wrote it
    made: dict[str, Any] = {}
    exec(
        compile(ast.Module([definition], []), f"<without {function.__name__}>", "exec"),
        vars(inspect.getmodule(function)).copy(),
        made,
    )
    code: CodeType = made[definition.name].__code__
    return code
