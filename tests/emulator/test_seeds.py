import json
import time
from collections import Counter
from pathlib import Path

import pytest

from local_azure.host import routes  # noqa: F401 - makes the resource types known
from local_azure.seeds import catalogue
from local_azure.state.content import Entry, RegistryContent, Repository
from local_azure.state.manifests import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, digest_of
from local_azure.state.settings import Settings
from local_azure.state.store import Resource
from local_azure.state.world import World

REGISTRY = "Microsoft.ContainerRegistry/registries"


def plant(seed: str) -> World:
    world = World(Settings())
    catalogue.plant(world, seed)
    return world


@pytest.fixture(scope="module")
def world() -> World:
    return plant("demo")


@pytest.fixture(scope="module")
def content(world: World) -> RegistryContent:
    return world.content["contosoregistry"]


def entries(content: RegistryContent) -> list[tuple[Repository, Entry]]:
    return [(one, entry) for one in content.repositories.values() for entry in one.manifests.values()]


def only(world: World, kind: str) -> Resource:
    [found] = world.resources.select(kind)
    return found


def test_everything_in_the_demo_can_be_pulled(content: RegistryContent) -> None:
    """Every blob is there under its own digest, every child of an index, every manifest under its digest."""
    for repository, entry in entries(content):
        assert digest_of(entry.manifest.raw) == entry.manifest.digest
        assert repository.missing(entry.manifest) == []
        assert all(len(repository.blobs[digest]) == size for digest, size in entry.manifest.blobs())
    assert all(digest_of(data) == digest for one in content.repositories.values() for digest, data in one.blobs.items())


def test_demo_has_what_breaks_naive_tools(content: RegistryContent) -> None:
    """Sizes, kinds and oddities that the README of the seeds promises."""
    repositories = content.repositories
    kinds = Counter(entry.manifest.media_type for _, entry in entries(content))
    assert len(repositories) >= 12
    assert any(name.count("/") > 1 for name in repositories)
    assert sum(len(repository.tags) for repository in repositories.values()) > 300
    assert all(kinds[kind] for kind in (OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST))
    per_manifest = Counter(len(entry.tags) for _, entry in entries(content) if entry.tags)
    assert sum(per_manifest[count] for count in (3, 4, 5)) > 100
    artifacts = {entry.manifest.artifact_type() for _, entry in entries(content)}
    assert "application/vnd.cncf.helm.config.v1+json" in artifacts
    assert "application/vnd.contoso.terraform.module.v1" in artifacts
    assert any(tag.endswith(".sig") for tag in repositories["platform/gateway"].tags)
    assert (len(repositories["team-b/archive"].manifests), len(repositories["team-b/archive"].tags)) == (1, 0)


def test_demo_has_attestations_and_untagged_manifests(content: RegistryContent) -> None:
    """Children of unknown architecture in indexes; roots that no tag and no index holds."""
    indexes = [entry.manifest.document() for _, entry in entries(content) if entry.manifest.is_index]
    platforms = Counter(child["platform"]["architecture"] for index in indexes for child in index["manifests"])
    assert platforms["unknown"] > 10
    repository = content.repositories["team-a/sandbox/experiments"]
    assert sum(not entry.tags for entry in repository.manifests.values()) == 9


def test_demo_has_referrers_three_deep(content: RegistryContent) -> None:
    """On an index, on a platform manifest inside it, and on that referrer."""
    repository = content.repositories["platform/gateway"]
    index = repository.resolve("latest")
    assert index is not None
    [signature] = repository.referrers[index.manifest.digest]
    [sbom] = repository.referrers[index.manifest.children[0]]
    [signed_sbom] = repository.referrers[sbom]
    assert len({signature, sbom, signed_sbom}) == 3


def test_demo_has_locks(content: RegistryContent) -> None:
    """On a repository, on tags and on manifests; nothing that cannot be read."""
    repository = content.repositories["legacy/monolith"]
    locked = [tag for tag, one in repository.tags.items() if not (one.attributes.delete and one.attributes.write)]
    assert not repository.attributes.delete
    assert locked == ["v1", "v4"]
    assert sum(not entry.attributes.delete for entry in repository.manifests.values()) == 2
    assert all(entry.attributes.read for entry in repository.manifests.values())


