"""The input of every part of the map: the registry, its target, and its surroundings."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from acr_relocate.core.dependencies.model import Dependency, Source, Strategy
from acr_relocate.core.dependencies.raw_surroundings import Json, Surroundings, properties, readable_items
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.children import Move, rewrite_child
from acr_relocate.core.wording import TAG_BEGINS


@dataclass(frozen=True)
class MapContext:
    """The source registry, the request and the surroundings, with the queries that the parts of the map share."""

    registry: Registry
    request: RelocationRequest
    around: Surroundings

    @property
    def target_id(self) -> str:
        """Return the target registry's resource id."""
        return self.request.target_id

    @property
    def uses_abac(self) -> bool:
        """Return whether the registry uses repository permissions, in which AcrPull and the like have no effect."""
        return self.registry.uses_abac

    @cached_property
    def subnets(self) -> dict[str, str]:
        """Return the request's mapping of subnets, by lower-case id of the source's."""
        return {here.lower(): there for here, there in self.request.subnets.items()}

    def carried(self, child: Child) -> Child | None:
        """Return the target's child that the deployment creates for one of the source's, or None."""
        return rewrite_child(child, Move(self.registry, self.request))[0]

    def carried_of(self, kind: str, resource_id: str) -> Child | None:
        """Return the same for a resource of its own that the inventory holds as a child of that kind."""
        for child in self.registry.children_of(kind):
            own = str(child.properties.get("id") or resource_id)
            if child.name.lower() == ResourceId(resource_id).name.lower() and own.lower() == resource_id.lower():
                return self.carried(child)
        return None

    @property
    def there(self) -> dict[str, str]:
        """Return the az option for the target's subscription, if it is not the source's."""
        subscription = self.request.target_subscription_id
        return {} if subscription.lower() == self.registry.subscription_id.lower() else {"subscription": subscription}

    @property
    def login_server(self) -> str:
        """Return the shell expression for the target's login server. It is read at run time: it may carry a hash."""
        shown = az("acr show", name=self.request.target.name, **self.there, query="loginServer", output="tsv")
        return f"$({shown})"

    def where(self, resource_id: str) -> dict[str, str]:
        """Return the az options that identify a resource; the subscription only if it is not the source's."""
        parts = resource_id.split("/")
        options = {"name": ResourceId(resource_id).name, "resource_group": ResourceId(resource_id).group}
        elsewhere = parts[2].lower() != self.registry.subscription_id.lower()
        return options | ({"subscription": parts[2]} if elsewhere else {})

    def covers_target(self, scope: str) -> bool:
        """Return whether an assignment at this scope covers the target as well."""
        return f"{self.target_id}/".lower().startswith(f"{scope.rstrip('/')}/".lower())

    def is_inherited(self, scope: str) -> bool:
        """Return whether the scope is above the registry."""
        return scope.rstrip("/").lower() != self.registry.id.lower()

    @cached_property
    def _places(self) -> dict[str, Json]:
        return {
            entry["id"].lower(): entry
            for entry in (*readable_items(self.around.others), *readable_items(self.around.clusters))
        }

    def place(self, resource_id: str) -> str:
        """Return the region of a resource that was looked up, or an empty string."""
        return normalise_location(str(self._places.get(resource_id.lower(), {}).get("location") or ""))

    @cached_property
    def _holders(self) -> dict[str, str]:
        """Map each principal to the name of its cluster, identity or resource."""
        named: dict[str, str] = {}
        for entry in readable_items(self.around.others):
            for principal in (properties(entry).get("principalId"), (entry.get("identity") or {}).get("principalId")):
                named |= {str(principal).lower(): entry["name"]} if principal else {}
        return named

    def holder(self, principal: str) -> str:
        """Return the name of the principal's owner; the id itself if Azure's resources do not show it."""
        return self._holders.get(principal.lower(), principal)

    def vault(self, address: str) -> Json | None:
        """Return the key vault at an address such as https://contoso.vault.azure.net/keys/k, if it was found."""
        host = address.partition("://")[2].partition("/")[0].lower()
        for entry in readable_items(self.around.others):
            uri = str(properties(entry).get("vaultUri") or "")
            if host and uri.partition("://")[2].rstrip("/").lower() == host:
                return entry
        return None


def entry_of(
    kind: str, entry: Json, tie: str, found: Source, strategy: Strategy, action: str, command: str = ""
) -> Dependency:
    """Return the dependency for a resource. With a command it is a manual step."""
    resource_id = str(entry.get("id") or "")
    return Dependency(
        kind=kind,
        name=str(entry.get("name") or ResourceId(resource_id).name),
        id=resource_id,
        region=normalise_location(str(entry.get("location") or "")),
        group=ResourceId(resource_id).group,
        tie=tie,
        found=found,
        strategy=strategy,
        action=action,
        manual=bool(command),
        command=command,
    )


def az(command: str, **options: Any) -> str:
    """Return an az command to paste. Options that are None are omitted, `True` has no value."""
    words = [f"az {command}"]
    for name, value in options.items():
        if value is None:
            continue
        values = value if isinstance(value, list) else [] if value is True else [value]
        words.append(" ".join(["--" + name.replace("_", "-"), *(quoted(str(one)) for one in values)]))
    line = " ".join(words)
    return line if len(line) <= _WIDTH else " \\\n  ".join(words)


_WIDTH: Final = 100


def quoted(text: str) -> str:
    """Return the text as one shell word; `$(...)` within double quotes still works.

    Quotes are closed and opened within `<a`: the word is the same, and is no tag wherever the command is shown.
    """
    return f'"{text}"' if text.startswith("$(") else TAG_BEGINS.sub("<''", shlex.quote(text))
