"""`acr-relocate plan`, `run` and `cut-over`: make a plan, save it, and carry it out."""

from pathlib import Path
from typing import Annotated, Final

import typer

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.files import template_files
from deployments.commands import saved_plans
from deployments.commands.approvals import Approve
from deployments.commands.options import shows_result
from deployments.commands.planned_requests import RequestOrRegistry, find_request
from deployments.commands.rehearse import load_times
from deployments.commands.run_command import (
    NOT_RELOCATED,
    AllowEmpty,
    AsHtml,
    EditedTemplate,
    RequestFile,
    accept_request_file,
    require_folder,
    run_flow_command,
)

app = typer.Typer()

CHANGES: Final = 2
"""The exit status of `plan --detailed-exitcode` if the relocation would change something."""

TemplateOut = Annotated[
    Path | None, typer.Option("--template-out", metavar="FILE", help="Write the target's template here, for editing.")
]
PlanOut = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Save the plan, for `acr-relocate run --plan FILE`.")
]
Decisions = Annotated[
    Path | None,
    typer.Option("--write-decisions", metavar="FILE", help="Write the request with the open decisions to fill in."),
]
Detailed = Annotated[
    bool,
    typer.Option(
        "--detailed-exitcode", help="Exit with 0: no changes, 2: changes, 1: blocked or failed, 64: bad input."
    ),
]
_Rehearsed = Annotated[
    Path | None, typer.Option("--rehearsed", metavar="FILE", help="Estimate by the JSON report of a rehearsal or run.")
]
Switch = Annotated[
    bool, typer.Option("--switch", help="Then point the dependents that the request selects at the target.")
]
_SavedPlan = Annotated[
    Path | None, typer.Option("--plan", metavar="FILE", help="Carry out this plan of `plan --out`, and no other.")
]


@app.command()
@shows_result
def plan(  # noqa: PLR0913 - one parameter for each option
    request: RequestFile,
    *,
    template: EditedTemplate = None,
    template_out: TemplateOut = None,
    out: PlanOut = None,
    write_decisions: Decisions = None,
    detailed_exitcode: Detailed = False,
    allow_empty: AllowEmpty = False,
    rehearsed: _Rehearsed = None,
    html: AsHtml = None,
) -> None:
    """Show the changes, dependents and blockers of a relocation. Only reads."""
    for file in (template_out, out, write_decisions):
        require_folder(file)

    def kept(plan: Plan) -> int | None:
        if template_out:
            template_files.write_template(template_out, plan.target.template)
        if out:
            saved_plans.save_plan(out, plan)
        if write_decisions:
            saved_plans.write_decisions(write_decisions, plan)
        if not detailed_exitcode:
            return None
        return NOT_RELOCATED if plan.blockers else CHANGES if plan.changes else 0

    run_flow_command(
        "plan",
        lambda: {
            "request": accept_request_file(request, template, allow_empty=allow_empty),
            "rehearsed": load_times(rehearsed),
        },
        html=html,
        then=kept,
    )


@app.command()
@shows_result
def run(
    request: Annotated[
        Path | None, typer.Argument(metavar="REQUEST", help="The request, a YAML or JSON file; - is standard input.")
    ] = None,
    *,
    saved: _SavedPlan = None,
    template: EditedTemplate = None,
    approve: Approve = None,
    allow_empty: AllowEmpty = False,
    html: AsHtml = None,
) -> None:
    """Relocate: plan, check, deploy, import, cut over, verify. Safe to run again: only missing work is done."""
    if (request is None) == (saved is None) or (saved and (template or allow_empty)):
        raise InvalidRequest(
            "Give a request, or a saved plan by --plan FILE, which contains its request and options.",
            remedy="`acr-relocate run REQUEST`, or: acr-relocate run --plan FILE",
        )
    if saved:
        wanted, answer = saved_plans.load_plan(saved)
        run_flow_command("relocate", lambda: {"request": wanted}, html=html, approve=approve, given=(answer,))
    path = request or Path()
    run_flow_command(
        "relocate",
        lambda: {"request": accept_request_file(path, template, allow_empty=allow_empty)},
        html=html,
        approve=approve,
    )


@app.command(name="cut-over")
@shows_result
def cut_over(
    request: RequestFile,
    *,
    template: EditedTemplate = None,
    switch: Switch = False,
    approve: Approve = None,
    html: AsHtml = None,
) -> None:
    """Give everything that depends on the source access to the target. Removes nothing from the source."""

    def accepted() -> RelocationRequest:
        wanted = accept_request_file(request, template)
        enabled = wanted.switch.model_copy(update={"enabled": True})
        return wanted.model_copy(update={"switch": enabled}) if switch else wanted

    run_flow_command("cut-over", lambda: {"request": accepted()}, html=html, approve=approve)


@app.command(name="switch-back")
@shows_result
def switch_back(
    request: RequestOrRegistry,
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Only these dependents.")] = None,
    *,
    approve: Approve = None,
    html: AsHtml = None,
) -> None:
    """Point the dependents that a cut-over has switched at the source again, each with its former value."""
    run_flow_command(
        "switch-back",
        lambda: {"request": find_request(request), "names": tuple(names or ())},
        html=html,
        approve=approve,
    )