def test_demo_registry_is_known_all_over_azure(world: World) -> None:
    """Children, network, DNS, cluster and logs, tied to each other as in Azure."""
    registry = only(world, REGISTRY)
    kinds = Counter(child.type.rpartition("/")[2] for child in world.resources.children(registry.id))
    expected = {"replications": 2, "webhooks": 2, "tokens": 3, "cacheRules": 2, "tasks": 2, "diagnosticSettings": 1}
    assert {kind: kinds[kind] for kind in expected} == expected
    assert kinds["scopeMaps"] == 7
    assert kinds["privateEndpointConnections"] == 1
    records = {one.name for one in world.resources.select("Microsoft.Network/privateDnsZones/A")}
    assert "contosoregistry" in records
    assert "contosoregistry.westeurope.data" in records
    cluster = only(world, "Microsoft.ContainerService/managedClusters")
    kubelet = cluster.properties["identityProfile"]["kubeletidentity"]["objectId"]
    [pull] = [
        one
        for one in world.resources.children(registry.id, "Microsoft.Authorization/roleAssignments")
        if one.properties["principalId"] == kubelet
    ]
    assert pull.properties["roleDefinitionId"].endswith("7f951dda-4ed3-4680-a7ca-43fe172d538d")


def test_target_region_has_a_subnet_with_the_service_endpoint(world: World) -> None:
    """Beside the one that the registry's network rule names."""
    rules = only(world, REGISTRY).properties["networkRuleSet"]["virtualNetworkRules"]
    apps = [one for one in world.resources.select("Microsoft.Network/virtualNetworks/subnets") if one.name == "apps"]
    endpoints = [one.properties["serviceEndpoints"][0]["service"] for one in apps]
    assert endpoints == ["Microsoft.ContainerRegistry"] * 2
    assert rules[0]["virtualNetworkSubnetResourceId"] in {one.id for one in apps}
    networks = world.resources.select("Microsoft.Network/virtualNetworks")
    assert {one.location for one in networks} == {"westeurope", "northeurope"}


def test_content_survives_a_snapshot(content: RegistryContent) -> None:
    """Tags, dates, locks, referrers, blobs: all as before."""
    saved = json.loads(json.dumps(content.snapshot()))
    restored = RegistryContent.restore(saved)
    assert restored.dump() == content.dump()
    assert restored.snapshot() == content.snapshot()


def test_demo_is_the_same_every_time(content: RegistryContent) -> None:
    """Digests are facts that tests and documents may name."""
    assert plant("demo").content["contosoregistry"].dump() == content.dump()


def test_catalogue_becomes_indexes_and_images(tmp_path: Path) -> None:
    """An index for several architectures, a plain image for one; shared tags go to the first image that has them."""
    images = [
        {"tags": ["2.1-alpine"], "shared": ["2.1", "latest"], "arch": ["amd64", "arm64v8", "arm32v7"]},
        {"tags": ["2.1-windows"], "shared": ["2.1", "latest"], "arch": ["windows-amd64"]},
    ]
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"source": "here", "repositories": {"team/caddy": images, "empty": []}}))
    repository = plant(str(path)).content["contosoregistry"].repositories["team/caddy"]
    alpine, windows = repository.resolve("latest"), repository.resolve("2.1-windows")
    assert alpine is not None
    assert windows is not None
    assert alpine.tags == ("2.1", "2.1-alpine", "latest")
    platforms = [child["platform"] for child in alpine.manifest.document()["manifests"]]
    assert platforms[2] == {"architecture": "arm", "variant": "v7", "os": "linux"}
    assert windows.manifest.media_type == OCI_MANIFEST
    assert [entry for entry in repository.manifests.values() if repository.missing(entry.manifest)] == []


def test_large_catalogue_is_there_in_seconds(tmp_path: Path) -> None:
    """Ten thousand tags, so that benchmarks need no preparation."""
    image = [{"tags": [f"{n}.{tag}" for tag in range(5)], "arch": ["amd64", "arm64v8"]} for n in range(20)]
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"repositories": {f"repository-{number}": image for number in range(100)}}))
    began = time.monotonic()
    content = plant(str(path)).content["contosoregistry"]
    assert time.monotonic() - began < 5
    assert sum(len(repository.tags) for repository in content.repositories.values()) == 10_000


@pytest.mark.parametrize("seed", ["nothing", "/nowhere/catalogue.json"])
def test_unknown_seed_is_named(seed: str) -> None:
    """With what there is instead."""
    with pytest.raises(SystemExit, match=r"there is no seed .* there are demo, fidelity, empty"):
        plant(seed)
