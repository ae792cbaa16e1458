"""The checks before anything is changed: each finds its violation, says it once, and finds nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from acr_relocate.core.checks import PREFLIGHT, Evidence, Lock, NameAvailability, Unknown, evaluate
from acr_relocate.core.checks.catalogue import catalogue, explanation
from acr_relocate.core.checks.check import Check
from acr_relocate.core.checks.failures import FAILURES
from acr_relocate.core.findings import SEVERITIES
from acr_relocate.core.registry.inventory import Attributes
from tests.check_cases import (
    consolidated,
    renamed_and_pulled,
    rights_and_locks,
    source_children,
    source_content,
    source_replica,
    source_settings,
    target_and_access,
)
from tests.check_cases.evidence import IDENTITY, NORTH, TARGET_GROUP, WEST, Case, encrypted, evidence, with_subnet
from tests.support.builders import content, digest, image, registry, repository, request, target_ref

CASES = (
    *target_and_access.CASES,
    *rights_and_locks.CASES,
    *source_settings.CASES,
    *source_children.CASES,
    *source_content.CASES,
    *renamed_and_pulled.CASES,
    *consolidated.CASES,
    *source_replica.REPLICA,
)
CHECKS = [rule for rule in PREFLIGHT if isinstance(rule, Check)]
DOCS = Path(__file__).parents[3] / "docs" / "checks.md"


@pytest.mark.parametrize("case", CASES, ids=[case.given for case in CASES])
def test_violation_is_found_and_nothing_else(case: Case) -> None:
    """Exactly the planted violation, with a message, and something to do about whatever is more than a note."""
    findings = evaluate(PREFLIGHT, case.evidence)

    assert sorted(finding.code for finding in findings) == sorted(case.expected)
    assert all(finding.message and finding.resource for finding in findings)
    assert all(finding.remedy for finding in findings if finding.severity != "note")


@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
def test_check_has_a_case_in_which_it_finds_something(check: Check) -> None:
    """No check without a violation that it was seen to find."""
    assert any(check.name in case.expected for case in CASES)


def test_there_are_many_checks_each_with_its_own_name() -> None:
    """At least fifty; the name is the code of the findings."""
    assert len({check.name for check in CHECKS}) == len(CHECKS) >= 50


@pytest.mark.parametrize("rule", PREFLIGHT, ids=[getattr(rule, "__name__", "") or rule.name for rule in PREFLIGHT])  # type: ignore[union-attr]
def test_check_is_explained_and_names_its_source(rule: Check) -> None:
    """The chain is a specification that a person can read, and look up."""
    text = explanation(rule)

    assert "Source: " in text
    assert all(name in FAILURES for name in _failure_modes(text))


def test_every_failure_mode_that_is_listed_has_a_check() -> None:
    """The list in docs/checks.md promises nothing."""
    named = {name for rule in PREFLIGHT for name in _failure_modes(explanation(rule))}

    assert named == FAILURES.keys()


def _failure_modes(text: str) -> list[str]:
    words = text.replace(",", " ").replace(";", " ").replace(":", " ").replace(".", " ").split()
    return [word for word in words if word.startswith("F") and word[1:].isdigit()]


def test_committed_page_is_current() -> None:
    """To bring it up to date: python -m acr_relocate.core.checks.catalogue > docs/checks.md."""
    assert DOCS.read_text() == catalogue()


UNREADABLE: dict[str, Callable[[Unknown], Evidence]] = {
    "target": lambda unknown: evidence(target=unknown),
    "name": lambda unknown: evidence(name=unknown),
    "region": lambda unknown: evidence(region=unknown),
    "subscription": lambda unknown: evidence(subscriptions={"s": unknown}),
    "group": lambda unknown: evidence(group=unknown),
    "locks": lambda unknown: evidence(locks=unknown),
    "providers": lambda unknown: evidence(providers={"s": unknown}),
    "permissions": lambda unknown: evidence(permissions={TARGET_GROUP: unknown}),
    "subnet": with_subnet,
    "identity": lambda unknown: evidence(identities={IDENTITY: unknown}),
    "endpoint": lambda unknown: evidence(endpoints={"e": unknown}),
    "sinks": lambda unknown: evidence(sinks=unknown),
    "event subscriptions": lambda unknown: evidence(event_subscriptions=unknown),
    "roles": lambda unknown: evidence(roles=unknown),
    "usage": lambda unknown: evidence(usage=unknown),
    "validation": lambda unknown: evidence(validation=unknown),
    "hidden": lambda unknown: evidence(hidden=unknown),
    "a kind of children": lambda unknown: evidence(source=registry(unread={"tokens": unknown.reason})),
}


@pytest.mark.parametrize("make", UNREADABLE.values(), ids=UNREADABLE)
def test_what_could_not_be_read_is_said_and_never_taken_for_absent(make: Callable[[Unknown], Evidence]) -> None:
    """One warning with the reason, and no conclusion."""
    findings = evaluate(PREFLIGHT, make(Unknown(reason="403 AuthorizationFailed", what="it")))

    assert [finding.code for finding in findings] == ["could_not_be_read"]
    assert "403 AuthorizationFailed" in findings[0].message


def test_a_vault_that_could_not_be_read_is_no_missing_vault() -> None:
    """Only what is certain is said of the key."""
    found = evaluate(PREFLIGHT, encrypted(Unknown(reason="403", what="the vault")))

    assert {finding.code for finding in found} == {"customer_managed_key_needs_decision", "could_not_be_read"}


def test_one_missing_permission_is_said_once_with_all_that_it_hides() -> None:
    """However many facts it hides: the action and the scope, exactly, and a command that grants it."""
    hidden = [
        Unknown(reason=f"no {what}", what=what, action="Microsoft.Foo/bars/read", scope="/subscriptions/s")
        for what in ("the locks", "the roles", "the sinks")
    ]

    [finding] = evaluate(PREFLIGHT, evidence(locks=hidden[0], roles=hidden[1], sinks=hidden[2]))

    assert all(one.what in finding.message for one in hidden)
    assert "may not Microsoft.Foo/bars/read at /subscriptions/s" in finding.message
    assert '--role "Reader" --scope /subscriptions/s' in finding.remedy


def test_a_registry_out_of_reach_says_where_a_worker_must_run() -> None:
    """Never "0 repositories"."""
    [finding] = evaluate(
        PREFLIGHT, source_settings.NETWORKS[14].evidence.model_copy(update={"endpoints": {"x/pe1": None}})
    )

    assert (finding.code, finding.severity) == ("registry_out_of_reach", "blocker")
    assert "in the network of its private endpoint pe1" in finding.remedy
    assert "0 repositories" not in finding.message


def test_all_findings_are_returned_gravest_first() -> None:
    """A registry with four things wrong gets four findings in one run."""
    findings = evaluate(
        PREFLIGHT,
        evidence(
            request=request(target=target_ref(location="westeurope")),
            group=None,
            source=registry(sku="Standard"),
            name=NameAvailability(available=False),
            content=content(repository("app", image("a", attributes=Attributes(read_enabled=False)), v1="a")),
        ),
    )

    assert [finding.severity for finding in findings] == list(SEVERITIES)


def test_a_lock_over_both_sides_is_said_once() -> None:
    """A lock on the subscription holds for source and target."""
    lock = Lock(scope="/subscriptions/22222222-2222-2222-2222-222222222222", name="keep", level="CanNotDelete")

    assert [finding.code for finding in evaluate(PREFLIGHT, evidence(locks=(lock, lock)))] == ["delete_lock_on_target"]


def test_index_finding_names_the_digest() -> None:
    """The operator can look at it."""
    [given] = [case.evidence for case in CASES if case.given == "an index of 51"]

    assert [finding.resource for finding in evaluate(PREFLIGHT, given)] == [f"app@{digest('huge')}"]


def test_evidence_survives_json() -> None:
    """A task returns it: unknown stays unknown, absent stays absent."""
    given = evidence(locks=Unknown(reason="403"), subnets={NORTH: None, WEST: Unknown(reason="404?")})

    assert Evidence.model_validate_json(given.model_dump_json()) == given


def test_a_vault_survives_json() -> None:
    """Unions of models are told apart."""
    given = encrypted()

    assert Evidence.model_validate_json(given.model_dump_json()) == given
