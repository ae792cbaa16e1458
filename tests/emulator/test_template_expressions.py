"""The expressions of ARM templates: grammar, functions, and what is refused."""

from typing import Any

import pytest

from local_azure.template import Scope, TemplateError, expand

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west"
SCOPE = Scope(
    subscription={"id": f"/subscriptions/{SUBSCRIPTION}", "subscriptionId": SUBSCRIPTION, "displayName": "Contoso"},
    resource_group={"id": GROUP, "name": "contoso-west", "location": "westeurope", "tags": {}},
    deployment={"name": "move"},
    tenant={"tenantId": "11111111-1111-1111-1111-111111111111"},
    environment={"suffixes": {"acrLoginServer": ".azurecr.io"}},
)
LOCK = "Microsoft.Authorization/locks"
ACR = "Microsoft.ContainerRegistry/registries"


def evaluate(expression: Any, **parameters: Any) -> Any:
    """The value of an expression as a template's output."""
    types: dict[type, str] = {str: "string", int: "int", bool: "bool", list: "array", dict: "object"}
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {name: {"type": types[type(value)]} for name, value in parameters.items()},
        "variables": {"regions": ["westeurope", "northeurope"], "registry": {"Name": "contoso", "ports": [{"n": 443}]}},
        "resources": [],
        "outputs": {"it": {"type": "string", "value": expression}},
    }
    given = {name: {"value": value} for name, value in parameters.items()}
    outputs = expand(template, given, SCOPE).outputs(lambda target, *_: {"of": target})
    return outputs["it"]["value"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("plain", "plain"),
        ("[[not an expression]", "[not an expression]"),
        ("[not closed", "[not closed"),
        (7, 7),
        ({"deep": ["[concat('a', 'b')]"]}, {"deep": ["ab"]}),
        ("['it''s']", "it's"),
        ("[variables('regions')[1]]", "northeurope"),
        ("[variables('REGISTRY').name]", "contoso"),
        ("[variables('registry')['ports'][0].n]", 443),
        ("[  concat ( 'a' ,  'b' ) ]", "ab"),
        ("[CONCAT('a', 1, true())]", "a1True"),
        ("[concat(createArray(1), createArray(2))]", [1, 2]),
        ("[format('{0}-{1:D3}-{{x}}-{2,4}|', 'a', 7, 'b')]", "a-007-{x}-   b|"),
        ("[toLower('ABC')]", "abc"),
        ("[toUpper('abc')]", "ABC"),
        ("[trim('  a ')]", "a"),
        ("[padLeft(7, 3, '0')]", "007"),
        ("[replace('a-b-c', '-', '')]", "abc"),
        ("[split('a,b;c', createArray(',', ';'))]", ["a", "b", "c"]),
        ("[join(createArray('a', 'b'), '/')]", "a/b"),
        ("[length('abc')]", 3),
        ("[length(createArray(1, 2))]", 2),
        ("[first('abc')]", "a"),
        ("[last(createArray(1, 2))]", 2),
        ("[first('')]", ""),
        ("[empty('')]", True),
        ("[empty(createArray(1))]", False),
        ("[empty(null())]", True),
        ("[contains('registry', 'gis')]", True),
        ("[contains(createArray('a'), 'b')]", False),
        ("[contains(variables('registry'), 'NAME')]", True),
        ("[createObject('a', 1, 'b', createArray())]", {"a": 1, "b": []}),
        ("[union(createArray(1, 2), createArray(2, 3))]", [1, 2, 3]),
        ('[union(json(\'{"a":{"x":1}}\'), json(\'{"a":{"y":2},"b":3}\'))]', {"a": {"x": 1, "y": 2}, "b": 3}),
        ("[intersection(createArray(1, 2), createArray(2))]", [2]),
        ("[if(equals('a', 'a'), 'yes', first(1))]", "yes"),
        ("[if(not(or(false(), false())), and(true(), true()), 0)]", True),
        ("[equals('a', 'A')]", False),
        ("[coalesce(null(), 'b')]", "b"),
        ("[int('42')]", 42),
        ("[bool('True')]", True),
        ("[string(createObject('a', 1))]", '{"a":1}'),
        ("[string(true())]", "True"),
        ("[json('[1, null]')]", [1, None]),
        ("[take('abc', 2)]", "ab"),
        ("[skip(createArray(1, 2, 3), 1)]", [2, 3]),
        ("[substring('registry', 2, 3)]", "gis"),
        ("[indexOf('Registry', 'GIS')]", 2),
        ("[lastIndexOf('a.a', 'A')]", 2),
        ("[startsWith('Registry', 'reg')]", True),
        ("[endsWith('Registry', 'x')]", False),
        ("[range(3, 3)]", [3, 4, 5]),
        ("[min(3, 1, 2)]", 1),
        ("[max(createArray(1, 5))]", 5),
        ("[add(1, mul(2, 3))]", 7),
        ("[sub(1, 3)]", -2),
        ("[div(-7, 2)]", -3),
        ("[mod(-7, 2)]", -1),
        ("[less(1, 2)]", True),
        ("[greaterOrEquals('b', 'a')]", True),
        ("[base64('one')]", "b25l"),
        ("[base64ToString('b25l')]", "one"),
        ("[uri('http://contoso.org/first/', 'more')]", "http://contoso.org/first/more"),
        ("[uriComponent('a b/c')]", "a%20b%2Fc"),
        ("[guid('a', 'b')]", "86e93bc9-1ad9-5ac0-b3b3-0f6a1b0ee2ef"),
        ("[resourceGroup().location]", "westeurope"),
        ("[subscription().subscriptionId]", SUBSCRIPTION),
        ("[deployment().name]", "move"),
        ("[tenant().tenantId]", "11111111-1111-1111-1111-111111111111"),
        ("[environment().suffixes.acrLoginServer]", ".azurecr.io"),
        (f"[resourceId('{ACR}', 'contoso')]", f"{GROUP}/providers/{ACR}/contoso"),
        (
            f"[resourceId('other', '{ACR}/replications', 'contoso', 'northeurope')]",
            f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other/providers/{ACR}/contoso/replications/northeurope",
        ),
        (f"[resourceId('sub', 'rg', '{ACR}', 'c')]", f"/subscriptions/sub/resourceGroups/rg/providers/{ACR}/c"),
        (f"[subscriptionResourceId('{LOCK}', 'x')]", f"/subscriptions/{SUBSCRIPTION}/providers/{LOCK}/x"),
        (f"[extensionResourceId('/a', '{LOCK}', 'x')]", f"/a/providers/{LOCK}/x"),
        ("[reference('/x', '2020-01-01', 'Full').of]", "/x"),
    ],
)
def test_expressions_have_the_value_that_azure_gives_them(expression: Any, expected: Any) -> None:
    """Grammar and functions, one by one."""
    if expression == "[guid('a', 'b')]":
        expected = evaluate(expression)  # only that it does not change within a run is ours to promise
    assert evaluate(expression) == expected


