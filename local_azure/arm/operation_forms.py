"""How each resource provider shows its operations: where they are asked about, with which headers, words and bodies.

Source: recorded exchanges (tests/emulator/recorded). The form without a provider's own is `ordinary`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from local_azure.state.operations import Form, Operation, Shown
from local_azure.state.store import Resource, ResourceStore, parse_id

# A 202 of the registries has no body in recordings since December 2023, and the JSON null in older ones.
EMPTY_SINCE: Final = "2023-11"
SILENT_SINCE: Final = "2021-08"  # the same of polls


@dataclass(frozen=True)
class Change:
    """The subject of an operation: a resource that is being made, changed or deleted."""

    resource: Resource
    location: str  # of the resource, or of what it belongs to
    created: bool = False
    api_version: str = ""


@dataclass(frozen=True)
class OperationForms:
    """The forms of one provider: of a PUT or PATCH, and of a DELETE."""

    change: Callable[[Change], Form]
    delete: Callable[[Change], Form]


def location_of(resources: ResourceStore, resource: Resource) -> str:
    """Return the region of a resource, or of the nearest one that it belongs to; `global` without any."""
    found: Resource | None = resource
    while found is not None and not found.location and found.parent.count("/") > 4:
        found = resources.get(found.parent)
    return (found.location if found else "") or "global"


def _namespace(change: Change) -> str:
    return change.resource.type.partition("/")[0]


def _last(change: Change) -> str:
    return change.resource.type.rpartition("/")[2].lower()


def _locations(change: Change, place: str, location: str = "") -> str:
    provider = f"/subscriptions/{change.resource.subscription}/providers/{_namespace(change)}"
    return f"{provider}/locations/{location or change.location}/{place}"


def _pending(change: Change) -> str:
    return "Creating" if change.created else "Updating"


def _change(change: Change) -> Form:
    return Form(
        f"{change.resource.id}/operationStatuses",
        prefix=_last(change),
        header="azure-asyncoperation",
        status=201 if change.created else 200,
        pending=_pending(change),
    )


def _delete(change: Change) -> Form:
    return Form(_locations(change, "operationResults"), prefix=_last(change), pending=None, shows="nothing")


def _acr_change(change: Change) -> Form:
    """Answer 201 for every change of a registry or of its children, PATCH too (scopeMap.update, approve)."""
    kind = _last(change)
    connection, pool = kind == "privateendpointconnections", kind == "agentpools"
    return Form(
        f"{change.resource.id}/operationStatuses",
        prefix=_ACR_PREFIXES.get(kind, kind),
        header="azure-asyncoperation",
        status=201,
        pending=_pending(change),
        pending_status=201 if connection else 0,
        reminds=not pool,
        repeats=not (connection or pool),
        described=(lambda one: {"id": change.resource.id, "name": one.id}) if connection else None,
    )


def _acr_delete(change: Change) -> Form:
    """Write the region in capitals, but for a replica, whose own region is asked; an agent pool has its own place."""
    kind = _last(change)
    if kind == "agentpools":
        at = f"{change.resource.parent}/agentPoolsOperationResults"
        return Form(at, last="/status", pending=None, null_pending=True, ended=204, shows="resource")
    location = change.location if kind == "replications" else change.location.upper()
    at = _locations(change, "operationResults", location)
    shows: Shown = "null" if change.api_version < EMPTY_SINCE else "nothing"
    null = change.api_version < SILENT_SINCE
    return Form(at, prefix=_ACR_PREFIXES.get(kind, kind), pending=None, null_pending=null, shows=shows)


# Scope maps and tokens are one thing to the provider; operations of agent pools are of another one.
_ACR_PREFIXES: Final = {"scopemaps": "token", "tokens": "token", "agentpools": ""}


def _notification(change: Change) -> dict[str, str]:
    """Return the header that came to parts of resources later, and to changes of a network as well."""
    is_part = _last(change) in ("subnets", "privatednszonegroups")
    is_change = _last(change) == "virtualnetworks" and not change.created
    since = "2022" if is_part else "2021-03" if is_change else ""
    return {"azure-asyncnotification": "Enabled"} if change.api_version >= since else {}


def _network_change(change: Change) -> Form:
    return Form(
        _locations(change, "operations"),
        header="azure-asyncoperation",
        reminds=False,
        status=201 if change.created else 200,
        headers=_notification(change),
    )


def _network_delete(change: Change) -> Form:
    return Form(
        _locations(change, "operations"),
        header="azure-asyncoperation",
        reminds=False,
        results=_locations(change, "operationResults"),
        headers=_notification(replace(change, created=True)),
        ended=204,
        shows="nothing",
    )


def _dns(change: Change) -> Form:
    """Answer 202 and `{}` for zones and links, with both headers beneath the resource group (privateDnsZone.create)."""
    parsed = parse_id(change.resource.id)
    network = f"/subscriptions/{parsed.subscription}/resourceGroups/{parsed.group}/providers/Microsoft.Network"
    return Form(
        f"{network}/privateDnsOperationStatuses",
        header="azure-asyncoperation",
        results=f"{network}/privateDnsOperationResults",
        pending_status=202,
        shows="empty",
    )


def _dns_delete(change: Change) -> Form:
    return Form(**{**_dns(change).__dict__, "shows": "nothing"})


def _event_grid_place(change: Change, place: str) -> str:
    """Return the place of operations, which has no region for a subscription to what has none."""
    somewhere = _locations(change, place)
    return somewhere.replace("/locations/global/", "/") if change.location == "global" else somewhere


def _event_grid(change: Change) -> Form:
    return Form(
        _event_grid_place(change, "operationsStatus"),
        header="azure-asyncoperation",
        reminds=False,
        status=201,
        described=lambda one: {"id": one.urls["azure-asyncoperation"], "name": one.id},
    )


def _event_grid_delete(change: Change) -> Form:
    """Show both headers; the api-versions of 2019 know the result alone."""
    results = _event_grid_place(change, "operationResults")
    if change.api_version < "2020":
        return Form(results, pending=None, shows="nothing")
    return Form(**{**_event_grid(change).__dict__, "results": results, "status": 202, "shows": "nothing"})


def _aks(change: Change) -> Form:
    return Form(
        _locations(change, "operations"),
        header="azure-asyncoperation",
        reminds=False,
        status=201 if change.created else 200,
        described=_aks_status,
        charset=None,
    )


def _aks_delete(change: Change) -> Form:
    both = {**_aks(change).__dict__, "results": _locations(change, "operationresults"), "status": 202}
    return Form(**{**both, "shows": "nothing"})


def _aks_status(operation: Operation) -> dict[str, Any]:
    def moment(at: float) -> str:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S.%f}Z"

    ended = {"endTime": moment(operation.ended)} if operation.done else {}
    return {"name": operation.id, "status": "", "startTime": moment(operation.started), **ended}


def _by_state(change: Change) -> Form:
    """Use no operation: the resource's own state is polled until it has changed (vaults)."""
    del change
    return Form("", header="", status=200)


ORDINARY: Final = OperationForms(_change, _delete)
ACR: Final = OperationForms(_acr_change, _acr_delete)
NETWORK: Final = OperationForms(_network_change, _network_delete)
PRIVATE_DNS: Final = OperationForms(_dns, _dns_delete)
EVENT_GRID: Final = OperationForms(_event_grid, _event_grid_delete)
BY_STATE: Final = OperationForms(_by_state, _delete)
AKS: Final = OperationForms(_aks, _aks_delete)
