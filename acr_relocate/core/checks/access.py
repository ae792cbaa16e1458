"""Checks of the running identity's permissions, one for each step that needs some, and of registrations.

listCredentials is never needed: everything signs in with Entra ID.
"""

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.access.permissions import IMPORTER, is_abac, scopes_at, target_group
from acr_relocate.core.access.required_actions import DEPLOYED, RIGHTS_NEEDED, actions_of
from acr_relocate.core.access.roles import ACR
from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.checks.keys import key_vault, may_use_key
from acr_relocate.core.checks.missing_rights import lacking_data, missing_action_findings
from acr_relocate.core.evidence.azure_facts import KeyVault, Subnet, UserAssignedIdentity
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.registry.inventory import UNLOCKED, Content
from acr_relocate.core.registry.spelling import says

RETIRE: Final = "acr-relocate retire"


@check("blocker")
def provider_not_registered(evidence: Evidence) -> Iterator[Violation]:
    """A subscription is not registered for container registries; those of source, target and subnets must be.

    Source: F19, F51; D/container-registry-vnet.md.
    """
    for subscription, state in evidence.providers.items():
        if isinstance(state, str) and not says(state, "Registered"):
            yield Violation(
                f"Microsoft.ContainerRegistry is {state} in subscription {subscription}.",
                f"az provider register --namespace Microsoft.ContainerRegistry --subscription {subscription}",
                f"/subscriptions/{subscription}",
            )


@check("warning")
def reads_not_allowed(evidence: Evidence) -> Iterator[Violation]:
    """The identity may not read everything that a plan covers, so users of the source may be missing from the map.

    Azure Resource Graph omits unreadable resources silently.
    Source: F30; learn.microsoft.com/azure/governance/resource-graph/overview, "Permissions in Azure Resource Graph".
    """
    yield from _lacking_anywhere(evidence, "reads_not_allowed", "see all that a plan shows", "Reader")


@check("blocker")
def source_cannot_be_pulled(evidence: Evidence) -> Iterator[Violation]:
    """The identity may not pull from the source, which listing it and importing from it need.

    Source: F7, F8; the role is needed on both sides (D/container-registry-import-images.md).
    """
    scope, step = evidence.request.source.resource_id, "read and import the content of the source"
    lacks, abac = (lacking_data, True) if is_abac(evidence) else (missing_action_findings, False)
    yield from lacks(evidence, scope, actions_of("source_cannot_be_pulled", data=abac), step, IMPORTER)


@check("blocker")
def catalogue_cannot_be_listed(evidence: Evidence) -> Iterator[Violation]:
    """The source is in ABAC mode, where listing its repositories needs a role of its own.

    Source: D/container-registry-rbac-abac-repository-permissions.md.
    """
    if is_abac(evidence):
        scope, role = evidence.request.source.resource_id, "Container Registry Repository Catalog Lister"
        actions = actions_of("catalogue_cannot_be_listed", data=True)
        yield from lacking_data(evidence, scope, actions, "list the repositories of the source", role)


@check("blocker")
def webhook_addresses_cannot_be_read(evidence: Evidence) -> Iterator[Violation]:
    """The source has webhooks, and the identity may not ask for their addresses, without which none is deployed.

    Source: F21.
    """
    if evidence.source.children_of("webhooks"):
        actions = actions_of("webhook_addresses_cannot_be_read")
        step = "read the addresses of the webhooks"
        yield from missing_action_findings(evidence, evidence.request.source.resource_id, actions, step, "Contributor")


@check("blocker")
def target_group_cannot_be_created(evidence: Evidence) -> Iterator[Violation]:
    """The target's resource group is not there, and the identity may not create it.

    Source: the article's prerequisites.
    """
    if evidence.group is None:
        actions = actions_of("target_group_cannot_be_created")
        scope = f"/subscriptions/{evidence.request.target_subscription_id}"
        yield from missing_action_findings(
            evidence, scope, actions, "create the target's resource group", "Contributor"
        )


