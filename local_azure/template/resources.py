"""The resources that a template declares: loops unrolled, children flattened, ids known, bodies not yet evaluated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_azure.template.context import Context, Lookup
from local_azure.template.errors import COPY_HELP, RESOURCES_HELP, TemplateError
from local_azure.template.evaluation import loop_count, resolve
from local_azure.template.structure import DEPLOYMENT_TYPE, is_inner_scoped, named_resources, own_part
from local_azure.template.syntax import escape, is_expression

Json = Any

# Instructions to the template engine; the rest of a declaration is the body of the resource's PUT.
_INSTRUCTIONS = {
    "type", "apiversion", "name", "condition", "dependson", "copy", "resources", "scope", "comments", "metadata",
    "existing",
}  # fmt: skip
_DEPLOYMENT_INSTRUCTIONS = {"resourcegroup", "subscriptionid"}


@dataclass
class Planned:
    """One resource to deploy.

    declared_dependencies: as evaluated, still names, ids, symbols or loops.
    dependencies: lower-case ids, filled in later.
    symbol: the symbolic name, or the name as written.  loop: the lower-case name of its resource loop, or "".
    group: id of the resource group or subscription that a nested deployment goes to.
    """

    id: str
    type: str
    name: str
    api_version: str
    declaration: dict[str, Json]
    context: Context
    path: str
    symbol: str
    condition: bool = True
    existing: bool = False
    loop: str = ""
    group: str = ""
    declared_dependencies: list[str] = field(default_factory=list)
    dependencies: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """Return the id in lower case: ids do not depend on it."""
        return self.id.lower()

    @property
    def is_deployment(self) -> bool:
        """Return whether this is a nested deployment."""
        return self.type.lower() == DEPLOYMENT_TYPE

    @property
    def own_declaration(self) -> dict[str, Json]:
        """Return the declaration without a nested template that is evaluated in a scope of its own."""
        return own_part(self.type, self.declaration)

    def body(self, lookup: Lookup | None) -> dict[str, Json]:
        """Return the body of the PUT. Raises TemplateError, also where `reference` is needed but there is no lookup."""
        context = self.context.looking_up(lookup) if lookup else self.context
        try:
            return self._body(context)
        except TemplateError as error:
            raise TemplateError(
                f"Unable to process template language expressions for resource '{self.id}' at line '1' and column '1'. "
                f"'{error.message}'",
                path=self.path,
            ) from error

    def _body(self, context: Context) -> dict[str, Json]:
        body: dict[str, Json] = resolve(self.own_declaration, context)
        properties = self.declaration.get("properties")
        if not self.is_deployment or not isinstance(properties, dict) or "template" not in properties:
            return body
        # The nested template is evaluated again in its own scope: what was evaluated here must stay as it is.
        inner = is_inner_scoped(self.type, properties)
        body["properties"]["template"] = properties["template"] if inner else _literal(body["properties"]["template"])
        return body


def _literal(value: Json) -> Json:
    """Return the template value that evaluates to this value."""
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, list):
        return [_literal(item) for item in value]
    if isinstance(value, dict):
        return {_literal(key): _literal(item) for key, item in value.items()}
    return value


def plan_resources(template: Mapping[str, Json], context: Context) -> list[Planned]:
    """Return every instance of every resource, in the order of the template. Raises TemplateError."""
    planned: list[Planned] = []
    for index, (symbol, declaration) in enumerate(named_resources(template["resources"])):
        planned += _instances(declaration, context, symbol, f"properties.template.resources[{index}]")
    _check_unique(planned)
    return planned


def _check_unique(planned: list[Planned]) -> None:
    seen: set[str] = set()
    for resource in planned:
        if resource.key in seen and resource.condition:
            raise TemplateError(
                f"The resource '{relative_id(resource.id)}' at line '1' and column '1' is defined multiple times in a "
                f"template. {RESOURCES_HELP}",
                path=resource.path,
            )
        seen |= {resource.key} if resource.condition else set()


def _instances(declaration: dict[str, Json], context: Context, symbol: str, path: str) -> Iterator[Planned]:
    loop = declaration.get("copy")
    try:
        if not isinstance(loop, dict):
            yield from _with_children(declaration, context, symbol, path, None)
            return
        yield from _looped(declaration, loop, context, symbol, path)
    except TemplateError as error:
        known = " at line '1' and column '1'" in error.message
        raise error if known else error.within("resource", symbol, path) from error


def _looped(
    declaration: dict[str, Json], loop: dict[str, Json], context: Context, symbol: str, path: str
) -> Iterator[Planned]:
    name = str(resolve(loop.get("name", symbol), context))
    count = loop_count(loop.get("count"), name, context)
    batch = _batch_size(loop, context)
    ids: list[str] = []
    for position in range(count):
        instance = list(_with_children(declaration, context.looping(position, name, ""), symbol, path, None))
        ids.append(instance[0].key)
        for resource in instance:
            resource.loop = name.lower()
        if batch:
            start = position // batch * batch
            instance[0].dependencies |= set(ids[max(start - batch, 0) : start])
        yield from instance


def _batch_size(loop: Mapping[str, Json], context: Context) -> int:
    """Return how many instances are deployed at a time; 0 for all of them."""
    mode = str(resolve(loop.get("mode", "parallel"), context)).lower()
    if mode not in {"serial", "parallel"}:
        raise TemplateError(
            f"The template copy mode '{mode}' is not valid: it must be 'Serial' or 'Parallel'. {COPY_HELP}"
        )
    size = resolve(loop.get("batchSize", 1), context)
    if not isinstance(size, int) or size < 1:
        raise TemplateError(f"The template copy batch size '{size}' is not valid: it must be at least 1. {COPY_HELP}")
    return size if mode == "serial" else 0


def _with_children(
    declaration: dict[str, Json], context: Context, symbol: str, path: str, parent: Planned | None
) -> Iterator[Planned]:
    resource = _plan(declaration, context, symbol, path, parent)
    yield resource
    for index, (child_symbol, child) in enumerate(named_resources(declaration.get("resources") or [])):
        if "copy" in child:
            raise TemplateError(
                f"The template resource '{child_symbol}' is nested in another resource, where copy is not supported. "
                f"{COPY_HELP}"
            )
        yield from _with_children(child, context, child_symbol, f"{path}.resources[{index}]", resource)


def _plan(declaration: dict[str, Json], context: Context, symbol: str, path: str, parent: Planned | None) -> Planned:
    kind, name, version = (_required(declaration, key, context, symbol) for key in ("type", "name", "apiVersion"))
    kind = kind.rstrip("/")  # which Azure takes (recorded: a task run of `registries/taskRuns/`)
    if parent is not None and "/" not in kind.removeprefix(parent.type):
        kind = f"{parent.type}/{kind}"
    if (
        parent is not None
        and kind.lower().startswith(parent.type.lower() + "/")
        and name.count("/") < kind.count("/") - 1
    ):
        name = f"{parent.name}/{name}"
    _check_segments(kind, name)
    group = _nested_group(declaration, context) if kind.lower() == DEPLOYMENT_TYPE else ""
    return Planned(
        id=_resource_id(declaration, kind, name, context, group),
        type=kind,
        name=name,
        api_version=version,
        declaration=_body_part(declaration, kind),
        context=context,
        path=path,
        symbol=symbol,
        condition=_condition(declaration, context, symbol),
        existing=declaration.get("existing") is True,
        group=group,
        declared_dependencies=[str(item) for item in resolve(declaration.get("dependsOn") or [], context)],
    )


def _required(declaration: Mapping[str, Json], key: str, context: Context, symbol: str) -> str:
    value = resolve(declaration.get(key), context)
    if not isinstance(value, str) or not value:
        raise TemplateError(
            f"The template resource '{symbol}' at line '1' and column '1' is not valid. The {key} property cannot be "
            f"null or empty. {RESOURCES_HELP}"
        )
    return value


def _condition(declaration: Mapping[str, Json], context: Context, symbol: str) -> bool:
    value = resolve(declaration.get("condition", True), context)
    if isinstance(value, str) and value.lower() in {"true", "false"} and not is_expression(value):
        value = value.lower() == "true"
    if not isinstance(value, bool):
        raise TemplateError(
            f"The template resource '{symbol}' has a condition that is not a boolean: '{value}'. {RESOURCES_HELP}"
        )
    return value


def _check_segments(kind: str, name: str) -> None:
    if kind.count("/") != name.count("/") + 1:
        raise TemplateError(
            f"The template resource '{name}' for type '{kind}' at line '1' and column '1' has incorrect segment "
            "lengths. A nested resource type must have identical number of segments as its resource name. A root "
            f"resource type must have segment length one greater than its resource name. {RESOURCES_HELP}"
        )


def _body_part(declaration: dict[str, Json], kind: str) -> dict[str, Json]:
    skipped = _INSTRUCTIONS | (_DEPLOYMENT_INSTRUCTIONS if kind.lower() == DEPLOYMENT_TYPE else set())
    return {key: value for key, value in declaration.items() if key.lower() not in skipped}


def _nested_group(declaration: Mapping[str, Json], context: Context) -> str:
    """Return the scope of a nested deployment."""
    scope = context.scope
    subscription = resolve(declaration.get("subscriptionId"), context) or scope.subscription["subscriptionId"]
    named = resolve(declaration.get("resourceGroup"), context)
    inherited = scope.resource_group["name"] if scope.resource_group and not declaration.get("subscriptionId") else None
    group = named or inherited
    return f"/subscriptions/{subscription}" + (f"/resourceGroups/{group}" if group else "")


def _resource_id(declaration: Mapping[str, Json], kind: str, name: str, context: Context, group: str) -> str:
    base = group or context.scope.id
    if kind.lower() == "microsoft.resources/resourcegroups":
        return f"/subscriptions/{context.scope.subscription['subscriptionId']}/resourceGroups/{name}"
    extended = resolve(declaration.get("scope"), context)
    if extended:
        text = str(extended).strip("/")
        base = f"/{text}" if text.lower().startswith("subscriptions/") else f"{base}/providers/{text}"
    return f"{base}/providers/{interleave(kind, name)}"


def interleave(kind: str, name: str) -> str:
    """Join `A.B/c/d` and `x/y` to `A.B/c/x/d/y`."""
    namespace, *types = kind.split("/")
    pairs = zip(types, name.split("/"), strict=True)
    return "/".join([namespace, *(part for pair in pairs for part in pair)])


def relative_id(resource_id: str) -> str:
    """Return the id from its (last) provider on, as Azure's messages write it."""
    return resource_id.rpartition("/providers/")[2] or resource_id
