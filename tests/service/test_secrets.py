"""No secret leaves us: every one that Azure gave out or was told is looked for wherever something is written down."""

import asyncio
import base64
import html
import json
import pickle
import sqlite3
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from prefect.settings import get_current_settings
from sqlalchemy import make_url

from acr_relocate.azure.client.session import connection
from acr_relocate.core.cut_over.events import EVENT_GRID
from local_azure.launcher import Emulator, running
from local_azure.state import settings
from tests.service.conftest import FEW, SUBSCRIPTION, make_move

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west/providers"
RECEIVER = "https://scanner.contoso.com/events?code=not-a-real-secret-either"
DATABASE = "the Prefect database"
EVERY_LINE = {"PREFECT_LOGGING_LEVEL": "DEBUG", "PREFECT_LOGGING_ROOT_LEVEL": "DEBUG"}


@pytest.fixture(name="fresh_emulator")
def _fresh_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An embedded Azure with unique secrets."""
    with running("demo") as emulator:
        for name, value in emulator.env.items():
            monkeypatch.setenv(name, value)
        asyncio.run(_plant_more(emulator))
        yield emulator


async def _plant_more(emulator: Emulator) -> None:
    """Secrets that the cut-over deals with: a token in use, a vault for its password, a receiver of events."""
    policy = {"objectId": settings.OWNER_OBJECT_ID, "permissions": {"secrets": ["set", "list"]}}
    uri = {"vaultUri": "https://contosovault.vault.azure.net/", "accessPolicies": [policy]}
    emulator.plant(f"{GROUP}/Microsoft.KeyVault/vaults/contosovault", location="westeurope", properties=uri)
    registry = f"{GROUP}/Microsoft.ContainerRegistry/registries/contosoregistry"
    emulator.plant(f"{registry}/tokens/edge-site-1", properties={"credentials": {"passwords": [{"name": "password1"}]}})
    hook = {"destination": {"endpointType": "WebHook", "properties": {"endpointUrl": RECEIVER}}}
    path = f"{registry}/providers/Microsoft.EventGrid/eventSubscriptions/scanner"
    async with connection() as azure:
        await azure.arm.put(path, EVENT_GRID, {"properties": hook}, doing="Planting")


def test_no_secret_is_written_down(fresh_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry moves at the second try, logged at DEBUG; no table, page, log or output holds a secret in any form."""
    server = str(get_current_settings().api.url)
    for name, value in {**EVERY_LINE, "PREFECT_API_URL": server, "ACR_RELOCATE_STATE": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    request = make_move(fresh_emulator, FEW, token_vault="contosovault").request
    file = tmp_path / "request.yaml"
    file.write_text(yaml.safe_dump(request.model_dump(mode="json")))

    fresh_emulator.arm_fault("policy-denies", type="webhooks")
    refused = run(tmp_path, "run", str(file), "--html", str(tmp_path / "refused.html"))
    done = run(tmp_path, "run", str(file), "--json", "--html", str(tmp_path / "done.html"))

    secrets = fresh_emulator.secrets()
    written = {path.name: path.read_text(errors="replace") for path in tmp_path.iterdir() if path.is_file()}
    written[DATABASE] = "\n".join(texts(database()))
    assert (refused, done) == (1, 0)
    assert {"https://deploy.contoso.com/hooks/frontend", fresh_emulator.env["AZURE_CLIENT_SECRET"]} <= set(secrets)
    assert RECEIVER in secrets
    assert fresh_emulator.stats()["routes"]["PUT /secrets/{name}"] == 1  # the password of the token
    assert len([secret for secret in secrets if secret.startswith("eyJ")]) > 10  # tokens of Entra ID and of registries
    assert {where for where, text in written.items() if request.target.name not in text} == {"1.err"}  # nothing to say
    assert [(where, secret) for where, text in written.items() for secret in found(secrets, text)] == []


def pickled(text: str) -> str:
    """As Prefect keeps a result: a pickle in base64, in which a text begins anywhere."""
    return base64.b64encode(pickle.dumps({"of": "x" * 3, "result": [text, "y"]})).decode()


def in_a_header(text: str) -> str:
    return base64.b64encode(f"00000000-0000-0000-0000-000000000000:{text}".encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str, "page": html.escape, "json": json.dumps, "address": urllib.parse.quote_plus,
    "pickle": pickled, "header": in_a_header, "json in json": lambda text: json.dumps(json.dumps([text])),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(f"?{text}".encode()).decode().rstrip("="),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_that_is_written_down_is_found(form: Callable[[str], str], tmp_path: Path) -> None:
    """The test above can fail, also for what a table holds in the middle of a long text."""
    secret = "https://scan.contoso.com/acr?code=not-a-real-secret&x='1'"
    with closing(sqlite3.connect(tmp_path / "tables.db")) as database, database:
        database.execute("create table artifact (data text, other blob)")
        database.execute("insert into artifact values (?, ?)", ("a" * 5000 + form(secret) + "b" * 5000, b"\x00"))

    assert found([secret, "another"], "\n".join(texts(tmp_path / "tables.db"))) == [secret]


def database() -> Path:
    """The file of the tests' Prefect server."""
    return Path(str(make_url(get_current_settings().server.database.connection_url.get_secret_value()).database))


def run(folder: Path, *arguments: str) -> int:
    """The exit status of a command whose output and errors are files in the folder."""
    number = len(list(folder.glob("*.out")))
    with (folder / f"{number}.out").open("w") as output, (folder / f"{number}.err").open("w") as errors:
        command = [sys.executable, "-m", "deployments.cli", *arguments]
        return subprocess.run(command, stdout=output, stderr=errors, timeout=300, check=False).returncode


def found(secrets: list[str], text: str) -> list[str]:
    """The secrets that the text holds, as they are or as pages, addresses, JSON in JSON and headers have them."""
    return [secret for secret in secrets if any(form in text for form in forms(secret))]


def forms(secret: str) -> set[str]:
    """A secret as it may be written down."""
    plain = {secret, html.escape(secret), secret.replace("/", "\\/"), json.dumps(secret)[1:-1]}
    plain |= {urllib.parse.quote(secret, safe=""), urllib.parse.quote(secret), urllib.parse.quote_plus(secret)}
    plain |= {json.dumps(text)[1:-1] for text in plain}
    return plain | {text for shift in range(3) for text in within_base64(secret, shift)}


def within_base64(secret: str, shift: int) -> tuple[str, str]:
    """Return the secret's own part in the base64 of a longer text, in which it begins at byte 3 n + shift."""
    whole = bytes(shift) + secret.encode()
    begins, ends = -(-shift * 8 // 6), len(whole) * 8 // 6
    coded = base64.b64encode(whole).decode()[begins:ends]
    return coded, coded.replace("+", "-").replace("/", "_")


def texts(database: Path) -> Iterator[str]:
    """Every value of every table: SQLite spreads long ones over pages, so that its file cannot simply be searched."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as tables:
        names = [name for (name,) in tables.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            for row in tables.execute(f'select * from "{name}"'):
                yield from (value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in row)
