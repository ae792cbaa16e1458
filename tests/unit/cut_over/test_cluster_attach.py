"""A cluster that is yet to be provisioned: what makes it is told the role that the target honours."""

from typing import Any

import pytest

from acr_relocate.core.cut_over.cluster_attach import WRITERS, Tool, attach_lines
from acr_relocate.core.cut_over.tokens import lacking_passwords
from tests.support.builders import child, registry

ABAC = {"roleAssignmentMode": "AbacRepositoryPermissions"}
READER = "Container Registry Repository Reader"


@pytest.mark.parametrize(
    ("tool", "plain", "abac"),
    [
        ("bicep", "// AcrPull", f"// {READER}"),
        ("terraform", '"AcrPull"', f'"{READER}"'),
        ("cli", "--attach-acr /subscriptions/", f"--role '{READER}'"),
    ],
)
def test_the_role_is_one_that_the_registry_honours(tool: Tool, plain: str, abac: str) -> None:
    """With repository permissions neither AcrPull nor `--attach-acr` is of any use."""
    assert plain in attach_lines(registry(), tool)
    assert abac in attach_lines(registry(properties=ABAC), tool)


@pytest.mark.parametrize("tool", WRITERS)
def test_the_type_of_the_principal_is_said(tool: Tool) -> None:
    """Otherwise Azure looks for an identity that was made a moment ago, and does not find it."""
    lines = attach_lines(registry(properties=ABAC), tool)

    assert "ServicePrincipal" in lines
    assert registry().name in lines


def test_only_tokens_that_lost_a_password_get_one() -> None:
    """Not those that never had one, those that have one again, and those that are not there."""
    had: dict[str, Any] = {"credentials": {"passwords": [{"name": "password2"}]}}
    tokens = [child("tokens", name, **had) for name in ("lost", "again", "gone")]
    source = registry("contosoregistry", *tokens, child("tokens", "never"))
    target = registry("there", child("tokens", "lost"), child("tokens", "again", **had), child("tokens", "never"))

    assert lacking_passwords(source, target) == (("lost", "password2"),)
