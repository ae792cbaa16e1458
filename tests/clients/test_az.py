"""Unmodified az 2.91 against the embedded Azure: every command that the article and its readers use."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local_azure.launcher import Emulator

Az = Callable[..., Any]
REGISTRY = "contosoregistry"
GROUP = "contoso-west"

TEMPLATE = """{
  // az sends comments as they are: the service reads them leniently
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"registry": {"type": "string"}},
  "resources": [{
    "type": "Microsoft.ContainerRegistry/registries",
    "apiVersion": "2025-11-01",
    "name": "[parameters('registry')]",
    "location": "[resourceGroup().location]",
    "sku": {"name": "Standard"},
    "properties": {}
  }]
}"""


def test_group_create_exists_and_export(az: Az) -> None:
    """`az group` creates a group, finds it, and exports the template of the source's group."""
    assert az("group", "create", "--name", "from-az", "--location", "northeurope")["location"] == "northeurope"
    assert az("group", "exists", "--name", "from-az") is True
    exported = az("group", "export", "--name", GROUP, "--skip-all-params")
    assert "Microsoft.ContainerRegistry/registries" in {resource["type"] for resource in exported["resources"]}


def test_acr_create_show_list_delete(az: Az) -> None:
    """`az acr` creates a registry, shows it, lists it and deletes it again."""
    az("group", "create", "--name", "acr-crud", "--location", "northeurope")
    made = az("acr", "create", "--name", "crudregistry", "--resource-group", "acr-crud", "--sku", "Premium")
    assert made["loginServer"] == "crudregistry.azurecr.io"
    assert az("acr", "show", "--name", "crudregistry")["provisioningState"] == "Succeeded"
    assert "crudregistry" in {registry["name"] for registry in az("acr", "list")}
    assert az("acr", "check-name", "--name", "crudregistry")["nameAvailable"] is False
    assert az("acr", "show-usage", "--name", "crudregistry")["value"]
    az("acr", "delete", "--name", "crudregistry", "--yes")
    assert "crudregistry" not in {registry["name"] for registry in az("acr", "list")}


def test_acr_repositories_and_manifests(az: Az, azure: Emulator) -> None:
    """`az acr repository` and `az acr manifest` list what the registry holds."""
    held = azure.content(REGISTRY)["repositories"]
    assert set(az("acr", "repository", "list", "--name", REGISTRY)) == set(held)
    repository = next(name for name, content in held.items() if content["tags"])
    tags = az("acr", "repository", "show-tags", "--name", REGISTRY, "--repository", repository)
    assert set(tags) == set(held[repository]["tags"])
    assert az("acr", "repository", "show", "--name", REGISTRY, "--repository", repository)["tagCount"] == len(tags)
    manifests = az("acr", "manifest", "list-metadata", "--registry", REGISTRY, "--name", repository)
    assert {manifest["digest"] for manifest in manifests} == set(held[repository]["manifests"])


def test_acr_import(az: Az, azure: Emulator) -> None:
    """`az acr import` copies a tag; a second one without --force is a conflict."""
    az("group", "create", "--name", "acr-import", "--location", "northeurope")
    az("acr", "create", "--name", "importtarget", "--resource-group", "acr-import", "--sku", "Premium")
    held = azure.content(REGISTRY)["repositories"]
    repository = next(name for name, content in held.items() if content["tags"])
    tag = next(iter(held[repository]["tags"]))
    az("acr", "import", "--name", "importtarget", "--source", f"{REGISTRY}.azurecr.io/{repository}:{tag}")
    imported = azure.content("importtarget")["repositories"][repository]["tags"]
    assert imported[tag] == held[repository]["tags"][tag]
    az("acr", "import", "--name", "importtarget", "--source", f"{REGISTRY}.azurecr.io/{repository}:{tag}", "--force")


