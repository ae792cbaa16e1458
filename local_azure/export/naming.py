"""How an exported template names things: a parameter per resource name, expressions in place of resource ids."""

import re
from dataclasses import dataclass, field
from typing import Any

from local_azure.state.errors import JsonObject
from local_azure.state.store import ResourceId, parse_id
from local_azure.template.syntax import escape


@dataclass(frozen=True)
class Options:
    """The options of the request."""

    default_values: bool = False
    comments: bool = False
    skip_names: bool = False
    skip_all: bool = False

    @staticmethod
    def parse(text: str) -> "Options":
        """Parse Azure's comma-separated words; unknown ones are ignored, as in Azure."""
        words = {word.strip().lower() for word in text.split(",")}
        skip_all = "skipallparameterization" in words
        return Options(
            default_values="includeparameterdefaultvalue" in words,
            comments="includecomments" in words,
            skip_names=skip_all or "skipresourcenameparameterization" in words,
            skip_all=skip_all,
        )


@dataclass
class Naming:
    """Collects the parameters of the template while its resources are written.

    exported: lower-case ids of everything in the template.
    """

    options: Options
    exported: frozenset[str]
    parameters: dict[str, JsonObject] = field(default_factory=dict)

    def resource_name(self, resource_id: str) -> str:
        """Return the `name` of a resource: `[concat(parameters('registries_contoso_name'), '/child')]`."""
        parsed = parse_id(resource_id)
        root, children = _names(parsed)[0], _names(parsed)[1:]
        if self.options.skip_names:
            return escape("/".join([root, *children]))
        parameter = self._name_parameter(parsed)
        return f"[concat({parameter}, {_quoted('/' + '/'.join(children))})]" if children else f"[{parameter}]"

    def reference(self, resource_id: str) -> str:
        """Return the expression for the id of a resource of the template."""
        return f"[{self._reference(resource_id)}]"

    def _reference(self, resource_id: str) -> str:
        parsed = parse_id(resource_id)
        root, *children = _names(parsed)
        first = _quoted(root) if self.options.skip_names else self._name_parameter(parsed)
        return f"resourceId({', '.join([_quoted(parsed.type), first, *map(_quoted, children)])})"

    def secret(self, resource_id: str, property_name: str) -> str:
        """Return the expression for a value that Azure does not show."""
        parsed = parse_id(resource_id)
        name = f"{_word(parsed.type.rpartition('/')[2])}_{_word(parsed.name)}_{property_name}"
        self.parameters[name] = {"defaultValue": None, "type": "SecureString"}
        return f"[parameters('{name}')]"

    def value(self, value: Any) -> Any:
        """Return a property's value, with ids as expressions and brackets escaped."""
        if isinstance(value, dict):
            # Keys may be ids too: user-assigned identities.
            return {self.value(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def dependencies(self, value: Any, own_id: str) -> set[str]:
        """Return the ids of the other resources of the template that a value refers to."""
        if isinstance(value, dict):
            return {found for item in value.items() for part in item for found in self.dependencies(part, own_id)}
        if isinstance(value, list):
            return {found for item in value for found in self.dependencies(item, own_id)}
        known = isinstance(value, str) and value.lower() in self.exported and value.lower() != own_id.lower()
        return {value} if known else set()

    def _text(self, text: str) -> str:
        if text.lower() in self.exported:
            return self.reference(text)
        if not re.match(r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/", text, re.IGNORECASE):
            return escape(text)
        return self._outside(text)

    def _outside(self, resource_id: str) -> str:
        """Return an id outside of the template: an expression for its root resource, the rest appended."""
        try:
            kinds = parse_id(resource_id).type.split("/")[1:]
        except ValueError:
            return escape(resource_id)
        parts = resource_id.split("/")
        root = "/".join(parts[: len(parts) - 2 * (len(kinds) - 1)])
        rest = resource_id.removeprefix(root)
        known = root.lower() in self.exported
        if self.options.skip_all and not known:
            return escape(resource_id)
        start = self._reference(root) if known else self._external(kinds[0], root)
        return f"[concat({start}, {_quoted(rest)})]" if rest else f"[{start}]"

    def _external(self, kind: str, resource_id: str) -> str:
        name = f"{_word(kind)}_{_word(resource_id.rpartition('/')[2])}_externalid"
        self._declare(name, resource_id)
        return f"parameters('{name}')"

    def _name_parameter(self, parsed: ResourceId) -> str:
        root = _names(parsed)[0]
        name = f"{_word(parsed.type.split('/')[1])}_{_word(root)}_name"
        self._declare(name, root)
        return f"parameters('{name}')"

    def _declare(self, name: str, value: str) -> None:
        self.parameters[name] = {"type": "String"}
        if self.options.default_values:
            self.parameters[name] = {"defaultValue": value, "type": "String"}


def _names(parsed: ResourceId) -> list[str]:
    """Return the names in an id from its root resource on."""
    return parsed.text.rpartition("/providers/")[2].split("/")[2::2]


def _word(text: str) -> str:
    return re.sub(r"\W", "_", text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
