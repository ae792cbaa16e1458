"""An estimate after a rehearsal beside the imports that follow, in three realistic Azures: within a quarter."""

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.azure.content.synthetic import push_artifacts
from acr_relocate.azure.resources.registries import read_registry
from acr_relocate.core.rehearsal.artifacts import MEBIBYTE, Artifact, large_before
from acr_relocate.core.report.verdicts import report_verdict
from flows.plan import plan_relocation
from flows.relocate import relocate_registry
from local_azure.launcher import running
from tests.service.conftest import LEAST, Move, make_move
from tests.service.test_rehearse import rehearse

LARGE, COUNT, SHARE = 64, 5, 0.25
PACES = {"slow": ("2.0", "1.2"), "usual": ("1.0", "1.6"), "quick": ("0.2", "2")}
"""Seconds of an import, and the megabytes a second: it takes longer than the ten seconds between two looks at it."""


def artifacts() -> list[Artifact]:
    """Several of the size of the rehearsal's large one, none of which shares its bytes with another."""
    sizes = [(LARGE + number) * MEBIBYTE for number in range(COUNT)]
    made = [large_before(size) for size in sizes]
    return [one.model_copy(update={"repository": f"heavy/{number}"}) for number, one in enumerate(made)]


async def push_to_source(move: Move) -> None:
    """Give the source content of such a size that bytes decide how long its imports take."""
    async with connection() as azure:
        source = await read_registry(azure, move.request.source)
        await push_artifacts(azure.data_plane(source.login_server), artifacts())


@pytest.mark.parametrize("pace", PACES)
async def test_the_estimate_is_within_a_quarter(pace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the duration of the imports, by the emulator's own pace, with the figures of the rehearsal alone."""
    seconds, rate = PACES[pace]
    options = {"import-seconds": seconds, "import-rate": rate, "registry-cap": "500"}
    with running("demo", profile="realistic", pace=options) as emulator:
        for name, value in emulator.env.items():
            monkeypatch.setenv(name, value)
        move = make_move(emulator, (*LEAST, "heavy/*"))
        await push_to_source(move)

        rehearsed = await rehearse(move, large=LARGE)
        assert rehearsed.rehearsal is not None
        plan = await plan_relocation(move.request, rehearsed=rehearsed.rehearsal.times)
        report = await relocate_registry(move.request)

        took = report.imports.seconds
        print(f"{pace}: estimate {plan.estimate.import_seconds:.1f} s, took {took:.1f} s")
        assert report_verdict(rehearsed).endswith(" 0 refused")
        assert plan.estimate.import_seconds == pytest.approx(took, rel=SHARE)
