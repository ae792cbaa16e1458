"""Rights and locks."""

from __future__ import annotations

from typing import Final

from tests.contract.faults.planted import fault
from tests.contract.faults.scenes import (
    DECIDE,
    OTHER,
    UNASKED,
    attributes,
    encrypt,
    logs,
    private_endpoint,
    subscription,
    token,
)
from tests.contract.planting import NET, NORTH, SOURCE_ID, Planting

IMPORTER: Final = "Container Registry Data Importer and Data Reader"
CONFIGURES: Final = "Container Registry Contributor and Data Access Configuration Administrator"
READS_ABAC: Final = "Contributor;Container Registry Repository Reader;Container Registry Repository Catalog Lister"


@fault("provider_not_registered")
async def _(p: Planting) -> None:
    subscription(p)
    path = f"/subscriptions/{OTHER}/providers/Microsoft.ContainerRegistry/unregister"
    await p.azure.arm.post(path, "2021-04-01", doing="Unregistering")


@fault("reads_not_allowed")
async def _(p: Planting) -> None:
    await p.as_custom("*", but="Microsoft.Web/*")


@fault("webhook_addresses_cannot_be_read", "webhook_calls_from_new_region")
async def _(p: Planting) -> None:
    await p.child("webhooks/hook1", "westeurope", serviceUri="https://hooks.example/", actions=["push"])
    await p.as_reader(north="Contributor")


@fault("template_not_validated")
async def _(p: Planting) -> None:
    p.target["resource_group"] = "not-there-yet"


@fault(
    "target_group_cannot_be_created", "target_cannot_be_deployed", "images_cannot_be_imported", "template_not_validated"
)
async def _(p: Planting) -> None:
    p.target["resource_group"] = "not-there-yet"
    await p.as_reader(west="Contributor")


@fault("target_cannot_be_deployed", UNASKED)
async def _(p: Planting) -> None:
    await p.as_reader(west="Contributor", north=IMPORTER)


@fault("images_cannot_be_imported")
async def _(p: Planting) -> None:
    await p.as_reader(west="Contributor", north=CONFIGURES)


@fault("locks_cannot_be_replayed")
async def _(p: Planting) -> None:
    await attributes(p, "app/_tags/v1", deleteEnabled=False)
    await p.as_reader(west="Contributor", north=f"{CONFIGURES};{IMPORTER}")


@fault("index_cannot_be_pushed", "index_beyond_import_limit")
async def _(p: Planting) -> None:
    children = [await p.push.image("app", text=f"platform {number}") for number in range(51)]
    await p.push.index("app", children, "huge")
    await p.as_reader(west="Contributor", north=f"{CONFIGURES};{IMPORTER}")


@fault("catalogue_cannot_be_listed", "abac_mode", "listing_incomplete")
async def _(p: Planting) -> None:
    await p.set(roleAssignmentMode="AbacRepositoryPermissions")
    await p.as_reader(west="Contributor;Container Registry Repository Reader", north=READS_ABAC)


@fault("source_cannot_be_pulled", "abac_mode", "listing_incomplete")
async def _(p: Planting) -> None:
    await p.set(roleAssignmentMode="AbacRepositoryPermissions")
    await p.as_reader(west="Contributor;Container Registry Repository Catalog Lister", north=READS_ABAC)


@fault("subnet_cannot_be_joined")
async def _(p: Planting) -> None:
    await p.subnet()
    await p.as_reader(west="Contributor", north="Contributor")


@fault("identity_cannot_be_assigned", "template_refused")
async def _(p: Planting) -> None:
    await p.identity()
    await p.as_reader(west="Contributor", north="Contributor")


@fault("key_access_cannot_be_granted", "key_grant_missing", DECIDE)
async def _(p: Planting) -> None:
    await encrypt(p, granted=False)
    await p.as_reader(west="Contributor", north="Contributor")
    await p.grant("Contributor", NET)


@fault("token_passwords_cannot_be_generated", "target_cannot_be_deployed", UNASKED)
async def _(p: Planting) -> None:
    await token(p)
    await p.as_reader(west="Contributor", north=IMPORTER)


@fault("roles_cannot_be_assigned")
async def _(p: Planting) -> None:
    await p.as_reader(west="Contributor", north="Contributor", source="AcrPull")


@fault("diagnostics_cannot_be_set", "template_refused")
async def _(p: Planting) -> None:
    await logs(p, "northeurope")
    await p.as_reader(west="Contributor", north=f"{CONFIGURES};{IMPORTER}")


@fault("private_endpoints_cannot_be_made", "by_hand")
async def _(p: Planting) -> None:
    private_endpoint(p)
    await p.as_reader(west="Contributor", north=f"{CONFIGURES};{IMPORTER}")


@fault("tags_cannot_be_pruned")
async def _(p: Planting) -> None:
    p.fields["prune"] = True
    await p.as_reader(west="Contributor", north=f"{CONFIGURES};{IMPORTER}")


@fault("small_artifacts_cannot_be_pushed")
async def _(p: Planting) -> None:
    p.fields["small_artifacts"] = "push"
    await p.as_reader(west="Contributor", north=f"{CONFIGURES};{IMPORTER}")


@fault("target_is_not_ours_alone")
async def _(p: Planting) -> None:
    p.fields["small_artifacts"] = "push"
    await p.grant("AcrPush", NORTH)


@fault("small_artifacts_are_imported")
async def _(p: Planting) -> None:
    p.fields["small_artifacts"] = "auto"
    await p.grant("AcrPush", NORTH)


@fault("source_cannot_be_deleted")
async def _(p: Planting) -> None:
    p.fields["delete_source"] = True
    await p.as_reader(west="Contributor", north="Contributor")


@fault("read_only_lock")
async def _(p: Planting) -> None:
    await p.lock(NORTH, "ReadOnly")


@fault("delete_lock_on_source")
async def _(p: Planting) -> None:
    await p.lock(SOURCE_ID, "CanNotDelete")


@fault("delete_lock_on_target")
async def _(p: Planting) -> None:
    await p.lock(NORTH, "CanNotDelete")


@fault("deployment_history_nearly_full", "delete_lock_on_target")
async def _(p: Planting) -> None:
    for number in range(790):
        p.force(f"{NORTH}/providers/Microsoft.Resources/deployments/old{number}", properties={})
    await p.lock(NORTH, "CanNotDelete")
