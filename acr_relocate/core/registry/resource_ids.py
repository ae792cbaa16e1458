"""ARM resource ids, taken apart in one place. Azure compares them without regard to case and writes them in any."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResourceId:
    """The id of a subscription, a resource group, a resource, a child of one or an extension of one."""

    text: str

    @property
    def name(self) -> str:
        """Return the last name in the id."""
        return self.text.rstrip("/").rpartition("/")[2]

    @property
    def subscription(self) -> str:
        """Return the subscription's GUID, or an empty string."""
        return self._after("subscriptions", at=1)

    @property
    def subscription_id(self) -> str:
        """Return the id of the subscription (`/subscriptions/GUID`)."""
        return "/".join(self.text.split("/")[:3])

    @property
    def group(self) -> str:
        """Return the name of the resource group, or an empty string."""
        return self._after("resourcegroups", at=3)

    @property
    def group_id(self) -> str:
        """Return the id up to the first provider: that of the resource group, or of a subscription above it."""
        return self.text.partition("/providers/")[0]

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the types' namespace, then types and names in turn, after the last `providers`."""
        return tuple(self.text.rpartition("/providers/")[2].split("/"))

    @property
    def scope_name(self) -> str:
        """Return what a person calls a scope: the subscription, the resource group and its name, or a name."""
        parts = self.text.strip("/").split("/")
        if len(parts) == 2 and parts[0].lower() == "subscriptions":
            return "the subscription"
        return f"the resource group {parts[3]}" if len(parts) == 4 and self.group else parts[-1]

    @property
    def subnet_name(self) -> str:
        """Return the names of a subnet and its network (`contoso-vnet/apps`)."""
        return f"{ResourceId(self.ancestor('virtualNetworks')).name}/{self.name}"

    def ancestor(self, kind: str) -> str:
        """Return the id up to the resource of that kind (`virtualNetworks`), or an empty string."""
        parts = self.text.split("/")
        lower = [part.lower() for part in parts]
        return "/".join(parts[: lower.index(kind.lower()) + 2]) if kind.lower() in lower else ""

    def _after(self, word: str, *, at: int) -> str:
        parts = self.text.split("/")
        return parts[at + 1] if len(parts) > at + 1 and parts[at].lower() == word else ""


def registry_id(subscription_id: str, resource_group: str, name: str) -> str:
    """Return the Azure resource id of a registry."""
    return (
        f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}"
        f"/providers/Microsoft.ContainerRegistry/registries/{name}"
    )
