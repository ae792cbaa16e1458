"""Read the addresses of webhooks at both registries and compare them here, so that secrets go no further.

An address with the source's name at one and the target's at the other is no difference.
"""

from __future__ import annotations

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.resources.registries import webhook_callback
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.verification import Callbacks, is_named, unnamed


async def read_callbacks(azure: AzureConnection, source: Registry, target: Registry) -> tuple[Callbacks, ...] | Unknown:
    """Return the comparison of each webhook that both have, or Unknown without permission."""
    there = {webhook.name.lower(): webhook.name for webhook in target.children_of("webhooks")}
    pairs = [(one.name, there[key]) for one in source.children_of("webhooks") if (key := one.name.lower()) in there]

    async def read() -> tuple[Callbacks, ...]:
        async with together() as group:
            reading = [group.create_task(_pair(azure, source, target, *names)) for names in pairs]
        return tuple(task.result() for task in reading)

    return await or_unknown(read(), "the addresses of the webhooks")


async def _pair(azure: AzureConnection, source: Registry, target: Registry, name: str, there: str) -> Callbacks:
    one = await webhook_callback(azure, source.id, name)
    other = await webhook_callback(azure, target.id, there)
    here, at_target = (
        {header.lower(): value for header, value in callback.custom_headers.items()} for callback in (one, other)
    )

    def same(here: str, there: str) -> bool:
        return here == there or unnamed(source, here) == unnamed(target, there)

    return Callbacks(
        webhook=name,
        same_address=same(one.service_uri, other.service_uri),
        names_source=any(is_named(source, text) for text in (other.service_uri, *at_target.values())),
        headers_here=tuple(sorted(here)),
        headers_there=tuple(sorted(at_target)),
        other_values=tuple(name for name in sorted(here.keys() & at_target) if not same(here[name], at_target[name])),
    )
