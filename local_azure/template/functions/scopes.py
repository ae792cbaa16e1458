"""Template functions that ask for the deployment's own surroundings and for resources."""

from local_azure.template.context import Context
from local_azure.template.errors import COPY_HELP, FUNCTIONS_HELP, TemplateError
from local_azure.template.functions.table import Value, function, number, text


@function("parameters", 1, contextual=True)
def parameters(context: Context, name: Value) -> Value:
    """Return the value of a parameter."""
    return context.parameter(text("parameters", name))


@function("variables", 1, contextual=True)
def variables(context: Context, name: Value) -> Value:
    """Return the value of a variable."""
    return context.variable(text("variables", name))


@function("copyIndex", 0, 2, contextual=True)
def copy_index(context: Context, *arguments: Value) -> int:
    """Return the position in a loop, by name or the innermost one, plus an offset."""
    named = bool(arguments) and isinstance(arguments[0], str)
    name = str(arguments[0]).lower() if named else ""
    offsets = arguments[1:] if named else arguments
    if name not in context.loops:
        place = f"with name '{arguments[0]}' " if named else ""
        raise TemplateError(
            f"The template function 'copyIndex' {place}is not expected at this location. The function can only be "
            f"used in a resource with copy specified. {COPY_HELP}"
        )
    return context.loops[name] + (number("copyIndex", offsets[0]) if offsets else 0)


@function("subscription", 0, contextual=True)
def subscription(context: Context) -> Value:
    """Return the target subscription."""
    return dict(context.scope.subscription)


@function("resourceGroup", 0, contextual=True)
def resource_group(context: Context) -> Value:
    """Return the target resource group."""
    if context.scope.resource_group is None:
        raise TemplateError(
            "The template function 'resourceGroup' is not expected at this location: the deployment is to a "
            f"subscription. {FUNCTIONS_HELP}"
        )
    return dict(context.scope.resource_group)


@function("deployment", 0, contextual=True)
def deployment(context: Context) -> Value:
    """Return the deployment itself."""
    return dict(context.scope.deployment)


@function("tenant", 0, contextual=True)
def tenant(context: Context) -> Value:
    """Return the target tenant."""
    return dict(context.scope.tenant)


@function("environment", 0, contextual=True)
def environment(context: Context) -> Value:
    """Return the cloud's own addresses."""
    return dict(context.scope.environment)


@function("resourceId", 2, None, contextual=True)
def resource_id(context: Context, *arguments: Value) -> str:
    """Return the id of a resource in a resource group: [subscription id], [resource group], type, names."""
    leading, path = _split("resourceId", arguments)
    if len(leading) > 2:
        raise TemplateError(
            f"Unable to evaluate template language function 'resourceId': too many segments. {FUNCTIONS_HELP}"
        )
    base = context.scope.id
    if leading:
        owner = leading[0] if len(leading) == 2 else context.scope.subscription["subscriptionId"]
        base = f"/subscriptions/{owner}/resourceGroups/{leading[-1]}"
    return f"{base}/providers/{path}"


@function("subscriptionResourceId", 2, None, contextual=True)
def subscription_resource_id(context: Context, *arguments: Value) -> str:
    """Return the id of a resource of the subscription itself: [subscription id], type, names."""
    leading, path = _split("subscriptionResourceId", arguments)
    owner = leading[0] if leading else context.scope.subscription["subscriptionId"]
    return f"/subscriptions/{owner}/providers/{path}"


@function("tenantResourceId", 2, None)
def tenant_resource_id(*arguments: Value) -> str:
    """Return the id of a resource of the tenant: type, names."""
    return f"/providers/{_split('tenantResourceId', arguments)[1]}"


@function("extensionResourceId", 3, None)
def extension_resource_id(*arguments: Value) -> str:
    """Return the id of an extension resource: id of the extended resource, type, names."""
    return f"{text('extensionResourceId', arguments[0])}/providers/{_split('extensionResourceId', arguments[1:])[1]}"


def _split(name: str, arguments: tuple[Value, ...]) -> tuple[list[str], str]:
    """Return the part before the resource type, and `Namespace/type/name/...`."""
    texts = [text(name, argument) for argument in arguments]
    at = next((index for index, value in enumerate(texts) if "/" in value), None)
    if at is None:
        raise TemplateError(
            f"Unable to evaluate template language function '{name}': the function requires a fully qualified resource "
            f"type as '{{namespace}}/{{type}}'. {FUNCTIONS_HELP}"
        )
    namespace, *types = texts[at].split("/")
    names = texts[at + 1 :]
    if len(types) != len(names):
        raise TemplateError(
            f"Unable to evaluate template language function '{name}': function requires exactly '{len(types)}' "
            f"resource name(s) for the resource type '{texts[at]}', but '{len(names)}' were provided. {FUNCTIONS_HELP}"
        )
    return texts[:at], "/".join([namespace, *(part for pair in zip(types, names, strict=True) for part in pair)])


@function("reference", 1, 3, contextual=True)
def reference(context: Context, target: Value, api_version: Value = None, mode: Value = None) -> Value:
    """Return the properties of a deployed resource, or with 'Full' the whole resource."""
    if context.lookup is None:
        raise TemplateError(f"The template function 'reference' is not expected at this location. {FUNCTIONS_HELP}")
    full = mode is not None and text("reference", mode).lower() == "full"
    return context.lookup(text("reference", target), api_version, full)
