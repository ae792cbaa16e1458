"""Which dependents a request switches, and what the plan, the map and the rights say of it."""

from typing import Any

import pytest

from acr_relocate.core import dependencies
from acr_relocate.core.cut_over import CutOverAction, build_cut_over, is_satisfied, rights, with_cut_over
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.dependents_to_switch import DependentsToSwitch
from tests.support.builders import content, image, repository, request
from tests.support.surroundings import HERE, SERVER, resource

TARGET = "contosoregistryne.azurecr.io"
ENTRIES = [{"server": SERVER, "identity": "system"}]


def app(name: str = "shop", of: str = "Microsoft.App/containerApps", **configuration: Any) -> dict[str, Any]:
    own = {
        "configuration": {"registries": ENTRIES} | configuration,
        "template": {"containers": [{"name": "main", "image": f"{SERVER}/shop/web:1.4"}]},
    }
    return resource(of, name, own, tags={"env": "prod", "team": "shop"})


def switches(*apps: dict[str, Any], held: Content | None = None, **switch: Any) -> tuple[CutOverAction, ...]:
    asked = request(switch=DependentsToSwitch(**({"enabled": True} | switch)))
    return build_cut_over(HERE, Surroundings(naming=apps), asked, content=held).switches


def test_nothing_is_switched_unless_the_request_says_so() -> None:
    assert switches(app(), enabled=False) == ()


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, ["nightly", "shop"]),
        ({"kinds": ["container_app_job"]}, ["nightly"]),
        ({"names": ["SH*"]}, ["shop"]),
        ({"names": ["/N\\w+/"]}, ["nightly"]),
        ({"resource_groups": ["APPS"]}, ["nightly", "shop"]),
        ({"resource_groups": ["other"]}, []),
        ({"tags": {"env": "prod", "team": ""}}, ["nightly", "shop"]),
        ({"tags": {"env": "test"}}, []),
        ({"tags": {"owner": ""}}, []),
    ],
    ids=str,
)
def test_the_request_selects_by_kind_name_group_and_tag(chosen: dict[str, Any], names: list[str]) -> None:
    """Names without regard to case, as Azure compares them."""
    drawn = switches(app(), app("nightly", "Microsoft.App/jobs"), **chosen)

    assert sorted(one.subject for one in drawn) == names


def test_old_and_new_value_are_said_and_no_setting_else() -> None:
    """In the words that the plan and the approval's question have."""
    [action] = switches(app())

    assert f"main: {SERVER}/shop/web:1.4 -> {TARGET}/shop/web:1.4" in action.what
    assert f"registry: {SERVER} -> {TARGET} (identity system)" in action.what
    assert action.call.body == {}
    assert not is_satisfied(action.look, app())


def test_it_is_no_manual_step_then() -> None:
    """The map says what the cut-over does; an app with a password stays with people, with the reason."""
    asked = request(switch=DependentsToSwitch(enabled=True))
    with_password = app("old", registries=[{"server": SERVER, "username": "pull", "passwordSecretRef": "pull"}])
    around = Surroundings(naming=(app(), with_password))
    drawn = with_cut_over(dependencies.build_map(HERE, around, asked), build_cut_over(HERE, around, asked))
    found = {one.name: one for one in drawn.dependencies if one.kind == "container_app"}

    assert not found["shop"].manual
    assert found["old"].manual
    assert "password" in found["old"].action
    assert "az containerapp registry set" in found["old"].command


def test_what_no_record_can_hold_is_left_to_people() -> None:
    """Instead of ending the plan."""
    [action] = switches(app(registries=[{"server": SERVER, "identity": "something new"}]))

    assert "could not be recorded (identity" in action.refused


def test_another_setting_that_names_the_source_is_left_to_people() -> None:
    """Its name is told, its value is not."""
    entry = app()
    entry["properties"]["template"]["containers"][0]["env"] = [{"name": "BASE", "value": f"{SERVER}/base:1"}]
    [action] = switches(entry)

    assert "template.containers.env.value" in action.leaves
    assert "base:1" not in action.leaves


@pytest.mark.parametrize(
    ("reference", "is_there"),
    [
        (":1.4", True),
        ("", False),
        (":9", False),
        (f"@{image('web').digest}", True),
        (f":9@{image('web').digest}", True),
    ],
)
def test_an_image_that_the_target_lacks_is_not_switched_to(reference: str, is_there: bool) -> None:
    """A selection may leave it out; without a tag it is `latest`."""
    entry = app()
    entry["properties"]["template"]["containers"][0]["image"] = f"{SERVER}/shop/web{reference}"
    held = content(repository("shop/web", image("web"), **{"1.4": "web"}), login_server=TARGET)
    [action] = switches(entry, held=held)

    assert bool(action.refused) != is_there


def test_the_rights_are_asked_for_at_the_app_and_for_the_record() -> None:
    [action] = switches(app())
    needed = rights((action,), request())

    assert set(needed[action.call.path]) >= {
        "Microsoft.App/containerApps/write",
        "Microsoft.App/containerApps/revisions/read",
    }
    [group] = [place for place in needed if place.endswith("/contoso-west")]
    assert "Microsoft.Resources/deployments/write" in needed[group]


def test_the_login_server_of_the_target_is_azures() -> None:
    """It may carry a hash."""
    [action] = switches(
        app(), held=content(repository("shop/web", image("web"), **{"1.4": "web"}), login_server="t-a1b2.azurecr.io")
    )

    assert "-> t-a1b2.azurecr.io/shop/web:1.4" in action.what


def test_an_image_that_no_record_can_hold_is_left_to_people() -> None:
    entry = app()
    entry["properties"]["template"]["containers"][0]["image"] = f"{SERVER}/"
    [action] = switches(entry)

    assert "could not be recorded (image" in action.refused
