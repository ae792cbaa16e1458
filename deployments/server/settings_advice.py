"""Compare the settings of a Prefect server with those under which it stands several workers, and say what to set.

By default a Prefect server records each task run singly, 20 a second: with several runs at work its records, and with
them its automations, come late.
"""

from collections.abc import Mapping
from typing import Any, Final

from prefect.client.orchestration import PrefectClient
from prefect.exceptions import PrefectHTTPStatusError

from deployments.server.local_server import TUNING

_PLACES: Final = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": ("services", "task_run_recorder", "batch_size"),
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": ("services", "task_run_recorder", "read_batch_size"),
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": ("services", "event_persister", "batch_size"),
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": ("services", "event_persister", "read_batch_size"),
}
"""Settings that decide how many writes a server makes, and where its answer has them."""


async def read_server_settings(client: PrefectClient) -> Mapping[str, Any]:
    """Return the settings that the server tells of itself; empty if it tells none."""
    try:
        answer = await client.request("GET", "/admin/settings")
    except PrefectHTTPStatusError:
        return {}
    found = answer.json().get("server")
    return found if isinstance(found, dict) else {}


def settings_advice(settings: Mapping[str, Any]) -> list[str]:
    """Return the lines that say what to set at this server; none if nothing is missing, or it is not known."""
    missing = [name for name, place in _PLACES.items() if _is_below(_at(settings, place), int(TUNING[name]))]
    if not missing:
        return []
    return [
        "This Prefect server records each event singly, which is slow with several",
        "workers. Set these where it runs, and start it again (docs/operating.md):",
        *(f"  export {name}={TUNING[name]}" for name in missing),
    ]


def _at(settings: Mapping[str, Any], place: tuple[str, ...]) -> object:
    found: object = settings
    for name in place:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _is_below(value: object, wanted: int) -> bool:
    return isinstance(value, int) and value < wanted