def test_acr_children(az: Az) -> None:
    """`az acr replication`, `webhook` and `token` create and list."""
    az("group", "create", "--name", "acr-children", "--location", "northeurope")
    az("acr", "create", "--name", "childregistry", "--resource-group", "acr-children", "--sku", "Premium")
    az("acr", "replication", "create", "--registry", "childregistry", "--location", "westus2")
    assert {"northeurope", "westus2"} == {
        r["location"] for r in az("acr", "replication", "list", "--registry", "childregistry")
    }
    az(
        "acr", "webhook", "create", "--registry", "childregistry", "--name", "hookone",
        "--uri", "https://example.com/hook", "--actions", "push",
    )  # fmt: skip
    hooks = az("acr", "webhook", "list", "--registry", "childregistry")
    assert [hook["name"] for hook in hooks] == ["hookone"]
    assert "example.com" not in json.dumps(hooks)
    token = az(
        "acr", "token", "create", "--registry", "childregistry", "--name", "reader",
        "--repository", "base/alpine", "content/read", "metadata/read",
    )  # fmt: skip
    assert token["credentials"]["passwords"][0]["value"]
    assert [t["name"] for t in az("acr", "token", "list", "--registry", "childregistry")] == ["reader"]


def test_acr_check_health(run: Callable[..., str], az: Az) -> None:
    """`az acr check-health` reaches the registry (it says itself that no docker daemon is here)."""
    run("az", "acr", "check-health", "--name", REGISTRY, "--ignore-errors", "--yes")


def test_deployment_group_create(az: Az, tmp_path: Path) -> None:
    """`az deployment group create` deploys a template whose text is not quite JSON."""
    template = tmp_path / "template.json"
    template.write_text(TEMPLATE)
    az("group", "create", "--name", "deployed", "--location", "northeurope")
    done = az(
        "deployment", "group", "create", "--resource-group", "deployed", "--template-file", str(template),
        "--name", "mydeployment", "--parameters", "registry=deployedregistry",
    )  # fmt: skip
    assert done["properties"]["provisioningState"] == "Succeeded"
    assert az("acr", "show", "--name", "deployedregistry")["location"] == "northeurope"


def test_role_assignment_and_aks_attach(az: Az) -> None:
    """`az aks show`, `az aks update --attach-acr` and `az role assignment` work on the cluster that pulls."""
    cluster = az("aks", "list")[0]
    name, group = cluster["name"], cluster["resourceGroup"]
    az("group", "create", "--name", "acr-attach", "--location", "northeurope")
    registry = az("acr", "create", "--name", "attachregistry", "--resource-group", "acr-attach", "--sku", "Premium")
    az("aks", "update", "--name", name, "--resource-group", group, "--attach-acr", "attachregistry")
    kubelet = az("aks", "show", "--name", name, "--resource-group", group)["identityProfile"]["kubeletidentity"][
        "objectId"
    ]
    assigned = az("role", "assignment", "list", "--scope", registry["id"], "--assignee", kubelet)
    assert [assignment["roleDefinitionName"] for assignment in assigned] == ["AcrPull"]
    made = az("role", "assignment", "create", "--assignee", kubelet, "--role", "AcrPush", "--scope", registry["id"])
    assert made["principalId"] == kubelet


def test_diagnostic_settings(az: Az) -> None:
    """`az monitor diagnostic-settings` creates a setting on a registry and lists it."""
    registry = az("acr", "show", "--name", REGISTRY)["id"]
    workspace = az("resource", "list", "--resource-type", "Microsoft.OperationalInsights/workspaces")[0]["id"]
    az(
        "monitor", "diagnostic-settings", "create", "--name", "from-az", "--resource", registry,
        "--workspace", workspace,
        "--logs", '[{"category":"ContainerRegistryLoginEvents","enabled":true}]',
    )  # fmt: skip
    listed = az("monitor", "diagnostic-settings", "list", "--resource", registry)
    names = {setting["name"] for setting in (listed["value"] if isinstance(listed, dict) else listed)}
    assert "from-az" in names
