"""References that only a rename with region, group and id can rewrite."""

from tests.unit.references.reference_cases.writing import DATA, EXISTING, GROUPS, ID, PROVIDER, Row

WITH_DETAILS: dict[str, Row] = {
    "a resource id": (f"id: {ID}", "resource-id"),
    "a resource id in capitals": (
        f"id: {GROUPS.replace('resourceGroups', 'RESOURCEGROUPS')}".replace("11111111", "«11111111|99999999»")
        + f"«rg-west|rg-north»{PROVIDER.upper()}«contoso»",
        "resource-id",
    ),
    "a child's resource id": (f"id: {ID}/webhooks/contoso", "resource-id"),
    "a resource id in JSON": (f'"id": "{ID}"'.replace("/", "\\/"), "resource-id", "a.json"),
    "a resource id in a URL": (f"https://x.io/?id={ID}".replace("/sub", "%2Fsub"), "resource-id"),
    "a resource id with a templated subscription": (
        f"id: /subscriptions/${{{{ vars.SUB }}}}/resourceGroups/«rg-west|rg-north»{PROVIDER}«contoso»",
        "resource-id",
    ),
    "a resource id of another group": (f"id: {GROUPS}rg-other{PROVIDER}contoso", "probable"),
    "a resource id of another subscription": (
        f"id: {GROUPS.replace('1111', '2222')}rg-west{PROVIDER}contoso",
        "probable",
    ),
    "another registry in our group": (f"id: {GROUPS}rg-west{PROVIDER}contoso2", ""),
    "another resource in our group": (f"id: {GROUPS}rg-west/providers/Microsoft.Web/sites/x", ""),
    "a resource id in a comment": (f"# {ID}", "resource-id"),
    "a scope of a role assignment": (f'scope = "{ID}"', "resource-id", "main.tf"),
    "the home region's data endpoint": ("«contoso».«westeurope|northeurope».data.azurecr.io", "endpoint"),
    "the home region's data endpoint, escaped": (r"«contoso»\.«westeurope|northeurope»\.data\.azurecr\.io", "endpoint"),
    "the home region's own endpoint": ("«contoso».«westeurope|northeurope».geo.azurecr.io", "endpoint"),
    "a replica's data endpoint": ("«contoso».eastus.data.azurecr.io", "endpoint"),
    "a data endpoint behind a private link": (
        "«contoso».«westeurope|northeurope».data.privatelink.azurecr.io",
        "endpoint",
    ),
    "a data endpoint with a scheme": ("https://«contoso».«westeurope|northeurope».data.azurecr.io/x", "endpoint"),
    "a record of a data endpoint": ('name = "contoso.westeurope.data"', "probable", "main.tf"),
    "a record of a look-alike": ('name = "my-contoso.westeurope.data"', "", "main.tf"),
    "a record of another zone": ('name = "contoso.westeurope.database"', "", "main.tf"),
    "a region elsewhere": ("location: westeurope", ""),
    "a group elsewhere": ("resourceGroup: rg-west", ""),
    "a group in our command": ("az acr show -n «contoso» -g «rg-west|rg-north»", "name name", "run.sh"),
    "a group before the name": ("az acr show -g «rg-west|rg-north» -n «contoso»", "name name", "run.sh"),
    "a longer group in our command": ("az acr show -n «contoso» -g rg-west-2", "name", "run.sh"),
    "a group in another command": ("az acr show -n «contoso»; az vm list -g rg-west", "name", "run.sh"),
    "a group in Terraform": (
        DATA + ' {\nname="«contoso»"\nresource_group_name="«rg-west|rg-north»"\n}\n"rg-west"',
        "name name",
        "main.tf",
    ),
    "a group in Bicep": (
        f"{EXISTING} {{\n  name: '«contoso»'\n  scope: resourceGroup('«rg-west|rg-north»')\n}}",
        "name name",
        "main.bicep",
    ),
    "a group in resourceId": (
        "[resourceId('«rg-west|rg-north»', 'Microsoft.ContainerRegistry/registries', '«contoso»')]",
        "name name",
        "main.json",
    ),
    "a group in resourceId after a subscription": (
        "[resourceId(parameters('s'), '«rg-west|rg-north»', 'Microsoft.ContainerRegistry/registries', '«contoso»')]",
        "name name",
        "main.json",
    ),
    "a resource id in brackets": (f"({ID}).", "resource-id", "README.md"),
    "a private endpoint of our name": (f"id: {GROUPS}rg-west/providers/Microsoft.Network/privateEndpoints/contoso", ""),
    "a group of the cluster that is attached": (
        "az aks update -g rg-west -n aks --attach-acr «contoso»",
        "name",
        "a.sh",
    ),
    "a group in a command within a command": (
        (
            "az aks update -g rg-west -n aks --attach-acr $(az acr show -n «contoso» -g "
            "«rg-west|rg-north» --query id -o tsv)"
        ),
        "name name",
        "a.sh",
    ),
    "a group of a deployment": (
        "az deployment group create -g rg-west -f main.bicep -p acrName=«contoso»",
        "name",
        "a.sh",
    ),
    "a group of a command within ours": (
        ("az acr build -r «contoso» -g «rg-west|rg-north» --build-arg X=$(az aks show -g rg-west -n k --query fqdn) ."),
        "name name",
        "a.sh",
    ),
    "a group of the other cmdlet": (
        (
            "New-AzRoleAssignment -ResourceGroupName rg-west -Scope (Get-AzContainerRegistry "
            "-Name «contoso» -ResourceGroupName «rg-west|rg-north»).Id"
        ),
        "name name",
        "a.ps1",
    ),
    "a group in Azure Pipelines": (
        (
            "resources:\n  containers:\n  - container: a\n    type: ACR\n    azureSubscription: s\n"
            "    resourceGroup: «rg-west|rg-north»\n    registry: «contoso»\n    repository: x\n"
            "  - container: b\n    resourceGroup: rg-west\n"
        ),
        "name name",
    ),
    "a group and a subscription in Bicep": (
        (
            "resource acr 'Microsoft.ContainerRegistry/registries@2025-11-01' existing = {\n"
            "  scope: resourceGroup('«11111111-2222-3333-4444-555555555555|99999999-2222-3333-4444"
            "-555555555555»', '«rg-west|rg-north»')\n  name: '«contoso»'\n}"
        ),
        "name name name",
        "main.bicep",
    ),
    "a group after a subscription in Bicep": (
        (
            "resource acr 'Microsoft.ContainerRegistry/registries@2025-11-01' existing = {\n"
            "  scope: resourceGroup(subscription().subscriptionId, '«rg-west|rg-north»')\n"
            "  name: '«contoso»'\n}"
        ),
        "name name",
        "main.bicep",
    ),
    "a subscription in our command": (
        (
            "az acr show -n «contoso» -g «rg-west|rg-north» --subscription "
            "«11111111-2222-3333-4444-555555555555|99999999-2222-3333-4444-555555555555»"
        ),
        "name name name",
        "a.sh",
    ),
    "another subscription in our command": (
        ("az acr show -n «contoso» -g «rg-west|rg-north» --subscription 11111111-2222-3333-4444-666666666666"),
        "name name",
        "a.sh",
    ),
    "a group of another resource on our line": (
        (
            '{"a":"[resourceId(\'rg-west\',\'Microsoft.Web/sites\',\'x\')]","acrName":"«contoso»","b":"['
            "resourceId('«11111111-2222-3333-4444-555555555555|99999999-2222-3333-4444-55555555555"
            "5»','«rg-west|rg-north»','Microsoft.ContainerRegistry/registries','«contoso»')]\"}"
        ),
        "name name name name",
        "a.json",
    ),
    "a resource id in a URL in a URL": (
        (
            "u=%252Fsubscriptions%252F«11111111-2222-3333-4444-555555555555|99999999-2222-3333-444"
            "4-555555555555»%252FresourceGroups%252F«rg-west|rg-north»%252Fproviders%252FMicrosoft"
            ".ContainerRegistry%252Fregistries%252F«contoso»"
        ),
        "resource-id",
    ),
    "a resource id in JSON in JSON": (
        (
            '"\\\\/subscriptions\\\\/«11111111-2222-3333-4444-555555555555|99999999-2222-3333-4444-555'
            "555555555»\\\\/resourceGroups\\\\/«rg-west|rg-north»\\\\/providers\\\\/Microsoft.ContainerReg"
            'istry\\\\/registries\\\\/«contoso»"'
        ),
        "resource-id",
        "a.json",
    ),
    "a resource id, slashes by their number": (
        (
            '"\\u002Fsubscriptions\\u002F«11111111-2222-3333-4444-555555555555|99999999-2222-3333-44'
            "44-555555555555»\\u002FresourceGroups\\u002F«rg-west|rg-north»\\u002Fproviders\\u002FMicr"
            'osoft.ContainerRegistry\\u002Fregistries\\u002F«contoso»"'
        ),
        "resource-id",
        "a.json",
    ),
    "a resource id of a longer name, encoded": (
        (
            "u=%2Fsubscriptions%2F11111111-2222-3333-4444-555555555555%2FresourceGroups%2Frg-west%"
            "2Fproviders%2FMicrosoft.ContainerRegistry%2Fregistries%2Fcontoso%32"
        ),
        "",
    ),
    "a resource id after a subscription's": (
        (
            '"${data.azurerm_subscription.c.id}/resourceGroups/«rg-west|rg-north»/providers/Micros'
            'oft.ContainerRegistry/registries/«contoso»"'
        ),
        "resource-id",
        "a.tf",
    ),
    "a data endpoint in a regular expression": ("«contoso»\\.[a-z]+\\.data\\.azurecr\\.io", "endpoint"),
    "data endpoints of anything": ("«contoso»\\..+\\.data\\.azurecr\\.io", "endpoint"),
    "a data endpoint in a batch file": ("«contoso».%REGION%.data.azurecr.io", "endpoint", "a.cmd"),
    "a region that begins like ours": ("«contoso».westeurope2.data.azurecr.io", "endpoint"),
    "a command that deletes by the resource id": (
        f"az resource delete --ids {GROUPS}rg-west{PROVIDER}contoso",
        "probable",
        "run.sh",
    ),
    "a cmdlet that deletes by the resource id": (
        f"Remove-AzResource -ResourceId {GROUPS}rg-west{PROVIDER}contoso",
        "probable",
        "run.ps1",
    ),
}
