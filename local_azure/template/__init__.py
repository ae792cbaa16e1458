"""The template engine: what Azure Resource Manager makes of a template, without any state or network.

`expand` checks a template and unrolls it; the caller deploys the resources and answers `reference`.
"""

from local_azure.template.context import Lookup, Scope
from local_azure.template.errors import TemplateError
from local_azure.template.expansion import Expansion, expand, type_label
from local_azure.template.resources import Planned

__all__ = ["Expansion", "Lookup", "Planned", "Scope", "TemplateError", "expand", "type_label"]
