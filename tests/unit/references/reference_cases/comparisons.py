"""A value and what it is compared with: both are rewritten, or neither is."""

from tests.unit.references.reference_cases.writing import Row

COMPARISONS: dict[str, Row] = {
    "compared, a.sh": (
        ('REG=«contoso»\naz acr login -n $REG\ncase "$REG" in\n  «contoso») echo a;;\n  x|«contoso») echo;;\nesac\n'),
        ("name name name"),
        "a.sh",
    ),
    "compared, a.sh, 2": (
        ('ACR=«contoso»\ntest "$ACR" = «contoso» && echo\n[ «contoso» != "$ACR" ]\n[[ "$ACR" =~ ^«contoso»$ ]]\n'),
        ("name name name name"),
        "a.sh",
    ),
    "compared, Makefile": (
        (
            "ACR ?= «contoso»\n"
            "ifeq ($(ACR),«contoso»)\n"
            "X=1\n"
            "endif\n"
            'ifneq "$(ACR)" "«contoso»"\n'
            "endif\n"
            "Y=$(filter «contoso»,$(ACR))\n"
        ),
        ("name name name name"),
        "Makefile",
    ),
    "compared, Jenkinsfile": (
        (
            "def acr = '«contoso»'\n"
            "if (acr == '«contoso»') { sh 'x' }\n"
            'if ("«contoso»".equals(acr)) {}\n'
            "switch (acr) {\n"
            " case '«contoso»':\n"
            "  break\n"
            "}\n"
            "when { environment name: 'ACR', value: '«contoso»' }\n"
        ),
        ("name name name name name"),
        "Jenkinsfile",
    ),
    "compared, azure-pipelines.yml": (
        (
            "variables:\n"
            "  acrName: «contoso»\n"
            "steps:\n"
            "- script: x\n"
            "  condition: eq(variables['acrName'], '«contoso»')\n"
            "- ${{ if eq(parameters.acrName, '«contoso»') }}:\n"
            "  - x\n"
            "- ${{ if in(parameters.acrName, 'other', '«contoso»') }}:\n"
        ),
        ("name name name name"),
        "azure-pipelines.yml",
    ),
    "compared, azure-pipelines.yml, 2": (
        ("parameters:\n- name: acrName\n  type: string\n  default: «contoso»\n  values:\n  - «contoso»\n  - other\n"),
        ("name name"),
        "azure-pipelines.yml",
    ),
    "compared, a.yml": (
        (
            "on:\n"
            "  workflow_dispatch:\n"
            "    inputs:\n"
            "      acr_name:\n"
            "        description: x\n"
            "        type: choice\n"
            "        options:\n"
            "          - «contoso»\n"
            "          - other\n"
            "        default: «contoso»\n"
            "jobs:\n"
            "  a:\n"
            "    if: inputs.acr_name == '«contoso»'\n"
            "    if: ${{ github.event.inputs.acr_name != '«contoso»' }}\n"
        ),
        ("name name name name"),
        ".github/workflows/a.yml",
    ),
    "compared, main.json": (
        (
            '{"parameters": {"acrName": '
            '{"type":"string","metadata":{"description":"x"},"allowedValues":["«contoso»","other"'
            '],"defaultValue":"«contoso»"}},\n'
            "\"x\":\"[if(equals(parameters('acrName'),'«contoso»'),1,2)]\"}"
        ),
        ("name name name"),
        "main.json",
    ),
    "compared, main.bicep": (
        (
            "@allowed([\n"
            "  '«contoso»'\n"
            "  'other'\n"
            "])\n"
            "param acrName string = '«contoso»'\n"
            "var x = acrName == '«contoso»' ? 1 : 2\n"
        ),
        ("name name name"),
        "main.bicep",
    ),
    "compared, a.ps1": (
        (
            "param(\n"
            " [ValidateSet('«contoso»','other')]\n"
            " [string]$AcrName = '«contoso»'\n"
            ")\n"
            "if ($AcrName -eq '«contoso»') {}\n"
            "if ('«contoso»' -ne $AcrName) {}\n"
            "if ($AcrName -in @('x','«contoso»')) {}\n"
            "switch ($AcrName) { '«contoso»' { 1 } }\n"
        ),
        ("name name name name name name"),
        "a.ps1",
    ),
    "compared, values.yaml": (
        (
            "acrName: «contoso»\n"
            'x: {{ if eq .Values.acrName "«contoso»" }}a{{ end }}\n'
            'y: {{- if (eq "«contoso»" .Values.acrName) }}\n'
            "z: \"{% if acr_name == '«contoso»' %}\"\n"
            'when: acr_name == "«contoso»"\n'
        ),
        ("name name name name name"),
        "values.yaml",
    ),
    "compared, main.tf": (
        (
            'variable "acr_name" {\n'
            "  type = string\n"
            '  default = "contoso"\n'
            "}\n"
            "locals {\n"
            ' x = var.acr_name == "contoso" ? 1 : 2\n'
            "}\n"
        ),
        ("probable probable"),
        "main.tf",
    ),
    "compared, main.tf, 2": (
        (
            'variable "reg" {\n'
            "  type = string\n"
            '  default = "«contoso»"\n'
            "}\n"
            'data "azurerm_container_registry" "a" {\n'
            "  name = var.reg\n"
            "}\n"
            "locals {\n"
            ' x = var.reg == "«contoso»" ? 1 : 2\n'
            "}\n"
        ),
        ("name name"),
        "main.tf",
    ),
    "compared, a.cmd": (
        ('set ACR=«contoso»\nif "%ACR%"=="«contoso»" echo x\nif /i %ACR% equ «contoso» echo\n'),
        ("name name name"),
        "a.cmd",
    ),
    "compared, a.jsonnet": (
        ("local acr = '«contoso»';\nif acr == '«contoso»' then 1 else 2\n"),
        ("name name"),
        "a.jsonnet",
    ),
    "compared, Jenkinsfile, 2": (
        (
            "string(name: 'ACR_NAME', defaultValue: '«contoso»', description: 'x')\n"
            "string(defaultValue: '«contoso»', name: 'ACR_NAME')\n"
            "choice(name: 'ACR_NAME', choices: ['«contoso»', 'x'])\n"
            "if (params.ACR_NAME == '«contoso»') {}\n"
        ),
        ("name name name name"),
        "Jenkinsfile",
    ),
    "compared, a.sh, 3": (
        (
            "REGISTRY=«contoso».azurecr.io\n"
            'if [ "${REGISTRY%%.*}" = «contoso» ]; then x; fi\n'
            "if [[ $IMG == *«contoso».azurecr.io* ]]; then\n"
            "case $IMG in\n"
            "  *«contoso».azurecr.io*) x;;\n"
            "esac\n"
        ),
        ("image name endpoint endpoint"),
        "a.sh",
    ),
    "compared, a.sh, 4": (
        ('COMPANY=contoso\nif [ "$COMPANY" = contoso ]; then x; fi\n'),
        ("probable probable"),
        "a.sh",
    ),
    "compared, Dockerfile": (
        (
            "ARG ACR_NAME=«contoso»\n"
            "ENV ACR_NAME «contoso»\n"
            'RUN if [ "$ACR_NAME" = "«contoso»" ]; then x; fi\n'
            "FROM ${ACR_NAME}.azurecr.io/base\n"
        ),
        ("name name name"),
        "Dockerfile",
    ),
    "compared, a.py": (
        (
            'acr_name = os.environ.get("ACR_NAME", "«contoso»")\n'
            'if acr_name == "«contoso»": pass\n'
            'if acr_name in ("«contoso»", "x"): pass\n'
            'p.add_argument("--acr-name", default="«contoso»", choices=["«contoso»"])\n'
        ),
        ("name name name name name"),
        "a.py",
    ),
}
