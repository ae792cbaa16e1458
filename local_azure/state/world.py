"""Everything that is: one world per process, without globals."""

import random
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from local_azure.state.content import RegistryContent
from local_azure.state.directory import Directory, Principal
from local_azure.state.faults import Faults
from local_azure.state.import_pace import ImportClock
from local_azure.state.operations import Operations
from local_azure.state.providers import Providers
from local_azure.state.roles import assignment
from local_azure.state.settings import (
    OWNER_OBJECT_ID,
    QUOTA_ID,
    READER_OBJECT_ID,
    SUBSCRIPTION_ID,
    SUBSCRIPTION_NAME,
    Settings,
)
from local_azure.state.stats import Stats
from local_azure.state.store import GROUP_TYPE, Resource, ResourceStore
from local_azure.state.throttling import Throttles


class Clock:
    """The time; the only reader of the machine's clock."""

    def now(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def offset(self, at: float | None = None) -> str:
        """Return the time in the provider's format: `2026-11-24T02:48:01.1234567+00:00`."""
        return with_offset(self.iso(at))

    def iso(self, at: float | None = None) -> str:
        """Return the time in ARM's format: `2026-11-24T02:48:01.1234567Z`."""
        moment = datetime.fromtimestamp(self.now() if at is None else at, UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S.%f}0Z"


def with_offset(moment: str) -> str:
    """Return the time with `+00:00` in the place of a last `Z`."""
    return f"{moment[:-1]}+00:00" if moment.endswith("Z") else moment


class World:
    """The state of an embedded Azure and the parts that keep it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.random = random.Random(settings.random_seed)  # noqa: S311 - repeatable on purpose
        self.resources = ResourceStore()
        self.content: dict[str, RegistryContent] = {}  # by registry name, lower case
        self.directory = Directory()
        self.operations = Operations(settings)
        self.throttles = Throttles(enforced=settings.throttling)
        self.imports = ImportClock(settings.import_pace, self.random)
        self.faults = Faults()
        self.stats = Stats()
        self.providers = Providers()
        self.deletions: list[tuple[float, str]] = []  # the time and the id of each resource that was deleted
        # What deployments were, and when, for readers that lag; by id in lower case.
        self.past_deployments: dict[str, list[tuple[float, dict[str, Any] | None]]] = {}
        self._first_inhabitants()

    def guid(self) -> str:
        """Return a new GUID, the same in every run with the same seed."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def add(self, resource_id: str, body: dict[str, Any], hidden: dict[str, Any] | None = None) -> Resource:
        """Add a resource without any checks: for seeds and for resources that services create themselves."""
        return self.resources.put(Resource(resource_id, body, hidden or {}, self.clock.now()))

    def add_subscription(self, subscription: str, name: str) -> Resource:
        """Add a subscription of the tenant."""
        policies = {"locationPlacementId": "Internal_2014-09-01", "quotaId": QUOTA_ID, "spendingLimit": "Off"}
        body = {"displayName": name, "state": "Enabled", "subscriptionPolicies": policies, "tags": {}}
        return self.add(f"/subscriptions/{subscription}", body)

    def add_group(self, group: str, location: str, subscription: str = SUBSCRIPTION_ID) -> Resource:
        """Add a resource group."""
        body = {"location": location, "properties": {"provisioningState": "Succeeded"}}
        return self.add(f"/subscriptions/{subscription}/resourceGroups/{group}", body)

    def assign(self, principal: Principal | str, role: str, scope: str) -> Resource:
        """Add a role assignment, by the name of the role."""
        object_id = principal if isinstance(principal, str) else principal.object_id
        resource_id, body = assignment(scope, object_id, role, self.guid())
        return self.add(resource_id, body)

    def registry_at(self, host: str) -> Resource | None:
        """Return the registry with this login server; one that was planted may have none."""
        registries = self.resources.select("Microsoft.ContainerRegistry/registries")
        return next((one for one in registries if one.properties.get("loginServer", "").lower() == host.lower()), None)

    def groups(self, subscription: str) -> list[Resource]:
        """Return the resource groups of a subscription."""
        return self.resources.select(GROUP_TYPE, subscription=subscription)

    def _first_inhabitants(self) -> None:
        scope = self.add_subscription(SUBSCRIPTION_ID, SUBSCRIPTION_NAME).id
        self.assign(OWNER_OBJECT_ID, "Owner", scope)
        self.assign(READER_OBJECT_ID, "Reader", scope)
