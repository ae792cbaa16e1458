"""The rules of the house that ruff, mypy and import-linter cannot state, as functions from source to violations."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("flows", "tasks", "acr_relocate", "local_azure", "deployments")

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
MAX_FLOW_LOOP_LINES = 3

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*rooms: str) -> Iterator[Path]:
    """Every Python file of the rooms, in a stable order."""
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function of a module, methods and nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(node: ast.stmt) -> int:
    """Lines of a statement, its docstring left out: prose is never the problem."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    body = getattr(node, "body", [])
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        lines -= (body[0].end_lineno or 0) - body[0].lineno + 1
    return lines


def too_long(source: str) -> list[str]:
    """Files over 300 lines and functions over 40: the upper end of what is easy to live in."""
    lines = source.count("\n")
    found = [f"file of {lines} lines"] if lines > MAX_FILE_LINES else []
    return found + [
        f"{function.name} of {length(function)} lines"
        for function in functions(ast.parse(source))
        if length(function) > MAX_FUNCTION_LINES
    ]


def calls_another_task(source: str) -> list[str]:
    """Tasks that call tasks: a retry of the outer one would repeat what the inner one did."""
    tree = ast.parse(source)
    tasks = {function.name: function for function in functions(tree) if decorated_with(function, "task")}
    return [
        f"{name} calls {call.func.id}"
        for name, function in tasks.items()
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in tasks
    ]


def decides_in_a_flow(source: str) -> list[str]:
    """`except` and longer loops in a flow body: a flow reads like the article, the decisions are in the core."""
    found = []
    for function in functions(ast.parse(source)):
        if not decorated_with(function, "flow"):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.ExceptHandler):
                found.append(f"{function.name} has an except")
            elif isinstance(node, ast.For | ast.AsyncFor | ast.While) and length(node) > MAX_FLOW_LOOP_LINES:
                found.append(f"{function.name} has a loop of {length(node)} lines")
    return found


def decorated_with(function: Function, name: str) -> bool:
    """Whether a function carries `@name` or `@name(...)`."""
    decorators = (d.func if isinstance(d, ast.Call) else d for d in function.decorator_list)
    return any(isinstance(d, ast.Name) and d.id == name for d in decorators)


RULES = {
    "small": (too_long, ROOMS),
    "tasks never call tasks": (calls_another_task, ("tasks",)),
    "a flow reads like the article": (decides_in_a_flow, ("flows",)),
}
