"""The two template functions that make names from other values."""

import base64
import hashlib
import uuid

from local_azure.template.functions.table import Value, function, text

_GUID_NAMESPACE = uuid.UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")


@function("guid", 1, None)
def guid(*values: Value) -> str:
    """Return a GUID that depends on the values alone."""
    return str(uuid.uuid5(_GUID_NAMESPACE, "-".join(text("guid", value) for value in values)))


@function("uniqueString", 1, None)
def unique_string(*values: Value) -> str:
    """Return thirteen letters and digits that depend on the values alone; unique as Azure's, but different."""
    digest = hashlib.sha256("-".join(text("uniqueString", value) for value in values).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:13]
