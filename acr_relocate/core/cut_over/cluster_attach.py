"""Snippets that give a new cluster pull access to the target, for the tool that creates the cluster.

The role is the one that the registry honours: `--attach-acr` always gives AcrPull, which a registry with repository
permissions ignores (aks/cluster-container-registry-integration).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from acr_relocate.core.cut_over.roles import PULL, READER, ROLE_ASSIGNMENTS_API
from acr_relocate.core.dependencies.access import role_name
from acr_relocate.core.dependencies.context import az
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import STABLE

Tool = Literal["bicep", "terraform", "cli"]


def attach_lines(target: Registry, tool: Tool) -> str:
    """Return the snippet; placeholders for a person's choice are in capital letters."""
    is_abac = target.uses_abac
    return WRITERS[tool](target.id, READER if is_abac else PULL)


def _bicep(registry_id: str, role: str) -> str:
    """Return a module for the registry's resource group; its parameter is an output of the cluster's."""
    return f"""// a module, deployed to the resource group {ResourceId(registry_id).group}
@description('CLUSTER.properties.identityProfile.kubeletidentity.objectId')
param kubeletObjectId string

resource registry 'Microsoft.ContainerRegistry/registries@{STABLE}' existing = {{
  name: '{ResourceId(registry_id).name}'
}}

// {role_name(role)}
resource pull 'Microsoft.Authorization/roleAssignments@{ROLE_ASSIGNMENTS_API}' = {{
  name: guid(registry.id, kubeletObjectId, '{role}')
  scope: registry
  properties: {{
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{role}')
    principalId: kubeletObjectId
    principalType: 'ServicePrincipal'
  }}
}}"""


def _terraform(registry_id: str, role: str) -> str:
    return f"""resource "azurerm_role_assignment" "pull" {{
  scope                            = "{registry_id}"
  role_definition_name             = "{role_name(role)}"
  principal_id                     = azurerm_kubernetes_cluster.CLUSTER.kubelet_identity[0].object_id
  principal_type                   = "ServicePrincipal"
  skip_service_principal_aad_check = true
}}"""


def _cli(registry_id: str, role: str) -> str:
    if role == PULL:
        return az("aks create", name="CLUSTER", resource_group="GROUP", attach_acr=registry_id)
    query = "identityProfile.kubeletidentity.objectId"
    kubelet = az("aks show", name="CLUSTER", resource_group="GROUP", query=query, output="tsv")
    return az(
        "role assignment create",
        assignee_object_id=f"$({kubelet})",
        assignee_principal_type="ServicePrincipal",
        role=role_name(role),
        scope=registry_id,
    )


WRITERS: Final[dict[Tool, Callable[[str, str], str]]] = {"bicep": _bicep, "terraform": _terraform, "cli": _cli}
