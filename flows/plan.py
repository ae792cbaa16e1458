"""Runbook: know before you move ("Prepare"). Read only.

1. Take the inventory of the source: settings, child resources, every repository, tag and manifest.
2. Map what uses it and what it uses, and lay out the networks of both sides.
3. Gather evidence on the target: name, region, quota, network, locks, permissions.
4. Export the source's template and rewrite it for the target, or take the one that a person has edited.
5. Evaluate every check; each finding has a remedy, and a blocker stops the relocation.
6. Count what is to be imported and estimate how long it takes: the plan, as an artifact of the run.

Again: the same plan id for the same request; the findings are those of today. On failure: nothing was changed.
"""

import asyncio

from prefect import flow

from acr_relocate.core import dependencies, foresight, images, network_prerequisites, placement, template_diff
from acr_relocate.core import plan as plans
from acr_relocate.core.attributes import AttributeChange
from acr_relocate.core.checks import PREFLIGHT, Evidence, Unknown, evaluate
from acr_relocate.core.edited import target_template
from acr_relocate.core.foresight import Foresight
from acr_relocate.core.inventory import Content, Registry
from acr_relocate.core.network_layout import SubnetRoom, TargetNetwork
from acr_relocate.core.plan import Plan
from acr_relocate.core.request import RelocationRequest
from tasks.dependencies import read_surroundings
from tasks.deployment import export_template, find_resource_group, read_edited_template
from tasks.evidence import check_name, read_locks, read_permissions, read_providers, read_region
from tasks.inventory import accept_request, find_registry, list_content, read_registry, target_ref
from tasks.journey import Journey, journey
from tasks.network import read_subnet, read_subnet_room
from tasks.reporting import publish_plan

PHASES = ("inventory", "checks")


@flow(name="plan", flow_run_name="plan-{request.source.name}-to-{request.target.name}")
async def plan_relocation(request: RelocationRequest) -> Plan:
    """The plan of a relocation: what would be moved, what stands in the way, how long it takes.

    Args:
        request: The registry to move, and where to.

    """
    async with journey(request, "plan", PHASES) as log:
        await accept_request(request)
        return await draw_up_plan(request, log)


async def draw_up_plan(request: RelocationRequest, log: Journey) -> Plan:
    """The plan for what source and target are now; it is an artifact of the run around it."""
    async with log.phase("inventory"):
        source, target = await asyncio.gather(read_registry(request.source), find_registry(target_ref(request)))
        want, have = await list_both(request, source, target)
        log.say(f"{len(want.repositories)} repositories, {want.tag_count} tags, {want.manifest_count} manifests")
    async with log.phase("checks"):
        surroundings, rooms, evidence = await asyncio.gather(
            read_surroundings(source), read_rooms(request), gather_evidence(request, source, target, want)
        )
        drawn = dependencies.chart(source, surroundings, request)
        networks = TargetNetwork(subnets=evidence.subnets, rooms=rooms)
        imports = images.needed(want, have, request.selection, force=request.force)
        foreseen = await foresee(request, source, target, foresight.locks_to_replay(want, have, imports, request))
        findings = (*evaluate(PREFLIGHT, evidence), *foreseen.target.notes, *dependencies.findings(drawn))
        network = network_prerequisites.lay_out(source, request, surroundings, networks)
        plan = plans.build(
            request, source, want, imports, findings, dependencies=drawn, network=network, foresight=foreseen
        )
        await publish_plan(plan, embedded=log.embedded)
        log.say(f"{len(plan.blockers)} blockers, {len(findings) - len(plan.blockers)} other findings")
    return plan


async def foresee(
    request: RelocationRequest, source: Registry, target: Registry | None, locks: tuple[AttributeChange, ...]
) -> Foresight:
    """What is to be deployed and what is there already: all that decides what the relocation writes."""
    edited, exported, group = await asyncio.gather(
        read_edited_template(request), export_template(request.source), find_resource_group(request)
    )
    made = target_template(exported.template or None, source, request, edited)
    return Foresight(
        target=made,
        in_place=placement.is_in_place(target, source, request, edited),
        group_exists=group is True,
        difference=template_diff.told(exported.template, exported.problems, made.template, source, request),
        locks=locks,
    )


async def list_both(request: RelocationRequest, source: Registry, target: Registry | None) -> tuple[Content, Content]:
    """What is selected of the source's content, and of the target's; a target that is not there yet holds nothing."""
    if target is None:
        return await list_content(source.login_server, request), Content(login_server="")
    return await asyncio.gather(list_content(source.login_server, request), list_content(target.login_server, request))


async def read_rooms(request: RelocationRequest) -> dict[str, SubnetRoom | Unknown | None]:
    """How much room the subnets have that the request names for the target."""
    subnets = sorted(set(request.subnets.values()))
    return dict(zip(subnets, await asyncio.gather(*map(read_subnet_room, subnets)), strict=True))


async def gather_evidence(
    request: RelocationRequest, source: Registry, target: Registry | None, content: Content
) -> Evidence:
    """All that the checks look at."""
    subscription, group = request.target_subscription_id, request.target_id.split("/providers/")[0]
    subscriptions = tuple(sorted({request.source.subscription_id, subscription}))
    subnets = sorted(set(request.subnets.values()))
    scopes = (request.source.resource_id, group)
    name, region, locks, providers, permissions, found = await asyncio.gather(
        check_name(subscription, request.target.name),
        read_region(subscription, request.target.location),
        read_locks(scopes),
        read_providers(subscriptions),
        asyncio.gather(*map(read_permissions, scopes)),
        asyncio.gather(*map(read_subnet, subnets)),
    )
    return Evidence(
        request=request,
        source=source,
        target=target,
        name=name,
        region=region,
        locks=locks,
        providers=providers,
        permissions=dict(zip(scopes, permissions, strict=True)),
        subnets=dict(zip(subnets, found, strict=True)),
        content=content,
    )
