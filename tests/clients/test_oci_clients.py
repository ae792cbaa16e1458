"""Unmodified skopeo, oras and azure-containerregistry against the embedded registries."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from local_azure.launcher import Emulator
from tests.support.architecture import ROOT

REGISTRY = "contosoregistry"
SERVER = f"{REGISTRY}.azurecr.io"
PYTHON = ROOT / ".clients" / "oci" / "bin" / "python"
Run = Callable[..., str]

ORAS = """
import os, sys
import oras.client, oras.oci
from pathlib import Path
server = sys.argv[1]
# Basic credentials, which ACR takes at any endpoint: the token backend of oras-py keeps the token of its first
# request, which is for pull alone.
client = oras.client.OrasClient(hostname=server, auth_backend="basic")
client.login(hostname=server, username=os.environ["AZURE_CLIENT_ID"], password=os.environ["AZURE_CLIENT_SECRET"])
Path("notes.txt").write_text("release notes")
Path("sbom.json").write_text("{}")

pushed = client.push(target=f"{server}/oras/notes:1.0", files=["notes.txt"])
client.pull(target=f"{server}/oras/notes:1.0", outdir="pulled")
assert Path("pulled/notes.txt").read_text() == "release notes"

# Attach and discover as the command line of oras does them: a manifest with a subject, then its referrers.
digest = pushed.headers["Docker-Content-Digest"]
size = len(client.do_request(f"https://{server}/v2/oras/notes/manifests/{digest}").content)
subject = oras.oci.Subject("application/vnd.oci.image.manifest.v1+json", digest, size)
client.push(target=f"{server}/oras/notes:1.0-sbom", files=["sbom.json"], subject=subject)
found = client.do_request(f"https://{server}/v2/oras/notes/referrers/{digest}").json()
assert len(found["manifests"]) == 1, found
print(sorted(client.get_tags(f"{server}/oras/notes")))
"""

SDK = """
import sys
from azure.containerregistry import ContainerRegistryClient
from azure.identity import DefaultAzureCredential
with DefaultAzureCredential() as credential, ContainerRegistryClient("https://" + sys.argv[1], credential) as client:
    for repository in client.list_repository_names():
        tags = sum(1 for _ in client.list_tag_properties(repository, results_per_page=1000))
        manifests = sum(1 for _ in client.list_manifest_properties(repository, results_per_page=1000))
        print(repository, tags, manifests)
"""


@pytest.fixture(scope="module")
def credentials(environment: dict[str, str]) -> str:
    return f"{environment['AZURE_CLIENT_ID']}:{environment['AZURE_CLIENT_SECRET']}"


@pytest.fixture(scope="module")
def image(azure: Emulator) -> tuple[str, str, str]:
    """A repository, a tag and its digest that any OCI client can copy: an image whose layers are real."""
    for repository, content in azure.content(REGISTRY)["repositories"].items():
        for tag, digest in content["tags"].items():
            if content["manifests"][digest]["mediaType"] == "application/vnd.oci.image.index.v1+json":
                return repository, tag, digest
    pytest.fail("the demo seed holds no multi-arch image")


def test_skopeo_list_tags(run: Run, azure: Emulator, image: tuple[str, str, str], credentials: str) -> None:
    """`skopeo list-tags` sees every tag."""
    repository = image[0]
    listed = json.loads(run("skopeo", "list-tags", "--creds", credentials, f"docker://{SERVER}/{repository}"))
    assert set(listed["Tags"]) == set(azure.content(REGISTRY)["repositories"][repository]["tags"])


def test_skopeo_copies_out_and_in(
    run: Run, azure: Emulator, image: tuple[str, str, str], credentials: str, tmp_path: Path
) -> None:
    """`skopeo copy --all` takes an index out to a folder and brings it back elsewhere under the same digest."""
    repository, tag, digest = image
    run(
        "skopeo",
        "copy",
        "--all",
        "--src-creds",
        credentials,
        f"docker://{SERVER}/{repository}:{tag}",
        f"dir:{tmp_path}/i",
    )
    run(
        "skopeo", "copy", "--all", "--preserve-digests", "--dest-creds", credentials,
        f"dir:{tmp_path}/i", f"docker://{SERVER}/copied/by-skopeo:{tag}",
    )  # fmt: skip
    assert azure.content(REGISTRY)["repositories"]["copied/by-skopeo"]["tags"][tag] == digest


def test_skopeo_sync(run: Run, azure: Emulator, image: tuple[str, str, str], credentials: str, tmp_path: Path) -> None:
    """`skopeo sync` takes one image from the registry into a folder."""
    repository, tag, _ = image
    run(
        "skopeo", "sync", "--all", "--src", "docker", "--dest", "dir", "--src-creds", credentials,
        f"{SERVER}/{repository}:{tag}", str(tmp_path),
    )  # fmt: skip
    assert list(tmp_path.rglob("manifest.json"))


def test_oras_pushes_pulls_attaches_and_discovers(run: Run, azure: Emulator, tmp_path: Path) -> None:
    """oras pushes an artifact, pulls it again, attaches another to it and discovers that one."""
    assert run(str(PYTHON), "-c", ORAS, SERVER, cwd=tmp_path).endswith("['1.0', '1.0-sbom']\n")
    assert azure.content(REGISTRY)["repositories"]["oras/notes"]["tags"].keys() == {"1.0", "1.0-sbom"}


def test_azure_containerregistry_lists_everything(run: Run, azure: Emulator) -> None:
    """The data-plane SDK lists the repositories, tags and manifests that the registry holds."""
    seen = dict(line.split(" ", 1) for line in run(str(PYTHON), "-c", SDK, SERVER).splitlines())
    held = {
        name: f"{len(content['tags'])} {len(content['manifests'])}"
        for name, content in azure.content(REGISTRY)["repositories"].items()
    }
    assert seen == held


def test_no_client_can_reach_the_real_cloud(environment: dict[str, str]) -> None:
    """A host that is not embedded is refused by the proxy, so nothing can leak."""
    done = subprocess.run(
        [str(PYTHON), "-c", "import requests; requests.get('https://example.com')"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "403" in done.stderr
