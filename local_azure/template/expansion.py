"""From a template and its parameters to the resources that are to be deployed, and to the outputs afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_azure.template.context import Context, Lookup, Scope
from local_azure.template.errors import TemplateError
from local_azure.template.evaluation import loop_count, resolve
from local_azure.template.ordering import connect
from local_azure.template.parameters import build_context, is_secure
from local_azure.template.resources import Planned, plan_resources
from local_azure.template.structure import check_names, check_structure

Json = Any


@dataclass(frozen=True)
class Expansion:
    """A template that can be deployed: its resources with their dependencies, and what its outputs are made of."""

    template: Mapping[str, Json]
    context: Context
    resources: list[Planned]

    def parameters(self) -> dict[str, Json]:
        """Return the parameters as a deployment shows them: secure ones without their value."""
        declared: Mapping[str, Json] = self.template.get("parameters") or {}
        shown: dict[str, Json] = {}
        for name, declaration in declared.items():
            kind = type_label(declaration)
            shown[name] = (
                {"type": kind} if is_secure(declaration) else {"type": kind, "value": self.context.parameter(name)}
            )
        return shown

    def outputs(self, lookup: Lookup) -> dict[str, Json]:
        """Return the outputs after the deployment, with a small first letter, as Azure writes their names.

        Raises TemplateError, with the output's name as path.
        """
        context = self.context.looking_up(lookup)
        outputs: dict[str, Json] = {}
        for name, output in (self.template.get("outputs") or {}).items():
            try:
                if resolve(output.get("condition", True), context):
                    outputs[name[:1].lower() + name[1:]] = _output(name, output, context)
            except TemplateError as error:
                raise TemplateError(error.message, path=name) from error
        return outputs


def type_label(declaration: Mapping[str, Json]) -> str:
    """Return the type of a parameter or an output as ARM writes it: `SecureString`."""
    kind = str(declaration.get("type", "")).lower()
    return f"Secure{kind.removeprefix('secure').capitalize()}" if is_secure(declaration) else kind.capitalize()


def _output(name: str, output: Mapping[str, Json], context: Context) -> Json:
    if is_secure(output):
        return {"type": type_label(output)}
    if "copy" in output:
        loop = output["copy"]
        count = loop_count(loop.get("count"), name, context)
        value: Json = [resolve(loop.get("input"), context.looping(position, "")) for position in range(count)]
    else:
        value = resolve(output.get("value"), context)
    return {"type": type_label(output), "value": value}


def expand(template: Json, given: Mapping[str, Json], scope: Scope) -> Expansion:
    """Return the deployable form of a template. Raises TemplateError.

    given: the deployment's `parameters`, as `{name: {"value": ...}}`.
    """
    check_structure(template)
    check_names(template)
    context = build_context(template, given, scope)
    resources = plan_resources(template, context)
    connect(resources)
    return Expansion(template, context, resources)
