"""The target, its surroundings and the rights."""

from acr_relocate.core.checks import (
    KeyVault,
    Lock,
    NameAvailability,
    RegionOffer,
    Subscription,
    TargetResourceGroup,
    UserAssignedIdentity,
)
from acr_relocate.core.content.source_freeze import FrozenRepository, PendingFreeze, PendingRestores, SourceFreeze
from acr_relocate.core.evidence.push_facts import PushFacts
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.request.identity import PLAN_TAG
from tests.check_cases.evidence import (
    CLIENT,
    ENABLED,
    GOOD_SUBNET,
    GOOD_VAULT,
    IDENTITY,
    MANY,
    NORTH,
    OWNER,
    PRINCIPAL,
    READER,
    SOURCE_GROUP,
    TARGET_GROUP,
    TENANT,
    VAULT,
    Case,
    allowed,
    encrypted,
    evidence,
    holding,
    our_target,
    rights,
    source,
    with_subnet,
)
from tests.support.builders import (
    LOCKED,
    SUBSCRIPTION,
    child,
    content,
    image,
    index,
    registry,
    repository,
    request,
    target_ref,
)

PUSHES = {
    "properties": {
        "scope": TARGET_GROUP,
        "principalId": PRINCIPAL,
        "roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/8311e382-0749-4cb8-b61a-304f252e45ec",
    }
}
THREE = ("one", "two", "three")
FROZEN = SourceFreeze(
    registry_id=registry().id.lower(),
    login_server="contosoregistry.azurecr.io",
    taken_by="import-a-to-b as 1",
    before=tuple(FrozenRepository(repository=name) for name in THREE),
)
OTHER = "99999999-9999-9999-9999-999999999999"
THERE = request(target=target_ref(subscription_id=OTHER))
OTHER_GROUP = f"/subscriptions/{OTHER}/resourceGroups/contoso-north"
ACR = "Microsoft.ContainerRegistry/registries"
ABAC = {"roleAssignmentMode": "AbacRepositoryPermissions"}
DATA = (f"{ACR}/repositories/content/read", f"{ACR}/repositories/metadata/read", f"{ACR}/catalog/read")
HOOK = child("webhooks", "hook1", "francecentral")
HOME = child("replications", "westeurope", "westeurope")
BUILT_IN = child("scopeMaps", "_repositories_pull", type="SystemDefined")
FRANCE = child("replications", "francecentral", "francecentral")
LOCK = Lock(scope=registry().id, name="keep", level="ReadOnly")
POOL = child("agentPools", "pool1", "westeurope")
TASK = child("tasks", "build")
ASSIGNABLE = {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
KNOWN_IDENTITY = UserAssignedIdentity(id=IDENTITY, location="northeurope", client_id=CLIENT, principal_id=PRINCIPAL)


def elsewhere(subscription: object) -> dict[str, object]:
    """Evidence fields for a target in another subscription."""
    return {
        "request": THERE,
        "subscriptions": {SUBSCRIPTION: ENABLED, OTHER: subscription},
        "permissions": rights() | {OTHER_GROUP: OWNER},
    }


CASES = (
    Case("nothing is wrong", evidence()),
    Case("our own target is there", evidence(target=our_target(), name=NameAvailability(available=False))),
    Case(
        "a foreign registry whose content is unknown",
        evidence(target=registry("contosoregistryne")),
        ("target_holds_another_relocation",),
    ),
    Case(
        "a foreign registry with an image that is not selected",
        evidence(
            target=registry("contosoregistryne"), target_content=content().model_copy(update={"not_listed": ("app",)})
        ),
        ("target_holds_another_relocation",),
    ),
    Case(
        "a foreign registry with an image",
        evidence(target=registry("contosoregistryne"), target_content=content(repository("app", image("a"), v1="a"))),
        ("target_holds_another_relocation",),
    ),
    Case(
        "an empty registry with a webhook",
        evidence(target=registry("contosoregistryne", HOOK), target_content=content()),
        ("target_holds_another_relocation",),
    ),
    Case(
        "an empty registry of a landing zone",
        evidence(target=registry("contosoregistryne", BUILT_IN, HOME), target_content=content()),
        ("target_not_handed_over",),
    ),
    Case(
        "an empty registry of another relocation",
        evidence(target=registry("contosoregistryne", tags={PLAN_TAG: "0123456789ab"}), target_content=content()),
        ("target_holds_another_relocation",),
    ),
    Case(
        "another relocation",
        evidence(target=registry("contosoregistryne", tags={PLAN_TAG: "0123456789ab"})),
        ("target_holds_another_relocation",),
    ),
    Case("the name is taken", evidence(name=NameAvailability(available=False)), ("name_taken",)),
    Case(
        "a region of China",
        evidence(request=request(target=target_ref(location="chinanorth3")), group=None),
        ("another_cloud",),
    ),
    Case(
        "another tenant",
        evidence(**elsewhere(Subscription(id=OTHER, tenant_id="99999999-0000-0000-0000-000000000000"))),
        ("another_tenant",),
    ),
    Case("another subscription", evidence(**elsewhere(Subscription(id=OTHER, tenant_id=TENANT)))),
    Case("a subscription that is not there", evidence(**elsewhere(None)), ("subscription_missing",)),
    Case(
        "a disabled subscription",
        evidence(subscriptions={SUBSCRIPTION: ENABLED.model_copy(update={"state": "Disabled"})}),
        ("subscription_not_enabled",),
    ),
    Case(
        "free credit and a task",
        evidence(
            source=registry("contosoregistry", TASK),
            subscriptions={SUBSCRIPTION: ENABLED.model_copy(update={"quota_id": "FreeTrial_2014-09-01"})},
        ),
        ("free_credit_pauses_tasks", "by_hand"),
    ),
    Case(
        "free credit and no task",
        evidence(subscriptions={SUBSCRIPTION: ENABLED.model_copy(update={"quota_id": "FreeTrial_2014-09-01"})}),
    ),
    Case("no registries there", evidence(region=RegionOffer(registries=False)), ("region_lacks_registries",)),
    Case(
        "no agent pools there",
        evidence(
            source=registry("contosoregistry", POOL), region=RegionOffer(registries=True, lacking=("agentPools",))
        ),
        ("region_lacks_feature",),
    ),
    Case("no agent pools anywhere", evidence(region=RegionOffer(registries=True, lacking=("agentPools",)))),
    Case(
        "no zones there, and wanted",
        evidence(
            request=request(target=target_ref(location="northcentralus")),
            source=registry(properties={"zoneRedundancy": "Enabled"}),
            region=RegionOffer(registries=True),
            group=None,
        ),
        ("region_lacks_zones",),
    ),
    Case(
        "no zones there, and the source's region has some, whatever an old registry says of it",
        evidence(
            request=request(target=target_ref(location="northcentralus")),
            region=RegionOffer(registries=True),
            group=None,
        ),
        ("region_lacks_zones",),
    ),
    Case(
        "no zones there, and none here",
        evidence(
            source=registry(location="westus"),
            request=request(target=target_ref(location="northcentralus")),
            region=RegionOffer(registries=True),
            group=None,
        ),
    ),
    Case(
        "the same region",
        evidence(request=request(target=target_ref(location="westeurope")), group=None),
        ("same_region",),
    ),
    Case(
        "a group on its way out",
        evidence(group=TargetResourceGroup(id=TARGET_GROUP, location="northeurope", state="Deleting")),
        ("target_group_being_deleted",),
    ),
    Case(
        "a group elsewhere",
        evidence(group=TargetResourceGroup(id=TARGET_GROUP, location="westeurope")),
        ("target_group_in_another_region",),
    ),
    Case("a target of a relocation", source(tags={PLAN_TAG: "0123456789ab"}), ("source_is_a_target",)),
    Case("a source that changes", source(properties={"provisioningState": "Updating"}), ("registry_is_changing",)),
    # Rights
    Case("not registered", evidence(providers={SUBSCRIPTION: "NotRegistered"}), ("provider_not_registered",)),
    Case(
        "pulling taken away again",
        evidence(permissions=rights(source=allowed(without=("*/pull/read",)))),
        ("source_cannot_be_pulled",),
    ),
    Case(
        "an ABAC registry and an Owner without data actions",
        source(properties=ABAC),
        ("source_cannot_be_pulled", "catalogue_cannot_be_listed", "images_cannot_be_imported", "abac_mode"),
    ),
    Case(
        "an ABAC registry that can be read but not listed",
        source(properties=ABAC, permissions=rights(source=allowed(data=DATA[:2]), target_group=allowed(data=DATA))),
        ("catalogue_cannot_be_listed", "abac_mode"),
    ),
    Case(
        "an ABAC registry and all data actions",
        source(properties=ABAC, permissions=rights(source=allowed(data=DATA), target_group=allowed(data=DATA))),
        ("abac_mode",),
    ),
    Case(
        "the addresses of webhooks hidden",
        source(HOOK, FRANCE, properties={}, permissions=rights(source=allowed("*/read"))),
        ("webhook_addresses_cannot_be_read", "old_home_has_no_replica"),
    ),
    Case(
        "a subscription of which less can be read",
        evidence(permissions=rights() | {f"/subscriptions/{SUBSCRIPTION}": allowed(without=("Microsoft.Web/*",))}),
        ("reads_not_allowed",),
    ),
    Case(
        "no group, and none can be made",
        evidence(group=None, permissions=rights() | {f"/subscriptions/{SUBSCRIPTION}": READER}),
        ("target_group_cannot_be_created",),
    ),
    Case("no group yet", evidence(group=None)),
    Case(
        "no deployments",
        evidence(permissions=rights(target_group=allowed(without=("Microsoft.Resources/deployments/*",)))),
        ("target_cannot_be_deployed",),
    ),
    Case(
        "no imports",
        evidence(permissions=rights(target_group=allowed(without=("*/importImage/action",)))),
        ("images_cannot_be_imported",),
    ),
    Case(
        "locked content, and no right to lock",
        evidence(
            content=content(repository("app", image("a", attributes=LOCKED), v1="a")),
            permissions=rights(target_group=allowed(without=("*/push/write",))),
        ),
        ("locks_cannot_be_replayed",),
    ),
    Case(
        "an index that no import takes, and no right to push",
        evidence(
            content=content(repository("app", index("huge", *MANY), *(image(name) for name in MANY), v1="huge")),
            permissions=rights(target_group=allowed(without=("*/push/write",))),
        ),
        ("index_beyond_import_limit", "index_cannot_be_pushed"),
    ),
    Case(
        "a subnet that may not be joined",
        with_subnet(GOOD_SUBNET, permissions=rights() | {NORTH: READER}),
        ("subnet_cannot_be_joined",),
    ),
    Case(
        "an identity that may not be assigned",
        evidence(
            source=registry(identity=ASSIGNABLE),
            identities={IDENTITY: KNOWN_IDENTITY},
            permissions=rights() | {IDENTITY: READER},
        ),
        ("identity_cannot_be_assigned",),
    ),
    Case(
        "a key that may not be used, and no right to grant it",
        encrypted(
            GOOD_VAULT.model_copy(update={"grantees": ()}), permissions=rights() | {VAULT: READER, IDENTITY: OWNER}
        ),
        ("key_grant_missing", "key_access_cannot_be_granted", "customer_managed_key_needs_decision"),
    ),
    Case(
        "tokens, and no right to generate passwords",
        source(
            child("scopeMaps", "readers", actions=["repositories/app/content/read"]),
            child("tokens", "ci", scopeMapId=f"{registry().id}/scopeMaps/readers"),
            permissions=rights(target_group=allowed(without=("*/generateCredentials/action",))),
        ),
        ("token_passwords_cannot_be_generated",),
    ),
    Case(
        "roles, and no right to assign any",
        evidence(roles=2, permissions=rights(target_group=allowed(without=("Microsoft.Authorization/*/write",)))),
        ("roles_cannot_be_assigned",),
    ),
    Case(
        "private endpoints, and no right to make any",
        source(
            child("privateEndpointConnections", "pe", privateEndpoint={"id": "pe"}),
            permissions=rights(target_group=allowed(without=("Microsoft.Network/*",))),
        ),
        ("private_endpoints_cannot_be_made", "by_hand"),
    ),
    Case(
        "small artifacts to push, and no right to push",
        evidence(
            request=request(small_artifacts="push"), permissions=rights(target_group=allowed(without=("*/push/write",)))
        ),
        ("small_artifacts_cannot_be_pushed",),
    ),
    Case(
        "small artifacts to push, and others who push to the target's group",
        evidence(request=request(small_artifacts="push"), push_facts=PushFacts(role_assignments=(PUSHES,))),
        ("target_is_not_ours_alone",),
    ),
    Case(
        "small artifacts as the service thinks best, and others who push",
        evidence(
            request=request(small_artifacts="auto"),
            push_facts=PushFacts(permissions=OWNER, role_assignments=(PUSHES,)),
        ),
        ("small_artifacts_are_imported",),
    ),
    Case(
        "small artifacts as the service thinks best, and a target that is ours alone",
        evidence(request=request(small_artifacts="auto"), push_facts=PushFacts(permissions=OWNER)),
    ),
    Case(
        "pruning, and no right to take tags away",
        evidence(
            request=request(prune=True), permissions=rights(target_group=allowed(without=("*/artifacts/delete",)))
        ),
        ("tags_cannot_be_pruned",),
    ),
    Case(
        "pruning in ABAC mode, and no right to take tags away",
        source(
            properties=ABAC, permissions=rights(source=allowed(data=DATA), target_group=allowed(data=DATA))
        ).model_copy(update={"request": request(prune=True)}),
        ("tags_cannot_be_pruned", "abac_mode"),
    ),
    Case(
        "a source to be deleted, and no right to do it",
        evidence(
            request=request(delete_source=True),
            permissions=rights(source=allowed(without=("Microsoft.ContainerRegistry/registries/delete",))),
        ),
        ("source_cannot_be_deleted",),
    ),
    # Locks
    Case(
        "a lock on the target's group",
        evidence(locks=(LOCK.model_copy(update={"scope": TARGET_GROUP}),)),
        ("read_only_lock",),
    ),
    Case("a lock on a source without webhooks", evidence(locks=(LOCK,))),
    Case(
        "a lock on a source with webhooks",
        evidence(source=registry("contosoregistry", HOOK, FRANCE), locks=(LOCK,)),
        ("read_only_lock", "old_home_has_no_replica"),
    ),
    Case(
        "a lock on the whole subscription",
        evidence(locks=(Lock(scope=f"/subscriptions/{SUBSCRIPTION}", name="keep", level="ReadOnly"),)),
        ("read_only_lock",),
    ),
    Case(
        "a source that may not be deleted",
        evidence(locks=(Lock(scope=SOURCE_GROUP, name="keep", level="CanNotDelete"),)),
        ("delete_lock_on_source",),
    ),
    Case(
        "a target that may not be deleted",
        evidence(locks=(Lock(scope=TARGET_GROUP, name="keep", level="CanNotDelete"),)),
        ("delete_lock_on_target",),
    ),
    # A source that a last pass has left frozen, or that looks like it
    Case(
        "a freeze that was not given back",
        evidence(
            content=content(*(repository(name, image(name), attributes=LOCKED, v1=name) for name in THREE)),
            pending=PendingRestores(freezes=(PendingFreeze(since="2026-11-30T10:00:00+00:00", freeze=FROZEN),)),
        ),
        ("source_is_frozen",),
    ),
    Case(
        "a freeze of the target that was not given back",
        evidence(pending=PendingRestores(target_freezes=(PendingFreeze(since="2026-11-30T10:00:00", freeze=FROZEN),))),
        ("target_is_frozen",),
    ),
    Case(
        "a deletion that was killed",
        evidence(pending=PendingRestores(deletions=("The source is without 1 lock since 10:00.",))),
        ("deletion_not_undone",),
    ),
    Case(
        "locks on everything, and no record of a freeze",
        evidence(content=content(*(repository(name, image(name), attributes=LOCKED, v1=name) for name in THREE))),
        ("source_looks_frozen",),
    ),
    Case(
        "locks on two of three",
        evidence(
            content=content(
                repository("open", image("o"), v1="o"),
                *(repository(name, image(name), attributes=LOCKED, v1=name) for name in THREE[:2]),
            )
        ),
        (),
    ),
    # Keys and identities
    Case("a key that can be used", encrypted(), ("customer_managed_key_needs_decision",)),
    *(
        Case(
            f"a vault with {changes}",
            encrypted(GOOD_VAULT.model_copy(update=changes)),
            (code, "customer_managed_key_needs_decision"),
        )
        for changes, code in (
            ({"purge_protection": False}, "key_vault_lacks_purge_protection"),
            ({"soft_delete": False}, "key_vault_lacks_purge_protection"),
            ({"trusted_services": False}, "key_vault_keeps_trusted_services_out"),
            ({"grantees": ()}, "key_grant_missing"),
            ({"key": None}, "key_unusable"),
        )
    ),
    *(
        Case(
            f"a key with {changes}",
            encrypted(KeyVault.model_validate(GOOD_VAULT.model_dump() | {"key": changes})),
            ("key_unusable", "customer_managed_key_needs_decision"),
        )
        for changes in ({"enabled": False}, {"expired": True}, {"kind": "EC"})
    ),
    Case(
        "a vault elsewhere",
        encrypted(GOOD_VAULT.model_copy(update={"location": "westeurope"})),
        ("customer_managed_key_needs_decision", "key_vault_in_another_region"),
    ),
    Case("a vault that is not found", encrypted(None), ("key_vault_missing", "customer_managed_key_needs_decision")),
    Case(
        "a key with a version",
        encrypted(key="https://contosokeys.vault.azure.net/keys/acr/0123456789abcdef"),
        ("customer_managed_key_needs_decision", "key_version_is_pinned"),
    ),
    Case(
        "a key that the registry uses as itself",
        encrypted(
            source=registry(
                properties={
                    "encryption": {
                        "status": "enabled",
                        "keyVaultProperties": {"keyIdentifier": "https://contosokeys.vault.azure.net/keys/acr"},
                    }
                }
            ),
            identities={},
        ),
        ("key_identity_not_user_assigned", "customer_managed_key_needs_decision"),
    ),
    Case(
        "an identity that is gone",
        evidence(source=registry(identity=ASSIGNABLE), identities={IDENTITY: None}),
        ("user_assigned_identity_missing",),
    ),
    Case(
        "an identity elsewhere",
        evidence(
            source=registry(identity=ASSIGNABLE),
            identities={IDENTITY: KNOWN_IDENTITY.model_copy(update={"location": "westeurope"})},
        ),
        ("identity_in_another_region",),
    ),
    Case("an identity of its own", source(identity={"type": "SystemAssigned"}), ("system_identity_changes",)),
    Case(
        "locked content, and the right to lock",
        holding(image("a", attributes=Attributes(delete_enabled=False)), v1="a"),
    ),
)
