"""Credential sets: the credentials of a cache rule for its upstream, with secrets that stay in a key vault."""

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.managed_identities import SYSTEM
from acr_relocate.core.target.children.move import Move, Moved, carried, note


def rewrite_credential_set(child: Child, _move: Move) -> Moved:
    """Return the credential set with a new identity, and a note that this needs access to the secrets."""
    access = note(
        "credential_set_needs_secret_access",
        "warning",
        child,
        f"Credential set {child.name} gets a new identity, which cannot read its secrets yet.",
        "Assign Key Vault Secrets User on the key vault to the new credential set's principal.",
    )
    return carried(child, identity={"type": SYSTEM}), (access,)