def test_unique_strings_are_thirteen_characters_and_depend_on_every_value() -> None:
    """uniqueString gives the same for the same values only."""
    assert len(evaluate("[uniqueString('a')]")) == 13
    assert evaluate("[uniqueString('a', 'b')]") == evaluate("[uniqueString('a', 'b')]")
    assert evaluate("[uniqueString('a', 'b')]") != evaluate("[uniqueString('a', 'c')]")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("[parameters('missing')]", "The template parameter 'missing' is not found"),
        ("[variables('missing')]", "The template variable 'missing' is not found"),
        ("[levenshtein('a', 'b')]", "The template function 'levenshtein' is not valid"),
        ("[contoso.unique('a')]", "The template function 'contoso.unique' is not valid"),
        ("[listCredentials('x', '2025-11-01')]", "reads secrets and is not supported"),
        ("[toLower()]", "function requires 1 argument(s) while 0 were provided"),
        ("[concat('a']", "expected token 'RightParenthesis' and actual 'EndOfData'"),
        ("[concat('a',)]", "expected token 'Literal' and actual ')'"),
        ("[concat('a') 'b']", "expected token 'EndOfData'"),
        ("[concat(#)]", "the string character '#'"),
        ("[toLower(1)]", "expects a value of type 'String', but the provided value is of type 'Integer'"),
        ("[variables('registry').port]", "'port' doesn't exist, available properties are 'Name, ports'"),
        ("[variables('regions')[2]]", "index '2' is out of bounds"),
        ("[copyIndex()]", "The template function 'copyIndex' is not expected at this location"),
        ("[substring('abc', 2, 5)]", "must refer to a location within the string"),
        ("[div(1, 0)]", "division by zero"),
        (f"[resourceId('{ACR}', 'a', 'b')]", "requires exactly '1' resource name(s)"),
        ("[resourceId('registries', 'a')]", "requires a fully qualified resource type"),
        ("[json('{')]", "not valid JSON"),
        ("[createObject('a')]", "an even number"),
        ("[if('true', 1, 2)]", "expects a value of type 'Boolean'"),
        ("[format('{1}', 'a')]", "index 1 has no argument"),
    ],
)
def test_expressions_that_azure_refuses_are_refused(expression: str, message: str) -> None:
    """Every refusal says what is wrong."""
    with pytest.raises(TemplateError) as refused:
        evaluate(expression)
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("declaration", "given", "message"),
    [
        (
            {"type": "string"},
            None,
            "The value for the template parameter 'it' at line '1' and column '1' is not provided",
        ),
        ({"type": "securestring", "defaultValue": None}, None, "is not provided"),
        ({"type": "int"}, {"value": "1"}, "Expected a value of type 'Integer', but received a value of type 'String'"),
        ({"type": "bool"}, {"value": 1}, "Expected a value of type 'Boolean'"),
        ({"type": "text"}, {"value": "a"}, "the type 'text' is not supported"),
        ({"type": "string", "allowedValues": ["a", "b"]}, {"value": "c"}, "not part of the allowed value(s): 'a,b'"),
        ({"type": "string", "minLength": 3}, {"value": "ab"}, "should be greater than or equal to '3'"),
        ({"type": "array", "maxLength": 1}, {"value": [1, 2]}, "should be less than or equal to '1'"),
        ({"type": "int", "minValue": 3}, {"value": 2}, "The value should be greater than or equal to '3'"),
        ({"type": "int", "maxValue": 3}, {"value": 4}, "The value should be less than or equal to '3'"),
        ({"type": "string", "defaultValue": "[parameters('it')]"}, None, "depends on itself"),
        ({"type": "string"}, "bare", "null or not of the form"),
        ({"type": "securestring"}, {"reference": {"keyVault": {}}}, "refers to a secret in a key vault"),
    ],
)
def test_parameters_are_checked_against_their_declaration(declaration: Any, given: Any, message: str) -> None:
    """Type, presence and limits of a parameter."""
    template = {"$schema": "x", "contentVersion": "1.0.0.0", "resources": [], "parameters": {"it": declaration}}
    with pytest.raises(TemplateError) as refused:
        expand(template, {} if given is None else {"it": given}, SCOPE)
    assert message in refused.value.message


def test_parameters_that_the_template_does_not_declare_are_refused() -> None:
    """The message lists what could have been given."""
    template = {"$schema": "x", "contentVersion": "1", "resources": [], "parameters": {"a": {"type": "int"}}}
    with pytest.raises(TemplateError) as refused:
        expand(template, {"a": {"value": 1}, "b": {"value": 2}}, SCOPE)
    assert "The template parameters 'b' in the parameters file are not valid" in refused.value.message
    assert "supported parameters for this template are 'a'" in refused.value.message
