"""Files that name both registries, samples in documents, entities, and hosts at the start of a line."""

from tests.unit.references.reference_cases.writing import Row

WHOLE_FILES: dict[str, Row] = {
    "whole, azure-pipelines.yml": (
        (
            "parameters:\n"
            "- name: sourceAcr\n"
            "  default: contoso\n"
            "- name: targetAcr\n"
            "  default: fabrikam\n"
            "steps:\n"
            "- script: docker pull contoso.azurecr.io/a\n"
        ),
        ("probable probable"),
        "azure-pipelines.yml",
    ),
    "whole, Jenkinsfile": (
        (
            "def source = 'contoso.azurecr.io'\n"
            "def target = 'fabrikam.azurecr.io'\n"
            "sh 'az acr repository delete -n contoso'\n"
        ),
        ("probable probable"),
        "Jenkinsfile",
    ),
    "whole, a.tf": (
        ('locals {\n mirrors = {\n  "contoso.azurecr.io" = 1\n  "fabrikam.azurecr.io" = 2\n }\n}\n'),
        ("probable"),
        "a.tf",
    ),
    "whole, a.sh": (
        (
            "SOURCE=contoso\n"
            "TARGET=fabrikam\n"
            "az acr import -n $TARGET --source $SOURCE.azurecr.io/a\n"
            "image: contoso.azurecr.io/b\n"
        ),
        ("probable probable"),
        "a.sh",
    ),
    "whole, a.yaml": (
        ("targetRegistry: fabrikam\nimage: contoso.azurecr.io/b\n"),
        ("probable"),
        "a.yaml",
    ),
    "whole, the other by its id alone": (
        (
            "image: contoso.azurecr.io/b\n"
            "target: /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-north"
            "/providers/Microsoft.ContainerRegistry/registries/fabrikam\n"
        ),
        ("probable"),
        "a.yaml",
    ),
    "whole, the other is what a command deletes by its id": (
        (
            "docker pull contoso.azurecr.io/b\n"
            "az resource delete --ids /subscriptions/$SUB/resourceGroups/$GROUP"
            "/providers/Microsoft.ContainerRegistry/registries/fabrikam\n"
        ),
        ("probable"),
        "a.sh",
    ),
    "whole, config.json": (
        ('{"auths":{"contoso.azurecr.io":{"auth":"YTpi"},"fabrikam.azurecr.io":{"auth":"YTpi"}}}'),
        ("pull-secret"),
        "config.json",
    ),
    "whole, a.yaml, 2": (
        ("company: fabrikam\nimage: «contoso».azurecr.io/b\n"),
        ("image"),
        "a.yaml",
    ),
    "whole, Dockerfile": (
        ("COPY --from=contoso.azurecr.io/a /x /x\nFROM fabrikam.azurecr.io/base\n"),
        ("probable"),
        "Dockerfile",
    ),
    "whole, a.md": (
        (
            "# Guide\n"
            "\n"
            "Use `acrName: «contoso»`.\n"
            "\n"
            "```bicep\n"
            "resource acr 'Microsoft.ContainerRegistry/registries@2023-07-01' = {\n"
            "  name: 'contoso'\n"
            "}\n"
            "param acrName string = 'contoso'\n"
            "```\n"
            "\n"
            "```sh\n"
            "ACR=«contoso»\n"
            "az acr login -n $ACR\n"
            "az acr login -n «contoso»\n"
            "```\n"
            "\n"
            "    acrName: «contoso»\n"
        ),
        ("name probable probable name name name"),
        "a.md",
    ),
    "whole, a.rst": (
        (
            "Run::\n"
            "\n"
            "    az acr show -n «contoso»\n"
            '    {"name": "contoso", "type": "Microsoft.ContainerRegistry/registries"}\n'
            "\n"
            "Then::\n"
            "\n"
            "    az acr login -n «contoso»\n"
        ),
        ("name probable name"),
        "a.rst",
    ),
    "whole, a.adoc": (
        (
            "----\n"
            '{"name": "contoso", "type": "Microsoft.ContainerRegistry/registries"}\n'
            "----\n"
            "\n"
            "[source,sh]\n"
            "----\n"
            "export ACR_NAME=«contoso»\n"
            "----\n"
        ),
        ("probable name"),
        "a.adoc",
    ),
    "whole, a.html": (
        (
            '<pre>{"name": "contoso", "type": '
            '"Microsoft.ContainerRegistry/registries"}</pre><pre>az acr login -n «contoso»\n'
            "export ACR_NAME=«contoso»</pre>"
        ),
        ("probable name name"),
        "a.html",
    ),
    "whole, a.md, 2": (
        (
            "Signed:\n"
            "```\n"
            "-----BEGIN PGP SIGNED MESSAGE-----\n"
            "contoso.azurecr.io/a\n"
            "```\n"
            "Pull `«contoso».azurecr.io/a`.\n"
        ),
        ("probable image"),
        "a.md",
    ),
    "whole, a.md, 3": (
        (
            "```console\n"
            "$ az acr show --name «contoso»\n"
            '{ "loginServer": "«contoso».azurecr.io", "name": "contoso", "type": '
            '"Microsoft.ContainerRegistry/registries" }\n'
            "$ az acr login --name «contoso»\n"
            "$ ACR=contoso\n"
            "```\n"
        ),
        ("name endpoint probable name probable"),
        "a.md",
    ),
    "whole, a.html, 2": (
        (
            "&lt«contoso».azurecr.io/a&gt; &#160«contoso».azurecr.io/a "
            "&#xA0;«contoso».azurecr.io/a &quot«contoso».azurecr.io/a&quot acr&nbspcontoso "
            "x&eacute;contoso.azurecr.io &copy«contoso».azurecr.io &amp«contoso».azurecr.io"
        ),
        ("image image image image probable endpoint endpoint"),
        "a.html",
    ),
    "whole, a.txt": (
        (
            "[list]\n"
            "«contoso».azurecr.io/a\n"
            "(x)\n"
            "«contoso».azurecr.io/a\n"
            "{a}\n"
            "«contoso».azurecr.io\n"
            "%X%\n"
            "«contoso».azurecr.io\n"
            "$X\n"
            "«contoso».azurecr.io\n"
            "$\n"
            "«contoso».azurecr.io\n"
            "[a-z]*\n"
            "«contoso».azurecr.io\n"
            "-\n"
            "«contoso».azurecr.io\n"
            "*\n"
            "«contoso».azurecr.io\n"
            "foo-\n"
            "«contoso».azurecr.io\n"
            "\\n\n"
            "«contoso».azurecr.io\n"
            "{{ x }}-\n"
            "«contoso».azurecr.io\n"
            ".+\n"
            "«contoso».azurecr.io\n"
            "acrName:\n"
            "«contoso»\n"
        ),
        (
            "image image endpoint endpoint endpoint endpoint endpoint endpoint endpoint "
            "endpoint endpoint endpoint endpoint name"
        ),
        "a.txt",
    ),
}
