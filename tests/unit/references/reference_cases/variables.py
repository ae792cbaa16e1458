"""Variables that a text gives to a command, adds the suffix to, or describes an existing registry with."""

from tests.unit.references.reference_cases.writing import Row

VARIABLES: dict[str, Row] = {
    "given, a.sh": (
        (
            "REGISTRY=«contoso»\n"
            'export REG2="«contoso»"\n'
            "readonly R3=«contoso»\n"
            "local r4='«contoso»'\n"
            ": ${R5:=«contoso»}\n"
            "R6=${1:-«contoso»}\n"
            'az acr login -n "${REGISTRY}"\n'
            "az acr build -r $REG2 .\n"
            "az acr show --name=$R3\n"
            'az aks update --attach-acr "$r4"\n'
            "az acr repository list --name ${R5}\n"
            "az acr task create -n x -r $R6\n"
        ),
        ("name name name name name name"),
        "a.sh",
    ),
    "given, a.ps1": (
        (
            '$registry = "«contoso»"\n'
            "[string]$r2 = '«contoso»'\n"
            '$env:R3 = "«contoso»"\n'
            'param([string] $R4 = "«contoso»", $r5 = "«contoso»")\n'
            '@{ r6 = "contoso" }\n'
            "Connect-AzContainerRegistry -Name $registry\n"
            "Get-AzContainerRegistry -Name $r2\n"
            "az acr login -n $env:R3\n"
            "New-AzContainerRegistryWebhook -RegistryName $R4\n"
            '"$($r5).azurecr.io"\n'
        ),
        ("name name name name name probable"),
        "a.ps1",
    ),
    "given, a.bat": (
        ('set REG=«contoso»\nset "R2=«contoso»"\naz acr login -n %REG%\naz acr login -n %R2%\n'),
        ("name name"),
        "a.bat",
    ),
    "given, Makefile": (
        (
            "REG = «contoso»\n"
            "R2 := «contoso»\n"
            "R3 ?= «contoso»\n"
            "R4 ::= «contoso»\n"
            "export R5 = «contoso»\n"
            "x:\n"
            "\taz acr login -n $(REG)\n"
            "\taz acr login -n ${R2}\n"
            "\taz aks update --attach-acr $(R3)\n"
            "\taz acr build -r $(R4) .\n"
            "\taz acr build -r $$R5 .\n"
        ),
        ("name name name name name"),
        "Makefile",
    ),
    "given, Jenkinsfile": (
        (
            "environment {\n"
            " REG = '«contoso»'\n"
            "}\n"
            "def r2 = '«contoso»'\n"
            'String r3 = "«contoso»"\n'
            "parameters { string(name: 'R4', defaultValue: '«contoso»') }\n"
            'sh "az acr login -n ${REG}"\n'
            'sh "az acr login -n ${r2}"\n'
            'sh "az acr login -n ${r3}"\n'
            'sh "az acr login -n ${params.R4}"\n'
        ),
        ("name name name name"),
        "Jenkinsfile",
    ),
    "given, a.yml": (
        (
            "env:\n"
            "  REG: «contoso»\n"
            "  R2: '«contoso»'\n"
            "steps:\n"
            "- run: az acr login -n ${{ env.REG }}\n"
            "- run: az acr login --name $R2\n"
            "- run: |\n"
            "    R3=«contoso»\n"
            "    az acr login -n $R3\n"
        ),
        ("name name name"),
        ".github/workflows/a.yml",
    ),
    "given, azure-pipelines.yml": (
        (
            "variables:\n"
            "- name: reg\n"
            "  value: «contoso»\n"
            "- name: r2\n"
            "  value: '«contoso»'\n"
            "steps:\n"
            "- script: az acr login -n $(reg)\n"
            "- task: AzureCLI@2\n"
            "  inputs:\n"
            "    inlineScript: |\n"
            "      az acr build -r $(r2) .\n"
            "parameters:\n"
            "- name: r3\n"
            "  type: string\n"
            "  displayName: X\n"
            "  default: «contoso»\n"
            "- script: az acr login -n ${{ parameters.r3 }}\n"
        ),
        ("name name name"),
        "azure-pipelines.yml",
    ),
    "given, a.tf": (
        (
            "locals {\n"
            '  reg = "«contoso»"\n'
            "}\n"
            'data "azurerm_container_registry" "a" {\n'
            "  name = local.reg\n"
            '  resource_group_name = "x"\n'
            "}\n"
        ),
        ("name"),
        "a.tf",
    ),
    "given, a.bicep": (
        (
            "param reg string = '«contoso»'\n"
            "var r2 = '«contoso»'\n"
            "param r3 string\n"
            "resource acr 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {\n"
            "  name: reg\n"
            "}\n"
            "output x string = resourceId('Microsoft.ContainerRegistry/registries', r2)\n"
        ),
        ("name name"),
        "a.bicep",
    ),
    "given, a.json": (
        (
            '{"parameters":{"reg":{"type":"string","defaultValue":"«contoso»"}},"variables":{"r2"'
            ':"«contoso»"},"resources":[{"x":"[resourceId(\'Microsoft.ContainerRegistry/registries'
            "', parameters('reg'))]\",\"y\":\"[concat(variables('r2'), '.azurecr.io')]\"}]}"
        ),
        ("name name"),
        "a.json",
    ),
    "given, Dockerfile": (
        (
            "ARG REG=«contoso»\n"
            "ARG R2=«contoso»\n"
            "FROM ${REG}.azurecr.io/a\n"
            "RUN az acr login -n $R2\n"
            "ENV R3 «contoso»\n"
            "ENV R4=«contoso» R5=«contoso»\n"
            "RUN az acr login -n ${R3} && az acr login -n ${R4}; az acr login -n $R5\n"
        ),
        ("name name name name name"),
        "Dockerfile",
    ),
    "given, a.jsonnet": (
        (
            "local reg = '«contoso»';\n"
            "local r2 = { registry:: '«contoso»' };\n"
            "{ image: reg + '.azurecr.io/a', i2: '%s.azurecr.io/a' % reg, i3: r2.registry + "
            "'.azurecr.io' }\n"
        ),
        ("name name"),
        "a.jsonnet",
    ),
    "given, a.properties": (
        (
            "reg=«contoso»\n"
            "r2 = «contoso»\n"
            "r3: «contoso»\n"
            "image=${reg}.azurecr.io/a\n"
            "i2=${r2}.azurecr.io/b\n"
            "i3=${r3}.azurecr.io/b\n"
        ),
        ("name name name"),
        "a.properties",
    ),
    "given, .env": (
        ("REG=«contoso»\nIMAGE=${REG}.azurecr.io/a\n"),
        ("name"),
        ".env",
    ),
    "given, compose.yaml": (
        (
            "x-reg: &reg contoso\n"
            "services:\n"
            "  a:\n"
            "    environment:\n"
            "      REG: «contoso»\n"
            "      - R2=«contoso»\n"
            "    image: ${REG}.azurecr.io/a\n"
            "    command: az acr login -n $${R2}\n"
        ),
        ("probable name name"),
        "compose.yaml",
    ),
    "given, a.py": (
        (
            "reg = '«contoso»'\n"
            'r2: str = "«contoso»"\n'
            "subprocess.run(f'az acr login -n {reg}')\n"
            "x = f'{r2}.azurecr.io'\n"
        ),
        ("name name"),
        "a.py",
    ),
    "given, a.go": (
        (
            'reg := "«contoso»"\n'
            'const r2 string = "«contoso»"\n'
            'var r3 = "«contoso»"\n'
            'x := fmt.Sprintf("%s.azurecr.io/a", reg)\n'
            'y := r2 + ".azurecr.io"\n'
            'z := r3+".azurecr.io"\n'
        ),
        ("name name name"),
        "a.go",
    ),
    "given, a.sh, 2": (
        (
            "for REG in «contoso» other; do\n"
            "  az acr login -n $REG\n"
            "done\n"
            "REGS=(«contoso» other)\n"
            'for r in "${REGS[@]}"; do az acr login -n "$r"; done\n'
        ),
        ("name name"),
        "a.sh",
    ),
    "given, a.ps1, 2": (
        ('foreach ($reg in @("«contoso»","other")) { az acr login -n $reg }\n'),
        ("name"),
        "a.ps1",
    ),
    "given, a.sh, 3": (
        (
            'echo "##vso[task.setvariable variable=reg]«contoso»"\n'
            "az acr login -n $(reg)\n"
            'echo "REG2=«contoso»" >> $GITHUB_ENV\n'
            "az acr login -n $REG2\n"
        ),
        ("name name"),
        "a.sh",
    ),
    "given, a.fish": (
        ("set -gx REG «contoso»\naz acr login -n $REG\n"),
        ("name"),
        "a.fish",
    ),
    "given, play.yml": (
        (
            "reg: «contoso»\n"
            "tasks:\n"
            "- command: az acr login -n {{ reg }}\n"
            "- shell: \"az acr build -r {{ r2 | default('«contoso»') }} .\"\n"
        ),
        ("name name"),
        "play.yml",
    ),
    "given, a.sh, 4": (
        ("NS=contoso\nREG=x\naz acr login -n $REG\nkubectl get po -n $NS\n"),
        ("probable"),
        "a.sh",
    ),
    "given, a.sh, 5": (
        ("ACR=contoso\naz acr delete -n $ACR --yes\naz acr login -n $ACR\n"),
        ("probable"),
        "a.sh",
    ),
    "given, a.sh, 6": (
        ("ACR=«contoso»\naz acr create -n $ACR -g g\naz acr login -n $ACR\n"),
        ("name"),
        "a.sh",
    ),
    "given, a.sh, 7": (
        ("SUB=contoso\naz acr login -n «contoso» --subscription 11111111-1111-1111-1111-111111111111\n"),
        ("probable name"),
        "a.sh",
    ),
    "given, pom.xml": (
        (
            "<properties><acr.name>«contoso»</acr.name><reg>«contoso»</reg></properties><image>${"
            'reg}.azurecr.io/a</image><add key="AcrName" value="«contoso»"/>'
        ),
        ("name name name"),
        "pom.xml",
    ),
    "given, a.sh, 8": (
        (
            "acr purge --registry «contoso» --filter x\n"
            "acr tag list -r «contoso»\n"
            "docker run mcr.microsoft.com/acr/acr-cli:0.5 purge --registry «contoso»\n"
            'az acr run --cmd "acr purge -r «contoso» --filter x" --registry «contoso» /dev/null\n'
            "acr manifest list -r $REG\n"
            "REG=«contoso»\n"
            "acr login contoso\n"
        ),
        ("name name name name name name probable"),
        "a.sh",
    ),
    "given, acr-task.yaml": (
        (
            "version: v1\n"
            "steps:\n"
            "- cmd: acr purge --registry «contoso» --filter x\n"
            "- cmd: mcr.microsoft.com/acr/acr-cli:0.5 tag list -r «contoso»\n"
        ),
        ("name name"),
        "acr-task.yaml",
    ),
    "given, a.sh, 9": (
        (
            "az resource show -g rg -n «contoso» --resource-type Microsoft.ContainerRegistry/registries\n"
            "az resource show -g rg --namespace Microsoft.ContainerRegistry --resource-type "
            "registries --name «contoso»\n"
            "az lock create -n contoso --resource «contoso» --resource-type "
            "Microsoft.ContainerRegistry/registries\n"
            "az monitor diagnostic-settings create -n contoso --resource «contoso» "
            '--resource-type "Microsoft.ContainerRegistry/registries"\n'
            "az resource delete -n contoso --resource-type Microsoft.ContainerRegistry/registries\n"
            "az resource show --parent registries/«contoso» --namespace "
            "Microsoft.ContainerRegistry --resource-type webhooks -n hook\n"
            "az resource show -n contoso --resource-type Microsoft.Web/sites\n"
            "az network private-endpoint-connection list -n «contoso» --type "
            "Microsoft.ContainerRegistry/registries\n"
            "az network private-endpoint-connection approve -n contoso --resource-name «contoso» "
            "--type Microsoft.ContainerRegistry/registries\n"
        ),
        ("name name probable name probable name probable name probable name probable name"),
        "a.sh",
    ),
    "given, a.ps1, 3": (
        (
            "Get-AzResource -Name «contoso» -ResourceType Microsoft.ContainerRegistry/registries\n"
            "Set-AzResource -ResourceName «contoso» -ResourceType "
            '"Microsoft.ContainerRegistry/registries" -Force\n'
            "New-AzResourceLock -LockName contoso -ResourceName «contoso» -ResourceType "
            "Microsoft.ContainerRegistry/registries\n"
            "Remove-AzResource -Name contoso -ResourceType Microsoft.ContainerRegistry/registries\n"
        ),
        ("name name probable name probable"),
        "a.ps1",
    ),
}
