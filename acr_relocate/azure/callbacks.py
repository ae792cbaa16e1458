"""Where webhooks call, asked of both registries and compared here: what is secret goes no further."""

from __future__ import annotations

from acr_relocate.azure.knowing import known
from acr_relocate.azure.registries import webhook_callback
from acr_relocate.azure.session import Azure
from acr_relocate.azure.together import together
from acr_relocate.core.checks.evidence import Unknown
from acr_relocate.core.inventory import Registry
from acr_relocate.core.verification import Callbacks


async def read_callbacks(azure: Azure, source: Registry, target: Registry) -> tuple[Callbacks, ...] | Unknown:
    """How each webhook that both have calls at each of them, or Unknown where this identity may not ask."""
    there = {webhook.name.lower(): webhook.name for webhook in target.children_of("webhooks")}
    pairs = [(one.name, there[key]) for one in source.children_of("webhooks") if (key := one.name.lower()) in there]

    async def read() -> tuple[Callbacks, ...]:
        async with together() as group:
            reading = [group.create_task(_pair(azure, source.id, target.id, *names)) for names in pairs]
        return tuple(task.result() for task in reading)

    return await known(read(), "where the webhooks call")


async def _pair(azure: Azure, source_id: str, target_id: str, name: str, there: str) -> Callbacks:
    one = await webhook_callback(azure, source_id, name)
    other = await webhook_callback(azure, target_id, there)
    here, at_target = (
        {header.lower(): value for header, value in callback.custom_headers.items()} for callback in (one, other)
    )
    return Callbacks(
        webhook=name,
        same_address=one.service_uri == other.service_uri,
        headers_here=tuple(sorted(here)),
        headers_there=tuple(sorted(at_target)),
        other_values=tuple(
            sorted(header for header in here.keys() & at_target.keys() if here[header] != at_target[header])
        ),
    )
