"""The lifelike seed: `contosoregistry` in West Europe, with what breaks tools that copy tags and nothing else."""

from typing import Final

from local_azure.seeds import surroundings
from local_azure.seeds.images import RepositoryBuilder
from local_azure.state.content import Attributes, Repository
from local_azure.state.manifests import Manifest
from local_azure.state.world import World

DAY: Final = 86_400.0
ARCHES: Final = ("amd64", "arm64")
READ_ONLY: Final = Attributes(delete=False, write=False)

# Services of one platform, released like most: a version, its build, its commit, and the floating names above it.
SERVICES: Final = {
    "contoso/shop/frontend": 14,
    "contoso/shop/cart": 12,
    "contoso/shop/payments": 10,
    "contoso/shop/catalog": 9,
    "contoso/shop/checkout": 8,
    "contoso/identity/login": 8,
    "contoso/data/ingest": 7,
    "contoso/data/reporting": 6,
}


def plant(world: World) -> None:
    """Plant the registry, its surroundings in Azure, and its content."""
    content = surroundings.plant(world)
    start = world.clock.now() - 400 * DAY

    def shelf(name: str) -> RepositoryBuilder:
        nonlocal start
        start += DAY
        return RepositoryBuilder(content.repository(name, start), start)

    for name, releases in SERVICES.items():
        _services(shelf(name), name, releases)
    _base_images(shelf("base/nginx"))
    _docker_images(shelf("base/python"))
    _signed_images(shelf("platform/gateway"))
    _locked_images(shelf("legacy/monolith"))
    _charts(shelf("charts/shop"))
    _modules(shelf("artifacts/terraform/network"))
    _experiments(shelf("team-a/sandbox/experiments"))
    # Nothing but one untagged image: what is left of a repository whose tags were all deleted.
    shelf("team-b/archive").image("team-b/archive:0.1.0")


def tags_of(repository: str, number: int, releases: int) -> list[str]:
    """Return three to five tags of a release: `1.4.0`, `build-…`, `git-…`, and `1.4`, `1`, `latest` for the newest."""
    minor, patch = divmod(number, 3)
    newest_patch = patch == 2 or number == releases - 1
    commit = f"{(number + 1) * 2_654_435_761 + len(repository):08x}"[-7:]
    tags = [f"1.{minor}.{patch}", f"build-{20_250_000 + number * 37}", f"git-{commit}"]
    tags += [f"1.{minor}"] if newest_patch else []
    return tags + (["latest"] if number == releases - 1 else [])


def _services(shelf: RepositoryBuilder, name: str, releases: int) -> None:
    """Plant single-platform OCI images; every third release is an index with attestations."""
    for number in range(releases):
        tags = tags_of(name, number, releases)
        label = f"{name}:{tags[0]}"
        image = shelf.index(label, ARCHES, attested=True) if number % 3 == 2 else shelf.image(label)
        shelf.tag(image, *tags)


def _base_images(shelf: RepositoryBuilder) -> None:
    """Plant multi-platform OCI indexes with attestation children."""
    for minor in range(20, 28):
        label = f"nginx:1.{minor}.0"
        index = shelf.index(label, (*ARCHES, "s390x"), attested=True)
        shelf.tag(index, f"1.{minor}.0", f"1.{minor}", f"1.{minor}.0-bookworm", f"1.{minor}-bookworm")
        alpine = shelf.index(f"{label}-alpine", ARCHES, attested=True)
        shelf.tag(alpine, f"1.{minor}.0-alpine", f"1.{minor}-alpine", f"1.{minor}.0-alpine3.20")
    shelf.tag(index, "1", "latest")


def _docker_images(shelf: RepositoryBuilder) -> None:
    """Plant Docker schema 2: manifest lists, and plain images."""
    for minor in range(9, 14):
        listed = shelf.index(f"python:3.{minor}.1", (*ARCHES, "ppc64le"), docker=True)
        shelf.tag(listed, f"3.{minor}.1", f"3.{minor}", f"3.{minor}.1-bookworm", f"3.{minor}-bookworm")
        slim = shelf.image(f"python:3.{minor}.1-slim", docker=True)
        shelf.tag(slim, f"3.{minor}.1-slim", f"3.{minor}-slim", f"3.{minor}.1-slim-bookworm")


def _signed_images(shelf: RepositoryBuilder) -> None:
    """Plant signatures of both kinds, an SBOM on a platform manifest, and the signature of that SBOM."""
    for number in range(6):
        label = f"platform/gateway:2.{number}.0"
        index = shelf.index(label, ARCHES, attested=True)
        shelf.tag(index, f"2.{number}.0", f"2.{number}", f"release-{number}")
        if number >= 3:
            shelf.cosign(index)
        if number == 5:
            _refer_to(shelf, index)
            shelf.tag(index, "2", "latest")


def _refer_to(shelf: RepositoryBuilder, index: Manifest) -> None:
    shelf.artifact("application/vnd.cncf.notary.signature", {"signature.jws": '{"payload":"…"}'}, subject=index)
    platform = shelf.repository.manifests[index.children[0]].manifest
    sbom = shelf.artifact("application/spdx+json", {"sbom.spdx.json": '{"spdxVersion":"SPDX-2.3"}'}, subject=platform)
    shelf.artifact("application/vnd.cncf.notary.signature", {"sbom.jws": '{"payload":"sbom"}'}, subject=sbom)


def _locked_images(shelf: RepositoryBuilder) -> None:
    """Lock a tag, a manifest and a repository against changes and deletion."""
    for number in range(5):
        image = shelf.image(f"legacy/monolith:{number}", docker=True, base="centos-7")
        shelf.tag(image, f"v{number}", f"v{number}-rtm", f"release-{2018 + number}")
    repository: Repository = shelf.repository
    repository.tags["v1"].attributes = Attributes(delete=False)
    repository.tags["v4"].attributes = READ_ONLY
    repository.manifests[repository.tags["v0"].digest].attributes = READ_ONLY
    repository.manifests[repository.tags["v4"].digest].attributes = Attributes(delete=False)
    repository.attributes = Attributes(delete=False)


def _charts(shelf: RepositoryBuilder) -> None:
    """Plant Helm charts."""
    for minor in range(6):
        chart = shelf.chart("shop", f"0.{minor}.0")
        shelf.tag(chart, f"0.{minor}.0", f"0.{minor}", f"release-{minor}")


def _modules(shelf: RepositoryBuilder) -> None:
    """Plant artifacts that are not images."""
    for minor in range(4):
        files = {"main.tf": f'module "network" {{ version = "1.{minor}.0" }}\n', "README.md": "# Network\n"}
        module = shelf.artifact("application/vnd.contoso.terraform.module.v1", files)
        shelf.tag(module, f"1.{minor}.0", f"1.{minor}", f"tf-1.{minor}")


def _experiments(shelf: RepositoryBuilder) -> None:
    """Plant one tag that was pushed repeatedly: all but the last image are untagged, some with a referrer."""
    for number in range(8):
        image = shelf.image(f"team-a/sandbox/experiments:try-{number}")
        shelf.tag(image, "dev", "try", "wip")
        if number % 4 == 1:
            shelf.artifact("application/vnd.contoso.notes.v1", {"notes.txt": f"attempt {number}\n"}, subject=image)
