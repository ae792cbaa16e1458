"""Resource types: what the pipeline must know about each, and the table of those that there are."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from local_azure.arm.operation_forms import ORDINARY, OperationForms
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, bad_request
from local_azure.state.store import Resource
from local_azure.wire.routing import Call

if TYPE_CHECKING:
    from local_azure.state.world import World

Body = dict[str, Any]
Prepare = Callable[["World", Principal, str, Body, Resource | None], Resource | Awaitable[Resource]]
Patch = Callable[["World", Principal, Resource, Body], Resource | Awaitable[Resource]]
View = Callable[[Resource, str, "World"], Body]
Accept = Callable[[str, Body], Body]
Check = Callable[["World", Resource], None]
Hook = Callable[["World", Resource], Awaitable[None]]
Refusal = Callable[[Resource], None]
Note = Callable[["World", Resource], None]
AtOnce = Callable[["World", str, str, Resource], bool]
Seconds = Callable[[Body], float]
Action = Callable[[Call, Resource], Awaitable[web.StreamResponse]]


def keep_everything(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Keep a resource as it was sent: the default of types without rules. Unknown properties are kept."""
    del world, principal
    kept = {key: value for key, value in body.items() if key not in ("id", "name", "type")}
    kept.setdefault("properties", {})
    kept["properties"].setdefault("provisioningState", "Succeeded")
    return Resource(resource_id, kept, existing.hidden if existing else {})


def show_everything(resource: Resource, api_version: str, world: "World") -> Body:
    """Return the whole body, at any api-version."""
    del api_version, world
    return resource.view()


@dataclass(frozen=True)
class ResourceType:
    """The properties of a type for the pipeline. All but the name have the defaults of a simple, synchronous type."""

    type: str
    api_versions: tuple[str, ...] = ()  # empty: any
    prepare: Prepare = keep_everything  # validates and completes a PUT's body; AzureError on bad input
    view: View = show_everything  # what GET shows at an api-version
    accept: Accept | None = None  # what an api-version understands of a PUT's or PATCH's body; None: everything
    patch: Patch | None = None  # None: merged as ARM does, then prepared
    accepted: Note | None = None  # when a PUT or PATCH has been accepted, before it is answered
    after_put: Hook | None = None  # when provisioned
    check_delete: Check | None = None  # AzureError if it must not be deleted alone; goes with its parent all the same
    before_delete: Hook | None = None
    actions: Mapping[str, Action] = field(default_factory=dict)  # POST <id>/<lower-case name>
    create_seconds: float = 0  # more than 0: 201 and an operation
    update_seconds: float = 0
    delete_seconds: float = 0  # more than 0: 202 and an operation
    patch_seconds: Seconds | None = None  # of a PATCH with this body; None: as long as any other change
    at_once: AtOnce | None = None  # true: what a method does at an api-version takes no time after all
    created_status: int = 201  # what a new one answers when that takes no time; changes answer 200
    creating: str = "Creating"  # the provisioning state of a new one
    changing: str = "Updating"  # the provisioning state during a change
    is_light: Callable[[Resource, Resource], bool] | None = None  # true: during this change it is `Succeeded` already
    forms: OperationForms = ORDINARY  # how its operations look
    answered: View | None = None  # what a PUT or PATCH answers, where that is not what GET shows
    shows_deleted: bool = False  # a deletion that takes no time answers with what is gone
    refuse_change: Refusal | None = None  # AzureError while it must not be changed or deleted
    tells_etag: tuple[str, ...] = ()  # the methods whose answers have it as a header too, not in the body alone
    conditional: str = ""  # "": no conditions; the noun of what must have the version of If-Match and If-None-Match
    refuses_later: bool = False  # where the condition does not hold, inside of an operation
    changed_status: int = 200  # what a change answers that takes no time
    listed: Callable[["World", list[Resource]], list[Resource]] | None = None  # those that a list shows; None: all
    tells_location: bool = False  # a new one's 201 has its path as Location
    missing: Callable[[str], AzureError] | None = None  # the 404 of its own provider; None: that of ARM
    headers: Mapping[str, str] = field(default_factory=dict)  # of every answer about it
    charset: str | None = "utf-8"
    regions: frozenset[str] = frozenset()  # where it is offered; empty: everywhere
    tracked: bool = False  # has a location of its own, which must be one of Azure's


TYPES: dict[str, ResourceType] = {}


def know(kinds: Iterable[ResourceType]) -> None:
    """Register these types: the table of the host."""
    TYPES.update({kind.type.lower(): kind for kind in kinds})


def type_of(name: str) -> ResourceType:
    """Return the type; an unknown one has no rules."""
    return TYPES.get(name.lower()) or ResourceType(name)


def check_version(kind: ResourceType, api_version: str, location: str = "") -> None:
    """Raise the 400 for an api-version that is missing or not one of the type's."""
    if not api_version:
        raise missing_version()
    if kind.api_versions and api_version.lower() not in kind.api_versions:
        namespace, _, rest = kind.type.partition("/")
        raise bad_request(
            "NoRegisteredProviderFound",
            f"No registered resource provider found for location '{location}' and API version '{api_version}' for type "
            f"'{rest}'. The supported api-versions are '{', '.join(kind.api_versions)}'. The supported locations are "
            f"', westeurope, northeurope'. ({namespace})",
            gateway=True,
        )


def missing_version() -> AzureError:
    """Return the 400 for a request without api-version."""
    message = "The api-version query parameter (?api-version=) is required for all requests."
    return bad_request("MissingApiVersionParameter", message, gateway=True)
