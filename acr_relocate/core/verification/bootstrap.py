"""AKS clusters that still bootstrap from the source although the target could serve them."""

from __future__ import annotations

from collections.abc import Iterator

from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.bootstrap import CACHE_RULE, started_from, why_unfit
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.verification.differences import Difference, difference


def compare_bootstrap(source: Registry, target: Registry, around: Surroundings) -> Iterator[Difference]:
    """Yield each cluster that bootstraps from the source. If the target cannot serve it, the report says why."""
    if why_unfit(target):
        return
    for cluster in started_from(source, readable_items(around.clusters)):
        yield difference(
            "dependent",
            f"bootstrap registry of {cluster['name']}",
            f"the nodes of {cluster['name']} still start from {source.name}, by its cache rule {CACHE_RULE}",
            sides=(source.name, source.name),
            cause="The cut-over did not change the cluster, or somebody has changed it back.",
            remedy="Run `acr-relocate cut-over` again, with an identity that may write the cluster.",
        )
