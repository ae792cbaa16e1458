"""Resources of templates: loops, conditions, children, dependencies, nested templates."""

from typing import Any

import pytest

from local_azure.template import Expansion, TemplateError, expand
from tests.emulator.test_template_expressions import ACR, GROUP, SCOPE, SUBSCRIPTION


def template(*resources: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """A template of these resources; a `type` and an `apiVersion` are added where missing."""
    complete = [{"type": ACR, "apiVersion": "2025-11-01", **resource} for resource in resources]
    return {"$schema": "x", "contentVersion": "1.0.0.0", "resources": complete, **sections}


def expanded(*resources: dict[str, Any], **sections: Any) -> Expansion:
    """The expansion of a template of these resources."""
    return expand(template(*resources, **sections), {}, SCOPE)


def refusal(*resources: dict[str, Any], **sections: Any) -> str:
    """Why a template of these resources is refused."""
    with pytest.raises(TemplateError) as refused:
        expanded(*resources, **sections)
    return refused.value.message


def test_a_resource_has_its_id_and_a_body_without_instructions() -> None:
    """Name, type, condition and the like are for the engine; the rest is put."""
    resource = {"name": "[toLower('CONTOSO')]", "location": "[resourceGroup().location]", "comments": "x", "sku": {}}
    planned = expanded(resource).resources[0]
    assert planned.id == f"{GROUP}/providers/{ACR}/contoso"
    assert planned.body(None) == {"location": "westeurope", "sku": {}}


def test_loops_unroll_with_positions_and_offsets() -> None:
    """copyIndex() counts from zero, copyIndex(1) from one, copyIndex('name') by name."""
    resource = {
        "name": "[format('contoso{0}', copyIndex(1))]",
        "copy": {"name": "registries", "count": 3},
        "tags": {"position": "[string(copyIndex('registries'))]"},
    }
    planned = expanded(resource).resources
    assert [one.name for one in planned] == ["contoso1", "contoso2", "contoso3"]
    assert [one.body(None)["tags"]["position"] for one in planned] == ["0", "1", "2"]


def test_serial_loops_wait_for_the_batch_before() -> None:
    """With a batch size of two, the third and the fourth wait for the first two."""
    loop = {"name": "all", "count": 5, "mode": "Serial", "batchSize": 2}
    planned = expanded({"name": "[concat('contoso', copyIndex())]", "copy": loop}).resources
    waits = [sorted(dependency[-1] for dependency in one.dependencies) for one in planned]
    assert waits == [[], [], ["0", "1"], ["0", "1"], ["2", "3"]]


def test_property_and_variable_loops_make_arrays() -> None:
    """`copy` inside properties and variables."""
    rules = {"name": "ipRules", "count": 2, "input": {"value": "[concat('10.0.0.', copyIndex('ipRules', 1))]"}}
    names = {"name": "names", "count": 2, "input": "[concat('n', copyIndex('names'))]"}
    resource = {"name": "contoso", "properties": {"copy": [rules], "names": "[variables('names')]"}}
    body = expanded(resource, variables={"copy": [names]}).resources[0].body(None)
    assert body["properties"] == {"ipRules": [{"value": "10.0.0.1"}, {"value": "10.0.0.2"}], "names": ["n0", "n1"]}


def test_children_inside_a_resource_get_its_type_and_name() -> None:
    """Children may be written inside their parent."""
    child = {"type": "webhooks", "name": "deploy", "apiVersion": "2025-11-01", "dependsOn": ["contoso"]}
    parent, webhook = expanded({"name": "contoso", "resources": [child]}).resources
    assert webhook.type == f"{ACR}/webhooks"
    assert webhook.id == f"{parent.id}/webhooks/deploy"
    assert webhook.dependencies == {parent.key}
    assert "resources" not in parent.body(None)


@pytest.mark.parametrize(
    "how",
    ["contoso", f"[resourceId('{ACR}', 'contoso')]", f"{ACR}/contoso", "CONTOSO", f"{GROUP}/providers/{ACR}/Contoso"],
)
def test_dependencies_may_be_names_or_ids(how: str) -> None:
    """All the ways to name the resource to wait for."""
    child = {"type": f"{ACR}/webhooks", "name": "contoso/deploy", "dependsOn": [how]}
    parent, webhook = expanded({"name": "contoso"}, child).resources
    assert webhook.dependencies == {parent.key}


def test_a_dependency_on_a_loop_waits_for_all_of_it() -> None:
    """The loop's name stands for every instance."""
    loop = {"name": "[concat('contoso', copyIndex())]", "copy": {"name": "all", "count": 2}}
    last = expanded(loop, {"name": "after", "dependsOn": ["all"]}).resources[-1]
    assert len(last.dependencies) == 2


def test_a_reference_is_a_dependency() -> None:
    """A resource that needs another one of the template is deployed after it."""
    asking = {"name": "second", "tags": {"login": f"[reference(resourceId('{ACR}', 'first')).loginServer]"}}
    first, second = expanded({"name": "first"}, asking).resources
    assert second.dependencies == {first.key}
    assert second.body(lambda *_: {"loginServer": "first.azurecr.io"})["tags"]["login"] == "first.azurecr.io"


def test_a_body_that_needs_a_reference_says_so_without_one() -> None:
    """Before anything is deployed `reference` has no answer."""
    planned = expanded({"name": "contoso", "tags": {"x": "[reference('other').y]"}}).resources[0]
    with pytest.raises(TemplateError, match="The template function 'reference' is not expected at this location"):
        planned.body(None)


def test_symbolic_names_identify_resources() -> None:
    """languageVersion 2.0: resources are an object, dependencies symbols, and some only exist."""
    resources = {
        "registry": {"type": ACR, "apiVersion": "2025-11-01", "name": "contoso", "existing": True},
        "hook": {
            "type": f"{ACR}/webhooks",
            "apiVersion": "2025-11-01",
            "name": "contoso/deploy",
            "dependsOn": ["registry"],
        },
    }
    registry, hook = expand({**template(), "languageVersion": "2.0", "resources": resources}, {}, SCOPE).resources
    assert registry.existing
    assert hook.dependencies == {registry.key}


def test_extension_resources_hang_on_their_scope() -> None:
    """By `scope`, and by the older way of a type with `providers` in it."""
    lock = {"type": "Microsoft.Authorization/locks", "name": "keep", "scope": f"{ACR}/contoso"}
    older = {"type": f"{ACR}/providers/locks", "name": "contoso/Microsoft.Authorization/keep2"}
    assert [one.id for one in expanded(lock, older).resources] == [
        f"{GROUP}/providers/{ACR}/contoso/providers/Microsoft.Authorization/locks/keep",
        f"{GROUP}/providers/{ACR}/contoso/providers/Microsoft.Authorization/locks/keep2",
    ]


def nested(scope: str, inner: dict[str, Any]) -> dict[str, Any]:
    """A nested deployment."""
    options = {"expressionEvaluationOptions": {"scope": scope}, "mode": "Incremental", "template": inner}
    return {"type": "Microsoft.Resources/deployments", "name": "inner", "resourceGroup": "other", "properties": options}


def test_an_outer_scoped_nested_template_is_evaluated_outside() -> None:
    """Its expressions use our parameters; what comes out is taken literally."""
    inner = template({"name": "[parameters('name')]", "tags": {"literal": "[[kept]"}})
    parameters = {"name": {"type": "string", "defaultValue": "[concat('[', 'x', ']')]"}}
    planned = expanded(nested("outer", inner), parameters=parameters).resources[0]
    assert planned.group == f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other"
    resource = planned.body(None)["properties"]["template"]["resources"][0]
    assert resource["name"] == "[[x]"
    assert resource["tags"] == {"literal": "[[kept]"}


def test_an_inner_scoped_nested_template_stays_as_it_is() -> None:
    """Its expressions use its own parameters, which need not be ours."""
    inner = template({"name": "[parameters('mine')]"}, parameters={"mine": {"type": "string"}})
    planned = expanded(nested("inner", inner)).resources[0]
    assert planned.body(None)["properties"]["template"] == inner


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        ([{"name": "[parameters('myregistry_name')]"}], "The template parameter 'myregistry_name' is not found"),
        (
            [{"name": "a", "condition": False, "tags": {"x": "[variables('y')]"}}],
            "The template variable 'y' is not found",
        ),
        ([{"name": ""}], "The name property cannot be null or empty"),
        ([{"name": "a", "apiVersion": None}], "The apiVersion property cannot be null or empty"),
        ([{"name": "a/b"}], "has incorrect segment lengths"),
        ([{"name": "a"}, {"name": "A"}], "is defined multiple times in a template"),
        ([{"name": "a", "dependsOn": ["b"]}], "The resource 'b' is not defined in the template"),
        ([{"name": "a", "dependsOn": ["b"]}, {"name": "b", "dependsOn": ["a"]}], "Circular dependency detected"),
        ([{"name": "a", "condition": "maybe"}], "has a condition that is not a boolean"),
        ([{"name": "a", "copy": {"name": "l", "count": 801}}], "invalid copy count: '801'"),
        ([{"name": "a", "copy": {"name": "l", "count": 2, "mode": "fast"}}], "copy mode 'fast' is not valid"),
        ([{"name": "a", "copy": {"name": "l", "count": 2, "mode": "serial", "batchSize": 0}}], "batch size '0'"),
        ([{"name": "[reference('x').name]"}], "The template function 'reference' is not expected at this location"),
        ([{"name": "a", "resources": [{"copy": {}}]}], "where copy is not supported"),
    ],
)
def test_resources_that_azure_refuses_are_refused(resources: list[dict[str, Any]], message: str) -> None:
    """The message names the resource and what is wrong with it."""
    assert message in refusal(*resources)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("text", "not a JSON object"),
        ({}, "Required property '$schema' not found"),
        ({"$schema": "x", "contentVersion": "1", "resources": "none"}, "must be an array of objects"),
        ({"$schema": "x", "contentVersion": "1", "resources": [], "extra": 1}, "Could not find member 'extra'"),
        ({"$schema": "x", "contentVersion": "1", "resources": [], "functions": [{}]}, "'functions' is not supported"),
        ({"$schema": "x", "contentVersion": "1", "resources": [{}] * 801}, "resources limit exceeded"),
    ],
)
def test_what_is_no_template_is_refused(broken: Any, message: str) -> None:
    """The shape of a template is checked first."""
    with pytest.raises(TemplateError) as refused:
        expand(broken, {}, SCOPE)
    assert message in refused.value.message


def test_secure_values_are_not_shown() -> None:
    """Secure parameters and outputs have a type, and no value."""
    sections = {
        "parameters": {
            "uri": {"type": "securestring", "defaultValue": "https://secret"},
            "n": {"type": "int", "defaultValue": 1},
        },
        "outputs": {"uri": {"type": "securestring", "value": "[parameters('uri')]"}},
    }
    result = expanded(**sections)
    assert result.parameters() == {"uri": {"type": "SecureString"}, "n": {"type": "Int", "value": 1}}
    assert result.outputs(lambda *_: {}) == {"uri": {"type": "SecureString"}}


def test_outputs_may_loop_and_have_conditions() -> None:
    """An output with a false condition is left out."""
    outputs = {
        "all": {"type": "array", "copy": {"count": 2, "input": "[copyIndex()]"}},
        "none": {"type": "string", "condition": False, "value": "[reference('x')]"},
    }
    assert expanded(outputs=outputs).outputs(lambda *_: {}) == {"all": {"type": "Array", "value": [0, 1]}}
