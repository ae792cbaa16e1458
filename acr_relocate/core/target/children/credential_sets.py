"""Credential sets: how a cache rule signs in at its upstream, with secrets that stay in a key vault."""

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.managed_identities import SYSTEM
from acr_relocate.core.target.children.move import Move, Moved, carried, note


def rewrite_credential_set(child: Child, _move: Move) -> Moved:
    """Return the credential set with an identity of its own, and say that this needs access to the secrets."""
    access = note(
        "credential_set_needs_secret_access",
        "warning",
        child,
        f"Credential set {child.name} gets a new identity, which cannot read its secrets yet.",
        "Assign Key Vault Secrets User on the key vault to the new credential set's principal.",
    )
    return carried(child, identity={"type": SYSTEM}), (access,)
