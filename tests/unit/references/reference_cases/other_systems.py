"""Identifiers of other systems that are spelt like the host: reported, and left."""

from tests.unit.references.reference_cases.writing import Row

OTHER_SYSTEMS: dict[str, Row] = {
    "identifiers, Jenkinsfile": (
        (
            "environment {\n"
            "  CREDS = credentials('contoso.azurecr.io')\n"
            "  registryCredential = 'contoso.azurecr.io'\n"
            "  REGISTRY = '«contoso».azurecr.io'\n"
            "}\n"
            'withCredentials([usernamePassword(credentialsId: "contoso.azurecr.io", '
            "usernameVariable: 'U', passwordVariable: 'P')]) {\n"
            "}\n"
            "docker.withRegistry('https://«contoso».azurecr.io', 'contoso.azurecr.io') {\n"
            "}\n"
            "agent { docker { image '«contoso».azurecr.io/x'\n"
            " registryUrl 'https://«contoso».azurecr.io'\n"
            " registryCredentialsId 'contoso.azurecr.io' } }\n"
        ),
        ("probable probable image probable endpoint probable image endpoint probable"),
        "Jenkinsfile",
    ),
    "identifiers, azure-pipelines.yml": (
        (
            "- task: Docker@2\n"
            "  displayName: Push\n"
            "  inputs:\n"
            "    command: buildAndPush\n"
            "    containerRegistry: 'contoso.azurecr.io'\n"
            "    repository: web\n"
            "- task: Docker@1\n"
            "  inputs:\n"
            "    azureSubscriptionEndpoint: contoso.azurecr.io\n"
            "    azureContainerRegistry: «contoso».azurecr.io\n"
            "- task: KubernetesManifest@0\n"
            "  inputs:\n"
            "    imagePullSecrets: contoso.azurecr.io\n"
            "    containers: «contoso».azurecr.io/web:1\n"
            "    dockerRegistryEndpoint: contoso.azurecr.io\n"
            "    secretName: contoso.azurecr.io\n"
        ),
        ("probable probable image probable image probable probable"),
        "azure-pipelines.yml",
    ),
    "identifiers, azure-pipelines.yml, 2": (
        (
            "variables:\n"
            "  dockerRegistryServiceConnection: contoso.azurecr.io\n"
            "  containerRegistry: «contoso».azurecr.io\n"
            "resources:\n"
            "  containers:\n"
            "  - container: web\n"
            "    image: «contoso».azurecr.io/web:1\n"
            "    endpoint: contoso.azurecr.io\n"
        ),
        ("probable image image probable"),
        "azure-pipelines.yml",
    ),
    "identifiers, a.json": (
        (
            '{"spec":{"imagePullSecrets":[{"name":"contoso.azurecr.io"}],"containers":[{"image":"'
            '«contoso».azurecr.io/a"}]}}'
        ),
        ("probable image"),
        "a.json",
    ),
    "identifiers, a.tf": (
        ('image_pull_secrets {\n  name = "contoso.azurecr.io"\n}\nimage = "«contoso».azurecr.io/a"\n'),
        ("probable image"),
        "a.tf",
    ),
    "identifiers, a.sh": (
        (
            "kubectl create secret docker-registry contoso.azurecr.io "
            "--docker-server=«contoso».azurecr.io --docker-username=$U --docker-password=$P\n"
            'kubectl patch sa default -p \'{"imagePullSecrets":[{"name":"contoso.azurecr.io"}]}\'\n'
            "helm install a . --set imagePullSecrets[0].name=contoso.azurecr.io --set "
            "image.registry=«contoso».azurecr.io\n"
            "kubectl get secret contoso.azurecr.io -o yaml\n"
            "kubectl delete secret/contoso.azurecr.io\n"
        ),
        ("probable endpoint probable probable image probable probable"),
        "a.sh",
    ),
    "identifiers, a.yaml": (
        (
            "apiVersion: v1\n"
            "kind: ServiceAccount\n"
            "metadata:\n"
            "  name: a\n"
            "imagePullSecrets:\n"
            "  - name: contoso.azurecr.io\n"
            "secrets:\n"
            "- name: contoso.azurecr.io\n"
            "---\n"
            "apiVersion: v1\n"
            "kind: Secret\n"
            "metadata:\n"
            "  name: contoso.azurecr.io\n"
            "type: kubernetes.io/dockerconfigjson\n"
        ),
        ("probable probable probable"),
        "a.yaml",
    ),
    "identifiers, values.yaml": (
        (
            "image:\n"
            "  registry: «contoso».azurecr.io\n"
            "  pullSecrets:\n"
            "    - contoso.azurecr.io\n"
            "imagePullSecret: contoso.azurecr.io\n"
            "global:\n"
            "  imagePullSecrets: [contoso.azurecr.io]\n"
            "  imageRegistry: «contoso».azurecr.io\n"
            "spec:\n"
            "  secretRef:\n"
            "    name: contoso.azurecr.io\n"
        ),
        ("image probable probable probable image probable"),
        "values.yaml",
    ),
    "identifiers, a.jsonnet": (
        ("{ imagePullSecrets: [{ name: 'contoso.azurecr.io' }], containers: [{ image: '«contoso».azurecr.io/a' }] }"),
        ("probable image"),
        "a.jsonnet",
    ),
    "identifiers, a.bicep": (
        (
            "registries: [{\n"
            " server: '«contoso».azurecr.io'\n"
            " username: u\n"
            " passwordSecretRef: 'contoso.azurecr.io'\n"
            "}]\n"
        ),
        ("endpoint probable"),
        "a.bicep",
    ),
    "identifiers, config.xml": (
        ("<credentialsId>contoso.azurecr.io</credentialsId><url>https://«contoso».azurecr.io</url>"),
        ("probable endpoint"),
        "config.xml",
    ),
    "identifiers, jenkins.yaml": (
        (
            "credentials:\n"
            "  system:\n"
            "    domainCredentials:\n"
            "    - credentials:\n"
            "      - usernamePassword:\n"
            "          scope: GLOBAL\n"
            '          id: "contoso.azurecr.io"\n'
            "          username: u\n"
            '          password: "${P}"\n'
        ),
        ("probable"),
        "jenkins.yaml",
    ),
    "identifiers, a.spdx": (
        (
            "DocumentNamespace: https://anchore.com/syft/image/contoso.azurecr.io/web-9\n"
            "PackageName: «contoso».azurecr.io/web\n"
        ),
        ("probable image"),
        "a.spdx",
    ),
    "identifiers, a.rdf": (
        ('<SpdxDocument rdf:about="https://x/contoso.azurecr.io/web#SPDXRef-DOCUMENT">'),
        ("probable"),
        "a.rdf",
    ),
    "identifiers, a.yaml, 2": (
        ("documentNamespace: https://x/contoso.azurecr.io/web\nname: «contoso».azurecr.io/web\n"),
        ("probable image"),
        "a.yaml",
    ),
    "identifiers, a.json, 2": (
        (
            '{"externalDocumentRefs":[{"spdxDocument":"https://x/contoso.azurecr.io/web-1"}],"doc'
            'umentNamespace" :\n'
            ' "https://x/contoso.azurecr.io/web"}'
        ),
        ("probable probable"),
        "a.json",
    ),
    "identifiers, .env": (
        (
            "PULL_SECRET=contoso.azurecr.io\n"
            "REGISTRY_SERVICE_CONNECTION=contoso.azurecr.io\n"
            "REGISTRY=«contoso».azurecr.io\n"
            'ACR_CREDENTIALS_ID="contoso.azurecr.io"\n'
        ),
        ("probable probable image probable"),
        ".env",
    ),
    "identifiers, a.properties": (
        (
            "pull.secret=contoso.azurecr.io\n"
            "jenkins.credentialsId = contoso.azurecr.io\n"
            "registry.url=https://«contoso».azurecr.io\n"
        ),
        ("probable probable endpoint"),
        "a.properties",
    ),
    "identifiers, a.ps1": (
        ('$credentialsId = "contoso.azurecr.io"\n$registry = "«contoso».azurecr.io"\n'),
        ("probable image"),
        "a.ps1",
    ),
    "identifiers, a.tf, 2": (
        (
            'resource "azuredevops_serviceendpoint_azurecr" "a" {\n'
            ' service_endpoint_name = "contoso.azurecr.io"\n'
            ' azurecr_name = "contoso"\n'
            "}\n"
        ),
        ("probable probable"),
        "a.tf",
    ),
    "identifiers, Makefile": (
        (
            "PULL_SECRET := contoso.azurecr.io\n"
            "k:\n"
            "\tkubectl create secret docker-registry contoso.azurecr.io --docker-server "
            "«contoso».azurecr.io\n"
        ),
        ("probable probable endpoint"),
        "Makefile",
    ),
    "identifiers, a.md": (
        (
            "The credentials are in Jenkins under `«contoso».azurecr.io`; the secret "
            "contoso.azurecr.io is there.\n"
            "```yaml\n"
            "imagePullSecrets:\n"
            "- name: contoso.azurecr.io\n"
            "```\n"
        ),
        ("endpoint probable probable"),
        "a.md",
    ),
    "identifiers, Dockerfile": (
        ("# syntax\nFROM «contoso».azurecr.io/a\nRUN --mount=type=secret,id=contoso.azurecr.io cat x\n"),
        ("image probable"),
        "Dockerfile",
    ),
    "identifiers, a.yaml, 3": (
        (
            'auths = {"«contoso».azurecr.io": {"auth": "$X"}}\n'
            "credentials: contoso.azurecr.io\n"
            'credHelpers: {"«contoso».azurecr.io": "acr"}\n'
        ),
        ("endpoint probable endpoint"),
        "a.yaml",
    ),
}
