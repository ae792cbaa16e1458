"""An Azure that lags and varies: answers that are right, and not what a client hopes for.

A resource that was just made is unknown to the next front end, operations are forgotten, links have a port, waits are
odd.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Final

from aiohttp import web

from local_azure.state.errors import AzureError, JsonObject, RegistryError, group_not_found, resource_not_found
from local_azure.state.store import Resource
from local_azure.wire.routing import Call

POLL: Final = re.compile(r"(operation(s|results|statuses|sstatus)|commandresults)/[^/]+/?$", re.IGNORECASE)
GRAPH: Final = "/providers/microsoft.resourcegraph/resources"
LINKS: Final = ("Location", "Azure-AsyncOperation")
WRITES: Final = frozenset({"PUT", "PATCH", "POST", "DELETE"})
REGION: Final = (
    "Resource '{name}' was disallowed by Azure: The selected region is currently not accepting new customers: "
    "https://aka.ms/locationineligible."
)
SECOND_FACTOR: Final = (
    "Resource '{name}' was disallowed by Azure: Microsoft-required multi-factor authentication (MFA) must be used when "
    "creating, updating or deleting Azure resources. To authenticate using MFA sign-in, see https://aka.ms/MFAforAzure"
)
DENIED: Final = (
    "The client '{who}' with object id '{who}' has permission to perform action '{method}' on scope '{path}'; however, "
    "the access is denied because of the deny assignment with name 'Deny assignment created by Deployment Stack' and "
    "Id '00000000000000000000000000000001' at scope '{path}'."
)


async def refuse(call: Call, plane: str) -> None:
    """Raise what a call meets for no fault of its own, where a fault for that is armed."""
    facts = {"path": call.path, "method": call.method, "host": call.host}
    faults = call.world.faults
    if plane in ("arm", "registry") and (fault := faults.take("odd-retry-after", plane=plane, **facts)):
        headers = {"Retry-After": str(fault.params.get("value", "soon"))}
        if plane == "registry":
            raise RegistryError(429, "TOOMANYREQUESTS", "too many requests", headers=headers)
        raise AzureError(429, "TooManyRequests", "The request was throttled.", headers=headers, gateway=True)
    if plane == "vault" and call.method == "PUT" and faults.take("secret-being-deleted", **facts):
        raise _BeingDeleted(call)
    if plane == "arm" and call.path.lower().endswith(GRAPH) and faults.take("throttle-queries", **facts):
        headers = {"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:01"}
        message = "Client application has been throttled and should not attempt to repeat the request for now."
        raise AzureError(429, "RateLimiting", message, headers=headers, gateway=True)
    if plane == "arm":
        _look_at_what_was_made(call, facts)
        if call.method in WRITES and not _only_reads(call.path):
            await _refuse_write(call, facts)


class _BeingDeleted(AzureError):
    """A vault's refusal: the reason is in `innererror`."""

    def __init__(self, call: Call) -> None:
        message = f"Secret {call.path.rpartition('/')[2]} is currently being deleted and cannot be re-created; retry."
        super().__init__(409, "Conflict", message, gateway=True)

    @property
    def error(self) -> JsonObject:
        return super().error | {"innererror": {"code": "ObjectIsBeingDeleted"}}


class _Busy(AzureError):
    """A cluster's refusal: nothing is around it."""

    @property
    def body(self) -> JsonObject:
        return {**self.error, "subcode": ""}


def _look_at_what_was_made(call: Call, facts: dict[str, str]) -> None:
    faults, name = call.world.faults, call.path.rstrip("/").rpartition("/")[2]
    if POLL.search(call.path) and faults.take("poll-unknown", **facts):
        raise AzureError(404, "OperationNotFound", f"The operation '{name}' was not found.")
    if faults.peek("made-not-shown", **facts):
        _hide(call, facts)


async def _refuse_write(call: Call, facts: dict[str, str]) -> None:
    faults, name, path = call.world.faults, call.path.rstrip("/").rpartition("/")[2], call.path.lower()
    if faults.take("region-refused", **facts):
        raise AzureError(403, "RequestDisallowedByAzure", REGION.format(name=name), gateway=True)
    if call.method == "PUT" and "/providers/" not in path and faults.take("policy-on-groups", **facts):
        message = f"Resource '{name}' was disallowed by policy. Reasons: 'CostCenter tag is required for groups.'."
        raise AzureError(403, "RequestDisallowedByPolicy", message, gateway=True)
    if faults.take("second-factor", **facts):
        raise AzureError(403, "RequestDisallowedByAzure", SECOND_FACTOR.format(name=name), gateway=True)
    if faults.take("deny-assignment", **facts):
        message = DENIED.format(who=call.caller.object_id, method=call.method, path=call.path)
        raise AzureError(403, "DenyAssignmentAuthorizationFailed", message, gateway=True)
    if "/managedclusters/" in path and faults.take("cluster-busy", **facts):
        message = "Operation is not allowed: Another operation is in progress on this managed cluster."
        raise _Busy(409, "OperationNotAllowed", message)
    if "/roleassignments/" in path and call.method == "PUT":
        who = str(((await call.json()).get("properties") or {}).get("principalId", ""))
        if faults.take("principal-not-found", principal=who, **facts):
            message = f"Principal {who.replace('-', '')} does not exist in the directory. Check that you have the "
            raise AzureError(400, "PrincipalNotFound", message + "correct principal ID.")


