"""YAML with a size limit: aliases and merges of a few hundred bytes can expand beyond any memory."""

from collections.abc import Hashable
from typing import Any, Final

import yaml

MOST_VALUES: Final = 100_000  # a request of 1 MiB without any alias has fewer


def load_yaml(text: str) -> object:
    """Return the YAML's data. Raises ValueError or yaml.YAMLError if it is invalid, or expands too much."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _size(node, {})
        return loader.construct_document(node)
    finally:
        loader.dispose()


_LINE: Final = 76
"""Columns of a line that are shown with a syntax error."""


class _Loader(yaml.SafeLoader):
    """A loader that refuses duplicate fields, of which one would silently win, and keys that are not text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, twice(key.value), key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def where_it_broke(name: str, text: str, error: yaml.MarkedYAMLError) -> str:
    """Return the message for a syntax error: its place, the problem, and the line with a mark below it."""
    mark, problem = error.problem_mark, error.problem or error.context or "it cannot be read"
    if mark is None:
        return f"{name} is not YAML: {problem}"
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    start = max(0, mark.column - _LINE // 2)
    shown = "".join(letter if letter.isprintable() else " " for letter in line[start : start + _LINE])
    place = f"{name}:{mark.line + 1}:{mark.column + 1}: not YAML: {problem}"
    return f"{place}\n  {shown}\n  {' ' * (mark.column - start)}^" if shown.strip() else place


def twice(field: str) -> str:
    """Return the message about a duplicate field."""
    return f'the field "{field}" is duplicated'


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Return the number of values of a node with every alias and merge expanded. Raises ValueError for too many."""
    if id(node) in known:
        if not known[id(node)]:
            raise ValueError("an alias refers to a node that contains it")
        return known[id(node)]
    known[id(node)] = 0  # it is being counted
    if isinstance(node, yaml.MappingNode):
        size = 1 + sum(_size(key, known) + _size(value, known) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        size = 1 + sum(_size(value, known) for value in node.value)
    else:
        size = 1
    if size > MOST_VALUES:
        raise ValueError(f"its aliases expand to more than {MOST_VALUES:,} values")
    known[id(node)] = size
    return size