@check("blocker")
def target_cannot_be_deployed(evidence: Evidence) -> Iterator[Violation]:
    """The identity may not deploy the target registry with all its children.

    Source: the article's "Redeploy".
    """
    children = {child.kind.lower() for child in evidence.design.registry.children}
    unused = {f"{ACR}/{kind}/write" for kind in DEPLOYED if kind.lower() not in children}
    actions = [action for action in actions_of("target_cannot_be_deployed") if action not in unused]
    yield from missing_action_findings(
        evidence, target_group(evidence.request), actions, "deploy the target", "Contributor"
    )


@check("blocker")
def images_cannot_be_imported(evidence: Evidence) -> Iterator[Violation]:
    """The identity may not import into the target, or not read the imported content there.

    Source: F7; AcrPush is not enough (Azure/acr#237, #281).
    """
    scope, step, name = (
        target_group(evidence.request),
        "import into the target and verify it",
        "images_cannot_be_imported",
    )
    abac = is_abac(evidence)
    actions = [action for action in actions_of(name) if not abac or action != f"{ACR}/pull/read"]
    yield from missing_action_findings(evidence, scope, actions, step, IMPORTER)
    if abac:
        yield from lacking_data(evidence, scope, actions_of(name, data=True), step, IMPORTER)


@check("blocker")
def locks_cannot_be_replayed(evidence: Evidence) -> Iterator[Violation]:
    """The source's content has lock attributes, and the identity may not set them at the target.

    Source: F45; D/container-registry-image-lock.md. Imports do not carry them.
    """
    if isinstance(evidence.content, Content) and _has_locks(evidence.content):
        yield from _lacking_to_write(evidence, "set lock attributes at the target", "locks_cannot_be_replayed")


@check("decision")
def index_cannot_be_pushed(evidence: Evidence) -> Iterator[Violation]:
    """The source holds an index beyond the import limit, and the identity may not push it to the target.

    Source: F12; D/container-registry-roles.md: importing does not include pushing.
    """
    if any(travel.oversized for _, travel in evidence.copies):
        yield from _lacking_to_write(evidence, "push an index of more than 50 manifests", "index_cannot_be_pushed")


@check("blocker")
def subnet_cannot_be_joined(evidence: Evidence) -> Iterator[Violation]:
    """The identity may not let the target's network rules name a subnet of the request.

    Source: F19; LinkedAuthorizationFailed at deployment.
    """
    actions = actions_of("subnet_cannot_be_joined")
    for subnet in evidence.subnets.values():
        if isinstance(subnet, Subnet):
            yield from missing_action_findings(
                evidence, subnet.id, actions, "allow the subnet at the target", "Network Contributor"
            )


@check("blocker")
def identity_cannot_be_assigned(evidence: Evidence) -> Iterator[Violation]:
    """The identity may not give the target the user-assigned identities that the source has.

    Source: F25; LinkedAuthorizationFailed at deployment.
    """
    actions = actions_of("identity_cannot_be_assigned")
    for identity in evidence.identities.values():
        if isinstance(identity, UserAssignedIdentity):
            step = "give the identity to the target"
            yield from missing_action_findings(evidence, identity.id, actions, step, "Managed Identity Operator")


@check("decision")
def key_access_cannot_be_granted(evidence: Evidence) -> Iterator[Violation]:
    """The key's identity may not use the key, and the running identity may not grant it.

    Source: F25.
    """
    vault = key_vault(evidence)
    if isinstance(vault, KeyVault) and may_use_key(evidence) is False:
        actions = ("Microsoft.Authorization/roleAssignments/write",)
        role = "Role Based Access Control Administrator"
        yield from missing_action_findings(evidence, vault.id, actions, "grant access to the key", role)


@check("decision")
def token_passwords_cannot_be_generated(evidence: Evidence) -> Iterator[Violation]:
    """The source has tokens, and the identity may not generate their passwords at the target.

    Source: F20.
    """
    if evidence.design.registry.children_of("tokens"):
        actions = actions_of("token_passwords_cannot_be_generated")
        yield from missing_action_findings(
            evidence, target_group(evidence.request), actions, "generate token passwords", "Contributor"
        )


