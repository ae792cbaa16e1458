"""One registry's import divided among workers: each brings whole repositories, and nothing depends on any of them."""

import os
import signal
from typing import Any

import pytest

from acr_relocate.core.report.report import Report
from deployments.processes import wait_until
from local_azure.launcher import Emulator
from tests.batch import fleet
from tests.batch.service import PATIENCE, Service, process_of

pytestmark = pytest.mark.usefixtures("workers")
SLOW = "base/nginx"
SELECTED = ("platform/gateway", SLOW, "legacy/monolith")


def divided(azure: Emulator, name: str) -> dict[str, Any]:
    """The request for two workers; its target is there, and empty."""
    group = f"{fleet.HERE}/{name}-group"
    azure.plant(group, location="northeurope", properties={"provisioningState": "Succeeded"})
    azure.plant(
        fleet.registry(name, f"{name}-group"),
        name=name,
        type=fleet.TYPE,
        location="northeurope",
        sku={"name": "Premium", "tier": "Premium"},
        properties={"loginServer": f"{name}.azurecr.io", "provisioningState": "Succeeded"},
    )
    return {
        "source": {
            "subscription_id": fleet.SUBSCRIPTION,
            "resource_group": "contoso-west",
            "name": fleet.PRIVATE,
        },
        "target": {"resource_group": f"{name}-group", "name": name, "location": "northeurope"},
        "selection": {"repositories": list(SELECTED)},
        "workers": 2,
    }


def finished(service: Service, run: str) -> tuple[Report, list[str]]:
    """The report of an import, and how its parts ended."""
    service.api.wait(run, "Completed")
    began = service.api.run(run)["start_time"]
    parts = service.runs("import-part", start_time={"after_": began})
    return service.api.report(run), sorted(part["state_name"] for part in parts)


def repositories(part: dict[str, Any]) -> list[str]:
    named: list[str] = part["parameters"]["request"]["selection"]["repositories"]
    return named


def held(azure: Emulator, name: str) -> dict[str, Any]:
    """Tags and digests of what is selected."""
    found = azure.content(name)["repositories"]
    return {one: (found[one]["tags"], sorted(found[one]["manifests"])) for one in found if one in SELECTED}


def test_two_workers_bring_one_registry(service: Service, azure: Emulator) -> None:
    """Each artifact is imported once, by one of two runs, while the import has the registry; its report counts all."""
    azure.reset_stats()

    report, parts = finished(service, service.api.start("sync", divided(azure, "twoworkers")))

    assert held(azure, "twoworkers") == held(azure, fleet.PRIVATE)
    assert parts == ["Completed", "Completed"]
    assert azure.stats()["imports"] == report.imports.created == report.imports.total > len(SELECTED)
    assert (report.imports.already_there, report.imports.failed) == (0, 0)


def test_what_a_lost_part_had_still_to_bring_the_import_brings(service: Service, azure: Emulator) -> None:
    """A part is killed during its work; without any help, the import is complete."""
    azure.arm_fault("import-hangs", repository=SLOW, times=1)
    run = service.api.start("sync", divided(azure, "lostpart"))
    assert wait_until(lambda: azure.faults()["import-hangs"]["taken"] == 1, PATIENCE)
    parts = service.runs("import-part", state={"type": {"any_": ["RUNNING"]}})
    (lost,) = (part for part in parts if SLOW in repositories(part))
    os.kill(process_of(lost), signal.SIGKILL)
    azure.clear_faults()

    _, ended = finished(service, run)

    assert held(azure, "lostpart") == held(azure, fleet.PRIVATE)
    assert ended == ["Completed", "Crashed"]
