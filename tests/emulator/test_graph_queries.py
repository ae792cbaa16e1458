"""Azure Resource Graph through the real SDK: the queries that are answered, and those that are refused."""

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential, DefaultAzureCredential
from azure.mgmt.resourcegraph import ResourceGraphClient

from local_azure.launcher import Emulator
from local_azure.state import settings
from tests.conftest import StartEmulator

Query = Callable[..., Any]
PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"


@pytest.fixture
def demo(start_emulator: StartEmulator, use_emulator: Callable[[Emulator], Emulator]) -> Emulator:
    """An Azure with the demo's registry and everything around it, which no other test changes."""
    return use_emulator(start_emulator(seed="demo", operations="immediate"))


@pytest.fixture
def ask(demo: Emulator) -> Query:
    """One query; the whole answer."""

    def run(query: str, credential: Any = None, **options: Any) -> Any:
        body = {"subscriptions": [settings.SUBSCRIPTION_ID], "query": query, "options": options}
        with credential or DefaultAzureCredential() as identity, ResourceGraphClient(identity) as client:
            return client.resources(body)

    return run


@pytest.fixture
def rows(ask: Query) -> Callable[[str], list[dict[str, Any]]]:
    """One query; its rows."""
    return lambda query: list(ask(query).data)


Rows = Callable[[str], list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("type =~ 'Microsoft.ContainerRegistry/registries'", {"contosoregistry"}),
        ("type == 'microsoft.containerregistry/registries'", {"contosoregistry"}),
        ("type == 'Microsoft.ContainerRegistry/registries'", set()),
        ("type in~ ('microsoft.containerregistry/registries', 'x') and location == 'westeurope'", {"contosoregistry"}),
        ("name startswith 'CONTOSO-VNET' and location != 'westeurope'", {"contoso-vnet-north"}),
        ("name has 'vnet' and name !endswith 'north'", {"contoso-vnet"}),
        ("name contains 'oso-ak' and type !has 'userassignedidentities'", {"contoso-aks"}),
        ("not(name !contains 'logs')", {"contoso-logs"}),
        ("(name == 'contoso-logs' or name == 'contoso-aks') and tags.env =~ 'PROD'", {"contoso-aks"}),
        ("tolower(name) == 'contoso-logs' and isnotempty(properties.customerId)", {"contoso-logs"}),
        ("properties.servicePrincipalProfile.clientId == 'msi'", {"contoso-aks"}),
        ("properties.agentPoolProfiles[0].count >= 3", {"contoso-aks"}),
        ("properties['sku'].name == 'PerGB2018' // the workspace\n", {"contoso-logs"}),
        ("array_length(properties.subnets) == 2 and name !in ('contoso-vnet')", {"contoso-vnet-north"}),
        ("properties has 'nodepool1'", {"contoso-aks"}),
    ],
)
def test_conditions_select_resources(rows: Rows, condition: str, expected: set[str]) -> None:
    """Comparisons, and / or / not, parentheses, paths, functions, comments."""
    assert {row["name"] for row in rows(f"resources | where {condition} | project name")} == expected


def test_rows_have_the_columns_of_resource_graph(rows: Rows) -> None:
    """The type is in lower case, and so is the name of the group."""
    row = rows("Resources | where type =~ 'Microsoft.ContainerRegistry/registries'")[0]
    assert row["type"] == "microsoft.containerregistry/registries"
    assert row["resourceGroup"] == "contoso-west"
    assert row["subscriptionId"] == settings.SUBSCRIPTION_ID
    assert row["sku"] == {"name": "Premium", "tier": "Premium"}
    assert row["properties"]["loginServer"] == "contosoregistry.azurecr.io"


