"""A person relocates a registry in the Prefect UI: three fields, one approval, a report."""

import re

from playwright.sync_api import expect

from deployments.processes import wait_until
from tests.browser.conftest import Ui
from tests.serving import PATIENCE

SOURCE = "contosoregistry"


def test_a_wrong_field_is_refused_at_the_field(ui: Ui) -> None:
    """What is wrong is said below the field that it is in, and nothing is started."""
    ui.open_form()
    ui.fill("Registry", "Contoso-Registry!")
    ui.fill("Name", "contosorefused")
    ui.choose("Region", "northeurope")
    ui.submit()

    below = ui.page.get_by_label("Registry", exact=True).locator(
        "xpath=following::*[contains(text(), 'does not match')]"
    )
    expect(below.first).to_be_visible()
    ui.picture("wrong-field", first=below.first)
    assert ui.api.call("POST", "/flow_runs/count", {"deployments": {"name": {"any_": ["on-demand"]}}}) == 0


def test_three_fields_relocate_a_registry(ui: Ui) -> None:
    """The form, the approval, the progress, the report and the map: what somebody sees who has never seen it before."""
    ui.open_form()
    ui.fill("Registry", SOURCE)
    ui.fill("Name", "contosonorth")
    ui.choose("Region", "northeurope")
    ui.choose("Stage", "before_deploy")
    ui.picture("form", first=ui.page.get_by_text("Parameters"))
    run_id = ui.start()

    ui.api.wait_to_be_asked(run_id, f"Relocate {SOURCE} to contosonorth")
    ui.open_run(run_id)
    ui.see_state("Suspended")
    ui.answer("approve", "Ann Approver", "CHG-7", picture="approval")

    assert sees_progress_move(ui, run_id)

    ui.api.wait(run_id, "Completed")
    ui.open_run(run_id)
    ui.see_state("Completed")
    ui.page.get_by_role("tab", name="Artifacts").click()
    expect(ui.page.get_by_role("heading", name=f"report-{SOURCE}")).to_be_visible()
    ui.picture("run")

    ui.open_artifact(run_id, "markdown", f"plan-{SOURCE}")
    drawn = ui.page.get_by_role("main").get_by_role("document")  # Mermaid's picture; as text it would be none
    expect(drawn).to_be_visible()
    ui.picture("map", first=ui.page.get_by_role("heading", name="Dependency map"))

    ui.open_artifact(run_id, "markdown", f"report-{SOURCE}")
    expect(ui.page.get_by_role("cell", name="Ann Approver", exact=True)).to_be_visible()
    ui.picture("report")


def sees_progress_move(ui: Ui, run_id: str) -> bool:
    """Whether the bar stood in two places between nothing and all."""
    seen: set[str] = set()
    assert wait_until(lambda: bool(ui.artifacts(run_id, "progress")), PATIENCE)

    def moved() -> bool:
        ui.open_artifact(run_id, "progress", "")
        shown = ui.page.get_by_text(re.compile(r"^\d+ of \d+")).first.inner_text()
        seen.add(shown.partition(",")[0])
        ui.picture("progress")
        return len(seen) > 1

    return wait_until(moved, PATIENCE)


def test_a_rejection_ends_the_run_with_its_reason(ui: Ui) -> None:
    """Cancelled, not a crash: who said no, where, and why, is what the run says of itself."""
    target = {"name": "contosorejected", "location": "northeurope"}
    request = {"source": {"name": SOURCE}, "target": target, "approvals": ["before_deploy"]}
    run_id = ui.api.start("relocate", request)
    ui.api.wait_to_be_asked(run_id, f"Relocate {SOURCE}")

    ui.open_run(run_id)
    ui.answer("reject", "Bob Boss", "not on a Friday", picture="rejecting")

    ui.api.wait(run_id, "Cancelled")
    ui.open_run(run_id)
    ui.see_state("Cancelled")
    ui.page.get_by_role("tab", name="Details").click()
    expect(ui.page.get_by_text("Bob Boss said no before deploy: not on a Friday").first).to_be_visible()
    ui.picture("rejected")
