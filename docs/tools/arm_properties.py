"""Generate acr_relocate/core/registry/resource_properties.py from the published type definitions.

    python docs/tools/arm_properties.py FOLDER > acr_relocate/core/arm_properties.py

FOLDER has a `registry-VERSION.json` and a `tasks-VERSION.json` for each api-version below: the `types.json` of
Azure/bicep-types-az (MIT), generated/containerregistry_{0,1}/microsoft.containerregistry/VERSION. Only facts are taken
from them: which property there is in which api-version, and whether it is read-only, write-only or required.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PREFIX = "Microsoft.ContainerRegistry/registries"
FILES = {"S": "registry-2025-11-01", "P": "registry-2026-03-01-preview", "T": "tasks-2025-03-01-preview"}
KINDS = (
    "registries",
    "agentPools",
    "cacheRules",
    "credentialSets",
    "replications",
    "scopeMaps",
    "tasks",
    "tokens",
    "webhooks",
)
HEAD = '''\
"""Which properties Microsoft.ContainerRegistry's types have: facts of the published type definitions, as data.

Made by docs/tools/arm_properties.py from Azure/bicep-types-az (MIT); not to be edited. A line for each property:
its kind, its path (`*`: any name), its flags (r read-only, w write-only, q required), and the api-versions that have
it (S 2025-11-01, P 2026-03-01-preview, T 2025-03-01-preview of the tasks family).
"""

from typing import Final

PROPERTIES: Final = """\\
'''

Type = dict[str, Any]
Found = dict[tuple[str, str], tuple[str, str]]


def main(folder: Path) -> None:
    """Print the module."""
    found: Found = {}
    for version, name in FILES.items():
        types = json.loads((folder / f"{name}.json").read_text())
        for kind, body in _bodies(types):
            for path, flags in _paths(types, body, ()):
                _, before = found.get((kind, path), ("", ""))
                found[kind, path] = (_letters(flags), before if version in before else before + version)
    lines = [f"{kind} {path} {flags} {versions}" for (kind, path), (flags, versions) in found.items()]
    lines.sort(key=lambda line: (KINDS.index(line.split()[0]), line.split()[1].lower()))
    print(HEAD + "\n".join(lines) + '\n"""')


def _bodies(types: list[Type]) -> Iterator[tuple[str, Type]]:
    """Yield the type of `properties` for each kind."""
    for entry in types:
        name = entry.get("name", "").partition("@")[0]
        kind = name.removeprefix(PREFIX).strip("/") or "registries"
        if entry["$type"] == "ResourceType" and kind in KINDS:
            yield kind, _follow(types, _follow(types, entry["body"])["properties"]["properties"]["type"])


def _follow(types: list[Type], reference: Type) -> Type:
    found: Type = types[int(reference["$ref"].rpartition("/")[2])]
    return found


def _paths(types: list[Type], shape: Type, above: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    if shape["$type"] == "ArrayType":
        yield from _paths(types, _follow(types, shape["itemType"]), above)
    elif shape["$type"] == "DiscriminatedObjectType":
        yield from _members(types, shape["baseProperties"], above)
        for variant in shape["elements"].values():
            yield from _paths(types, _follow(types, variant), above)
    elif shape["$type"] == "ObjectType":
        yield from _members(types, shape["properties"], above)
        if shape.get("additionalProperties"):
            value = _follow(types, shape["additionalProperties"])
            if value["$type"] == "ObjectType":
                yield ".".join((*above, "*")), 0
                yield from _paths(types, value, (*above, "*"))


def _members(types: list[Type], members: Type, above: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for name, member in members.items():
        yield ".".join((*above, name)), member["flags"]
        if not member["flags"] & 2:  # what is in a read-only property need not be known
            yield from _paths(types, _follow(types, member["type"]), (*above, name))


def _letters(flags: int) -> str:
    return "".join(letter for bit, letter in ((2, "r"), (4, "w"), (1, "q")) if flags & bit) or "-"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
