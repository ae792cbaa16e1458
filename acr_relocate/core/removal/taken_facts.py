"""Facts about settings removed from a source before its deletion, of closed kinds, as recorded in Azure.

A record is input: write access to it must not let a run grant more than the registry had. So a fact has no path, call
or host; roles are only those that open the content of a registry; names are names.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints

from acr_relocate.core.dependencies.access import PULL_ROLES
from acr_relocate.core.model import FrozenModel, Restorable
from acr_relocate.core.wording import plural

OPEN_CONTENT: Final = ("AcrPull", "AcrPush", "AcrDelete", "AcrImage", "AcrQuarantine", "Container Registry Repository")
CONTENT_ROLES: Final = frozenset(role for role, name in PULL_ROLES.items() if name.startswith(OPEN_CONTENT))
"""Roles that open the content of a registry and change none of its settings."""

GUID: Final = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_GROUP: Final = r"(?i)^/subscriptions/[0-9a-f-]{36}/resourcegroups/[^/?#%\x00-\x1f]+/providers/"
_LONGEST: Final = 500
_NAME: Final = r"[0-9a-z._-]+"

_Name = Annotated[str, StringConstraints(pattern=r"^[^/\\?#%<>&:\x00-\x1f\x7f]+$", max_length=260)]
Guid = Annotated[str, StringConstraints(pattern=GUID)]
Notes = Annotated[str, StringConstraints(max_length=512)]
_Text = Annotated[str, StringConstraints(max_length=8192)]
Workspace = Annotated[
    str, StringConstraints(max_length=_LONGEST, pattern=rf"{_GROUP}microsoft\.operationalinsights/workspaces/{_NAME}$")
]
Storage = Annotated[
    str, StringConstraints(max_length=_LONGEST, pattern=rf"{_GROUP}microsoft\.storage/storageaccounts/{_NAME}$")
]
EventHubRule = Annotated[
    str,
    StringConstraints(
        max_length=500, pattern=rf"{_GROUP}microsoft\.eventhub/namespaces/{_NAME}/authorizationrules/{_NAME}$"
    ),
]


class TakenLock(FrozenModel):
    """A lock on the registry itself."""

    name: _Name
    level: Literal["CanNotDelete", "ReadOnly"]
    notes: Notes = ""


class TakenRole(FrozenModel):
    """A role at the registry itself. `name` is that of the assignment, `role` that of the built-in role."""

    name: Guid
    role: Literal[tuple(sorted(CONTENT_ROLES))]  # type: ignore[valid-type] # a closed list, which mypy does not compute
    principal_id: Guid
    principal_type: Literal["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"] | None = None
    condition: _Text | None = None
    condition_version: Literal["2.0"] | None = None
    description: _Text | None = None


class LogCategory(FrozenModel):
    """A category, or a group of categories, of logs or metrics: sent or not."""

    category: _Name | None = None
    group: _Name | None = None
    enabled: bool = True


class TakenSetting(FrozenModel):
    """A diagnostic setting of the registry, with its destinations and categories."""

    name: _Name
    workspace: Workspace | None = None
    storage: Storage | None = None
    event_hub_rule: EventHubRule | None = None
    event_hub: _Name | None = None
    destination: Literal["Dedicated", "AzureDiagnostics"] | None = None
    logs: tuple[LogCategory, ...] = Field(default=(), max_length=200)
    metrics: tuple[LogCategory, ...] = Field(default=(), max_length=200)


class Detached(Restorable):
    """Settings removed from a source before its deletion. If it stays, they are restored in reverse order."""

    record_kind = "taken"
    locks: tuple[TakenLock, ...] = Field(default=(), max_length=100)
    roles: tuple[TakenRole, ...] = Field(default=(), max_length=4000)
    settings: tuple[TakenSetting, ...] = Field(default=(), max_length=50)


class PendingDeletion(FrozenModel):
    """The parts that a deletion took from a source that is still there, and since when by Azure's clock."""

    since: str
    taken: Detached

    @property
    def message(self) -> str:
        """Return the sentence about it for every command."""
        registry = self.taken.registry_id.rpartition("/")[2]
        kinds = {"lock": self.taken.locks, "role": self.taken.roles, "diagnostic setting": self.taken.settings}
        what = ", ".join(plural(len(items), kind) for kind, items in kinds.items() if items)
        return (
            f"{registry} is without {what or 'settings'} since {self.since}, and they were not "
            f"restored: {self.taken.taken_by or 'a deletion'} did not come to its end."
        )


def log_category(entry: dict[str, Any]) -> LogCategory:
    """Return the category in the entry of a diagnostic setting."""
    return LogCategory(
        category=entry.get("category") or None,
        group=entry.get("categoryGroup") or None,
        enabled=bool(entry.get("enabled")),
    )


def log_entry(category: LogCategory) -> dict[str, Any]:
    """Return the entry of a diagnostic setting."""
    named = {"category": category.category, "categoryGroup": category.group}
    return {name: value for name, value in named.items() if value} | {"enabled": category.enabled}
