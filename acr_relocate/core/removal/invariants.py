"""The ledger of the five invariants, as Markdown: `python -m acr_relocate.core.removal.invariants`.

The page is docs/explanation/invariants.md. A test looks up every function and every test that is named here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final, NamedTuple

from acr_relocate.core.documents.markdown_parts import table


class Enforcement(NamedTuple):
    """One place that enforces an invariant: the function (`module:name`), its effect, and a test that fails without."""

    where: str
    what: str
    shown_by: str


class Invariant(NamedTuple):
    """A condition that holds at every instant, also when a run is killed, and the places that enforce it."""

    letter: str
    claim: str
    enforced: tuple[Enforcement, ...]


DELETION: Final = "tests/service/test_delete_source.py::"
DISCARD: Final = "tests/unit/removal/test_discard.py::"
SOURCE: Final = "tests/unit/removal/test_source_deletion.py::"
KEPT_NAME: Final = "tests/unit/removal/test_kept_name.py::"
RECORDS: Final = "tests/unit/registry/test_restore_record.py::"

LEDGER: Final = (
    Invariant(
        "a",
        "One verified whole copy of the content exists",
        (
            Enforcement(
                "acr_relocate.core.removal.whole_copy:require_whole_copy",
                "The one decision before a registry is deleted: exactly the approved content is lost, and the other "
                "registry has every manifest and every blob of the rest.",
                f"{DELETION}test_a_blob_that_the_target_lacks_keeps_the_source",
            ),
            Enforcement(
                "tasks.registry_rest:registry_at_rest",
                "The registry to delete is locked, and new repositories are searched for until none is found, before "
                "the last look.",
                f"{DELETION}test_nobody_can_push_while_it_is_looked_for_the_last_time",
            ),
            Enforcement(
                "acr_relocate.azure.changes.last_look:look_at_rest",
                "Both registries are listed at rest, and the remaining one is asked for every blob.",
                f"{DELETION}test_what_is_pushed_between_the_question_and_the_deletion_keeps_the_source",
            ),
            Enforcement(
                "acr_relocate.azure.changes.last_look:require_no_new_repository",
                "A new repository, which no lock can prevent, is searched for in the last moment.",
                f"{DELETION}test_what_was_taken_is_given_back_if_it_does_not_go",
            ),
            Enforcement(
                "acr_relocate.core.removal.target_blockers:discard_blockers",
                "Where the name is kept, the intermediate registry stays while it alone has something; no approval "
                "overrides that.",
                f"{KEPT_NAME}test_the_intermediate_registry_stays_while_it_alone_has_something",
            ),
            Enforcement(
                "acr_relocate.core.removal.kept_name:name_stage",
                "A registry is taken for the intermediate one, or for the one with its name back, only by the tag of "
                "this very relocation.",
                f"{KEPT_NAME}test_a_name_that_is_not_ours_to_take",
            ),
        ),
    ),
    Invariant(
        "b",
        "Nothing at the source stays changed that the request did not ask for",
        (
            Enforcement(
                "tasks.runs.restore_records:save_record",
                "Everything to restore is recorded in Azure before it is removed.",
                f"{RECORDS}test_what_is_recorded_is_read_back",
            ),
            Enforcement(
                "tasks.source_deletion:retire",
                "A deletion removes locks, roles and settings after the last look, and restores them if it fails.",
                f"{DELETION}test_what_was_taken_is_given_back_if_it_does_not_go",
            ),
            Enforcement(
                "tasks.source_restore:restore_source",
                "After a killed run, the next run that writes restores the changes, on any machine.",
                f"{DELETION}test_what_a_killed_deletion_has_taken_the_next_run_gives_back",
            ),
        ),
    ),
    Invariant(
        "c",
        "Nothing of others is removed or overwritten",
        (
            Enforcement(
                "acr_relocate.core.removal.target:removals",
                "Only what a deployment or a mark of the relocation names is removed; a copied tag is no proof.",
                f"{DISCARD}test_what_leads_to_a_registry_goes_first_and_its_group_last",
            ),
            Enforcement(
                "acr_relocate.core.removal.part:content_removals",
                "Of several sources of a target one takes back only what it holds itself, and no image that a tag, an "
                "index, a signature or a lock of others needs.",
                "tests/unit/removal/test_part.py::test_what_others_put_there_stays_with_all_that_it_needs",
            ),
            Enforcement(
                "acr_relocate.core.cut_over.model:is_made_by",
                "Resources of a cut-over are known by a mark with the resource's id, or by a name that only we use.",
                "tests/unit/cut_over/test_ownership.py::test_a_copied_tag_does_not_make_a_resource_ours",
            ),
            Enforcement(
                "acr_relocate.core.removal.target_approval:require_unchanged",
                "An approval covers the content, by digest and tag, and others' resources; it is compared at rest.",
                f"{DISCARD}test_another_image_in_the_same_repository_voids_the_approval",
            ),
            Enforcement(
                "acr_relocate.azure.content.prune:prune",
                "A tag is compared before it is pruned and after; an image that lost its tag gets it again.",
                "tests/contract/test_displaced.py::test_a_push_in_the_moment_of_a_pruning_keeps_its_tag",
            ),
            Enforcement(
                "acr_relocate.core.content.remaining_import:remaining_import",
                "A tag that names another image than the imported one is a conflict, unless the request forces it.",
                "tests/contract/test_imports.py::test_a_tag_that_is_taken_is_already_exists",
            ),
            Enforcement(
                "acr_relocate.azure.changes.kept_name:remove_dead_endpoints",
                "Of a deleted registry whose name is kept, only private endpoints go that led to it alone and that "
                "Azure has cut.",
                "tests/contract/test_kept_name.py::test_only_endpoints_that_lead_nowhere_go",
            ),
            Enforcement(
                "acr_relocate.azure.changes.switched.downstream_rules:CacheRule",
                "A cache rule of another registry is deleted only to be made again, and only while it has filled "
                "nothing, so that Azure takes it again; its record has it meanwhile.",
                "tests/contract/test_switching_downstream.py::test_a_rule_that_has_filled_something_is_never_deleted",
            ),
            Enforcement(
                "acr_relocate.azure.changes.rehearsals:clean",
                "Of a rehearsal only that goes which has a name that follows from its id, and its tag.",
                "tests/contract/test_rehearsals.py::test_what_others_put_there_stays",
            ),
            Enforcement(
                "acr_relocate.azure.changes.rehearsals:RehearsalGate",
                "A rehearsal writes to nothing but what it has made; any other write is not sent.",
                "tests/contract/test_rehearsals.py::test_a_write_to_anything_else_is_not_sent",
            ),
        ),
    ),
    Invariant(
        "d",
        "No secret leaves its place",
        (
            Enforcement(
                "acr_relocate.azure.resources.children:without_secrets",
                "Secrets in Azure's answers are removed before anything is stored.",
                "tests/service/test_secrets.py::test_no_secret_is_written_down",
            ),
            Enforcement(
                "acr_relocate.azure.client.arm:Arm",
                "A call with our token goes to Azure Resource Manager, or is not sent: also where an id that others "
                "have set is the address of another host.",
                "tests/contract/test_session.py::test_an_id_that_is_an_address_gets_no_token",
            ),
        ),
    ),
    Invariant(
        "e",
        "Nothing is done on facts that were not checked against Azure",
        (
            Enforcement(
                "acr_relocate.core.registry.restore_record:read_record",
                "A record is input: it is read only if it says facts of closed kinds about this very registry.",
                f"{RECORDS}test_facts_that_this_service_never_writes_are_refused",
            ),
            Enforcement(
                "acr_relocate.core.removal.taken_facts:Detached",
                "Facts of a deletion have no path, call or host, and no role that opens more than the content.",
                f"{SOURCE}test_a_forged_record_is_not_read",
            ),
            Enforcement(
                "acr_relocate.core.approval.decision:read_question",
                "A question whose words or facts were changed at the Prefect server approves nothing.",
                "tests/unit/registry/test_stored_result.py::test_a_question_that_somebody_has_changed_is_not_shown",
            ),
            Enforcement(
                "acr_relocate.core.approval.question_form:is_as_asked",
                "An answer to a form whose words or fields were changed at the Prefect server counts for nothing.",
                "tests/unit/approval/test_question_form.py::test_another_text_is_not",
            ),
            Enforcement(
                "acr_relocate.core.switching.facts:require_true_servers",
                "A record of a switch names the hosts that Azure names for the two registries.",
                "tests/unit/switching/test_container_apps.py::test_a_record_of_other_hosts_is_refused",
            ),
        ),
    ),
)

_TITLE: Final = """# The five invariants

They hold at every instant, also when a run is killed, the Prefect server is lost or forged, two operators work at once,
or others push and delete meanwhile. This page is generated from the ledger in the code
(`acr_relocate/core/removal/invariants.py`); a test looks up each function and each test that it names.

`make test-hostile` plays against all five at random and prints its seed; `make test-kills` kills each writing flow at
random moments and goes on elsewhere. Their figures are in [performance](../performance.md#when-things-go-wrong).

Not preventable by any client: a registry has no conditional deletion. Between the last look at the catalogue and the
moment in which Azure accepts the deletion, a repository that was never there before can still be pushed. That is the
time of one request; no client that can push there has been active in the soak period.
"""


def invariants_page() -> str:
    """Return the page."""
    return "\n".join([_TITLE, *(line for one in LEDGER for line in _section(one))])


def _section(one: Invariant) -> Iterator[str]:
    yield f"## ({one.letter}) {one.claim}\n"
    rows = [(f"`{each.where}`", each.what, f"`{each.shown_by}`") for each in one.enforced]
    yield table(("enforced in", "how", "shown by"), rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(invariants_page())
