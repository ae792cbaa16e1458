"""Each row of the comparison that this service claims has a test that proves it, and a page on its use."""

import ast
from typing import Final

import pytest

from tests.support.architecture import ROOT
from tests.unit.docs.test_site import DOCS, LINK

PROVEN: Final = {
    "a whole registry in one go": "service/test_relocate.py::test_the_target_holds_all_that_the_source_holds",
    "bytes stay in the cloud": "contract/test_imports.py::test_an_untagged_digest_arrives_untagged",
    "include and exclude by pattern, version, age": "unit/content/test_selection.py::test_selection_takes_just_this",
    "rename repositories": "service/test_rename.py::test_a_renamed_registry_is_equal_and_is_then_left_alone",
    "several registries into one, with their settings": (
        "thorough/test_consolidation.py::test_two_registries_become_one_and_each_part_is_taken_back_alone"
    ),
    "recently pulled only": (
        "contract/test_pull_log.py::test_what_the_logs_show_as_pulled_is_told_from_what_they_do_not"
    ),
    "referrers: signatures, SBOMs": "service/test_fidelity.py::test_everything_arrives_or_the_report_says_what_did_not",
    "budgets of the control and the data plane used together": (
        "service/test_small_artifacts.py::test_a_relocation_that_pushes_ends_level_and_a_second_one_writes_nothing"
    ),
    "untagged manifests": "contract/test_imports.py::test_an_untagged_digest_arrives_untagged",
    "lock attributes": "service/test_article.py::test_locks_of_content",
    "what is no longer selected goes from the target": (
        "service/test_sync.py::test_what_is_no_longer_selected_goes_after_an_approval"
    ),
    "referrers left out by type": "unit/content/test_scan_findings.py::test_referrers_are_selected_by_type",
    "repeatable sync with a last pass": (
        "service/test_last_pass.py::test_nobody_can_push_while_it_runs_and_afterwards_all_is_as_before"
    ),
    "resume after a kill": "service/test_kills.py::test_killed_twice_it_converges",
    "rehearsal in the user's own subscription": (
        "service/test_rehearse.py::test_the_whole_move_is_rehearsed_and_nothing_is_left"
    ),
    "verification afterwards": "contract/test_planted_differences.py::test_a_planted_difference_is_found",
    "signed proof of a move, for auditors": "contract/test_proof.py::test_a_proof_holds_until_the_target_changes",
    "the target as Bicep, Terraform or ARM": (
        "contract/test_planted_differences.py::test_a_registry_deployed_from_its_own_code_stays_as_it_is"
    ),
    "settings, roles, network, webhooks": "service/test_article.py::test_everything_is_compared",
    "dependency map, cut-over of dependents": (
        "service/test_cut_over.py::test_everything_that_depends_on_the_registry_may_use_the_target"
    ),
    "dependents switched, proven healthy, and back": (
        "service/test_switching.py::test_nothing_names_the_source_until_it_is_switched_back"
    ),
    "rewriting references in files": (
        "service/test_references.py::test_a_folder_is_looked_at_then_rewritten_then_left_alone"
    ),
    "rollback": "thorough/test_each_step.py::test_discarding_after_a_failure_at_each_step_leaves_everything_as_it_was",
    "approvals, schedules, API": (
        "service/test_approvals.py::test_a_person_decides service/test_deployments.py::test_a_schedule_has_runs "
        "service/test_api.py::test_the_page_does_what_it_says"
    ),
    "the same login server afterwards": (
        "thorough/test_kept_name_consumers.py::test_every_consumer_pulls_again_from_the_same_host_without_a_change"
    ),
    "copies by way of a replica near the target": (
        "thorough/test_via_replica.py::test_it_is_there_for_the_imports_alone"
    ),
    "bandwidth cap": (
        "unit/imports/test_bytes_in_flight.py::test_no_more_bytes_are_copied_at_once_than_the_request_says"
    ),
}
"""The tests of each row, below tests/."""


NONE: Final = "\u2013"
"""The sign of the page for a tool that lacks the feature."""


def claimed() -> dict[str, str]:
    """The column of this service, by row; without the rows of which it says that it lacks them."""
    lines = (DOCS / "explanation" / "comparison.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")][2:]
    return {row[0]: row[1] for row in rows if row[1] != NONE}


def test_each_row_has_a_test() -> None:
    """A new row needs one, and a test that is gone needs another."""
    assert set(claimed()) == set(PROVEN)


@pytest.mark.parametrize("row", claimed())
def test_the_tests_of_a_row_exist_and_its_page_too(row: str) -> None:
    """A link that leads nowhere is found by the test of the site."""
    for test in PROVEN[row].split():
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / "tests" / file).read_text())
        assert name in {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert LINK.search(claimed()[row])
