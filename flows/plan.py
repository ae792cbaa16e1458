"""Runbook: know before you move ("Prepare"). Read only.

1. Take the inventory of the source: settings, child resources, every repository, tag and manifest.
2. Map what uses it and what it uses, and lay out the networks of both sides.
3. Gather evidence on the target: name, region, quota, network, locks, permissions.
4. Export the source's template and rewrite it for the target, or take the edited one.
5. Evaluate every check; each finding has a remedy, and a blocker stops the relocation.
6. Count the imports and estimate their duration: the plan, as an artifact of the run.

Again: the same plan id for the same request; the findings are those of today. On failure: nothing was changed.
"""

import asyncio

from prefect import flow

from acr_relocate.core import cut_over, dependencies
from acr_relocate.core.checks import PREFLIGHT, Evidence, Unknown, evaluate, with_content
from acr_relocate.core.cut_over import CutOver
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.findings import Finding
from acr_relocate.core.network import prerequisites
from acr_relocate.core.network.layout import SubnetRoom, TargetNetwork
from acr_relocate.core.plan import plan as plans
from acr_relocate.core.plan import planned_writes
from acr_relocate.core.plan.estimate import NOT_MEASURED, MeasuredTimes
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.plan.planned_writes import PlannedChanges
from acr_relocate.core.registry import inventory
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.cut_over import look_ahead
from tasks.dependencies import read_surroundings
from tasks.deployment import export_template, read_edited_template
from tasks.evidence import find_hidden_repositories, gather_evidence, read_permissions
from tasks.imports.ledger import read_ledger
from tasks.inventory import accept_request, find_registry, look_at_content, read_source
from tasks.network import read_subnet_room
from tasks.runs.artifacts import publish_plan
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.run_names import keep_typed_name
from tasks.runs.run_report import RunReport, phased_run
from tasks.source_restore import find_pending_restores

_PHASES = ("inventory", "checks")


@flow(
    name="plan",
    flow_run_name=keep_typed_name("plan-{request.source.name}-to-{request.target.name}"),
    on_failure=[report_refusal],
)
@says_verdict
async def plan_relocation(request: RelocationRequest, rehearsed: MeasuredTimes = NOT_MEASURED) -> Plan:
    """Plan a relocation: its changes, its blockers, its duration.

    Args:
        request: The registry to move, and its target.
        rehearsed: The times that a rehearsal has measured, for the estimate.

    """
    request = await accept_request(request)
    async with phased_run(request, "plan", _PHASES, reads_only=True) as log:
        return await compute_plan(request, log, rehearsed)


async def compute_plan(request: RelocationRequest, log: RunReport, measured: MeasuredTimes = NOT_MEASURED) -> Plan:
    """Return the plan for the present state of source and target; it is an artifact of the parent run."""
    async with log.phase("inventory"):
        source, target = await asyncio.gather(read_source(request), find_registry(target_ref(request)))
        want, have = await look_at_both(request, source, target)
        log.say(inventory.summarise(want) if isinstance(want, Content) else "the content could not be listed")
    async with log.phase("checks"):
        surroundings, rooms, evidence = await asyncio.gather(
            read_surroundings(source), read_rooms(request), look_around(request, source, target, want, have)
        )
        networks = TargetNetwork(subnets=evidence.subnets, rooms=rooms)
        foreseen = await read_planned_changes(evidence, surroundings)
        drawn = cut_over.with_cut_over(dependencies.build_map(source, surroundings, request), foreseen.cut_over)
        findings = (
            *evaluate(PREFLIGHT, evidence),
            *foreseen.target.notes,
            *dependencies.findings(drawn),
            *await find_missing_rights(request, foreseen.cut_over),
        )
        network = prerequisites.build_network_layout(source, request, surroundings, networks)
        plan = plans.build_plan(
            evidence,
            findings,
            foreseen,
            dependencies=drawn,
            network=network,
            measured=measured,
            running=dependencies.running_images(surroundings),
        )
        await publish_plan(plan, embedded=log.embedded)
        log.say(f"{len(plan.blockers)} blockers, {len(plan.findings) - len(plan.blockers)} other findings")
    return plan


async def read_planned_changes(evidence: Evidence, surroundings: Surroundings) -> PlannedChanges:
    """Return the deployment, from the rewritten or the edited template, and the cut-over."""
    request = evidence.request
    edited, exported = await asyncio.gather(read_edited_template(request), export_template(request.source))
    foreseen = planned_writes.plan_changes(evidence, exported.template, exported.problems, edited)
    content = planned_writes.future_content(evidence)
    drawn = cut_over.build_cut_over(evidence.source, surroundings, request, edited, content)
    to_do = await look_ahead((*drawn.actions, *drawn.deferred, *drawn.switches) if request.cut_over else ())
    return foreseen.model_copy(update={"cut_over": drawn, "to_do": to_do})


async def find_missing_rights(request: RelocationRequest, drawn: CutOver) -> tuple[Finding, ...]:
    """Return findings about permissions that the running identity lacks for the planned cut-over."""
    needed = cut_over.rights((*drawn.actions, *drawn.deferred, *drawn.switches), request)
    return cut_over.missing_cut_over_rights(needed, await read_permissions(tuple(needed), request), request)


async def look_at_both(
    request: RelocationRequest, source: Registry, target: Registry | None
) -> tuple[Content | Unknown, Content | Unknown | None]:
    """Return the selected content of the source and of the target; an absent target has none."""
    if target is None:
        return await look_at_content(source.login_server, request), None
    want, have = await asyncio.gather(
        look_at_content(source.login_server, request), look_at_content(target.login_server, request)
    )
    return want, have


async def read_rooms(request: RelocationRequest) -> dict[str, SubnetRoom | Unknown | None]:
    """Return the free room of the subnets that the request names for the target."""
    subnets = sorted(set(request.subnets.values()))
    return dict(zip(subnets, await asyncio.gather(*map(read_subnet_room, subnets)), strict=True))


async def look_around(
    request: RelocationRequest,
    source: Registry,
    target: Registry | None,
    want: Content | Unknown,
    have: Content | Unknown | None,
) -> Evidence:
    """Return the evidence for the checks."""
    evidence, hidden, brought, pending = await asyncio.gather(
        gather_evidence(request, source, target),
        find_hidden_repositories(request, source, want),
        read_ledger(request),
        find_pending_restores(request),
    )
    return with_content(evidence, want, have, hidden, brought, pending)
