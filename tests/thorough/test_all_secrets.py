"""A registry with everything on that has secrets; runs that fail wherever one is handled; and nothing is written down.

The smaller one, in every `make test`: tests/service/test_secrets.py.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.settings import get_current_settings

from acr_relocate.azure.client.session import connection
from acr_relocate.core.registry.resource_types import STABLE
from local_azure.launcher import Emulator, running
from local_azure.state import settings
from tests.service.conftest import FEW, make_move
from tests.service.test_secrets import DATABASE, EVERY_LINE, GROUP, _plant_more, database, found, texts

REGISTRY = f"{GROUP}/Microsoft.ContainerRegistry/registries/contosoregistry"
GIT_TOKEN, SAS = "ghp_not0a0real0token0of0a0person", "sig=bm90LWEtcmVhbC1zaWduYXR1cmU%3D"
PASSWORD, ENVIRONMENT = "not-a-real-password-of-docker-hub", "not-a-real-secret-of-an-app"
OPAQUE = {"type": "Opaque", "value": PASSWORD}
# What fails in each run before the last one: every call in which a secret is told or asked for.
FAILURES: dict[str, dict[str, Any]] = {
    "the addresses of the webhooks": {"path": "getCallbackConfig"},
    "the deployment with its secure parameters": {"path": "providers/Microsoft.Resources/deployments"},
    "the password of a token": {"path": "generateCredentials", "after": True},
    "the key vault": {"plane": "vault", "path": "/secrets/"},
    "the address of an event's receiver": {"path": "getFullUrl", "after": True},
    "the tokens of Entra ID": {"plane": "entra", "after": True},
    "the tokens of the registries": {"plane": "registry", "path": "/oauth2/", "after": True},
    "the imports": {"path": "importImage"},  # with `after` the run recovers: the target is asked
}


@pytest.fixture(name="fresh")
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An embedded Azure with unique secrets."""
    with running("demo") as emulator:
        for name, value in emulator.env.items():
            monkeypatch.setenv(name, value)
        asyncio.run(_plant_more(emulator))
        plant_everything(emulator)
        yield emulator


def plant_everything(emulator: Emulator) -> None:
    """Every kind of resource with a secret, sent to Azure or shown by it unexpectedly."""
    both = {"passwords": [{"name": "password1"}, {"name": "password2"}]}
    for token in ("edge-site-1", "ingest-ci"):
        emulator.plant(f"{REGISTRY}/tokens/{token}", properties={"credentials": both})
    emulator.plant(REGISTRY, properties={"adminUserEnabled": True})
    step = {
        "type": "Docker", "dockerFilePath": "Dockerfile", "imageNames": ["a:1"], "isPushEnabled": True,
        "contextPath": f"https://someone:{GIT_TOKEN}@github.com/contoso/shop.git#main",
    }  # fmt: skip
    login = {"docker.io": {"userName": OPAQUE, "password": OPAQUE}}
    trigger = {
        "name": "commits", "status": "Enabled", "sourceTriggerEvents": ["commit"],
        "sourceRepository": {"sourceControlType": "Github", "repositoryUrl": f"https://{GIT_TOKEN}@github.com/c/s"},
    }  # fmt: skip
    properties = {
        "platform": {"os": "Linux"}, "step": step, "credentials": {"customRegistries": login},
        "trigger": {"sourceTriggers": [trigger]},
    }  # fmt: skip
    emulator.plant(f"{REGISTRY}/tasks/with-secrets", location="westeurope", properties=properties)
    secret = "https://contosovault.vault.azure.net/secrets/hub"
    credential = {"name": "Credential1", "usernameSecretIdentifier": secret, "passwordSecretIdentifier": secret}
    emulator.plant(
        f"{REGISTRY}/credentialSets/dockerhub",
        identity={"type": "SystemAssigned", "principalId": settings.OWNER_OBJECT_ID},
        properties={"loginServer": "docker.io", "authCredentials": [credential]},
    )
    # What people put where everybody who may read the resource reads it; it must not be read on in Prefect.
    app = next(one for one in emulator.resources("Microsoft.App/containerApps"))
    [container] = app["properties"]["template"]["containers"]
    env = [
        {"name": "PASSWORD", "value": ENVIRONMENT},
        {"name": "STORE", "value": f"https://a.blob.core.windows.net/?{SAS}"},
    ]
    emulator.plant(app["id"], properties={"template": {"containers": [container | {"env": env}]}})


async def ask_for_credentials() -> list[str]:
    """The admin's passwords, shown to identities with the right to list them."""
    async with connection() as azure:
        answer = await azure.arm.post(f"{REGISTRY}/listCredentials", STABLE, {}, doing="Asking")
    return [str(one["value"]) for one in answer["passwords"]]


def test_no_secret_is_written_down(
    fresh: Emulator, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight runs that fail where a secret is handled, and all that follows one that does not: nothing anywhere."""
    server = str(get_current_settings().api.url)
    own = {
        "PREFECT_API_URL": server,
        "ACR_RELOCATE_STATE": str(tmp_path / "state"),
        "PREFECT_HOME": str(tmp_path / "p"),
    }
    for name, value in {**EVERY_LINE, **own, "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "true"}.items():
        monkeypatch.setenv(name, value)
    admin = asyncio.run(ask_for_credentials())
    request = make_move(fresh, FEW, token_vault="contosovault").request
    file = tmp_path / "request.yaml"
    file.write_text(yaml.safe_dump(request.model_dump(mode="json")))

    untouched = tmp_path_factory.mktemp("azure") / "state.json"  # it has the secrets, and is not ours
    fresh.save(untouched)
    failed, secrets = [], list[str]()
    for fault in FAILURES.values():
        fresh.load(untouched)  # so that nothing was done before by a run that failed elsewhere
        fresh.arm_fault("cut-connection", times="always", **({"plane": "arm"} | fault))
        failed.append(run(tmp_path, "run", str(file), "--html", str(tmp_path / f"{len(failed)}.html")))
        secrets += fresh.secrets()
    fresh.load(untouched)
    done = [run(tmp_path, *command, str(file), "--html", str(tmp_path / f"{command[0]}.html")) for command in COMMANDS]

    planted = [GIT_TOKEN, PASSWORD, ENVIRONMENT, SAS.partition("=")[2]]
    secrets += [*fresh.secrets(), *admin, *planted]
    written = {str(path): path.read_bytes().decode(errors="replace") for path in tmp_path.rglob("*") if path.is_file()}
    written[DATABASE] = "\n".join(texts(database()))
    assert set(failed) == {1}, list(zip(FAILURES, failed, strict=True))
    assert set(done) == {0}, done
    assert {"", ".out", ".err", ".html", ".log"} <= {Path(name).suffix for name in written}
    assert fresh.stats()["routes"]["PUT /secrets/{name}"] >= 2
    assert len(set(secrets)) > 60
    assert [(where, secret) for where, text in written.items() for secret in found(secrets, text)] == []


COMMANDS = (("plan",), ("run", "--json"), ("verify", "--blobs"), ("cut-over",))


def run(folder: Path, *arguments: str) -> int:
    """The exit status of a command whose output and errors are files in the folder."""
    number = len(list(folder.glob("*.out")))
    with (folder / f"{number}.out").open("w") as output, (folder / f"{number}.err").open("w") as errors:
        command = [sys.executable, "-X", "dev", "-W", "ignore", "-m", "deployments.cli", *arguments]
        return subprocess.run(
            command, stdout=output, stderr=errors, timeout=900, check=False, env=os.environ
        ).returncode
