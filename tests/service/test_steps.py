"""Fail at each step of a relocation, before and after what it does, then run again: it completes, whatever it was."""

from collections.abc import Callable
from typing import Any

import pytest

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.content import listing
from acr_relocate.azure.resources import deployments, registries
from acr_relocate.core.errors import RelocationError
from flows.plan import plan_relocation
from flows.relocate import relocate_registry
from tests.service.conftest import Move, roots

READS: list[tuple[Any, str]] = [
    (registries, "read_registry"),
    (registries, "find_registry"),
    (listing, "list_content"),
    (deployments, "validate"),
]
WRITES: list[tuple[Any, str]] = [
    (deployments, "ensure_resource_group"),
    (deployments, "deploy"),
    (registries, "import_image"),
    (DataPlane, "set_attributes"),
]


class Lightning(RelocationError):
    """An error that no policy retries."""


async def struck(*_: object, **__: object) -> None:
    """In place of a step: the process is killed there."""
    raise Lightning("struck by lightning")


def breaking(step: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """The step, but struck by lightning the first time: before it does anything, or when it has done all."""
    struck = False

    async def broken(*arguments: Any, **options: Any) -> Any:
        nonlocal struck
        if struck:
            return await step(*arguments, **options)
        struck = True
        if after:
            await step(*arguments, **options)
        raise Lightning("struck by lightning")

    return broken


@pytest.mark.parametrize(
    ("where", "name", "after"),
    [pytest.param(*step, False, marks=pytest.mark.thorough) for step in READS]
    + [pytest.param(*step, False, marks=pytest.mark.thorough) for step in WRITES]
    + [(*step, True) for step in WRITES],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
async def test_a_relocation_that_failed_at_a_step_completes_when_run_again(
    where: Any, name: str, after: bool, small_move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run fails, the second completes, and nothing is imported twice."""
    monkeypatch.setattr(where, name, breaking(getattr(where, name), after=after))

    with pytest.raises(RelocationError):
        await relocate_registry(small_move.request)
    report = await relocate_registry(small_move.request)

    source, target = small_move.contents()
    assert report.verdict == "relocated"
    assert source == target
    assert small_move.emulator.stats()["import_calls"] == roots(source)


async def test_an_export_that_fails_is_no_reason_to_stop(small_move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """The target is made from what was read, and the plan says that there was no export to compare with."""
    monkeypatch.setattr(deployments, "export_template", breaking(deployments.export_template, after=False))

    plan = await plan_relocation(small_move.request)
    report = await relocate_registry(small_move.request)

    assert plan.difference.startswith("# not exported: struck by lightning")
    assert report.verdict == "relocated"
