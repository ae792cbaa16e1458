"""Workloads that pull with a secret: the target joins its entries in the cluster, and leaves them on the way back."""

import base64
import json
from typing import Any

import pytest

from acr_relocate.azure.changes import switching
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.switching.pull_secrets import END_OF_SECRETS, list_secrets
from local_azure.launcher import Emulator
from local_azure.state.settings import OPERATOR_CLIENT_ID, OPERATOR_OBJECT_ID, OPERATOR_SECRET
from tests.contract.clusters import LONG, PULL_SECRET, Cluster, make_cluster
from tests.contract.registry_factory import RegistryFactory

pytestmark = pytest.mark.usefixtures("short_looks")


async def apply_secret(cluster: Cluster, **metadata: Any) -> None:
    """A pull secret with the credentials of a service principal for the source, and a workload that names it."""
    auth = base64.b64encode(f"{OPERATOR_CLIENT_ID}:{OPERATOR_SECRET}".encode()).decode()
    config = json.dumps({"auths": {"docker.io": {"auth": "eDp5"}, cluster.source: {"auth": auth}}})
    secret = {
        "kind": "Secret",
        "type": "kubernetes.io/dockerconfigjson",
        "metadata": {"name": PULL_SECRET, "namespace": "shop"} | metadata,
        "data": {".dockerconfigjson": base64.b64encode(config.encode()).decode()},
    }
    await cluster.run(f"kubectl apply -f - <<'EOF'\n{json.dumps(secret)}\nEOF")
    await cluster.apply("Deployment", "web")


async def lacking(cluster: Cluster) -> list[str]:
    """The names of the secrets that have an entry for the source alone."""
    logs = await cluster.run(list_secrets(cluster.planned()))
    return [line.split()[1] for line in logs.splitlines() if line != END_OF_SECRETS]


async def test_the_credentials_of_a_service_principal_pull_from_the_target(
    emulator: Emulator, factory: RegistryFactory
) -> None:
    cluster = await make_cluster(factory, emulator, "both", OPERATOR_OBJECT_ID, OPERATOR_OBJECT_ID)
    await apply_secret(cluster)
    before, former = await cluster.images(), await cluster.former()

    there = [await switching.switch(cluster.azure, former, LONG, []) for _ in range(2)]
    switched, after = await cluster.images(), await lacking(cluster)
    back = [await switching.restore(cluster.azure, former, LONG) for _ in range(2)]

    assert [str(one) for one in former.secrets] == [f"shop/{PULL_SECRET}"]
    assert [one.kind for one in (*there, *back)] == ["created", "already_there", "removed", "already_there"]
    assert cluster.source not in switched
    assert after == []
    assert await lacking(cluster) == [PULL_SECRET]
    assert await cluster.images() == before
    assert not [one for one in emulator.stats()["writes"] if OPERATOR_SECRET in str(one)]


async def test_credentials_that_the_target_refuses_are_taken_out_again(
    emulator: Emulator, factory: RegistryFactory
) -> None:
    """As those of a token, whose password at the target is another one."""
    cluster = await make_cluster(factory, emulator, "one", OPERATOR_OBJECT_ID)
    await apply_secret(cluster)
    before, former = await cluster.images(), await cluster.former()

    with pytest.raises(RelocationError, match=r"not rolled out: Deployment/shop/web"):
        await switching.switch(cluster.azure, former, 0.5, [])
    await switching.restore(cluster.azure, former, LONG)

    assert await lacking(cluster) == [PULL_SECRET]
    assert await cluster.images() == before


async def test_an_entry_that_others_use_by_now_stays(emulator: Emulator, factory: RegistryFactory) -> None:
    """A workload that is deployed later with an image of the target would not start without it."""
    cluster = await make_cluster(factory, emulator, "used", OPERATOR_OBJECT_ID, OPERATOR_OBJECT_ID)
    await apply_secret(cluster)
    former = await cluster.former()
    await switching.switch(cluster.azure, former, LONG, [])
    await cluster.apply("Deployment", "late")
    await cluster.run(f"kubectl set image deployment/late main={cluster.target}/shop/web:1 --namespace shop")

    await switching.restore(cluster.azure, former, LONG)

    assert await lacking(cluster) == []


async def test_a_secret_that_its_owner_would_set_back_is_named(emulator: Emulator, factory: RegistryFactory) -> None:
    cluster = await make_cluster(factory, emulator, "owned")
    await apply_secret(cluster, labels={"app.kubernetes.io/managed-by": "Helm"})
    former = await cluster.former()

    outcome = await switching.switch(cluster.azure, former, LONG, [])

    assert former.secrets == ()
    assert f"Secret/shop/{PULL_SECRET} (Helm would set it back)" in outcome.reason
    assert await lacking(cluster) == [PULL_SECRET]
