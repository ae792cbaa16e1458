"""After a relocation, witnesses that share no code with us find the same content on both registries."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local_azure.launcher import Emulator
from tests.support.architecture import ROOT
from tests.support.raw_registry import RawRegistry

SOURCE, TARGET = "contosoregistry.azurecr.io", "contosoregistryne.azurecr.io"
Run = Callable[..., str]


@pytest.fixture(scope="module")
def relocated(azure: Emulator, run: Run) -> None:
    """The demo's relocation, run as a user runs it."""
    run(str(ROOT / ".venv" / "bin" / "acr-relocate"), "run", str(ROOT / "examples" / "demo.yaml"))


@pytest.mark.usefixtures("relocated")
def test_raw_http_finds_the_same_content(environment: dict[str, str]) -> None:
    """Same repositories, tags, digests, bytes, untagged manifests and referrers, and not one missing."""
    source, target = (RawRegistry(server, environment).holds() for server in (SOURCE, TARGET))
    assert target.keys() == source.keys()
    for name, content in source.items():
        assert target[name] == content, name


@pytest.mark.usefixtures("relocated")
def test_skopeo_finds_the_same_tags_and_digests(run: Run, azure: Emulator, environment: dict[str, str]) -> None:
    """skopeo lists the same tags on both and inspects one of each repository to the same digest."""
    credentials = f"{environment['AZURE_CLIENT_ID']}:{environment['AZURE_CLIENT_SECRET']}"

    def skopeo(verb: str, reference: str, *options: str) -> Any:
        return run("skopeo", verb, *options, "--creds", credentials, f"docker://{reference}")

    for repository, content in azure.content("contosoregistry")["repositories"].items():
        if not content["tags"]:
            continue
        listed = [json.loads(skopeo("list-tags", f"{server}/{repository}"))["Tags"] for server in (SOURCE, TARGET)]
        assert sorted(listed[0]) == sorted(listed[1]) == sorted(content["tags"])
        tag = listed[0][0]
        raw = [skopeo("inspect", f"{server}/{repository}:{tag}", "--raw") for server in (SOURCE, TARGET)]
        assert raw[0] == raw[1]
