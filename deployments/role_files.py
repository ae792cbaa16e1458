"""The custom roles as files, from the one table of rights: `python -m deployments.role_files` writes them all.

deployments/azure/roles/*.json are for `az role definition create`, roles.bicep reads them, docs/roles.md explains them.
"""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

from acr_relocate.core.access.required_actions import RIGHTS_NEEDED, granted_by
from acr_relocate.core.access.roles import ROLES, Right, Role
from acr_relocate.core.documents.markdown_parts import table

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "deployments" / "azure" / "roles"
_PAGE = ROOT / "docs" / "roles.md"
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"

INTRODUCTION = """# Roles

`acr-relocate` needs these rights in Azure and no others. Each is the action of a call that the service makes;
a test compares the table with the calls that the embedded Azure receives in a whole relocation; another removes each
action and checks that the plan, the rollback or the deletion names it, with its scope, before anything is changed.

    az deployment sub create --location westeurope --template-file deployments/azure/roles.bicep   # all of them
    az role definition create --role-definition @deployments/azure/roles/plan.json                 # or one by one

The Bicep file is not compiled in our tests, for lack of a compiler; a test compares its references with the JSON
files. `az bicep build --file deployments/azure/roles.bicep` compiles it on your machine.

Replace the subscription id in `AssignableScopes` of a JSON file first. Azure's built-in roles work as well, with more
rights than needed: `Reader` and `Container Registry Data Importer and Data Reader` for a plan, and `Contributor` at the
target's resource group for a relocation.

This page is generated: `python -m deployments.role_files`.
"""


def role_json(role: Role) -> str:
    """Return the role in the format of `az role definition create`."""
    definition = {
        "Name": role.name,
        "IsCustom": True,
        "Description": role.purpose,
        "Actions": granted_by(role.duty),
        "NotActions": [],
        "DataActions": granted_by(role.duty, data=True),
        "NotDataActions": [],
        "AssignableScopes": [SUBSCRIPTION],
    }
    return json.dumps(definition, indent=2) + "\n"


def roles_page() -> str:
    """Return docs/roles.md."""
    return "\n".join([INTRODUCTION, *(_section(role) for role in ROLES)])


def files() -> dict[Path, str]:
    """Return every generated file with its content."""
    return {FOLDER / f"{role.duty}.json": role_json(role) for role in ROLES} | {_PAGE: roles_page()}


def _section(role: Role) -> str:
    rights = [right for right in RIGHTS_NEEDED if right.duty == role.duty]
    calls = dict.fromkeys((right.call, right.place, right.found_by) for right in rights)
    rows = [row for call in calls for row in _rows(call, rights)]
    lines = table(("to", "action", "at", "if missing"), rows)
    purpose = textwrap.fill(f"{role.purpose} Assign it at {role.where}.", 160)
    return f"## {role.name}\n\n{purpose}\n\n{lines}\n"


def _rows(called: tuple[str, str, str], rights: list[Right]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each action of a call; only the first says what the call is for."""
    call, place, check = called
    before, after = (call,), (place, f"`{check}`")
    for one in rights:
        if (one.call, one.place) == (call, place):
            yield (*before, _action(one), *after)
            before, after = ("",), ("", "")


def _action(right: Right) -> str:
    return f"`{right.action}`{' (data action)' if right.data else ''}"


def main() -> None:
    """Write all files."""
    for path, content in files().items():
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
