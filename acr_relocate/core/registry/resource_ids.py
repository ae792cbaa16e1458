"""Parts of ARM resource ids."""


def group_of(resource_id: str) -> str:
    """Return the resource group in a resource id, or an empty string."""
    parts = resource_id.split("/")
    return parts[4] if len(parts) > 4 and parts[3].lower() == "resourcegroups" else ""


def name_of(resource_id: str) -> str:
    """Return the last name in a resource id."""
    return resource_id.rstrip("/").rpartition("/")[2]


def scope_name(scope: str) -> str:
    """Return a scope in words: the subscription, the resource group with its name, or the resource's name."""
    parts = scope.strip("/").split("/")
    if len(parts) == 2 and parts[0].lower() == "subscriptions":
        return "the subscription"
    if len(parts) == 4 and parts[2].lower() == "resourcegroups":
        return f"the resource group {parts[3]}"
    return parts[-1]


def ancestor(resource_id: str, kind: str) -> str:
    """Return the id up to the resource of that kind (`virtualNetworks`), or an empty string."""
    parts = resource_id.split("/")
    lower = [part.lower() for part in parts]
    return "/".join(parts[: lower.index(kind.lower()) + 2]) if kind.lower() in lower else ""


def registry_id(subscription_id: str, resource_group: str, name: str) -> str:
    """Return the Azure resource id of a registry."""
    return (
        f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}"
        f"/providers/Microsoft.ContainerRegistry/registries/{name}"
    )
