"""References to a registry in text: found, classified, and rewritten in place.

`scan` returns the references of one text, `rewrite_text` the text with the chosen ones replaced. No file is parsed
and serialised: every edit replaces the characters of one reference, so comments, quoting, anchors, layout and line
endings stay.
"""

from acr_relocate.references.model import Choice, Reference, ReferenceKind, Rename, parse_rename
from acr_relocate.references.scanning import rewrite_text, scan, unresolved_references

__all__ = [
    "Choice",
    "Reference",
    "ReferenceKind",
    "Rename",
    "parse_rename",
    "rewrite_text",
    "scan",
    "unresolved_references",
]
