from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.mgmt.containerregistry import ContainerRegistryManagementClient

from local_azure.launcher import Emulator
from local_azure.state import settings
from tests.emulator.conftest import DEMO, GROUP, REGISTRIES, STABLE, MakeRegistry, Send

SOURCE = f"{REGISTRIES}/{DEMO}"


def body(image: str = "charts/shop:0.1.0", *tags: str, **more: Any) -> dict[str, Any]:
    return {"source": {"resourceId": SOURCE, "sourceImage": image}, "targetTags": [*tags] or ["shop:one"], **more}


def tags(emulator: Emulator, registry: str, repository: str = "shop") -> dict[str, str]:
    found: dict[str, str] = emulator.content(registry)["repositories"].get(repository, {"tags": {}})["tags"]
    return found


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("throttle-imports", "BadRequest", "Invalid message 429 Too Many Requests Too Many Requests (HAP429)."),
        ("import-fails-once", "InternalServerError", "internal error"),
    ],
)
def test_import_fails_once_inside_its_operation(
    demo: Emulator,
    acr: ContainerRegistryManagementClient,
    make_registry: MakeRegistry,
    fault: str,
    code: str,
    words: str,
) -> None:
    """Nothing is copied; the next attempt works."""
    target = make_registry()
    demo.arm_fault(fault, repository="charts/shop")
    with pytest.raises(HttpResponseError) as caught:
        acr.registries.begin_import_image(GROUP, target, body(), retry_total=0).result()
    assert caught.value.error is not None
    assert caught.value.error.code == code
    assert words in str(caught.value.error.message)
    assert tags(demo, target) == {}
    acr.registries.begin_import_image(GROUP, target, body()).result()
    assert list(tags(demo, target)) == ["one"]


def test_hanging_import_runs_until_it_is_released(demo: Emulator, arm: Send, make_registry: MakeRegistry) -> None:
    """It is accepted, polls say so for ever, and nothing is copied."""
    target = make_registry()
    demo.arm_fault("import-hangs")
    accepted = arm("POST", f"{REGISTRIES}/{target}/importImage", STABLE, body())
    poll = accepted.headers["Location"].removeprefix("https://management.azure.com").partition("?")[0]
    assert [arm("GET", poll, STABLE).status_code for _ in range(3)] == [202, 202, 202]
    assert tags(demo, target) == {}
    demo.release()
    done = arm("GET", poll, STABLE)
    assert (done.status_code, done.json()) == (200, {"status": "Succeeded"})
    assert list(tags(demo, target)) == ["one"]


def test_500_after_acceptance_hides_a_success(demo: Emulator, arm: Send, make_registry: MakeRegistry) -> None:
    """The client sees an error, the image is there: repeating it is a conflict with oneself."""
    target = make_registry()
    demo.arm_fault("import-500-after-accept")
    answers = [
        arm("POST", f"{REGISTRIES}/{target}/importImage", STABLE, body(), retry_total=0).status_code for _ in range(2)
    ]
    assert answers == [500, 202]
    assert list(tags(demo, target)) == ["one"]


def test_tag_moves_between_request_and_copy(
    demo: Emulator, acr: ContainerRegistryManagementClient, make_registry: MakeRegistry
) -> None:
    """By tag one gets another image than one saw; by digest the one that was asked for."""
    repository = "contoso/data/reporting"
    by_tag, by_digest = make_registry(), make_registry()
    before = tags(demo, DEMO, repository)
    demo.arm_fault("tag-moves-during-import")
    moved = body(f"{repository}:1.0.0", f"{repository}:1.0.0")
    acr.registries.begin_import_image(GROUP, by_tag, moved).result()
    now = tags(demo, DEMO, repository)
    assert now["1.0.0"] != before["1.0.0"]
    assert tags(demo, by_tag, repository)["1.0.0"] == now["1.0.0"]
    demo.arm_fault("tag-moves-during-import")
    pinned = body(f"{repository}@{before['1.0.1']}", f"{repository}:1.0.1")
    acr.registries.begin_import_image(GROUP, by_digest, pinned).result()
    assert tags(demo, by_digest, repository)["1.0.1"] == before["1.0.1"]
    assert tags(demo, DEMO, repository)["1.0.1"] != before["1.0.1"]


@pytest.mark.parametrize("other", [False, True])
def test_somebody_else_was_faster(
    demo: Emulator, acr: ContainerRegistryManagementClient, make_registry: MakeRegistry, other: bool
) -> None:
    """The tag is taken when the import comes to it: by the same image, or by another one."""
    target = make_registry()
    demo.arm_fault("conflict-on-existing-tag", **({"other": True} if other else {}))
    with pytest.raises(HttpResponseError) as caught:
        acr.registries.begin_import_image(GROUP, target, body()).result()
    assert "Tag shop:one already exists in target registry." in str(caught.value)
    same = tags(demo, target)["one"] == tags(demo, DEMO, "charts/shop")["0.1.0"]
    assert same is not other


def test_imports_take_their_time_when_timed(
    start_emulator: Callable[..., Emulator], use_emulator: Callable[[Emulator], Emulator]
) -> None:
    """Not done at the first poll, done later; many at once do not wait for each other."""
    use_emulator(start_emulator(seed="demo", operations="timed"))
    with (
        DefaultAzureCredential() as credential,
        ContainerRegistryManagementClient(credential, settings.SUBSCRIPTION_ID) as client,
    ):
        pollers = [
            client.registries.begin_import_image(GROUP, DEMO, body("charts/shop:0.1.0", f"copied:{number}"))
            for number in range(5)
        ]
        assert not pollers[-1].done()
        for poller in pollers:
            poller.result()
