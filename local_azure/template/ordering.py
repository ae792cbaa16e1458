"""The order of a deployment: `dependsOn`, `reference` to resources of the same template, loops in series."""

from collections.abc import Mapping

from local_azure.template.errors import RESOURCES_HELP, TemplateError
from local_azure.template.evaluation import evaluate
from local_azure.template.resources import Planned, relative_id
from local_azure.template.structure import expressions


def connect(planned: list[Planned]) -> None:
    """Set the `dependencies` of every resource. Raises TemplateError for an unknown name or a circle."""
    index = _Index(planned)
    for resource in planned:
        for text in resource.declared_dependencies:
            resource.dependencies |= {found.key for found in index.declared(text)}
        resource.dependencies |= {found.key for found in _referenced(resource, index)}
        resource.dependencies.discard(resource.key)
    _check_circles(planned)


def _referenced(resource: Planned, index: "_Index") -> list[Planned]:
    """Return the resources of this template that the body asks for with `reference`."""
    found: list[Planned] = []
    for call in expressions(resource.own_declaration):
        if call.name.lower() != "reference" or not call.arguments:
            continue
        try:
            target = evaluate(call.arguments[0], resource.context)
        except TemplateError:
            continue  # it depends on a position of a property loop, or on another resource: known only later
        found += index.find(str(target))
    return found


class _Index:
    """Finds resources the ways a template may name them."""

    def __init__(self, planned: list[Planned]) -> None:
        self.by_name: dict[str, list[Planned]] = {}
        for resource in planned:
            names = {
                resource.key,
                relative_id(resource.key),
                resource.name.lower(),
                resource.symbol.lower(),
                resource.loop,
            }
            for name in names - {""}:
                self.by_name.setdefault(name, []).append(resource)

    def find(self, text: str) -> list[Planned]:
        key = text.strip("/").lower()
        return self.by_name.get(f"/{key}") or self.by_name.get(key) or []

    def declared(self, text: str) -> list[Planned]:
        found = self.find(text)
        if not found:
            raise TemplateError(f"The resource '{relative_id(text)}' is not defined in the template. {RESOURCES_HELP}")
        return found


def _check_circles(planned: list[Planned]) -> None:
    waiting: Mapping[str, Planned] = {resource.key: resource for resource in planned}
    while waiting:
        blocked = {key: one for key, one in waiting.items() if one.dependencies & waiting.keys()}
        if len(blocked) == len(waiting):
            raise TemplateError(
                f"Circular dependency detected on resource: '{next(iter(blocked.values())).id}'. {RESOURCES_HELP}"
            )
        waiting = blocked
