"""Workloads of a cluster are switched by commands that run in it, and those of other owners are left."""

import pytest

from acr_relocate.azure.changes import switching
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.switching.workloads import LIST_WORKLOADS, with_earlier
from local_azure.launcher import Emulator
from tests.contract.clusters import LONG, Cluster, make_cluster
from tests.contract.registry_factory import RegistryFactory

pytestmark = pytest.mark.usefixtures("short_looks")


@pytest.fixture(name="cluster")
async def _cluster(emulator: Emulator, factory: RegistryFactory, request: pytest.FixtureRequest) -> Cluster:
    return await make_cluster(factory, emulator, request.node.name)


async def test_every_kind_goes_there_and_back_and_owned_ones_stay(cluster: Cluster) -> None:
    """Owners are told by label, annotation, owner reference and field manager; they are named for people."""
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "CronJob"):
        await cluster.apply(kind, f"plain-{kind.lower()}")
    labels = {"app.kubernetes.io/managed-by": "Helm"}
    await cluster.apply("Deployment", "of-helm", labels=labels)
    await cluster.apply("Deployment", "of-argo", annotations={"argocd.argoproj.io/tracking-id": "shop:apps/Deployment"})
    await cluster.apply("Deployment", "of-flux", manager="kustomize-controller")
    await cluster.apply("Deployment", "of-operator", ownerReferences=[{"kind": "ShopOperator"}])
    before, former = await cluster.images(), await cluster.former()

    there = [await switching.switch(cluster.azure, former, LONG, []) for _ in range(2)]
    switched = await cluster.images()
    back = [await switching.restore(cluster.azure, former, LONG) for _ in range(2)]

    assert [one.kind for one in (*there, *back)] == ["created", "already_there", "removed", "already_there"]
    for line in switched.splitlines():
        assert (cluster.source in line) == line.startswith("of-"), line
    for owner in ("of-helm (Helm", "of-argo (Argo CD", "of-flux (Flux", "of-operator (ShopOperator"):
        assert owner in there[0].reason
    assert "references rewrite" in there[0].reason
    assert await cluster.images() == before


async def test_one_that_is_not_rolled_out_takes_the_others_back(cluster: Cluster, emulator: Emulator) -> None:
    await cluster.apply("Deployment", "good")
    await cluster.apply("Deployment", "hanging")
    before, former = await cluster.images(), await cluster.former()
    emulator.arm_fault("rollout-hangs", workload="hanging")

    with pytest.raises(RelocationError, match=r"not rolled out: Deployment/shop/hanging"):
        await switching.switch(cluster.azure, former, 0.5, [])
    restored = await switching.restore(cluster.azure, former, LONG)

    assert restored.kind == "removed"
    assert await cluster.images() == before


async def test_only_the_wanted_namespaces_and_what_was_healthy(cluster: Cluster, emulator: Emulator) -> None:
    await cluster.apply("Deployment", "here")
    await cluster.apply("Deployment", "elsewhere", namespace="other")
    emulator.arm_fault("rollout-hangs", workload="ill")
    await cluster.apply("Deployment", "ill")
    former = await cluster.former("shop*")

    outcome = await switching.switch(cluster.azure, former, LONG, [])

    assert [one.name for one in former.workloads] == ["here"]
    assert "Deployment/shop/ill (it was not rolled out before)" in outcome.reason
    assert await switching.find_former(cluster.azure, cluster.planned("nowhere"), RenameMap()) is None


async def test_what_somebody_has_deployed_since_stays(cluster: Cluster) -> None:
    await cluster.apply("Deployment", "web")
    former = await cluster.former()
    await switching.switch(cluster.azure, former, LONG, [])
    await cluster.run(f"kubectl set image deployment/web main={cluster.target}/shop/web:2 --namespace shop")

    left = await switching.restore(cluster.azure, former, LONG)

    assert left.kind == "skipped"
    assert "changed since by others: Deployment/shop/web" in left.reason


async def test_one_that_somebody_has_deployed_since_keeps_no_other_from_going_back(cluster: Cluster) -> None:
    """Over weeks somebody always deploys something; and what is new by a second switch joins the first ones."""
    for name in ("web", "newer"):
        await cluster.apply("Deployment", name)
    first = await cluster.former()
    await switching.switch(cluster.azure, first, LONG, [])
    await cluster.run(f"kubectl set image deployment/newer main={cluster.target}/shop/web:2 --namespace shop")
    await cluster.apply("Deployment", "late")
    both = with_earlier(await cluster.former(), first)

    switched = await switching.switch(cluster.azure, both, LONG, [])
    back = await switching.restore(cluster.azure, both, LONG)
    lines = {line.split()[0]: line for line in (await cluster.images()).splitlines()}

    assert [one.name for one in both.workloads] == ["web", "newer", "late"]
    assert (switched.kind, back.kind) == ("created", "removed")
    assert "changed since by others: Deployment/shop/newer" in back.reason
    assert [cluster.target in lines[name] for name in ("web", "late", "newer")] == [False, False, True]


def test_no_value_of_a_variable_is_asked_for() -> None:
    """Only columns with names, images, owners and states leave a cluster."""
    assert "env" not in LIST_WORKLOADS
    assert "-o json" not in LIST_WORKLOADS
