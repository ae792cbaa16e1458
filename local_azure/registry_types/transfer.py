"""ACR Transfer and package archives: previews only, kept on the books; no run ever moves anything."""

from typing import Final

from local_azure.arm.resource_types import Body
from local_azure.registry_types.common import check_name, compose, need_premium, registry_of, registry_type
from local_azure.registry_types.rules import status_of
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, bad_request
from local_azure.state.store import Resource
from local_azure.state.world import World

WORDS = "Pipeline names must contain only 5 to 50 alphanumeric characters."


def prepare(world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """Check a pipeline or archive of a Premium registry."""
    del principal
    check_name(resource_id, "[a-zA-Z0-9]{5,50}", WORDS)
    registry = registry_of(world, resource_id)
    need_premium(registry, "ACR Transfer")
    made = compose(resource_id, body, existing, {})
    if made.type.endswith("exportPipelines") and status_of(registry.properties, "exportPolicy") == "disabled":
        raise bad_request(
            "ExportPolicyDisabled", "Export pipelines are not allowed while the export policy is disabled."
        )
    return made


def refuse_run(world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """Raise AzureError 501: transfers are not implemented, and must not appear to have run."""
    del world, principal, resource_id, body, existing
    raise AzureError(
        501, "NotImplementedByLocalAzure", "local-azure keeps pipelines but does not run them.", gateway=True
    )


TYPES: Final = (
    registry_type("registries/pipelineRuns", prepare=refuse_run),
    *(
        registry_type(f"registries/{kind}", prepare=prepare, create_seconds=3, delete_seconds=1)
        for kind in ("exportPipelines", "importPipelines", "packages/archives", "packages/archives/versions")
    ),
)
