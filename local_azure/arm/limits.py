"""Refusals of Azure Resource Manager that hold for any type of resource: too many tags, reserved names.

Source: learn.microsoft.com, azure-resource-manager/management/tag-resources and
azure-resource-manager/templates/error-reserved-resource-name. The code of the first is not documented.
"""

from __future__ import annotations

from typing import Any, Final

from local_azure.state.errors import bad_request

MOST_TAGS: Final = 50
# As the whole name, and as any part of it.
RESERVED: Final = frozenset(
    {"access", "azure", "bing", "bizspark", "biztalk", "cortana", "directx", "dotnet", "dynamics", "excel", "exchange",
     "forefront", "groove", "hololens", "hyperv", "kinect", "lync", "msdn", "o365", "office", "office365", "onedrive",
     "onenote", "outlook", "powerpoint", "sharepoint", "skype", "visio", "visualstudio"}
)  # fmt: skip
RESERVED_PARTS: Final = ("login", "microsoft", "windows", "xbox")


def check_body(resource_id: str, body: dict[str, Any], *, is_new: bool) -> None:
    """Raise the 400 for a body with more tags than there may be, or for a new resource with a reserved name."""
    tags = body.get("tags")
    if isinstance(tags, dict) and len(tags) > MOST_TAGS:
        message = f"Too many tags on the resource/resource group. Requested tag count - '{len(tags)}'. "
        message += f"Maximum number of tags allowed - '{MOST_TAGS}'."
        raise bad_request("TooManyTags", message, gateway=True)
    name = resource_id.rstrip("/").rpartition("/")[2].lower()
    starts = name.startswith(RESERVED_PARTS[0]) or any(part in name for part in RESERVED_PARTS[1:])
    is_registry = resource_id.lower().rstrip("/").rpartition("/")[0].endswith("microsoft.containerregistry/registries")
    if is_new and is_registry and (name in RESERVED or starts):
        message = f"The resource name '{name}' or a part of the name is a trademarked or reserved word."
        raise bad_request("ReservedResourceName", message, gateway=True)
