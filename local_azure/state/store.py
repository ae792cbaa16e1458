"""Resources by id: what ARM knows. Ids compare without case and keep the case they were written with."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from local_azure.state.errors import AzureError, group_not_found, resource_not_found, subscription_not_found

GROUP_TYPE = "Microsoft.Resources/resourceGroups"
SUBSCRIPTION_TYPE = "Microsoft.Resources/subscriptions"


@dataclass(frozen=True)
class ResourceId:
    """The parts of an id. `parent` is the scope of an extension, the parent of a child, the group of the rest."""

    text: str
    subscription: str
    group: str
    type: str
    name: str
    parent: str

    @property
    def namespace(self) -> str:
        """Return `Microsoft.ContainerRegistry` of `Microsoft.ContainerRegistry/registries`."""
        return self.type.partition("/")[0]


def parse_id(text: str) -> ResourceId:
    """Return the parts of a resource id. Raises ValueError for an invalid one."""
    text = "/" + text.strip("/")
    parts = text.split("/")[1:]
    lower = [part.lower() for part in parts]
    subscription = parts[1] if len(parts) > 1 and lower[0] == "subscriptions" else ""
    group = parts[3] if len(parts) > 3 and lower[2] == "resourcegroups" else ""
    if "providers" not in lower:
        return _scope_id(text, parts, subscription, group)
    cut = len(lower) - 1 - lower[::-1].index("providers")
    namespace, rest = parts[cut + 1] if len(parts) > cut + 1 else "", parts[cut + 2 :]
    if not namespace or not rest or len(rest) % 2:
        raise ValueError(f"{text} is not the id of a resource")
    kind = "/".join([namespace, *rest[::2]])
    parent = "/" + "/".join(parts[:-2]) if len(rest) > 2 else "/" + "/".join(parts[:cut])
    return ResourceId(text, subscription, group, kind, rest[-1], parent)


def _scope_id(text: str, parts: list[str], subscription: str, group: str) -> ResourceId:
    if group and len(parts) == 4:
        return ResourceId(text, subscription, group, GROUP_TYPE, group, f"/subscriptions/{subscription}")
    if subscription and len(parts) == 2:
        return ResourceId(text, subscription, "", SUBSCRIPTION_TYPE, subscription, "/")
    raise ValueError(f"{text} is not the id of a resource")


@dataclass
class Resource:
    """One resource: `body` is its ARM JSON without id, name and type; `hidden` is never shown (secrets)."""

    id: str
    body: dict[str, Any] = field(default_factory=dict)
    hidden: dict[str, Any] = field(default_factory=dict)
    created: float = 0.0  # seconds since 1970; set by the store's callers from the world's clock
    changed: float = 0.0  # the same of the last change; 0: none since
    author: str = ""  # client id of who made it; empty: the first owner
    editor: str = ""  # client id of who changed it last

    def __post_init__(self) -> None:
        parsed = parse_id(self.id)
        self.id, self.type, self.name = parsed.text, parsed.type, parsed.name
        self.subscription, self.group, self.parent = parsed.subscription, parsed.group, parsed.parent

    @property
    def properties(self) -> dict[str, Any]:
        """Return the `properties` of the body, created if missing."""
        properties: dict[str, Any] = self.body.setdefault("properties", {})
        return properties

    @property
    def location(self) -> str:
        """Return the region, normalised (`westeurope`), or an empty string."""
        return str(self.body.get("location") or "").replace(" ", "").lower()

    @property
    def tags(self) -> dict[str, str]:
        """Return the tags, possibly none."""
        return dict(self.body.get("tags") or {})

    def view(self) -> dict[str, Any]:
        """Return the whole ARM JSON: id, name, type and the body."""
        return {"id": self.id, "name": self.name, "type": self.type, **self.body}


class ResourceStore:
    """All resources, subscriptions and resource groups included, indexed by id and by type."""

    def __init__(self) -> None:
        self.version = 0  # grows with every change, so that others may cache what they derive
        self._by_id: dict[str, Resource] = {}
        self._by_type: dict[str, dict[str, Resource]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Resource]:
        return iter(list(self._by_id.values()))

    def get(self, resource_id: str) -> Resource | None:
        """Return the resource with this id, whatever its case."""
        return self._by_id.get(_key(resource_id))

    def require(self, resource_id: str) -> Resource:
        """Return the resource, or raise ARM's 404: for its subscription, its group or itself."""
        found = self.get(resource_id)
        if found is None:
            raise self.missing(resource_id)
        return found

    def missing(self, resource_id: str) -> AzureError:
        """Return the 404 for a missing id."""
        parts = resource_id.strip("/").split("/")
        if len(parts) > 1 and self.get(f"/subscriptions/{parts[1]}") is None:
            return subscription_not_found(parts[1])
        in_group = len(parts) > 3 and parts[2].lower() == "resourcegroups"
        if in_group and self.get("/" + "/".join(parts[:4])) is None:
            return group_not_found(parts[3])
        return resource_not_found(resource_id)

    def put(self, resource: Resource) -> Resource:
        """Store a resource, replacing one with the same id."""
        key = _key(resource.id)
        self._by_id[key] = resource
        self._by_type.setdefault(resource.type.lower(), {})[key] = resource
        self.version += 1
        return resource

    def delete(self, resource_id: str) -> list[Resource]:
        """Delete the resource with everything beneath it; return the deleted ones, the resource itself last."""
        key = _key(resource_id)
        gone = [*self.beneath(resource_id), *([self._by_id[key]] if key in self._by_id else [])]
        for resource in gone:
            del self._by_id[_key(resource.id)]
            del self._by_type[resource.type.lower()][_key(resource.id)]
        self.version += 1
        return gone

    def beneath(self, resource_id: str) -> list[Resource]:
        """Return every descendant: children, extensions, the contents of a group."""
        prefix = _key(resource_id) + "/"
        return [resource for key, resource in self._by_id.items() if key.startswith(prefix)]

    def children(self, parent_id: str, type: str | None = None) -> list[Resource]:  # noqa: A002 - Azure's own word
        """Return direct children and extensions of a resource, of one type or of all."""
        parent = _key(parent_id)
        return [resource for resource in self._candidates(type) if _key(resource.parent) == parent]

    def select(
        self,
        type: str | None = None,  # noqa: A002 - Azure's own word
        subscription: str | None = None,
        group: str | None = None,
    ) -> list[Resource]:
        """Return the resources of a type, a subscription, a group; every criterion is optional and ignores case."""
        found = self._candidates(type)
        if subscription is not None:
            found = [one for one in found if one.subscription.lower() == subscription.lower()]
        if group is not None:
            found = [one for one in found if one.group.lower() == group.lower()]
        return found

    def _candidates(self, kind: str | None) -> list[Resource]:
        return list((self._by_id if kind is None else self._by_type.get(kind.lower(), {})).values())

    def snapshot(self) -> list[dict[str, Any]]:
        """Return everything, as JSON."""
        return [asdict(resource) for resource in self._by_id.values()]

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Restore exactly a snapshot."""
        self._by_id.clear()
        self._by_type.clear()
        for entry in state:
            self.put(Resource(**entry))


def _key(resource_id: str) -> str:
    return "/" + resource_id.strip("/").lower()
