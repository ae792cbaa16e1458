"""References to a registry in text: found, classified, and rewritten in place.

`scan` gives the references of one text, `rewrite` the text with the chosen ones replaced. Nothing is parsed and written
anew: every edit replaces the characters of one reference, so comments, quoting, anchors, layout and line endings stay.
"""

from acr_relocate.references.model import Choice, Kind, Reference, Rename, parse_rename
from acr_relocate.references.scanning import remaining, rewrite, scan

__all__ = ["Choice", "Kind", "Reference", "Rename", "parse_rename", "remaining", "rewrite", "scan"]
