"""The children of the source: webhooks, tokens, cache rules, tasks, pools and what they name."""

import base64

from acr_relocate.core.checks import DiagnosticSink, Unknown, Validation
from tests.check_cases.evidence import (
    SOURCE_GROUP,
    WEST,
    Case,
    allowed,
    evidence,
    rights,
    source,
)
from tests.support.builders import SUBSCRIPTION, child, registry

STORAGE = f"{SOURCE_GROUP}/providers/Microsoft.Storage/storageAccounts/contosologs"

PURGE = base64.b64encode(b"version: v1.1.0\nsteps:\n  - cmd: acr purge --filter 'app:.*' --ago 30d\n").decode()

ACR = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-north/providers/Microsoft.ContainerRegistry/registries"

CASES = (
    Case(
        "a cache rule for what is there",
        source(child("cacheRules", "app", sourceRepository="docker.io/app", targetRepository="app")),
        ("cache_rule_collides",),
    ),
    Case(
        "a cache rule for something else",
        source(child("cacheRules", "nginx", sourceRepository="docker.io/nginx", targetRepository="nginx")),
    ),
    Case(
        "a token with a password",
        source(
            child("scopeMaps", "readers", actions=["repositories/app/content/read"]),
            child(
                "tokens",
                "ci",
                scopeMapId=f"{registry().id}/scopeMaps/readers",
                credentials={"passwords": [{"name": "password1"}]},
            ),
        ),
        ("token_needs_new_credentials",),
    ),
    Case(
        "a credential set",
        source(child("credentialSets", "hub", loginServer="docker.io", authCredentials=[])),
        ("credential_set_needs_secret_access",),
    ),
    Case(
        "a webhook at home",
        source(child("webhooks", "hook1", "westeurope")),
        ("webhook_calls_from_new_region",),
    ),
    Case(
        "a replica where the target will be",
        source(child("replications", "northeurope", "northeurope")),
        ("replication_becomes_home", "old_home_has_no_replica"),
    ),
    Case(
        "a task with a secret",
        source(child("tasks", "build", step={"values": [{"name": "KEY", "isSecret": True}]})),
        ("by_hand",),
    ),
    Case("a task", source(child("tasks", "build", step={"type": "FileTask"})), ()),
    Case("a system task", source(child("tasks", "quick", isSystemTask=True))),
    Case("a purge", source(child("tasks", "purge", step={"encodedTaskContent": PURGE})), ("task_purges",)),
    Case(
        "agents in the old network",
        source(child("agentPools", "pool1", virtualNetworkSubnetResourceId=WEST)),
        ("agent_pool_in_old_network",),
    ),
    Case("a connected registry", source(child("connectedRegistries", "edge")), ("by_hand",)),
    Case(
        "a sink elsewhere",
        evidence(sinks=(DiagnosticSink(setting="logs", id=STORAGE, location="westeurope"),)),
        ("diagnostic_sink_in_another_region",),
    ),
    Case("a sink there", evidence(sinks=(DiagnosticSink(setting="logs", id=STORAGE, location="northeurope"),))),
    Case("a workspace", evidence(sinks=(DiagnosticSink(setting="logs", id=STORAGE, location=""),))),
    Case(
        "a lost sink",
        evidence(sinks=(DiagnosticSink(setting="logs", id=STORAGE, location=None),)),
        ("diagnostic_sink_missing",),
    ),
    Case(
        "a sink, and no right to make a setting",
        evidence(
            sinks=(DiagnosticSink(setting="logs", id=STORAGE, location=""),),
            permissions=rights(target_group=allowed(without=("Microsoft.Insights/*",))),
        ),
        ("diagnostics_cannot_be_set",),
    ),
    Case(
        "an event subscription",
        evidence(event_subscriptions=("x/eventSubscriptions/push",)),
        ("event_subscription_lost",),
    ),
    Case(
        "a policy",
        evidence(validation=Validation(code="InvalidTemplateDeployment", message="no", is_policy=True)),
        ("policy_denies",),
    ),
    Case("no resource group to validate in", evidence(group=None, validation=None), ("template_not_validated",)),
    Case("a refusal", evidence(validation=Validation(code="BadRequest", message="no")), ("template_refused",)),
    Case(
        "a change to something else",
        evidence(validation=Validation(changes={f"{ACR}/other": "Modify", f"{ACR}/contosoregistryne": "Create"})),
        ("deployment_touches_others",),
    ),
    Case("what could not be read", evidence(locks=Unknown(reason="403", what="the locks")), ("could_not_be_read",)),
)
