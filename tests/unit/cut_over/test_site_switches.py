"""Which sites a request switches, alone or through a slot, and what of them is left to people."""

import base64
from typing import Any

import pytest

from acr_relocate.core.access.required_actions import SWITCHING
from acr_relocate.core.cut_over import CutOverAction, build_cut_over, rights
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.request.dependents_to_switch import DependentsToSwitch
from tests.support.builders import request
from tests.support.surroundings import HERE, SERVER, assignment, cluster, resource
from tests.unit.dependencies.dependency_examples import FLUX, OTHERS

TARGET = "contosoregistryne.azurecr.io"
IMAGE = f"DOCKER|{SERVER}/shop/web:1.4"


def site(
    name: str = "shop", image: str = IMAGE, sidecars: tuple[dict[str, Any], ...] = (), **config: Any
) -> dict[str, Any]:
    own = {"siteConfig": {"linuxFxVersion": image, "acrUseManagedIdentityCreds": True} | config}
    made = resource("Microsoft.Web/sites", name, own, kind="app,linux,container")
    return made | {"sitecontainers": [{"name": one.pop("name"), "properties": one} for one in sidecars]}


def switches(*sites: dict[str, Any], **switch: Any) -> tuple[CutOverAction, ...]:
    asked = request(switch=DependentsToSwitch(**({"enabled": True} | switch)))
    return build_cut_over(HERE, Surroundings(sites=sites), asked).switches


def test_the_setting_that_no_plan_may_read_is_announced() -> None:
    """With both values of the image."""
    [action] = switches(site())

    assert f"{SERVER}/shop/web:1.4 -> {TARGET}/shop/web:1.4" in action.what
    assert f"its setting DOCKER_REGISTRY_SERVER_URL, if that names {SERVER}" in action.what


def test_a_function_is_of_its_own_kind() -> None:
    function = site("resize") | {"kind": "functionapp,linux,container"}

    assert [one.subject for one in switches(site(), function, kinds=["function_app"])] == ["resize"]


@pytest.mark.parametrize(
    ("wanted", "slot_image", "expected"),
    [
        ("", IMAGE, ["shop", "shop/staging"]),
        ("staging", IMAGE, ["shop"]),
        ("staging", IMAGE.replace("1.4", "1.5"), ["shop", "shop/staging"]),
        ("other", IMAGE, ["shop", "shop/staging"]),
    ],
)
def test_a_slot_with_the_same_image_is_switched_with_its_app(wanted: str, slot_image: str, expected: list[str]) -> None:
    """If the request names it: otherwise a swap would bring more than another registry."""
    slot = site("shop/slots/staging", slot_image)
    drawn = switches(site(), slot, swap_slot=wanted)

    assert [one.subject for one in drawn] == expected
    assert (f"first in its slot {wanted}" in drawn[0].what) == (len(expected) == 1)


# Its last letter has bits that the text does not have: it is decoded to the same, and would be encoded otherwise.
PLAIN = next(
    plain
    for plain in (base64.b64encode(f"image: {SERVER}/{'a' * length}".encode()).decode() for length in (1, 2, 3))
    if plain.endswith("==")
)
ODD = f"{PLAIN[:-3]}{chr(ord(PLAIN[-3]) + 1)}=="


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (site(acrUseManagedIdentityCreds=False), "a user name and a password"),
        (
            site(sidecars=({"name": "proxy", "image": f"{SERVER}/proxy:1", "authType": "UserCredentials"},)),
            "its container proxy pulls with a user name",
        ),
        (site(image=f"COMPOSE|{ODD}"), "could not be restored to the byte"),
        (site(image=f"DOCKER|{SERVER}/"), "could not be recorded (image"),
    ],
)
def test_a_site_that_cannot_be_restored_or_needs_a_password_is_left(refused: dict[str, Any], why: str) -> None:
    [found] = switches(refused)

    assert why in found.refused


def test_the_rights_are_those_of_the_role() -> None:
    """Each kind that can be switched, with sidecars and a swap, needs the actions of the role and no others."""
    app = site(sidecars=({"name": "proxy", "image": f"{SERVER}/proxy:1", "authType": "SystemIdentity"},))
    slot = site("shop/slots/staging") | {"sitecontainers": app["sitecontainers"]}
    container = {"template": {"containers": [{"name": "main", "image": f"{SERVER}/shop/web:1.4"}]}}
    naming = [resource(f"Microsoft.App/{one}", "x", container) for one in ("containerApps", "jobs")]
    naming += [resource("Microsoft.MachineLearningServices/workspaces", "x", {"containerRegistry": HERE.id}), FLUX]
    filled = {"sourceRepository": f"{SERVER}/base/*", "targetRepository": "base/*"}
    downstream = [{"id": f"{OTHERS}/cacheRules/base1", "name": "base1", "properties": filled}]
    downstream += [{"id": f"{OTHERS}/tasks/nightly", "name": "nightly", "properties": {}}]
    around = Surroundings(
        sites=(app, slot),
        naming=tuple(naming),
        clusters=(cluster(),),
        downstream=tuple(downstream),
        role_assignments=(assignment("kubelet-1"),),
    )
    asked = request(switch=DependentsToSwitch(enabled=True, swap_slot="staging"))
    drawn = build_cut_over(HERE, around, asked).switches

    needed = {action for actions in rights(drawn, asked).values() for action in actions}
    assert {one for one in needed if "/deployments/" not in one} == set(SWITCHING)
