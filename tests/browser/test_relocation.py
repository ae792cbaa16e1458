"""A person relocates a registry in the Prefect UI: three fields, one approval, a report."""

import re

from playwright.sync_api import expect

from deployments.processes import wait_until
from tests.browser.conftest import WHOLE_MAP, Ui
from tests.support.prefect_api import PATIENCE

SOURCE = "contosoregistry"
IMPORTS, HELD = 138, 40  # of its content


def test_a_wrong_field_is_refused_at_the_field(ui: Ui) -> None:
    """A wrong value is named in words below its field, and nothing is started."""
    ui.open_form()
    ui.fill("Registry", "Contoso-Registry!")
    ui.fill("Name", "contosorefused")
    ui.choose("Region", "northeurope")
    ui.submit()

    field = ui.page.get_by_label("Registry", exact=True)
    words = "a registry name (5 to 50 letters and digits), login server or resource id"
    below = field.locator(f"xpath=following::*[contains(text(), '{words}')]")
    expect(below.first).to_be_visible()
    ui.picture("wrong-field", first=ui.page.get_by_text("Parameters"))
    runs = ui.api.call("POST", "/flow_runs/filter", {"deployments": {"name": {"any_": ["relocate"]}}})
    assert "contosorefused" not in {each["parameters"]["request"]["target"]["name"] for each in runs}


def test_three_fields_relocate_a_registry(ui: Ui) -> None:
    """The form, the approval, the progress, the report and the map: what somebody sees who has never seen it before."""
    ui.open_form()
    ui.fill("Registry", SOURCE)
    ui.fill("Name", "contosonorth")
    ui.choose("Region", "northeurope")
    ui.choose("Stage", "before_deploy", one_of_several=True)
    ui.picture("form", first=ui.page.get_by_text("Parameters"))
    run_id = ui.start()

    ui.api.wait_to_be_asked(run_id, f"Relocate {SOURCE} to contosonorth")
    ui.azure.arm_fault("import-hangs", times=HELD)
    ui.answer(run_id, "approve", "Ann Approver", "CHG-7", picture="approval")
    assert sees_progress_move(ui, run_id)

    ui.api.wait(run_id, "Completed")
    ui.open_run(run_id, "Artifacts")
    ui.see_state("Completed")
    expect(ui.page.get_by_role("heading", name=f"1-report-{SOURCE}").first).to_be_visible()
    ui.picture("run", ready=ui.see_graph)
    assert ui.api.run(run_id)["name"] == f"relocate-{SOURCE}-to-contosonorth"  # without the name of the form

    expect(ui.page.get_by_text("For machines")).to_have_count(0)

    ui.open_artifact(run_id, f"3-map-{SOURCE}")
    drawn = ui.page.get_by_role("main").get_by_role("document")  # Mermaid's picture; as text it would be none
    expect(drawn).to_be_visible()
    ui.picture("map", height=WHOLE_MAP, ready=lambda: expect(drawn).to_be_visible())

    ui.open_artifact(run_id, f"1-report-{SOURCE}")
    expect(ui.page.get_by_role("heading", name=f"{SOURCE} is relocated to contosonorth")).to_be_visible()
    expect(ui.page.get_by_role("cell", name="Ann Approver", exact=True)).to_be_visible()
    ui.picture("report")


def sees_progress_move(ui: Ui, run_id: str) -> bool:
    """Whether the run's page shows some of the imports as done while the others hang, and more once they go on."""
    bar = ui.page.get_by_text(re.compile(rf"^[1-9]\d* of {IMPORTS}\b"))

    def shown() -> str:
        ui.open_run(run_id, "Artifacts")
        expect(ui.page.get_by_role("heading", name=f"2-plan-{SOURCE}").first).to_be_visible()  # with all that there are
        return ", ".join(bar.all_inner_texts()).partition(",")[0]

    assert wait_until(lambda: bool(shown()), PATIENCE)
    before = shown()
    ui.picture("progress", amidst=bar.first)
    ui.azure.clear_faults()
    assert ui.azure.release() == HELD
    return wait_until(lambda: shown() != before, PATIENCE)


def test_a_rejection_ends_the_run_with_its_reason(ui: Ui) -> None:
    """Cancelled, not a crash: who said no, where, and why, is what the run says of itself."""
    target = {"name": "contosorejected", "location": "northeurope"}
    request = {"source": {"name": SOURCE}, "target": target, "approvals": ["before_deploy"]}
    run_id = ui.api.start("relocate", request)
    ui.api.wait_to_be_asked(run_id, f"Relocate {SOURCE}")

    ui.answer(run_id, "reject", "Bob Boss", "not on a Friday", picture="rejecting")

    ui.api.wait(run_id, "Cancelled")
    ui.open_run(run_id, "Details")
    ui.see_state("Cancelled")
    expect(ui.page.get_by_text("Rejected by Bob Boss before deploy: not on a Friday").first).to_be_visible()
    ui.picture("rejected", ready=ui.see_graph)
