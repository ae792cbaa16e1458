"""The rules of the house that ruff, mypy and import-linter cannot state, as functions from source to violations."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[2]
ROOMS = ("flows", "tasks", "acr_relocate", "local_azure", "deployments")

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
MAX_FLOW_LOOP_LINES = 3

# Phrases that a reader has to translate. `is None` is Python.
_RIDDLE: Final = re.compile(
    r"(?i)\b(nobody|whoever|anew|of its own accord|draws? up|(?:is|are) (?-i:none)|to be left|by hand)\b"
)
# A docstring has a subject that a reader can picture: no relative clause in its place.
_CLAUSE_AS_SUBJECT: Final = re.compile(r'"""(What|Who(?:ever)?|No(?:body| one)|Whatever) \w')
_TEXT: Final = frozenset({".py", ".md", ".yaml", ".yml", ".json", ".template", ".toml"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*rooms: str) -> Iterator[Path]:
    """Every Python file of the rooms, in a stable order."""
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))


def texts(*places: str) -> dict[str, str]:
    """Return every text of the folders and files, by its path in the repository."""
    roots = [ROOT / place for place in places]
    paths = [path for root in roots for path in ([root] if root.is_file() else sorted(root.rglob("*")))]
    return {str(path.relative_to(ROOT)): path.read_text() for path in paths if path.is_file() and path.suffix in _TEXT}


def riddles(texts: Mapping[str, str]) -> list[str]:
    """Return the path of each line with a phrase that a reader has to translate."""
    return [path for path, text in texts.items() for line in text.splitlines() if _RIDDLE.search(line)]


def clauses_as_subjects(texts: Mapping[str, str]) -> list[str]:
    """Return the path of each docstring whose subject is a relative clause."""
    return [path for path, text in texts.items() for _ in _CLAUSE_AS_SUBJECT.finditer(text)]


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


def public_names(source: str) -> list[str]:
    """Return the names that other modules may import from the module: its functions, classes and constants."""
    names = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.append(node.target.id)
    return [name for name in names if not name.startswith("_") and name not in EVERYWHERE]


EVERYWHERE = {"Json", "log", "app", "main"}
"""Names that each module which needs them has: an alias, its logger, its commands, its start."""

SAME_FUNCTION = ({"tasks", "acr_relocate"}, {"flows", "deployments"})
"""Rooms whose functions of one name are one thing: a task and what it does in Azure, a flow and its command."""


def defined_twice(files: dict[str, str]) -> list[str]:
    """Public names that two modules define for different things. `files`: sources by path."""
    rooms: dict[str, list[str]] = {}
    for path, source in files.items():
        for name in public_names(source):
            rooms.setdefault(name, []).append(path.split("/")[0])
    twice = {name: held for name, held in rooms.items() if len(held) > 1}
    return sorted(name for name, held in twice.items() if not (name.islower() and is_same_function(held)))


def is_same_function(rooms: list[str]) -> bool:
    """Whether each of the rooms defines it once, and they are rooms in which that is one thing."""
    return len(rooms) == len(set(rooms)) and set(rooms) in SAME_FUNCTION
