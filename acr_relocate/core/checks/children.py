"""Checks of the source's children: those that do not move automatically, or conflict with imported content."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.checks.content import selected_repositories
from acr_relocate.core.checks.design_findings import announced
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.managed_identities import has_system_identity
from acr_relocate.core.registry.renamed_settings import actions_name, cached_repository
from acr_relocate.core.target.children.replications import is_home_replication

PURGE: Final = "acr purge"
_PATCHING: Final = "cssc-"
_CACHE_FEATURE: Final = "ArtifactCacheManagedIdentityAuthentication"


@check("decision")
def cache_rule_collides(evidence: Evidence) -> Iterator[Violation]:
    """A cache rule fills a repository that would be imported: the target can have only one of the two.

    Source: F57; D/artifact-cache-overview.md: the rule's repository must not exist yet.
    """
    names = [repository.name for repository in selected_repositories(evidence)]
    for rule in evidence.source.children_of("cacheRules"):
        pattern = cached_repository(str(rule.properties.get("targetRepository", "")), evidence.request.names)
        taken = [name for name in names if pattern and _is_under(evidence.request.names.to_target(name), pattern)]
        if taken:
            yield Violation(
                f"Cache rule {rule.name} fills {pattern}, and {', '.join(taken[:5])} would be imported there.",
                f"Leave it out in selection.repositories, so that the target fills it again; or keep the content and "
                f"drop the rule: az acr cache delete --registry {evidence.source.name} --name {rule.name}",
                f"cacheRules/{rule.name}",
            )


@check("warning")
def cache_rule_signs_in_as_itself(evidence: Evidence) -> Iterator[Violation]:
    """A cache rule signs in at its upstream with an identity or by federation, not with a credential set.

    A preview, which each subscription registers for: else `CannotCreateCacheRuleWithManagedIdentity` (Azure/acr#747).
    Source: D/artifact-cache-overview.md; azure-mgmt-containerregistry 15.1.0b4, AdditionalAuthenticationType.
    """
    subscription = evidence.request.target_subscription_id
    for rule in evidence.source.children_of("cacheRules"):
        by = (rule.properties.get("additionalAuthenticationProperties") or {}).get("authenticationType")
        if rule.identity or by:
            yield Violation(
                f"Cache rule {rule.name} signs in at its upstream by {by or 'a managed identity'}; the target's rule "
                "needs access there as well.",
                "# Then give the identity of the target's rule access to its upstream:\n"
                "az feature register --namespace Microsoft.ContainerRegistry --name "
                f"{_CACHE_FEATURE} --subscription {subscription}",
                f"cacheRules/{rule.name}",
            )


@check("warning")
def continuous_patching(evidence: Evidence) -> Iterator[Violation]:
    """The source patches its images automatically: a workflow of tasks, with a policy in a repository of its own.

    Source: D/key-concept-continuous-patching.md, how-to-continuous-patching.md.
    """
    tasks = [task.name for task in _tasks(evidence) if task.name.lower().startswith(_PATCHING)]
    if tasks:
        name = evidence.request.target.name
        yield Violation(
            f"Continuous patching is set up at {evidence.source.name} by the tasks {', '.join(tasks)}.",
            f"Set it up at {name} once that is verified, with the same policy: az acr supply-chain workflow create "
            f"--resource-group {evidence.request.target.resource_group} --registry {name} --type continuouspatchv1 "
            "--config FILE --schedule 1d",
            evidence.source.id,
        )


@check("warning")
def token_needs_new_credentials(evidence: Evidence) -> Iterator[Violation]:
    """A token comes along without its passwords: Azure gives a token's passwords out once and never again.

    Source: F20.
    """
    yield from announced(evidence, "token_needs_new_credentials")


@check("warning")
def credential_set_needs_secret_access(evidence: Evidence) -> Iterator[Violation]:
    """A credential set gets a new identity, which cannot read its secrets in the key vault yet.

    Source: D/artifact-cache-overview.md.
    """
    yield from announced(evidence, "credential_set_needs_secret_access")


@check("note")
def webhook_calls_from_new_region(evidence: Evidence) -> Iterator[Violation]:
    """A webhook will call from the target's region; a receiver behind a firewall must allow that.

    Source: D/container-registry-service-tag.md.
    """
    yield from announced(evidence, "webhook_calls_from_new_region")


@check("note")
def replication_becomes_home(evidence: Evidence) -> Iterator[Violation]:
    """The source has a replica in the target's region, which at the target is the home and needs none.

    Source: F16; D/container-registry-geo-replication.md.
    """
    yield from announced(evidence, "replication_becomes_home")


@check("note")
def old_home_has_no_replica(evidence: Evidence) -> Iterator[Violation]:
    """The source is replicated. The target has the other replicas, but none where the source's home was.

    Source: D/container-registry-geo-replication.md; clients in the old region then pull across regions.
    """
    source, name = evidence.source, evidence.request.target.name
    replicas = [child for child in source.children_of("replications") if not is_home_replication(child, source)]
    if replicas and source.location != evidence.request.target.location:
        yield Violation(
            f"The target has no replica in {source.location}, the source's home.",
            f"If it is to have one: az acr replication create --registry {name} --location {source.location}",
            source.id,
        )


@check("warning")
def task_identity_changes(evidence: Evidence) -> Iterator[Violation]:
    """A task signs in with its own identity. At the target it gets another one, which has no roles yet.

    Source: D/container-registry-tasks-authentication-managed-identity.md.
    """
    for task in _tasks(evidence):
        identity = task.identity or {}
        if has_system_identity(identity):
            yield Violation(
                f"Task {task.name} gets a new identity at the target; the roles of the present one stay.",
                "The cut-over gives the new one the same roles. To see them: az role assignment list --all --assignee "
                f"{identity.get('principalId', 'PRINCIPAL-ID')}",
                f"tasks/{task.name}",
            )


@check("warning")
def task_purges(evidence: Evidence) -> Iterator[Violation]:
    """A task deletes images (`acr purge`): at the target it must not run before the verification.

    Source: F46.
    """
    for task in _tasks(evidence):
        if PURGE in _commands(task.properties.get("step") or {}):
            yield Violation(
                f"Task {task.name} purges images.",
                f"With a trigger it is deployed disabled. Without one, do not run it before the verification: "
                f"az acr task update --registry {evidence.request.target.name} --name {task.name} --status Disabled",
                f"tasks/{task.name}",
            )


@check("decision")
def agent_pool_in_old_network(evidence: Evidence) -> Iterator[Violation]:
    """An agent pool runs in a subnet of the old region.

    Source: F34, F47; D/tasks-agent-pools.md.
    """
    yield from announced(evidence, "agent_pool_in_old_network")


@check("decision")
def renamed_in_parts(evidence: Evidence) -> Iterator[Violation]:
    """A webhook or cache rule is about several repositories of which only some are renamed: one cannot say both.

    Source: D/container-registry-webhook-reference.md, artifact-cache-overview.md: one scope, one repository.
    """
    yield from announced(evidence, "renamed_in_parts")


@check("decision")
def rename_changes_access(evidence: Evidence) -> Iterator[Violation]:
    """A scope map with a star would cover other repositories at the target, because of their new names.

    Source: D/container-registry-token-based-repository-permissions.md: a star stands for all that begins so.
    """
    names = [repository.name for repository in selected_repositories(evidence)] if evidence.request.rename else []
    there = {child.name: child for child in evidence.design.registry.children_of("scopeMaps")} if names else {}
    for scope_map in evidence.source.children_of("scopeMaps"):
        if scope_map.name not in there:
            continue
        renamed, before = (one.properties.get("actions") or () for one in (there[scope_map.name], scope_map))
        wider = [
            name
            for name in names
            if actions_name(renamed, evidence.request.names.to_target(name)) and not actions_name(before, name)
        ]
        if wider:
            yield Violation(
                f"Tokens of the scope map {scope_map.name} would also have {', '.join(wider[:5])} at the target.",
                "Rename these to a place that it does not cover; or name its repositories one by one: az acr scope-map "
                f"update --registry {evidence.source.name} --name {scope_map.name}",
                f"scopeMaps/{scope_map.name}",
            )


@check("warning")
def by_hand(evidence: Evidence) -> Iterator[Violation]:
    """A child of the source must be created manually at the target: connected registries, pipelines and the like.

    Source: F56; D/intro-connected-registry.md, D/container-registry-transfer-*.md.
    """
    yield from announced(evidence, "by_hand")


def _tasks(evidence: Evidence) -> Iterator[Child]:
    yield from (task for task in evidence.source.children_of("tasks") if not task.properties.get("isSystemTask"))


def _is_under(name: str, pattern: str) -> bool:
    """Return whether a cache rule fills the repository, by name or by prefix (`team/*`)."""
    return name == pattern or (pattern.endswith("*") and name.startswith(pattern.removesuffix("*")))


def _commands(step: dict[str, Any]) -> str:
    """Return the commands of a task, as far as Azure shows them."""
    try:
        return base64.b64decode(str(step.get("encodedTaskContent") or ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
