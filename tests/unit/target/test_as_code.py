"""A registry as code: each language says the same, and nothing else than the registry is."""

import json
from typing import Any

import hcl2
import pytest

from acr_relocate.core.request.identity import SOURCE_TAG
from acr_relocate.core.target.as_code import Parameter, RegistryCode, registry_code
from acr_relocate.core.target.code_formats import to_arm, to_bicep, to_terraform
from tests.support.bicep import read_bicep
from tests.support.builders import SUBSCRIPTION, child, registry, request
from tests.unit.target.test_template import FULL

NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network"
ODD = 'it\'s ${odd}, "quoted"\n\ttwice \\ %{if} [x]'


def endpoint(group: str) -> Any:
    """A private endpoint with a zone group, in that resource group."""
    place = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Network/privateEndpoints/pe"
    connection = {"name": "c", "properties": {"privateLinkServiceId": registry().id, "groupIds": ["registry"]}}
    zone = {"name": "z", "properties": {"privateDnsZoneId": f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"}}
    zones = {"name": "default", "properties": {"privateDnsZoneConfigs": [zone]}}
    return child(
        "privateEndpoints",
        "pe",
        "westeurope",
        id=place,
        subnet={"id": f"{NETWORK}/virtualNetworks/west/subnets/apps"},
        privateLinkServiceConnections=[connection],
        privateDnsZoneGroups=[zones],
    )


REGISTRIES = {
    "full": FULL,
    "plain": registry(),
    "odd text": registry(tags={"odd": ODD, "with space": "[resourceId('x')]"}),
    "a tag that a stranger wrote": registry(tags={SOURCE_TAG: 'x\nresource "a" "b" {\n}'}),
    "endpoints": registry("contosoregistry", endpoint("contoso-west"), endpoint("net")),
    "names that differ in a sign": registry(
        "contosoregistry",
        child("scopeMaps", "a-b", actions=["repositories/a/content/read"]),
        child("scopeMaps", "a_b", actions=[]),
    ),
}


def parameters_as(value: Any, form: str) -> Any:
    """The values, with each parameter in the form in which a language names it."""
    if isinstance(value, Parameter):
        return form.format(value.name)
    if isinstance(value, dict):
        return {name: parameters_as(inner, form) for name, inner in value.items()}
    return [parameters_as(inner, form) for inner in value] if isinstance(value, list) else value


def plain_hcl(value: Any) -> Any:
    """The data of a parsed file: without quotes, marks and the escapes of Terraform."""
    if isinstance(value, dict):
        return {plain_hcl(key): plain_hcl(inner) for key, inner in value.items() if key != "__is_block__"}
    if isinstance(value, list):
        return [plain_hcl(one) for one in value]
    if isinstance(value, str) and value.startswith('"'):
        return str(json.loads(value)).replace("$${", "${").replace("%%{", "%{")
    return value


@pytest.fixture(params=REGISTRIES, name="code")
def _code(request: pytest.FixtureRequest) -> RegistryCode:
    return registry_code(REGISTRIES[request.param], globals()["request"]())


def test_bicep_has_each_resource_with_its_values(code: RegistryCode) -> None:
    read = read_bicep(to_bicep(code))
    found = {one[0]: one for one in read if len(one) == 3}
    own = [one for one in code.resources if "/resourceGroups/net/" not in one.id]

    assert list(found) == [one.symbol for one in own]
    for one in own:
        _, kind, fields = found[one.symbol]
        assert kind == f"{one.type}@{one.api_version}"
        assert (fields["name"], fields.get("tags", {}), fields.get("location")) == (one.name, one.tags, one.location)
        assert fields.get("scope" if one.is_extension else "parent", "") == (f"<{one.parent}>" if one.parent else "")
        assert {name: fields[name] for name in one.values} == parameters_as(one.values, "<{}>")
    secure = {one[0] for one in read if len(one) == 2}
    assert secure == {parameter.name for one in own for parameter in one.parameters}


def test_terraform_has_each_resource_with_its_values_and_its_import(code: RegistryCode) -> None:
    read = plain_hcl(hcl2.loads(to_terraform(code)))
    found = {name: fields for block in read["resource"] for name, fields in block["azapi_resource"].items()}

    assert list(found) == [one.symbol for one in code.resources]
    for one in code.resources:
        fields = found[one.symbol]
        assert (fields["type"], fields["name"]) == (f"{one.type}@{one.api_version}", one.name)
        assert fields["body"] == parameters_as(one.values, "${{var.{}}}")
        assert fields.get("tags", {}) == one.tags
    imported = {block["to"]: block["id"].partition("?")[0] for block in read["import"]}
    assert imported == {f"${{azapi_resource.{one.symbol}}}": one.id for one in code.resources}


def test_terraform_is_written_as_its_own_formatter_writes_it() -> None:
    """A pipeline that runs `terraform fmt -check` takes it: signs of neighbours stand below one another."""
    lines = to_terraform(registry_code(registry(tags={"team": "platform"}), request())).splitlines()
    first = lines.index('resource "azapi_resource" "registry" {')

    assert [line.partition("=")[0] for line in lines[first + 1 : first + 6]] == [
        "  type      ",
        "  name      ",
        "  parent_id ",
        "  location  ",
        "  tags ",
    ]


def test_an_arm_template_has_each_resource_after_those_that_it_needs(code: RegistryCode) -> None:
    template = json.loads(to_arm(code))
    own = [one for one in code.resources if "/resourceGroups/net/" not in one.id]

    assert [one["type"] for one in template["resources"]] == [one.type for one in own]
    ids = [one.id for one in own]
    for number, one in enumerate(template["resources"]):
        assert {ids.index(before) for before in one.get("dependsOn", ())} <= set(range(number))


def test_no_text_becomes_an_expression() -> None:
    """Neither of Azure's templates, nor of Bicep or Terraform."""
    code = registry_code(REGISTRIES["odd text"], request())

    assert json.loads(to_arm(code))["resources"][0]["tags"]["with space"] == "[[resourceId('x')]"
    assert "\\${odd}" in to_bicep(code)
    assert "$${odd}" in to_terraform(code)


def test_an_endpoint_keeps_its_addresses() -> None:
    """Code without them would take them away; what Azure alone writes is not in it."""
    static = {"name": "one", "properties": {"memberName": "registry", "privateIPAddress": "10.0.0.5"}}
    shown = static | {"etag": "1", "properties": static["properties"] | {"provisioningState": "Succeeded"}}
    source = endpoint("contoso-west")
    source = source.model_copy(update={"properties": source.properties | {"ipConfigurations": [shown]}})

    [found] = [
        one for one in registry_code(registry("contosoregistry", source), request()).resources if one.name == "pe"
    ]

    assert found.values["properties"]["ipConfigurations"] == [static]


def test_what_cannot_be_code_is_named() -> None:
    """A task that Azure does not show, a connected registry."""
    left_out = {finding.resource for finding in registry_code(FULL, request()).left_out}

    assert {"connectedRegistries/edge", "tasks/build"} <= left_out
