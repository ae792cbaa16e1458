"""The way back after a cut-over: the printed commands, run as they stand, and the old registry serves again."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_azure.launcher import Emulator, running
from local_azure.state import settings
from tests.clients.conftest import CLIENTS
from tests.support.architecture import ROOT

SOURCE, TARGET = "contosoregistry.azurecr.io", "contosoregistryne.azurecr.io"
SWITCHED = {"container_app", "container_app_job", "web_app", "function_app"}
APPROVAL_NEEDED = 3  # the exit status of what a person has to approve; nothing else is in the way
PULL = (
    "az aks command invoke --name contoso-aks --resource-group contoso-west "
    f'--command "kubectl run back --image={SOURCE}/contoso/shop/frontend:1.4"'
)


@dataclass
class Shell:
    """A person's shell, signed in, in a folder with the request and a copy of the manifests."""

    emulator: Emulator
    folder: Path

    def run(self, script: str, status: int = 0) -> str:
        """Return the output of the script, if it ends as it should."""
        path = os.pathsep.join([str(CLIENTS / "az" / "bin"), str(ROOT / ".venv" / "bin"), os.environ["PATH"]])
        own = {"PATH": path, "ACR_RELOCATE_STATE": "state", "AZURE_CONFIG_DIR": str(self.folder / "az")}
        # What a person fills in for an app that signs in with a password.
        own |= {"REGISTRY_USER": "pull", "REGISTRY_PASSWORD": "not-a-real-secret"}
        done = subprocess.run(
            ["bash", "-euc", script],
            cwd=self.folder,
            env={**os.environ, **self.emulator.env, **own},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == status, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def images(self) -> dict[str, str]:
        """Return the image of each workload, by the embedded Azure's own books."""
        found = dict[str, str]()
        for one in self.emulator.resources():
            kind, own = one["type"], one.get("properties") or {}
            if kind in {"Microsoft.App/containerApps", "Microsoft.App/jobs"}:
                found[one["name"]] = own["template"]["containers"][0]["image"]
            if kind in {"Microsoft.Web/sites/config", "Microsoft.Web/sites/slots/config"} and own.get("linuxFxVersion"):
                name = one["id"].partition("/sites/")[2].partition("/config/")[0]
                found[name] = own["linuxFxVersion"].partition("|")[2]
        return found

    def rename(self, old: str, new: str) -> None:
        """Rewrite the files that name one registry, by its host or its id, to name the other."""
        registries = self.emulator.resources("Microsoft.ContainerRegistry/registries")
        ids = {f"{one['name']}.azurecr.io": one["id"] for one in registries}
        whole = f"--from {old} --to {new} --id-from {ids[old]} --id-to {ids[new]}"
        self.run(f"acr-relocate references rewrite manifests {whole}")

    def manifests(self) -> dict[str, bytes]:
        """The files that name the registry."""
        below = self.folder / "manifests"
        return {str(path.relative_to(below)): path.read_bytes() for path in sorted(below.rglob("*")) if path.is_file()}


@pytest.fixture(name="shell")
def _shell(tmp_path: Path) -> Iterator[Shell]:
    asked = yaml.safe_load((ROOT / "examples" / "demo.yaml").read_text())
    asked["selection"] = {"repositories": ["contoso/shop/*", "contoso/data/*", "contoso/identity/*"]}
    (tmp_path / "request.yaml").write_text(yaml.safe_dump(asked))
    shutil.copytree(ROOT / "examples" / "manifests", tmp_path / "manifests")
    with running("demo") as emulator:
        shell = Shell(emulator, tmp_path)
        who = f"--username {settings.OWNER_CLIENT_ID} --password {settings.OWNER_SECRET} --tenant {settings.TENANT_ID}"
        shell.run(f"az login --service-principal {who}")
        yield shell
        shell.run("acr-relocate server stop")


def test_the_printed_commands_switch_everything_back(shell: Shell) -> None:
    """After them the target is unused, the cluster pulls from the source, and files are as they were."""
    before, files = shell.images(), shell.manifests()
    plan = json.loads(shell.run("acr-relocate plan request.yaml --json"))
    shell.run("acr-relocate run request.yaml")
    entries: list[dict[str, Any]] = plan["dependencies"]["dependencies"]
    switched = [entry for entry in entries if entry["kind"] in SWITCHED]
    switches = [entry["command"] for entry in switched]
    for command in switches:
        shell.run(command)
    shell.rename(SOURCE, TARGET)
    assert {entry["kind"] for entry in switched} == SWITCHED
    assert len(switches) == len(before)
    assert {image.partition("/")[0] for image in shell.images().values()} == {TARGET}
    assert shell.manifests() != files

    refused = json.loads(shell.run("acr-relocate discard request.yaml --json", status=1))
    back = [one["remedy"] for one in refused["findings"] if one["code"] == "consumer_uses_target"]
    for command in back:
        shell.run(command)
    shell.rename(TARGET, SOURCE)

    assert len(back) == len(switches)
    assert shell.images() == before
    assert shell.manifests() == files
    assert "exitcode=0" in shell.run(PULL)
    shell.run("acr-relocate discard request.yaml", status=APPROVAL_NEEDED)
