"""An edited template: accepted parts, refused parts, and the comparison afterwards."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.identity import PLAN_TAG, plan_id, relocation_id
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.template_file import TemplateFile
from acr_relocate.core.target.edited_template import read_back, target_design, target_template
from acr_relocate.core.target.template import TargetTemplate, build_template
from acr_relocate.core.verification import compare_settings
from tests.support.builders import child, registry, request

Json = dict[str, Any]

HOOK = child("webhooks", "deploy", "westeurope", status="enabled", scope="", actions=["push"])
TIMER = {"timerTriggers": [{"name": "weekly", "schedule": "0 3 * * 0", "status": "Enabled"}]}
PURGE = child(
    "tasks",
    "purge",
    "westeurope",
    status="Enabled",
    platform={"os": "Linux"},
    step={"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4wCg=="},
    trigger=TIMER,
)
MAP = child("scopeMaps", "ci-map", actions=["repositories/app/content/read"], type="UserDefined")
TOKEN = child("tokens", "ci-token", scopeMapId=f"{registry().id}/scopeMaps/ci-map", status="enabled")
SETTING = child("diagnosticSettings", "logs", workspaceId="/subscriptions/s/resourceGroups/g/providers/a/b/c")
SOURCE = registry("contosoregistry", HOOK, PURGE, MAP, TOKEN, SETTING)


def made() -> Json:
    return copy.deepcopy(build_template(None, SOURCE, request()).template)


def of(template: Json, kind: str) -> Json:
    [found] = [one for one in template["resources"] if one["type"].endswith(kind)]
    result: Json = found
    return result


def asked() -> RelocationRequest:
    return request(template=TemplateFile(path="/edited.json", sha256="ab" * 32))


def accepted(template: Json) -> TargetTemplate:
    return target_template(None, SOURCE, asked(), template)


def test_without_an_edited_template_the_made_one_is_deployed() -> None:
    """Nothing changes for who edits nothing."""
    assert target_template(None, SOURCE, request(), None) == build_template(None, SOURCE, request())


def test_an_untouched_template_means_the_same_registry() -> None:
    """Read back without Azure it is the very target that was designed, so that nothing else would be expected."""
    design = target_design(SOURCE, request(), None)

    again = read_back(build_template(None, SOURCE, request()).template, request())

    assert {(one.kind, one.name): one for one in again.children} == {
        (one.kind, one.name): one for one in design.registry.children
    }
    assert again.model_copy(update={"children": ()}) == design.registry.model_copy(update={"children": ()})


def test_what_was_edited_is_what_is_deployed_and_expected() -> None:
    """The target is compared with the edited template: what the person decided is no difference."""
    template = made()
    of(template, "registries")["sku"] = {"name": "Standard"}
    of(template, "scopeMaps")["properties"]["actions"] = ["repositories/other/content/read"]
    template["resources"].remove(of(template, "diagnosticSettings"))

    target = accepted(template)

    there = read_back(target.template, asked())
    assert (there.sku, there.children_of("diagnosticSettings")) == ("Standard", ())
    assert compare_settings(SOURCE, there, asked(), target.deferred, template) == ()
    differing = {one.subject for one in compare_settings(SOURCE, there, request(), target.deferred)}
    assert differing == {"sku", "scopeMaps/ci-map.actions", "diagnosticSettings/logs"}


def test_it_is_another_plan_of_the_same_relocation() -> None:
    """An approval is for one edit; the target that a first try has left behind is still this relocation's."""
    target = accepted(made())

    assert plan_id(asked()) != plan_id(request())
    assert of(target.template, "registries")["tags"][PLAN_TAG] == relocation_id(request())
    assert [note.code for note in target.notes][-1] == "template_edited"


def test_webhooks_that_were_taken_out_get_no_secret() -> None:
    """Their parameters go with them, and so do their values."""
    template = made()
    template["resources"].remove(of(template, "webhooks"))
    template["parameters"] = {"registryName": template["parameters"]["registryName"]}

    assert accepted(template).webhooks == ()


def test_a_task_that_was_taken_out_is_no_longer_deferred() -> None:
    """A resource that is not deployed is not to be enabled later."""
    template = made()
    template["resources"].remove(of(template, "tasks"))

    assert build_template(None, SOURCE, request()).deferred["tasks"] == {"purge": {"status": "Enabled"}}
    assert "tasks" not in accepted(template).deferred


def test_a_policy_that_would_eat_what_is_imported_is_a_decision() -> None:
    """A person may want it so; the plan says what that means."""
    template = made()
    of(template, "registries")["properties"]["policies"]["retentionPolicy"] = {"days": 7, "status": "enabled"}

    assert [note.code for note in accepted(template).notes][-1] == "policy_not_deferred"


Edit = Callable[[Json], object]
REFUSED: dict[str, tuple[Edit, str]] = {
    "no template": (lambda t: t.update(resources="none"), "no list `resources`"),
    "a resource without a type": (lambda t: t["resources"].append({"name": "x"}), "no list `resources`"),
    "another registry": (
        lambda t: t["parameters"]["registryName"].update(defaultValue="contosoother"),
        "is of contosoother, not of contosoregistryne",
    ),
    "a child of another registry": (
        lambda t: of(t, "scopeMaps").update(name="contosoother/ci-map"),
        "scopeMaps contosoother/ci-map is of contosoother",
    ),
    "another region": (lambda t: of(t, "registries").update(location="uksouth"), "its registry is in uksouth"),
    "two registries": (lambda t: t["resources"].append(copy.deepcopy(of(t, "registries"))), "2 registries"),
    "no registry": (lambda t: t["resources"].remove(of(t, "registries")), "0 registries"),
    "an undeclared parameter": (
        lambda t: of(t, "registries").update(location="[parameters('place')]"),
        "uses the parameter place without declaring it",
    ),
    "a parameter without a value": (
        lambda t: t["parameters"].update(place={"type": "string"}),
        "its parameter place has no value",
    ),
    "a secret as a default": (
        lambda t: t["parameters"]["webhook_deploy_serviceUri"].update(defaultValue="https://hooks.example"),
        "secure parameter webhook_deploy_serviceUri has a default value",
    ),
    "a secret in clear": (
        lambda t: of(t, "webhooks")["properties"].update(serviceUri="https://hooks.example"),
        "has its serviceUri in clear",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_a_template_for_this_target_is_refused(name: str) -> None:
    """Before anything is written, with what is wrong and where to start again."""
    edit, said = REFUSED[name]
    template = made()
    edit(template)

    with pytest.raises(InvalidRequest, match="is not a template for contosoregistryne") as caught:
        accepted(template)

    assert said in str(caught.value)
    assert "--template-out" in str(caught.value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    """One message for two mistakes."""
    template = made()
    of(template, "registries")["location"] = "uksouth"
    template["parameters"]["place"] = {"type": "string"}

    with pytest.raises(InvalidRequest) as caught:
        accepted(template)

    assert "uksouth" in str(caught.value)
    assert "parameter place" in str(caught.value)


def test_what_only_azure_can_evaluate_is_not_expected() -> None:
    """An expression of the person's own is deployed as it is, and left out of the comparison."""
    template = made()
    of(template, "registries")["properties"]["publicNetworkAccess"] = "[if(true(), 'Enabled', 'Disabled')]"

    there: Registry = read_back(template, asked())

    assert "publicNetworkAccess" not in there.properties
    assert of(accepted(template).template, "registries")["properties"]["publicNetworkAccess"].startswith("[if(")
