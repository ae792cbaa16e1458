"""Image, compose file and Kubernetes files: checked as far as that goes without a container engine or a cluster."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import prefect
import prefect.server
import pytest
import yaml
from prefect.settings import Settings

from acr_relocate.core.errors import InvalidRequest
from deployments.server.register import load_variables
from tests.support.architecture import ROOT

HERE = ROOT / "deployments"
DOCKERFILE = (HERE / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
COMPOSE: dict[str, Any] = yaml.safe_load((HERE / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if str(service["image"]).startswith("acr-relocate:")}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
KUBERNETES = {path.name: list(yaml.safe_load_all(path.read_text())) for path in (HERE / "kubernetes").glob("*.yaml")}
POOLS = {
    "kubernetes": HERE / "kubernetes" / "pool.yaml",
    "azure-container-instance": HERE / "azure" / "container-instances.yaml",
}
PINNED = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)
REDIS = {f"PREFECT_REDIS_MESSAGING_{each}" for each in ("HOST", "PORT", "PASSWORD")}  # settings of prefect-redis


def instructions(name: str) -> list[str]:
    return [line.split(maxsplit=1)[1] for line in DOCKERFILE if line.startswith(f"{name} ")]


def settings_named(node: Any) -> Iterator[str]:
    """All names of Prefect's settings in the environment."""
    if isinstance(node, dict):
        yield from node.get("supported_environment_variables", ())
        for inner in node.values():
            yield from settings_named(inner)


def environment(node: Any) -> Iterator[tuple[str, Any]]:
    """All variables that a file sets, in the words of compose or of Kubernetes."""
    if isinstance(node, dict):
        if set(node) == {"name", "value"}:
            yield node["name"], node["value"]
        for name, inner in node.items():
            if isinstance(inner, str | int | None):
                yield name, inner
            yield from environment(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from environment(inner)


def all_environment() -> list[tuple[str, Any]]:
    files = [COMPOSE, KUBERNETES, *(yaml.safe_load(path.read_text()) for path in POOLS.values())]
    return [pair for file in files for pair in environment(file)]


def test_every_variable_of_prefect_is_one_that_it_knows() -> None:
    """A misspelt one is ignored without a word, and the server then runs without a password."""
    known = {*settings_named(Settings.model_json_schema()), *REDIS, "PREFECT_HOST", "PREFECT_AUTH_STRING"}
    asked = {name for name, _ in all_environment() if re.fullmatch(r"PREFECT_[A-Z_]+", name)}

    assert len(asked) > 10
    assert asked - known == set()


def test_no_file_holds_a_secret() -> None:
    """Passwords come from an environment file that is not kept, or from a secret of the cluster; or nothing starts."""
    secret = re.compile("PASSWORD|AUTH_STRING|CONNECTION_URL|authString|connectionString")

    given = [(name, value) for name, value in all_environment() if secret.search(name)]

    assert given
    assert [(name, value) for name, value in given if not re.search(r"\$\{\w+:\?", str(value))] == []
    assert re.search(r"^\.env$", (ROOT / ".gitignore").read_text(), re.MULTILINE)
    example = (HERE / "compose.env.example").read_text()
    assert set(re.findall(r"^(\w+)=$", example, re.MULTILINE)) >= {"PREFECT_AUTH_STRING", "POSTGRES_PASSWORD"}


def test_the_api_has_a_password_and_only_the_proxy_is_reachable() -> None:
    """Of all services it alone has ports, and the database is in a network without a way out."""
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("server", "services", "migrate"):
        assert OURS[name]["environment"]["PREFECT_SERVER_API_AUTH_STRING"]
        assert OURS[name]["environment"]["PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED"] == "true"
    assert KUBERNETES["server-values.yaml"][0]["server"]["basicAuth"]["enabled"] is True


def test_redis_has_a_password_and_a_network_of_its_own() -> None:
    """Traffic between the servers is neither read nor written by anything else, workers among it."""
    reached = {name for name, service in SERVICES.items() if "messages" in service["networks"]}

    assert reached == {"redis", "migrate", "server", "services"}
    assert SERVICES["redis"]["networks"] == ["messages"]
    assert "requirepass" in SERVICES["redis"]["command"][-1]
    assert OURS["server"]["environment"]["PREFECT_REDIS_MESSAGING_PASSWORD"]
    assert "REDIS_PASSWORD=" in (HERE / "compose.env.example").read_text()


def test_every_service_has_no_more_capabilities_than_it_needs() -> None:
    """All are dropped, few are given back, and none is gained."""
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


DIGEST = "@sha256:[0-9a-f]{64}"


def test_base_images_are_named_by_digest() -> None:
    """A tag moves. Each is one variable of the environment file, or one argument of the build."""
    example = (HERE / "compose.env.example").read_text()
    named = {name: service["image"] for name, service in SERVICES.items() if name not in OURS}

    variables = {re.fullmatch(rf"\$\{{(\w+):-([\w.:-]+{DIGEST})\}}", image).groups() for image in named.values()}  # type: ignore[union-attr]
    argument = OURS["migrate"]["build"]["args"]["PYTHON_IMAGE"]
    assert [f"{name}={image}" in example.splitlines() for name, image in variables] == [True] * 3
    assert set(instructions("FROM")) == {"${PYTHON_IMAGE}", "${PYTHON_IMAGE} AS build"}
    assert re.search(f"{DIGEST}$", instructions("ARG")[0])
    assert argument == f"${{PYTHON_IMAGE:-{instructions('ARG')[0].partition('=')[2]}}}"


def test_the_charts_have_what_compose_has() -> None:
    """No capability, a root that cannot be changed, and a Redis with a password that only the servers reach."""
    server, worker = (KUBERNETES[f"{name}-values.yaml"][0] for name in ("server", "worker"))
    contexts = [
        server["server"]["containerSecurityContext"],
        server["backgroundServices"]["containerSecurityContext"],
        server["migrations"]["securityContext"],
        worker["worker"]["containerSecurityContext"],
    ]
    policy = next(one for one in KUBERNETES["namespace.yaml"] if one["metadata"]["name"] == "prefect-redis")

    assert all(one["capabilities"] == {"drop": ["ALL"]} and one["readOnlyRootFilesystem"] for one in contexts)
    assert not any(one["allowPrivilegeEscalation"] for one in contexts)
    assert {server[part]["extraEnvVarsSecret"] for part in ("server", "backgroundServices")} == {"prefect-redis"}
    assert policy["spec"]["ingress"][0]["from"] == [
        {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "prefect-server"}}}
    ]


