"""Runbook: move a registry to another region, from the plan to the report.

1. Prepare: plan, template and checks (flows/plan.py). A blocker ends the run here, and nothing has been changed.
   If the request wants it, a person approves the plan: the run is suspended until then.
2. Prepare: the target's resource group.
3. Redeploy: validate the plan's template, then deploy it. If the target has the planned state, 2 and 3 do nothing.
4. Import data: every digest that the target lacks, with all its tags (flows/import_images.py). If the request says
   so, the source has a replica in the target's region meanwhile.
5. Replay the locks of repositories, tags and manifests, which imports do not carry.
6. Cut over: give dependents of the source access to the target (flows/cut_over.py), unless the request says later
   or its maintenance window is closed: then the target is prepared, and a run inside the window continues.
   If the request wants it, a person approves that first.
7. Validate: compare both registries (flows/verify.py). If they are equal, apply the deferred settings, and
   switch dependents if the request says so (flows/switch.py).
8. Clean up: if the request says so, delete the source (flows/delete_source.py). A person always has to approve that.
9. Report. The run is Failed if anything is missing or different.

Again: only missing work is done; a second run of a finished relocation changes nothing, also if its source is deleted.
On failure: the source is unchanged, created resources of the target stay, and another run continues from there.
"""

from prefect import flow

from acr_relocate.core.approval.subjects import deployment_of
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.report.report import Report, Verdict
from acr_relocate.core.request.relocation import RelocationRequest
from flows.cut_over import cut_over_verified
from flows.delete_source import delete_verified_source
from flows.import_images import bring_content, replay_locks
from flows.plan import compute_plan
from flows.switch import SWITCH_PHASE
from flows.verify import compare_registries
from tasks.deployment import deploy_template, ensure_resource_group, validate_template
from tasks.imports.workers import require_workers
from tasks.inventory import accept_request
from tasks.runs.approval import has_saved_plan
from tasks.runs.cut_over_window import cut_over_later
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.run_names import keep_typed_name
from tasks.runs.run_report import RunReport, phased_run
from tasks.source_deletion import finished_before
from tasks.source_replica import REPLICA_PHASE, near_source
from tasks.source_restore import restore_source

DEPLOYING = ("resource group", "validate", "deploy")
RELOCATION_PHASES = ("inventory", "checks", *DEPLOYING, "import", "locks", "cut over", "verify", "deferred settings")


@flow(
    name="relocate",
    flow_run_name=keep_typed_name("relocate-{request.source.name}-to-{request.target.name}"),
    on_failure=[report_refusal],
)
@says_verdict
async def relocate_registry(request: RelocationRequest) -> Report:
    """Move the registry: create the target in the other region with the source's content, and verify it.

    Args:
        request: The registry to move, and its target.

    """
    await require_workers(request)
    request = await accept_request(request)
    async with phased_run(request, "relocate", phases_of(request)) as log:
        log.found(await restore_source(request, keep_replica=request.via_replica))
        if finished := await finished_before(request):
            log.skip(RELOCATION_PHASES, finished)
            return await log.conclude("deleted")
        plan = await compute_plan(request, log)
        log.planned(plan)
        await approve_deployment(plan, log)
        await redeploy(plan, log)
        async with near_source(request, log):
            content = await bring_content(request, log)
        await replay_locks(request, content, log)
        verdict = await cut_over_and_verify(request, log)
        return await log.conclude(await retire_source(request, verdict, log))


def phases_of(request: RelocationRequest) -> tuple[str, ...]:
    """Return the phases of a relocation: some are only there if the request wants them."""
    at = RELOCATION_PHASES.index("import")
    replica = (REPLICA_PHASE,) if request.via_replica else ()
    switch = (SWITCH_PHASE,) if request.switch.enabled and request.cut_over else ()
    return (*RELOCATION_PHASES[:at], *replica, *RELOCATION_PHASES[at:], *switch)


async def approve_deployment(plan: Plan, log: RunReport) -> None:
    """Get a person's approval of this plan, if the request wants it and a deployment is pending.

    A saved plan is compared with this one also where nothing is left to deploy.
    """
    if not plan.in_place or has_saved_plan():
        await log.approval(deployment_of(plan))


async def redeploy(plan: Plan, log: RunReport) -> None:
    """Deploy the target registry with the source's settings, unless it has the planned state."""
    request = plan.request
    if plan.in_place:
        log.skip(DEPLOYING, "the target has the planned state")
        return
    async with log.phase("resource group"):
        group = await ensure_resource_group(request)
        log.say(f"{group.subject}: {group.kind.replace('_', ' ')}")
    async with log.phase("validate"):
        await validate_template(request, plan.target)
    async with log.phase("deploy"):
        outcome = await deploy_template(request, plan.target)
        log.say(f"deployment {outcome.name}")


async def cut_over_and_verify(request: RelocationRequest, log: RunReport) -> Verdict:
    """Cut over unless that is for later, and compare both registries."""
    if later := cut_over_later(request):
        log.skip(("cut over", "deferred settings"), later)
        await compare_registries(request, log)
        return "prepared"
    await cut_over_verified(request, log)
    return "relocated"


async def retire_source(request: RelocationRequest, verdict: Verdict, log: RunReport) -> Verdict:
    """Delete the source if the request says so, the verification is clean, it is unused, and a person approves."""
    if not (request.delete_source and verdict == "relocated" and log.is_clean):
        return verdict
    await delete_verified_source(request, log)
    return "deleted"
