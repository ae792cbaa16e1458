"""The template functions, by theme. Importing this package fills the table."""

from local_azure.template.functions import arrays, hashes, logic, scopes, strings
from local_azure.template.functions.table import FUNCTIONS, find, type_name

__all__ = ["FUNCTIONS", "arrays", "find", "hashes", "logic", "scopes", "strings", "type_name"]
