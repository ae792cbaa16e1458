"""Schedules of our deployments at the Prefect server: added, listed and removed. Importing this takes 2 s."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.objects import DeploymentSchedule
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from pydantic import ValidationError

from acr_relocate.core.errors import InvalidRequest, NotFound
from tasks.runs.queries import FLOWS

_PAGE: Final = 200


@dataclass(frozen=True)
class PlannedSchedule:
    """A schedule of one of our deployments. `next_run` is None until the server has planned one, within a minute."""

    name: str
    flow: str
    when: str
    time_zone: str
    active: bool
    registries: str
    next_run: datetime | None


def add_schedule(flow: str, name: str, cron: str, time_zone: str, parameters: dict[str, Any]) -> None:
    """Let the deployment of the flow run on a schedule. Raises InvalidRequest, NotFound."""
    try:
        schedule = CronSchedule(cron=cron, timezone=time_zone)
    except ValidationError as error:
        reason = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise InvalidRequest(f"{cron!r} in {time_zone!r} is not a schedule: {reason}") from None
    asyncio.run(_add(flow, DeploymentScheduleCreate(schedule=schedule, parameters=parameters, slug=name)))


async def _add(flow: str, schedule: DeploymentScheduleCreate) -> None:
    async with get_client() as client:
        try:
            deployment = await client.read_deployment_by_name(f"{flow}/{flow}")
        except ObjectNotFound:
            raise NotFound(
                f"The Prefect server has no deployment {flow}/{flow}",
                resource=str(client.api_url),
                remedy="Register it: acr-relocate deploy",
            ) from None
        if any(known.slug == schedule.slug for _, known in await _schedules(client)):
            raise InvalidRequest(
                f"There is a schedule {schedule.slug} already.",
                remedy=f"Choose another --name, or remove it: acr-relocate schedule remove {schedule.slug}",
            )
        await client.create_deployment_schedules(deployment.id, [schedule])


def find_schedules() -> list[PlannedSchedule]:
    """Return the schedules of our deployments, by name."""
    return asyncio.run(_find_schedules())


async def _find_schedules() -> list[PlannedSchedule]:
    async with get_client() as client:
        found = await _schedules(client)
        due = await _next_runs(client, {deployment.id for deployment, _ in found})
    planned = [_planned(deployment, schedule, due.get(schedule.id)) for deployment, schedule in found]
    return sorted(planned, key=lambda each: each.name)


def remove_schedule(name: str) -> None:
    """Remove the schedule, and the runs that it has planned. Raises NotFound."""
    asyncio.run(_remove(name))


async def _remove(name: str) -> None:
    async with get_client() as client:
        for deployment, schedule in await _schedules(client):
            if name in {schedule.slug, str(schedule.id)}:
                await client.delete_deployment_schedule(deployment.id, schedule.id)
                return
        raise NotFound(
            f"The Prefect server has no schedule {name} of our deployments",
            resource=str(client.api_url),
            remedy="List them: acr-relocate schedule list",
        )


async def _schedules(client: PrefectClient) -> list[tuple[DeploymentResponse, DeploymentSchedule]]:
    ours = FlowFilter(name=FlowFilterName(any_=FLOWS))
    deployments = await client.read_deployments(flow_filter=ours, limit=_PAGE)
    return [(deployment, schedule) for deployment in deployments for schedule in deployment.schedules]


async def _next_runs(client: PrefectClient, deployments: set[UUID]) -> dict[UUID, datetime]:
    """Return when the next run of each schedule is due, where the server has planned one."""
    if not deployments:
        return {}
    runs = await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=list(deployments))),
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Scheduled"]))),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=_PAGE,
    )
    return {
        run.created_by.id: run.expected_start_time
        for run in runs
        if run.created_by and run.created_by.id and run.expected_start_time
    }


def _planned(deployment: DeploymentResponse, entry: DeploymentSchedule, due: datetime | None) -> PlannedSchedule:
    rule = entry.schedule
    when = getattr(rule, "cron", None) or getattr(rule, "rrule", None) or f"every {getattr(rule, 'interval', '')}"
    return PlannedSchedule(
        name=entry.slug or str(entry.id),
        flow=deployment.name,
        when=str(when),
        time_zone=str(getattr(rule, "timezone", None) or "UTC"),
        active=entry.active,
        registries=_registries(entry.parameters),
        next_run=due,
    )


def _registries(parameters: dict[str, Any]) -> str:
    """Return what a schedule is for: `shop to shopnorth`, or the name of a batch."""
    request, batch = parameters.get("request"), parameters.get("batch")
    if isinstance(request, dict):
        names = [str((request.get(side) or {}).get("name", "")) for side in ("source", "target")]
        return " to ".join(filter(None, names))
    return f"batch {batch.get('name', '')}" if isinstance(batch, dict) else ""
