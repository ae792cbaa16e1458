"""How soon imports and pushes end together, in virtual time, for registries of two real shapes."""

from acr_relocate.core.content.small_artifacts import ARTIFACT_WRITES, IMPORT_BURST, IMPORTS_A_SECOND, PUSH_WRITES
from tests.contract.virtual_time import run
from tests.support.push_schedule import carried_out, planned


def test_the_tags_of_platforms_end_with_their_indexes() -> None:
    """.NET: 809 imports are bound to 60.9 s; with pushes all takes at most 0.35 of that, and no call is refused."""
    plan = planned("dotnet")

    azure = run(carried_out(plan))

    assert (plan.import_calls, len(plan.small)) == (262, 547)
    assert azure.ended <= 0.35 * bound(809)
    assert azure.refused == 0


def test_referrers_go_both_ways() -> None:
    """A signature and an SBOM for each of the Docker Official Images: near the best split, and no call is refused."""
    plan = planned("docker-official-images", signed=True)
    best = min(max(bound(6363 - pushed), written(ARTIFACT_WRITES * pushed)) for pushed in range(4243))

    azure = run(carried_out(plan))

    assert plan.import_calls + len(plan.small) == 6363
    assert azure.ended <= 1.15 * best
    assert azure.ended <= 0.5 * bound(6363)
    assert azure.refused == 0


def bound(imports: int) -> float:
    """The least seconds in which Azure Resource Manager admits so many imports."""
    return (imports - IMPORT_BURST) / IMPORTS_A_SECOND


def written(writes: int) -> float:
    """The least seconds in which a registry takes so many writes, were its bucket refilled evenly."""
    return max(0.0, (writes - PUSH_WRITES) / (PUSH_WRITES / 60))
