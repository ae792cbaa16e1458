"""Cache rules of other registries: a killed change of one is ended, and a forged record of one makes none."""

from contextlib import suppress
from typing import Any

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.core.errors import RecordBroken, RelocationError
from acr_relocate.core.registry.resource_types import STABLE
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.former_values import FormerRule
from flows.switch import switch_back
from local_azure.launcher import Emulator
from tasks.connection import azure
from tasks.runs.restore_records import save_record
from tests.service.syncing import Pair, synced

RULE = "cacheRules/mirror"
UPSTREAM = "base/python"


def switched(pair: Pair, *, settled: bool) -> SwitchedDependent:
    """The record of a switch of the rule in the source's group."""
    source, target = pair.request.source, pair.request.target
    return SwitchedDependent(
        registry_id=source.resource_id.lower(),
        kind="downstream_rule",
        dependent_id=f"{source.resource_id}mirrors/{RULE}",
        source_server=f"{source.name}.azurecr.io",
        target_server=f"{target.name}.azurecr.io",
        rule=FormerRule(source=f"{source.name}.azurecr.io/{UPSTREAM}", fills=UPSTREAM, settled=settled),
    )


async def with_rule(former: SwitchedDependent, upstream: str = "") -> None:
    """Make the registry of others, with its rule if that has an upstream."""
    registry, _, _ = former.dependent_id.partition(f"/{RULE}")
    sku = {"location": "westeurope", "sku": {"name": "Premium"}}
    rule = {"properties": {"sourceRepository": f"{upstream}/{UPSTREAM}", "targetRepository": UPSTREAM}}
    async with connection() as others:
        await others.arm.put(registry, STABLE, sku, doing="Making")
        if upstream:
            await others.arm.put(former.dependent_id, STABLE, rule, doing="Making")


async def shown(former: SwitchedDependent) -> dict[str, Any] | None:
    async with connection() as others:
        return await others.arm.find(former.dependent_id, STABLE, doing="Looking")


async def test_a_rule_that_a_killed_switch_back_has_deleted_is_made_again(emulator: Emulator) -> None:
    """The record says that a change is under way before the rule is deleted, and the activity log confirms it."""
    async with synced(emulator, "first") as pair, azure():
        former = switched(pair, settled=True)
        await with_rule(former, former.target_server)
        await save_record(pair.request, former)
        emulator.arm_fault("deny-assignment", method="PUT", path=RULE)
        with suppress(RelocationError):
            await switch_back(pair.request)
        assert await shown(former) is None
        emulator.clear_faults()

        await switch_back(pair.request)

        rule = await shown(former)
        assert rule is not None
        assert rule["properties"]["sourceRepository"] == f"{former.source_server}/{UPSTREAM}"


async def test_a_record_of_a_rule_that_never_was_makes_none(emulator: Emulator) -> None:
    """To write a record takes no right at the registry of the rule."""
    async with synced(emulator, "first") as pair, azure():
        former = switched(pair, settled=False)
        await with_rule(former)
        await save_record(pair.request, former)

        with pytest.raises(RecordBroken, match="shows no deletion of it since"):
            await switch_back(pair.request)

        assert await shown(former) is None
