"""Children and parameters that only the exported template names."""

import pytest

from acr_relocate.core.errors import InvalidTemplate
from acr_relocate.core.target.template import TargetTemplate, unresolved_parameters
from tests.support.builders import child, registry
from tests.unit.target.test_template import resource, target


def kinds(template: TargetTemplate) -> list[str]:
    return [resource["type"].rpartition("/")[2] for resource in template.template["resources"]]


EXPORTED = {
    "parameters": {
        "registries_contosoregistry_name": {"defaultValue": "contosoregistry", "type": "String"},
        "webhooks_late_serviceUri": {"defaultValue": None, "type": "SecureString"},
        "late_location": {"defaultValue": "westeurope", "type": "String"},
    },
    "resources": [
        {
            "type": "Microsoft.ContainerRegistry/registries",
            "name": "[parameters('registries_contosoregistry_name')]",
            "location": "westeurope",
        },
        {
            "type": "Microsoft.ContainerRegistry/registries/webhooks",
            "name": "[concat(parameters('registries_contosoregistry_name'), '/late')]",
            "location": "[parameters('late_location')]",
            "properties": {
                "actions": ["push"],
                "status": "enabled",
                "serviceUri": "[parameters('webhooks_late_serviceUri')]",
            },
        },
        {
            "type": "Microsoft.ContainerRegistry/registries/tokens",
            "name": "contosoregistry/late-token",
            "properties": {
                "scopeMapId": "[resourceId('Microsoft.ContainerRegistry/registries/scopeMaps', "
                "parameters('registries_contosoregistry_name'), '_repositories_pull')]",
                "status": "enabled",
            },
        },
        {
            "type": "Microsoft.ContainerRegistry/registries/scopeMaps",
            "name": "[concat(parameters('registries_contosoregistry_name'), '/ci-map')]",
            "properties": {"actions": []},
        },
    ],
}


def test_child_that_only_the_export_knows_is_added() -> None:
    """An incomplete read loses nothing: names, locations and references are taken out of their expressions."""
    source = registry("contosoregistry", child("scopeMaps", "ci-map", actions=["repositories/app/content/read"]))

    result = target(source, exported=EXPORTED)

    assert kinds(result) == ["registries", "scopeMaps", "tokens", "webhooks"]
    assert resource(result, "webhooks", "late")["location"] == "northeurope"
    assert resource(result, "tokens", "late-token")["properties"]["scopeMapId"] == (
        "[resourceId('Microsoft.ContainerRegistry/registries/scopeMaps', "
        "parameters('registryName'), '_repositories_pull')]"
    )


def test_child_that_was_read_is_not_taken_from_the_export() -> None:
    """The read is complete where the export lags behind."""
    source = registry("contosoregistry", child("scopeMaps", "ci-map", actions=["repositories/app/content/read"]))

    sent = resource(target(source, exported=EXPORTED), "scopeMaps")

    assert sent["properties"]["actions"] == ["repositories/app/content/read"]


def test_parameter_that_nobody_declares_is_an_invalid_template() -> None:
    """The article's own example has one: a name that differs between declaration and use."""
    exported = {
        "resources": [
            {
                "type": "Microsoft.ContainerRegistry/registries/scopeMaps",
                "name": "contosoregistry/x",
                "properties": {"description": "[concat(parameters('myregistry_name'), '-x')", "actions": []},
            }
        ]
    }

    with pytest.raises(InvalidTemplate, match="does not declare: myregistry_name"):
        target(exported=exported)


def test_declared_parameters_are_found_resolved() -> None:
    """Only what is used and not declared counts."""
    template = {"parameters": {"a": {}}, "resources": [{"name": "[parameters('a')]", "x": ["[parameters('b')]"]}]}

    assert unresolved_parameters(template) == ("b",)
