"""Duration and time without pulls or pushes: from known limits only."""

import pytest

from acr_relocate.core.plan.estimate import estimate, geo_replication, methods
from tests.support.builders import child, registry, request, target_ref

OTHER = "33333333-3333-3333-3333-333333333333"


@pytest.mark.parametrize(("imports", "seconds"), [(0, 0), (1, 10), (200, 10), (1200, 110)])
def test_imports_take_as_long_as_the_write_budget_says(imports: int, seconds: float) -> None:
    """200 at once, then 10 a second, and one import's own time."""
    assert estimate(imports).import_seconds == seconds


@pytest.mark.parametrize(
    ("imports", "sizes", "longest"),
    [
        (1, (1_000,), 10.0),
        (1, (30_000_000_000,), 3010.0),
        (1200, (1_000_000,) * 1200, 110.0),
        (1200, (100_000_000,) * 1200, 610.0),
    ],
)
def test_bytes_may_take_longer_than_calls(imports: int, sizes: tuple[int, ...], longest: float) -> None:
    """One import at 10 MB/s, all together at 200: assumed until a rehearsal measures it."""
    found = estimate(imports, sizes, concurrency=256)

    assert found.longest_seconds == pytest.approx(longest, rel=0.01)
    assert found.import_seconds <= found.longest_seconds


@pytest.mark.parametrize(("imports", "recommended"), [(0, "cold"), (1, "warm"), (5000, "warm")])
def test_one_method_is_recommended(imports: int, recommended: str) -> None:
    """Warm, because pulls go on; cold where there is nothing to keep level. Never hot: there is no such thing."""
    found = methods(estimate(imports), imports)

    assert [method.name for method in found if method.recommended] == [recommended]
    assert found[-1].downtime_seconds is None
    assert all(method.why for method in found if method.recommended)


def test_a_cold_relocation_is_down_throughout() -> None:
    """A warm one only for its last run."""
    cold, warm, _ = methods(estimate(1200), 1200)

    assert (cold.downtime_seconds, warm.downtime_seconds) == (120, 10)


@pytest.mark.parametrize(
    ("source", "target", "fits", "word"),
    [
        (registry(), {}, True, "az acr replication create"),
        (registry("contosoregistry", child("replications", "northeurope", "northeurope")), {}, True, "already"),
        (registry(sku="Standard"), {}, False, "Premium"),
        (registry(), {"subscription_id": OTHER}, False, "another subscription"),
    ],
)
def test_geo_replication_is_named_where_it_fits(source: object, target: dict[str, str], fits: bool, word: str) -> None:
    """Always with what it does not do: the home region stays."""
    found = geo_replication(source, request(target=target_ref(**target)))  # type: ignore[arg-type]

    assert found.fits is fits
    assert word in found.why
    assert "home region stays westeurope" in found.why