@check("decision")
def roles_cannot_be_assigned(evidence: Evidence) -> Iterator[Violation]:
    """Roles are assigned at the source, and the identity may not assign them at the target.

    Source: F37.
    """
    if isinstance(evidence.roles, int) and evidence.roles:
        actions = actions_of("roles_cannot_be_assigned")
        step = f"assign the source's {evidence.roles} roles at the target"
        role = "Role Based Access Control Administrator"
        yield from missing_action_findings(evidence, target_group(evidence.request), actions, step, role)


@check("decision")
def diagnostics_cannot_be_set(evidence: Evidence) -> Iterator[Violation]:
    """The source has diagnostic settings, and the identity may not make them at the target, or send logs where they go.

    Source: F42; diagnostic-settings.md; MicrosoftDocs/azure-docs#80159 for the right at each destination.
    """
    if isinstance(evidence.sinks, tuple) and evidence.sinks:
        step = "send the target's logs on"
        yield from _lacking_anywhere(evidence, "diagnostics_cannot_be_set", step, "Contributor")


@check("decision")
def private_endpoints_cannot_be_made(evidence: Evidence) -> Iterator[Violation]:
    """The source has private endpoints, and the identity may not make and approve them for the target.

    Source: F60; D/container-registry-private-endpoints.md.
    """
    if evidence.source.children_of("privateEndpointConnections"):
        step = "make private endpoints to the target"
        yield from _lacking_anywhere(evidence, "private_endpoints_cannot_be_made", step, "Contributor")


@check("decision")
def tags_cannot_be_pruned(evidence: Evidence) -> Iterator[Violation]:
    """The request prunes tags at the target, and the identity may not do that at the target.

    Source: F7; D/container-registry-rbac-built-in-roles-overview.md, AcrDelete.
    """
    if not (evidence.request.prune or evidence.request.prune_unselected):
        return
    scope, step, name = target_group(evidence.request), "prune tags at the target", "tags_cannot_be_pruned"
    if is_abac(evidence):
        role = "Container Registry Repository Contributor"
        yield from lacking_data(evidence, scope, actions_of(name, data=True), step, role)
    else:
        yield from missing_action_findings(evidence, scope, actions_of(name), step, "AcrDelete")


@check("decision")
def source_cannot_be_deleted(evidence: Evidence) -> Iterator[Violation]:
    """The request deletes the source in the end, and the identity may not do that.

    Source: the article's "Clean up source resources".
    """
    if evidence.request.delete_source:
        yield from _lacking_anywhere(evidence, "source_cannot_be_deleted", "delete the source in the end", RETIRE)


def _lacking_anywhere(evidence: Evidence, check_name: str, step: str, role: str) -> Iterator[Violation]:
    """Yield a violation for each place at which a right of the check is missing."""
    rights = [right for right in RIGHTS_NEEDED if right.found_by == check_name]
    for place in dict.fromkeys(right.place for right in rights):
        actions = [right.action for right in rights if right.place == place]
        for scope in scopes_at(place, evidence):
            yield from missing_action_findings(evidence, scope, actions, step, role)


def _lacking_to_write(evidence: Evidence, step: str, name: str) -> Iterator[Violation]:
    scope = target_group(evidence.request)
    if is_abac(evidence):
        role = "Container Registry Repository Writer"
        yield from lacking_data(evidence, scope, actions_of(name, data=True), step, role)
    else:
        yield from missing_action_findings(evidence, scope, actions_of(name), step, "AcrPush")


def _has_locks(content: Content) -> bool:
    return any(
        attributes != UNLOCKED
        for repository in content.repositories
        for attributes in (
            repository.attributes,
            *(manifest.attributes for manifest in repository.manifests),
            *(tag.attributes for tag in repository.tags),
        )
    )