def _only_reads(path: str) -> bool:
    return path.lower().endswith(("/resources", "/whatif", "/exporttemplate", "/checknameavailability"))


def _hide(call: Call, facts: dict[str, str]) -> None:
    """Raise the 404 of a group or a resource that was made since the fault was armed, by any call but its own PUT."""
    fault = call.world.faults.peek("made-not-shown", **facts)
    found = _nearest(call)
    if fault is None or found is None or found.created < fault.armed_at or call.method == "DELETE":
        return
    if call.method == "PUT" and found.id.lower() == call.path.rstrip("/").lower():
        return
    call.world.faults.take("made-not-shown", **facts)
    raise resource_not_found(found.id) if "/providers/" in found.id else group_not_found(found.name)


def _nearest(call: Call) -> Resource | None:
    """Return the resource in the path, or of an action, or else the group."""
    parts = call.path.strip("/").split("/")
    group = "/" + "/".join(parts[:4]) if len(parts) > 3 and parts[2].lower() == "resourcegroups" else ""
    whole = call.path.rstrip("/")
    above = whole.rpartition("/")[0] if call.method == "POST" else ""
    return next((found for one in (whole, above, group) if one and (found := call.world.resources.get(one))), None)


def vary(call: Call, plane: str, response: web.StreamResponse) -> web.StreamResponse:
    """Change the answer by the faults `default-port-in-links`, `odd-entry` and `answer-lost`."""
    faults = call.world.faults
    facts = {"path": call.path, "method": call.method}
    if plane == "arm" and faults.peek("default-port-in-links", **facts) and _with_port(call, response):
        faults.take("default-port-in-links", **facts)
    if plane == "arm" and faults.peek("odd-entry", **facts) and _with_odd_entry(response):
        faults.take("odd-entry", **facts)
    if response.status < 300 and faults.take("answer-lost", plane=plane, **facts):
        message = "The gateway did not receive a response from the resource provider within the specified time period."
        body = AzureError(504, "GatewayTimeout", message, gateway=True).body
        return web.json_response(body, status=504)
    return _as_counted(call, response) if plane == "registry" and call.path.startswith("/acr/v1/") else response


def _with_odd_entry(response: web.StreamResponse) -> bool:
    """Add an entry that is no object to a listing, also one of Resource Graph; whether it is one."""
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes) or response.status != 200:
        return False
    document = json.loads(response.body or b"null")
    entries = document.get("value", document.get("data")) if isinstance(document, dict) else None
    if not isinstance(entries, list):
        return False
    entries.append(None)
    response.body = json.dumps(document).encode()
    return True


def _as_counted(call: Call, response: web.StreamResponse) -> web.StreamResponse:
    """Change the listing or the counts of a repository by the faults `listing-lags` and `count-drifts`."""
    faults, last = call.world.faults, call.path.rpartition("/")[2]
    listing = {"_tags": "tags", "_manifests": "manifests", "_catalog": "repositories"}.get(last, "")
    facts = {"registry": call.host, "repository": call.params.get("name", ""), "listing": listing}
    if call.method != "GET" or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return response
    lags = faults.peek("listing-lags", **facts) if listing else None
    drift = None if listing else faults.peek("count-drifts", **facts)
    document = json.loads(response.body) if lags or drift else {}
    if lags:
        seen = [one for one in document[listing] or () if not _is_new(call, one, lags.armed_at)]
        if len(seen) < len(document[listing] or ()):
            faults.take("listing-lags", **facts)
            document[listing] = seen
    elif drift and "manifestCount" in document:
        faults.take("count-drifts", **facts)
        document["manifestCount"] += int(drift.number("manifests", 1))
        document["tagCount"] += int(drift.number("tags", 0))
    if document:
        response.body = json.dumps(document).encode()
    return response


def _is_new(call: Call, entry: JsonObject | str, since: float) -> bool:
    if isinstance(entry, str):
        content = call.world.content.get(call.host.partition(".")[0])
        found = content.repositories.get(entry) if content else None
        return found is not None and found.created >= since
    moment = datetime.fromisoformat(str(entry["createdTime"])[:26] + "+00:00")
    return moment.timestamp() >= since


def _with_port(call: Call, response: web.StreamResponse) -> bool:
    """Write the default port out in the links of the answer; whether there were any."""
    host, changed = f"https://{call.host}", False
    for name in LINKS:
        if response.headers.get(name, "").startswith(f"{host}/"):
            response.headers[name] = response.headers[name].replace(host, f"{host}:443", 1)
            changed = True
    if isinstance(response, web.Response) and isinstance(response.body, bytes) and b'"nextLink"' in response.body:
        document = json.loads(response.body)
        if str(document.get("nextLink", "")).startswith(f"{host}/"):
            document["nextLink"] = document["nextLink"].replace(host, f"{host}:443", 1)
            response.body, changed = json.dumps(document).encode(), True
    return changed
