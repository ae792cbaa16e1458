"""A replica of the source for the imports."""

from acr_relocate.azure.changes import restore_records
from acr_relocate.core.content.source_replica import SourceReplica
from tests.contract.faults.networks import private_endpoint
from tests.contract.faults.planted import FAULTS, fault
from tests.contract.planting import SOURCE_ID, Planting


@fault("replica_cannot_be_made", "soft_deleted_stay_behind")
async def _(p: Planting) -> None:
    await FAULTS["soft_deleted_stay_behind"].plant(p)
    p.fields["via_replica"] = True


@fault("replica_needs_addresses", "by_hand")
async def _(p: Planting) -> None:
    private_endpoint(p)
    p.fields["via_replica"] = True


@fault("replica_not_removed")
async def _(p: Planting) -> None:
    replica = SourceReplica(registry_id=SOURCE_ID.lower(), location="northeurope")
    await restore_records.save_restore_record(p.azure, (SOURCE_ID.partition("/providers/")[0],), replica)
