"""Write docs/emulator-coverage.md from the tables of the embedded Azure.

python docs/tools/emulator_coverage.py > docs/emulator-coverage.md
"""

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the repository, which is where docs is

from local_azure.arm.resource_types import TYPES, ResourceType
from local_azure.host import routes
from local_azure.registry_types import operations, schema
from local_azure.wire.routing import Router

REGISTRY = "Microsoft.ContainerRegistry/"
HEAD = """# What the embedded Azure knows

Made by `python docs/tools/emulator_coverage.py` from the types and routes of `local_azure`; a test keeps it
current. Whatever is not here answers 501 and says so. Requests with the shape of the 64 examples of the public REST
specification for Microsoft.ContainerRegistry 2025-11-01 are in `tests/emulator/test_rest_examples.py`.

## Microsoft.ContainerRegistry

Every type below is read (GET, and listed), written (PUT, PATCH) and deleted at each of its api-versions. An api-version
drops what it does not know from a request and does not show it, as Azure's do.

| type | properties known | actions (POST) | stable api-versions | preview api-versions |
|---|---|---|---|---|
"""
ABSENT = """
## What is not there

- `pipelineRuns`, `listBuildSourceUploadUrl`: nothing is transferred; 501. `scheduleRun` and `taskRuns` build nothing:
  their runs end with a small image of their own.
- Webhooks are kept but never call anybody; `listEvents` shows the pings that were asked for.
- Cache rules are kept but never fetch: there is no upstream. `importImage` reads from registries of this Azure only.
- A connected registry stays offline. A customer-managed key is kept and not used.
- A registry below Premium shows no `networkRuleSet`; the specification's examples of Standard registries do.
- Scope-map actions follow the grammar of the documentation (`content/write`), not that of the specification's examples
  (`contentWrite`).
"""


def main() -> None:
    """Print the page."""
    ours = [kind for kind in TYPES.values() if kind.type.startswith(REGISTRY)]
    others = [kind for kind in TYPES.values() if not kind.type.startswith(REGISTRY)]
    parts = [HEAD + "\n".join(map(_row, sorted(ours, key=_name)))]
    parts.append("\n## Types of other providers\n\n" + "\n".join(_others(others)))
    for title, router in (
        ("Azure Resource Manager", routes.ARM),
        ("Entra ID", routes.ENTRA),
        ("Microsoft Graph", routes.GRAPH),
        ("The registries themselves", routes.REGISTRY),
        ("Key vaults themselves", routes.VAULT),
    ):
        parts.append(f"\n## {title}: routes\n\n" + "\n".join(_routes(router)))
    print("\n".join(parts) + "\n" + ABSENT, end="")


def _name(kind: ResourceType) -> str:
    return kind.type.lower()


def _row(kind: ResourceType) -> str:
    name = kind.type.removeprefix(REGISTRY)
    stable = [version for version in kind.api_versions if not version.endswith("-preview")]
    previews = [version for version in kind.api_versions if version.endswith("-preview")]
    actions = ", ".join(f"`{operations.ACTIONS[action]}`" for action in sorted(kind.actions))
    known = len(schema.tree(name).children)
    return f"| `{name}` | {known} | {actions} | {_span(stable)} | {_span(previews)} |"


def _span(versions: list[str]) -> str:
    if len(versions) < 3:
        return ", ".join(versions)
    return f"{versions[0]} to {versions[-1]} ({len(versions)})"


def _others(kinds: Iterable[ResourceType]) -> Iterator[str]:
    """Yield a line for each provider."""
    ordered = sorted(kinds, key=_name)
    for provider, group in groupby(ordered, key=lambda kind: kind.type.partition("/")[0]):
        yield f"- {provider}: " + ", ".join(f"`{kind.type.partition('/')[2]}`" for kind in group)
    yield "- any other type is kept as it is sent, with any property, at any api-version"


def _routes(router: Router) -> Iterator[str]:
    """Yield a line for each path, with its methods."""
    found = sorted(router.templates(), key=lambda route: (route[1].lower(), route[0]))
    for path, group in groupby(found, key=lambda route: route[1]):
        yield f"- {', '.join(method for method, _ in group)} `{path}`"


if __name__ == "__main__":
    main()
