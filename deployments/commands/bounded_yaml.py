"""YAML that cannot grow: aliases and merges of a few hundred bytes stand for more than any memory holds."""

from collections.abc import Hashable
from typing import Any, Final

import yaml

MOST_VALUES: Final = 100_000  # a request of 1 MiB without any alias has fewer


def load_yaml(text: str) -> object:
    """What the YAML says. Raises ValueError or yaml.YAMLError if it is none, or stands for too much."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _size(node, {})
        return loader.construct_document(node)
    finally:
        loader.dispose()


class _Loader(yaml.SafeLoader):
    """YAML without a field that is there twice, of which one would silently win, and without a key that is no text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, twice(key.value), key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def twice(field: str) -> str:
    """Say that a field is there twice."""
    return f'the field "{field}" is there twice'


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for once every alias and merge is written out. Raises ValueError for too many."""
    if id(node) in known:
        if not known[id(node)]:
            raise ValueError("an alias stands for something that it is a part of")
        return known[id(node)]
    known[id(node)] = 0  # it is being counted
    if isinstance(node, yaml.MappingNode):
        size = 1 + sum(_size(key, known) + _size(value, known) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        size = 1 + sum(_size(value, known) for value in node.value)
    else:
        size = 1
    if size > MOST_VALUES:
        raise ValueError(f"its aliases stand for more than {MOST_VALUES:,} values")
    known[id(node)] = size
    return size
