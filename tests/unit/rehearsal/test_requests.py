"""The small registry is shaped like the source and calls no one; its relocation has the same mappings."""

import json

from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.rehearsal.requests import NO_RECEIVER, is_closed, small_relocation, small_source_template
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.template_file import TemplateFile
from tests.support.builders import child, registry, request, selection
from tests.unit.rehearsal.rehearsal_examples import rehearsal

NETWORK = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/g/providers/Microsoft.Network"
WEST, NORTH = (f"{NETWORK}/virtualNetworks/{name}/subnets/apps" for name in ("west", "north"))
SOURCE = registry(
    "contosoregistry",
    child("webhooks", "deploy", "westeurope", status="enabled", actions=["push"]),
    child("tokens", "edge", status="enabled"),
    child("cacheRules", "busybox", sourceRepository="mcr.microsoft.com/busybox", targetRepository="busybox"),
    child("privateEndpoints", "endpoint", "westeurope", subnet={"id": WEST}),
    child("diagnosticSettings", "logs", workspaceId="workspace"),
    properties={
        "policies": {"retentionPolicy": {"days": 30, "status": "enabled"}},
        "networkRuleSet": {"defaultAction": "Deny", "virtualNetworkRules": [{"id": WEST}]},
    },
    tags={"env": "prod"},
)


def test_the_small_source_has_the_settings_and_children_of_the_source() -> None:
    """SKU, network rules and children, in the source's region; tags say whose it is."""
    template = small_source_template(SOURCE, request(), rehearsal()).template
    small, *children = template["resources"]

    assert (small["location"], small["sku"]) == ("westeurope", {"name": "Premium"})
    assert small["tags"] == {"env": "prod"} | rehearsal().tags
    assert small["properties"]["policies"]["retentionPolicy"]["days"] == 30
    assert WEST in json.dumps(small["properties"]["networkRuleSet"])
    assert [one["type"].rpartition("/")[2] for one in children] == ["cacheRules", "tokens", "webhooks"]
    assert template["parameters"]["registryName"]["defaultValue"] == ResourceId(rehearsal().small_source).name


def test_nothing_of_it_reaches_others() -> None:
    """Its webhooks are disabled, and no secret of the source is asked for."""
    made = small_source_template(SOURCE, request(), rehearsal())
    [webhook] = [one for one in made.template["resources"] if one["type"].endswith("/webhooks")]

    assert made.webhooks == ()
    assert webhook["properties"]["status"] == "disabled"
    assert webhook["properties"]["serviceUri"] == NO_RECEIVER
    assert not any(one["type"].startswith("secure") for one in made.template["parameters"].values())
    assert "contosoregistry" not in json.dumps(made.template)


def test_a_replica_that_is_measured_is_not_there_before() -> None:
    """Nor is a webhook of its region; those of other regions are."""
    source = registry(
        "contosoregistry",
        child("replications", "north", "northeurope"),
        child("replications", "france", "francecentral"),
        child("webhooks", "there", "northeurope", status="enabled"),
    )

    made = small_source_template(source, request(), rehearsal(), replica=True).template

    assert "northeurope" not in json.dumps(made["resources"])
    assert "francecentral" in json.dumps(made["resources"])


def test_a_source_without_public_access_is_rehearsed_with_it() -> None:
    """Its private endpoints are left out, so that nothing could reach the small one otherwise."""
    closed = registry("contosoregistry", properties={"publicNetworkAccess": "Disabled"})

    [small] = small_source_template(closed, request(), rehearsal()).template["resources"]

    assert is_closed(closed)
    assert small["properties"]["publicNetworkAccess"] == "Enabled"


def test_the_mappings_stay_and_the_rest_is_left_out() -> None:
    """Subnets and replacements as in the request; no selection, question, vault or deletion of the real one."""
    real = request(
        subnets={WEST: NORTH},
        replacements={"a": "b"},
        approvals=[Stage.BEFORE_DEPLOY, Stage.BEFORE_DELETE],
        selection=selection(repositories=["app"]),
        token_vault="passwords",
        delete_source=True,
        cut_over=False,
    )

    small = small_relocation(real, rehearsal(), TemplateFile(), replica=False)

    assert (small.subnets, small.replacements) == (real.subnets, real.replacements)
    assert (small.source.resource_id, small.target_id) == (rehearsal().small_source, rehearsal().small_target)
    assert small.target.location == "northeurope"
    assert (small.approvals, small.token_vault, small.delete_source, small.cut_over) == ([], "", False, True)
    assert small.selection == selection()