def test_private_endpoints_of_a_registry_are_found(rows: Rows) -> None:
    """The query of a dependency map: arrays are expanded, values made text, columns named."""
    query = """
        resources
        | where type =~ 'microsoft.network/privateendpoints'
        | mv-expand connection = properties.privateLinkServiceConnections
        | extend target = tolower(tostring(connection.properties.privateLinkServiceId))
        | where target endswith '/registries/contosoregistry'
        | project id, name, target, subnet = properties.subnet.id, properties.networkInterfaces[0].id
    """
    found = rows(query)
    assert [row["name"] for row in found] == ["contoso-acr-pe"]
    assert found[0]["subnet"].endswith("/virtualNetworks/contoso-vnet/subnets/endpoints")
    assert "/contoso-acr-pe.nic." in found[0]["properties_networkInterfaces_id"]


def test_role_assignments_and_groups_have_tables_of_their_own(rows: Rows) -> None:
    """authorizationresources and resourcecontainers."""
    found = rows(f"authorizationresources | where properties.roleDefinitionId endswith '{PULL}'")
    assert {row["type"] for row in found} == {"microsoft.authorization/roleassignments"}
    groups = rows(
        "resourcecontainers | where type has 'resourcegroups' | where name startswith 'contoso' | order by name"
    )
    assert [row["name"] for row in groups] == ["contoso-west", "contoso-network-north", "contoso-data", "contoso-apps"]


def test_rows_are_ordered_limited_and_counted(rows: Rows) -> None:
    """Descending is what the language does by itself."""
    query = "resources | where type =~ 'microsoft.network/virtualnetworks' | project name, location"
    assert [row["name"] for row in rows(f"{query} | sort by name asc")] == ["contoso-vnet", "contoso-vnet-north"]
    assert [row["name"] for row in rows(f"{query} | order by location desc, name | take 1")] == ["contoso-vnet"]
    assert rows(f"{query} | count") == [{"Count": 2}]


def test_results_come_in_pages(ask: Query) -> None:
    """Page with $top and the skip token to the end."""
    query = "resources | where type =~ 'microsoft.network/virtualnetworks' | project name | order by name asc"
    first = ask(query, **{"$top": 1})
    assert (first.count, first.total_records) == (1, 2)
    second = ask(query, **{"$top": 1, "$skipToken": first.skip_token})
    assert [row["name"] for row in second.data] == ["contoso-vnet-north"]
    assert second.skip_token is None


def test_results_can_be_a_table(ask: Query) -> None:
    """The older result format."""
    table = ask("resources | where name == 'contoso-logs' | project name, location", resultFormat="table").data
    assert table["columns"] == [{"name": "name", "type": "string"}, {"name": "location", "type": "string"}]
    assert table["rows"] == [["contoso-logs", "westeurope"]]


def test_reading_is_enough_to_ask(ask: Query) -> None:
    """A reader gets the rows that the owner gets."""
    reader = ClientSecretCredential(settings.TENANT_ID, settings.READER_CLIENT_ID, settings.READER_SECRET)
    assert ask("resources | count", reader).data[0]["Count"] == ask("resources | count").data[0]["Count"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("resources | summarize count() by type", "the operator 'summarize' is not supported"),
        ("resources | join (resourcecontainers) on name", "the operator 'join' is not supported"),
        ("resources | where name matches 'x'", "the operator 'matches' is not supported"),
        ("resources | extend x = parse_json(name)", "the function 'parse_json' is not supported"),
        ("securityresources | count", "the table 'securityresources' is not supported"),
        ("resources where name == 'x'", "'|' is expected before 'where'"),
        ("resources | where (name == 'x'", "')' is expected before 'the end of the query'"),
        ("resources | take many", "a number is expected before 'many'"),
        ("resources | where name == %", "the text at '%' is not understood"),
        ("", "a name is expected before 'the end of the query'"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(ask: Query, query: str, reason: str) -> None:
    """Never a wrong answer: 400, and the part of the query that it is about."""
    with pytest.raises(HttpResponseError) as error:
        ask(query)
    assert error.value.status_code == 400
    assert error.value.error is not None
    assert error.value.error.code == "BadRequest"
    told = [one.message or "" for one in error.value.error.details or ()]
    assert any(reason.lower() in one.lower() for one in told)
