"""An edited template is rehearsed with the same edits, at the small target and at nothing else."""

import json
from typing import Any

import pytest

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.rehearsal.edited import not_rehearsed, small_template
from acr_relocate.core.rehearsal.requests import small_relocation, small_source_template
from acr_relocate.core.rehearsal.shape import source_shape
from acr_relocate.core.request.template_file import TemplateFile
from acr_relocate.core.target.edited_template import accept, target_design
from acr_relocate.core.target.template import build_template
from tests.support.builders import child, content, registry, request
from tests.unit.rehearsal.rehearsal_examples import ENDPOINT, SETTING, rehearsal

REGISTRY = "Microsoft.ContainerRegistry/registries"
ALERT = {"type": "Microsoft.Insights/metricAlerts", "apiVersion": "2018-03-01", "name": "theirs", "properties": {}}
FILE = TemplateFile(path="/edited.json", sha256="0" * 64)


def source() -> Registry:
    """With a webhook, a token and what connects it to others."""
    return registry(
        "contosoregistry",
        child("webhooks", "deploy", "westeurope", status="enabled", actions=["push"]),
        child("tokens", "edge", status="enabled", scopeMapId=f"{registry().id}/scopeMaps/pull"),
        child("scopeMaps", "pull", actions=["repositories/contosoregistryne/content/read"]),
        ENDPOINT.model_copy(update={"properties": ENDPOINT.properties | {"privateLinkServiceConnections": LINK}}),
        SETTING,
    )


LINK = [{"name": "one", "properties": {"groupIds": ["registry"]}}]


def edited() -> dict[str, Any]:
    """The generated template, closed to the public, and with an alert of a person's own that the registry waits for."""
    made = json.loads(json.dumps(build_template(None, source(), request()).template))
    [own] = [one for one in made["resources"] if one["type"] == REGISTRY]
    own["properties"] |= {"publicNetworkAccess": "Disabled", "anonymousPullEnabled": True}
    own["dependsOn"] = ["[resourceId('Microsoft.Insights/metricAlerts', 'theirs')]"]
    made["outputs"] = {
        "alert": {"type": "string", "value": "[resourceId('Microsoft.Insights/metricAlerts', 'theirs')]"}
    }
    made["resources"].append(ALERT)
    return dict(made)


def small() -> dict[str, Any]:
    return small_template(edited(), request(template=FILE), rehearsal())


def test_the_edits_are_there_and_the_target_is_the_small_one() -> None:
    """Accepted as the edited template of the small relocation, which then compares its target with the edits."""
    relocation = small_relocation(request(template=FILE), rehearsal(), FILE, replica=False)
    seed = small_source_template(source(), request(), rehearsal())
    stand_in = source().model_copy(update={"id": rehearsal().small_source, "name": "rehearsal0a1b2c3da"})

    made = accept(small(), build_template(None, stand_in, relocation), stand_in, relocation)
    designed = target_design(stand_in, relocation, made.template).registry

    assert designed.properties["anonymousPullEnabled"] is True
    assert {one.kind for one in designed.children} == {"webhooks", "tokens", "scopeMaps"}
    assert {one["type"] for one in seed.template["resources"]} == {one["type"] for one in small()["resources"]}


def test_nothing_of_others_is_in_it() -> None:
    """No other resource, output or dependency on one; its webhooks are silent, it can be reached, and is tagged."""
    text = json.dumps(small())
    by_type = {one["type"]: one for one in small()["resources"]}

    assert not any(word in text for word in ("metricAlerts", "privateEndpoints", "diagnosticSettings", "outputs"))
    assert by_type[f"{REGISTRY}/webhooks"]["properties"]["status"] == "disabled"
    assert by_type[REGISTRY]["properties"]["publicNetworkAccess"] == "Enabled"
    assert by_type[REGISTRY]["tags"].items() >= rehearsal().tags.items()
    assert by_type[REGISTRY]["dependsOn"] == []
    assert small()["parameters"]["registryName"]["defaultValue"] == "rehearsal0a1b2c3db"


def test_a_repository_that_is_called_like_the_target_keeps_its_name() -> None:
    """Only names and ids of resources are the target's."""
    text = json.dumps(small())

    assert "repositories/contosoregistryne/content/read" in text
    assert "registries/contosoregistryne" not in text


def test_a_literal_name_is_the_targets_as_well() -> None:
    """A person may have written it in place of the parameter."""
    whole = json.loads(json.dumps(edited()).replace("[parameters('registryName')]", "contosoregistryne"))

    made = small_template(whole, request(template=FILE), rehearsal())

    assert "contosoregistryne" not in json.dumps(made).replace("repositories/contosoregistryne/", "")


def test_the_types_left_out_are_known_and_a_wrong_template_is_refused() -> None:
    """Before anything is made. Endpoints and settings are tried by themselves."""
    assert not_rehearsed(edited()) == ("Microsoft.Insights/metricAlerts",)
    with pytest.raises(InvalidRequest):
        source_shape(source(), content(), (), request(template=FILE), {"resources": []})
