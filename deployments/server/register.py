"""Register the deployments of prefect.yaml at a Prefect server: for workers of a pool, or served by this process.

Importing this takes 3 s: it imports Prefect.
"""

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import yaml
from prefect import aserve, get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Schedule
from prefect.types.entrypoint import EntrypointType
from prefect.utilities.importtools import import_object

from acr_relocate.core.errors import InvalidRequest, RelocationError
from acr_relocate.files.regular_files import read_regular

PREFECT_FILE: Final = Path(__file__).parents[1] / "prefect.yaml"
POOL: Final = "relocations"
_LARGEST_VARIABLES: Final = 1024 * 1024  # bytes
INTERNAL: Final = "worker-"
"""How the names of deployments begin that workers start for other runs; they are the last in the UI's list."""
Json = dict[str, Any]


class NotDeployed(RelocationError):
    """The Prefect server does not have all deployments."""


def load_variables(path: Path) -> Json:
    """Return the defaults of a pool's jobs from a file. Raises InvalidRequest."""
    try:
        found = yaml.safe_load(read_regular(path, str(path), _LARGEST_VARIABLES))
    except yaml.YAMLError as error:
        raise InvalidRequest(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise InvalidRequest(f"{path} is no mapping of variables of a work pool.")
    return found


def register_deployments(pool_type: str, variables: Json) -> bool:
    """Create the pool, with these defaults for its jobs, and every deployment of prefect.yaml for it.

    Returns whether the pool is new. Raises NotDeployed.
    """
    is_new = asyncio.run(_ensure_pool(pool_type, variables))
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--prefect-file", str(PREFECT_FILE), "--all"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - Prefect's own command
    if ended.returncode:
        tail = "\n".join((ended.stdout + ended.stderr).strip().splitlines()[-15:])
        raise NotDeployed(f"prefect deploy failed:\n{tail}")
    return is_new


def serve_deployments(limit: int) -> None:
    """Serve every deployment of prefect.yaml in this process, until it is stopped.

    Runs scheduled after that wait: stopping does not pause the deployments, which is Prefect's default.
    """
    served = [_served(entry) for entry in entries()]
    asyncio.run(aserve(*served, pause_on_shutdown=False, limit=limit))


def entries() -> list[Json]:
    """Return the deployments of prefect.yaml."""
    found: list[Json] = yaml.safe_load(PREFECT_FILE.read_text(encoding="utf-8"))["deployments"]
    return found


async def _ensure_pool(pool_type: str, variables: Json) -> bool:
    """Create the pool if it is missing; return whether it was."""
    async with get_client() as client:
        try:
            pool = await client.read_work_pool(POOL)
        except ObjectNotFound:
            template = await _base_job_template(client, pool_type, variables)
            await client.create_work_pool(WorkPoolCreate(name=POOL, type=pool_type, base_job_template=template))
            return True
    if pool.type != pool_type:
        raise NotDeployed(
            f"The work pool {POOL} already exists, of the type {pool.type}, not {pool_type}.",
            remedy=f"Deploy for it with --type {pool.type}, or delete it first: prefect work-pool delete {POOL}",
        )
    return False


async def _base_job_template(client: PrefectClient, pool_type: str, defaults: Json) -> Json:
    """Return the server's base job template for that type, with these defaults."""
    known = await client.read_worker_metadata()
    types: dict[str, Json] = {name: worker for workers in known.values() for name, worker in workers.items()}
    if pool_type not in types:
        raise NotDeployed(f"The Prefect server knows no work pool of the type {pool_type}: {', '.join(sorted(types))}.")
    template: Json = types[pool_type]["default_base_job_configuration"]
    variables = template["variables"]["properties"]
    if unknown := sorted(set(defaults) - set(variables)):
        raise NotDeployed(f"Work pools of the type {pool_type} have no variable {', '.join(unknown)}: leave it out.")
    for name, value in defaults.items():
        variables[name]["default"] = value
    return template


def _served(entry: Json) -> RunnerDeployment:
    limit = entry.get("concurrency_limit")
    return RunnerDeployment.from_flow(
        import_object(entry["entrypoint"]),
        entry["name"],
        description=entry["description"],
        version=entry["version"],
        parameters=entry.get("parameters"),
        schedules=[_schedule(schedule) for schedule in entry.get("schedules", ())],
        concurrency_limit=ConcurrencyLimitConfig(**limit) if limit else None,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _schedule(entry: Json) -> Schedule:
    interval = entry.get("interval")
    return Schedule(**entry | ({"interval": timedelta(seconds=interval)} if interval else {}))
