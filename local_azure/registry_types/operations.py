"""Operations_List: what may be allowed, or denied, to whom; made from the types that are known here."""

from collections.abc import Iterator

from aiohttp import web

from local_azure.arm.resource_types import TYPES
from local_azure.registry_types.common import PROVIDER
from local_azure.state.responses import answer
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

# As roles spell them; the types know their actions in lower case only.
ACTIONS = {
    name.lower(): name
    for name in (
        "deactivate", "generateCredentials", "getCallbackConfig", "importImage", "listCredentials", "listDetails",
        "listEvents", "listQueueStatus", "listUsages", "ping", "regenerateCredential", "resync",
    )
}  # fmt: skip


@ROUTES.route("GET", f"/providers/{PROVIDER}/operations")
async def list_operations(call: Call) -> web.Response:
    """List the operations of every type."""
    del call
    return answer({"value": [_shown(name) for name in sorted(_names())]})


def _names() -> Iterator[str]:
    for kind in TYPES.values():
        if kind.type.startswith(f"{PROVIDER}/"):
            yield from (f"{kind.type}/{verb}" for verb in ("read", "write", "delete"))
            yield from (f"{kind.type}/{ACTIONS[action]}/action" for action in kind.actions)


def _shown(name: str) -> dict[str, object]:
    kind, _, verb = name.removesuffix("/action").rpartition("/")
    resource = kind.partition("/")[2]
    display = {
        "provider": "Microsoft Azure Container Registry",
        "resource": resource,
        "operation": f"{verb} {resource}",
        "description": f"Allows {verb} on {resource}.",
    }
    return {"name": name, "isDataAction": False, "display": display}
