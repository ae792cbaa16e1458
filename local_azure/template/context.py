"""The context in which a template is evaluated: scope, parameters, variables, loop positions, deployed resources."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from local_azure.template.errors import PARAMETERS_HELP, VARIABLES_HELP, TemplateError

Lookup = Callable[[str, str | None, bool], Any]  # (resource id or name, api-version, full) -> what `reference` answers


@dataclass(frozen=True)
class Scope:
    """Where a template is deployed: what resourceGroup(), subscription(), deployment() and tenant() answer.

    resource_group is None for a deployment to a subscription.
    """

    subscription: Mapping[str, Any]
    resource_group: Mapping[str, Any] | None
    deployment: Mapping[str, Any]
    tenant: Mapping[str, Any]
    environment: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Return the resource id to which relative ids are appended."""
        return str(self.resource_group["id"] if self.resource_group else self.subscription["id"])


@dataclass
class Lazy:
    """A parameter's default or a variable: evaluated when first asked for."""

    evaluate: Callable[[], Any]
    kind: str
    running: bool = False
    done: bool = False
    value: Any = None

    def get(self, name: str) -> Any:
        """Return the value. Raises TemplateError if it depends on itself."""
        if self.running:
            raise TemplateError(f"Circular reference detected: the template {self.kind} '{name}' depends on itself")
        if not self.done:
            self.running = True
            try:
                self.value, self.done = self.evaluate(), True
            finally:
                self.running = False
        return self.value


@dataclass(frozen=True)
class Context:
    """Everything that the functions of an expression can ask for.

    loops: current position by lower-case name of the loop; "" is the innermost resource loop.
    lookup: answers `reference`; None where Azure does not allow it (names, conditions, counts, variables).
    """

    scope: Scope
    parameters: Mapping[str, Lazy] = field(default_factory=dict)
    variables: Mapping[str, Lazy] = field(default_factory=dict)
    loops: Mapping[str, int] = field(default_factory=dict)
    lookup: Lookup | None = None

    def parameter(self, name: str) -> Any:
        """Return the value of a declared parameter."""
        if name.lower() not in self.parameters:
            raise TemplateError(f"The template parameter '{name}' is not found. {PARAMETERS_HELP}")
        return self.parameters[name.lower()].get(name)

    def variable(self, name: str) -> Any:
        """Return the value of a declared variable."""
        if name.lower() not in self.variables:
            raise TemplateError(f"The template variable '{name}' is not found. {VARIABLES_HELP}")
        return self.variables[name.lower()].get(name)

    def looping(self, position: int, *names: str) -> "Context":
        """Return the same context at a position of a loop."""
        return replace(self, loops={**self.loops, **{name.lower(): position for name in names}})

    def looking_up(self, lookup: Lookup) -> "Context":
        """Return the same context, with an answer to `reference`."""
        return replace(self, lookup=lookup)
