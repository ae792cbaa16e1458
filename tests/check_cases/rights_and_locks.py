"""Rights, and locks of Azure."""

from acr_relocate.core.checks import (
    Lock,
    UserAssignedIdentity,
)
from acr_relocate.core.evidence.push_facts import PushFacts
from tests.check_cases.evidence import (
    CLIENT,
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
    VAULT,
    Case,
    allowed,
    encrypted,
    evidence,
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
OTHER = "99999999-9999-9999-9999-999999999999"
THERE = request(target=target_ref(subscription_id=OTHER))
ACR = "Microsoft.ContainerRegistry/registries"
ABAC = {"roleAssignmentMode": "AbacRepositoryPermissions"}
DATA = (f"{ACR}/repositories/content/read", f"{ACR}/repositories/metadata/read", f"{ACR}/catalog/read")
HOOK = child("webhooks", "hook1", "francecentral")
FRANCE = child("replications", "francecentral", "francecentral")
LOCK = Lock(scope=registry().id, name="keep", level="ReadOnly")
ASSIGNABLE = {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
KNOWN_IDENTITY = UserAssignedIdentity(id=IDENTITY, location="northeurope", client_id=CLIENT, principal_id=PRINCIPAL)


CASES = (
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
)