def test_our_services_run_what_the_image_has_with_as_little_as_possible() -> None:
    """Not as root, in a file system that they cannot change, with commands that are installed."""
    scripts = {script.name for script in entry_points(group="console_scripts")} | {"python"}

    assert instructions("USER") == ["1001"]
    assert {str(service["command"][0]) for service in OURS.values()} <= scripts
    assert all(service["read_only"] and service["cap_drop"] == ["ALL"] for service in OURS.values())


def test_the_image_has_every_package_from_the_lock() -> None:
    """Files that it copies exist; packages that it installs have a hash, or are the project itself."""
    version, packages = (
        PYPROJECT["project"]["version"],
        PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"],
    )
    copied = [source for line in instructions("COPY") if "--from" not in line for source in shlex.split(line)[:-1]]
    installs = [line for line in instructions("RUN") if line.startswith("pip install")]

    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert set(packages) <= set(copied)
    assert all("--require-hashes" in line or line.endswith("--no-build-isolation /build") for line in installs)
    assert {service["image"] for service in OURS.values()} == {f"acr-relocate:{version}"}
    ignored = (HERE / "Dockerfile.dockerignore").read_text().splitlines()
    assert [source for source in copied if f"!{source.split('/')[0]}" not in ignored] == []


def test_the_image_runs_what_the_tests_ran() -> None:
    """Both locks agree on every version; `make lock` makes them together."""
    image, tests = (
        dict(PINNED.findall(file.read_text())) for file in (HERE / "requirements.lock", ROOT / "requirements.lock")
    )

    assert {"prefect", "prefect-redis", "hatchling"} <= set(image)
    assert {name: found for name, found in image.items() if tests.get(name, found) != found} == {}
    assert not re.search(r"index-url|https?://", (HERE / "requirements.lock").read_text())


@pytest.mark.parametrize("pool_type", POOLS)
def test_a_pool_knows_every_variable_that_its_file_sets(pool_type: str) -> None:
    """Prefect's own template for that type has them."""
    metadata = Path(str(prefect.server.__file__)).parent / "api" / "collections_data" / "views"
    known = json.loads((metadata / "aggregate-worker-metadata.json").read_text())
    types = {name: worker for workers in known.values() for name, worker in workers.items()}
    variables = types[pool_type]["default_base_job_configuration"]["variables"]["properties"]

    assert set(load_variables(POOLS[pool_type])) <= set(variables)


def test_flow_runs_in_kubernetes_have_an_identity_and_no_secret() -> None:
    """The pool's jobs use the service account that is tied to the managed identity."""
    pool = load_variables(POOLS["kubernetes"])
    objects = {one["kind"]: one for one in KUBERNETES["namespace.yaml"]}

    account = objects["ServiceAccount"]["metadata"]
    assert (account["name"], account["namespace"]) == (pool["service_account_name"], pool["namespace"])
    assert "azure.workload.identity/client-id" in account["annotations"]
    assert pool["labels"] == {"azure.workload.identity/use": "true"}
    assert {one["metadata"].get("namespace", "acr-relocate") for one in objects.values()} == {pool["namespace"]}


@pytest.mark.parametrize("content", ["- a\n- b\n", "{"])
def test_a_file_of_variables_that_is_none_is_refused(content: str, tmp_path: Path) -> None:
    """Before anything is made."""
    (tmp_path / "pool.yaml").write_text(content)

    with pytest.raises(InvalidRequest, match=r"pool\.yaml"):
        load_variables(tmp_path / "pool.yaml")
