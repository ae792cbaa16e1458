"""A replica of the source for the imports."""

from acr_relocate.core.checks import PermissionSet
from acr_relocate.core.content.source_freeze import PendingRestores
from acr_relocate.core.content.source_replica import PendingReplica, SourceReplica
from acr_relocate.core.evidence.azure_facts import Lock
from tests.check_cases.evidence import SOURCE_GROUP, TARGET_GROUP, Case, evidence
from tests.support.builders import child, registry, request

VIA = request(via_replica=True)
ENDPOINT = child("privateEndpointConnections", "pe", privateEndpoint={"id": "pe"})
THERE = child("replications", "northeurope", "northeurope")

REPLICA = (
    Case("a replica is wanted and possible", evidence(request=VIA)),
    Case(
        "a replica of a Standard registry",
        evidence(request=VIA, source=registry("contosoregistry", sku="Standard")),
        ("not_premium", "replica_cannot_be_made"),
    ),
    Case(
        "a replica without the right to make one",
        evidence(request=VIA, permissions={VIA.source.resource_id: (PermissionSet(actions=("*/read",)),)}),
        ("replica_cannot_be_made",),
    ),
    Case(
        "a replica that a lock would keep",
        evidence(request=VIA, locks=(Lock(scope=SOURCE_GROUP, name="keep", level="CanNotDelete"),)),
        ("replica_cannot_be_made", "delete_lock_on_source"),
    ),
    Case(
        "a replica beside a lock on the target alone",
        evidence(request=VIA, locks=(Lock(scope=TARGET_GROUP, name="keep", level="CanNotDelete"),)),
        ("delete_lock_on_target",),
    ),
    Case(
        "a replica of a registry with a private endpoint",
        evidence(request=VIA, source=registry("contosoregistry", ENDPOINT)),
        ("by_hand", "replica_needs_addresses"),
    ),
    Case(
        "a replica that a killed import has left",
        evidence(
            pending=PendingRestores(
                replicas=(
                    PendingReplica(
                        since="2026-11-30T10:00:00",
                        replica=SourceReplica(registry_id=VIA.source.resource_id.lower(), location="northeurope"),
                    ),
                )
            )
        ),
        ("replica_not_removed",),
    ),
)
