"""Where commands, tools, settings and lists keep the password beside a login server."""

from tests.unit.references.reference_cases.writing import Row

PASSWORDS: dict[str, Row] = {
    "Container Apps, the name of a secret": (
        "registries:\n- server: «contoso».azurecr.io\n  username: u\n  passwordSecretRef: acr-pw\n",
        "endpoint",
    ),
    "Ansible, encrypted": (
        (
            "- community.docker.docker_login:\n    registry_url: contoso.azurecr.io\n"
            "    username: u\n    password: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      6633\n"
        ),
        "pull-secret",
    ),
    "Ansible, a variable": (
        (
            "- community.docker.docker_login:\n    registry_url: «contoso».azurecr.io\n"
            "    username: u\n    password: '{{ pw }}'\n"
        ),
        "endpoint",
    ),
    "Flux, a Secret made by its command": (
        "flux create secret oci acr --url=contoso.azurecr.io --username=u --password=hunter2",
        "pull-secret",
        "a.sh",
    ),
    "Argo CD's command": (
        "argocd repo add contoso.azurecr.io/charts --type helm --enable-oci --username u --password hunter2",
        "pull-secret",
        "a.sh",
    ),
    "Helm, a pull": (
        "helm pull oci://contoso.azurecr.io/charts/a --username u --password hunter2",
        "pull-secret",
        "a.sh",
    ),
    "a login of any tool": ("notation login -u u -p hunter2 contoso.azurecr.io", "pull-secret", "a.sh"),
    "a login of regctl": ("regctl registry login contoso.azurecr.io -u u -p hunter2", "pull-secret", "a.sh"),
    "crictl": ("crictl pull --creds u:hunter2 contoso.azurecr.io/a:1", "pull-secret", "a.sh"),
    "ctr": ("ctr -n k8s.io images pull --user u:hunter2 contoso.azurecr.io/a:1", "pull-secret", "a.sh"),
    "a credential of a task": (
        "az acr task credential add -n t -r «contoso» --login-server contoso.azurecr.io -u u -p hunter2",
        "name pull-secret",
        "a.sh",
    ),
    "az acr login with a password": ("az acr login -n contoso -u u -p hunter2", "pull-secret", "a.sh"),
    "az acr login with a variable": ("az acr login -n «contoso» -u u -p $PW", "name", "a.sh"),
    "a login of PowerShell": (
        "Connect-AzContainerRegistry -Name contoso -UserName u -Password hunter2",
        "pull-secret",
        "a.ps1",
    ),
    "wget": ("wget --user=u --password=hunter2 https://contoso.azurecr.io/v2/_catalog", "pull-secret", "a.sh"),
    "a header of curl": (
        "curl -H 'Authorization: Basic dTpodW50ZXIy' https://contoso.azurecr.io/v2/_catalog",
        "pull-secret",
        "a.sh",
    ),
    "a header of a variable": (
        'curl -H "Authorization: Bearer $TOKEN" https://«contoso».azurecr.io/v2/_catalog',
        "endpoint",
        "a.sh",
    ),
    "exports of the shell": (
        "export DOCKER_REGISTRY=contoso.azurecr.io\nexport DOCKER_PASSWORD=hunter2\n",
        "pull-secret",
        "a.sh",
    ),
    "exports of another password": (
        "export DOCKER_REGISTRY=«contoso».azurecr.io\nexport DB_PASSWORD=hunter2\n",
        "image",
        "a.sh",
    ),
    "variables of PowerShell": (
        "$registryUrl = 'contoso.azurecr.io'\n$registryPassword = 'hunter2'\n",
        "pull-secret",
        "a.ps1",
    ),
    "the environment in PowerShell": (
        "$env:ACR_SERVER = 'contoso.azurecr.io'\n$env:ACR_PASSWORD = 'hunter2'\n",
        "pull-secret",
        "a.ps1",
    ),
    "variables of a batch file": (
        "set ACR_SERVER=contoso.azurecr.io\nset ACR_PASSWORD=hunter2\n",
        "pull-secret",
        "a.cmd",
    ),
    "constants of JavaScript": (
        "const registry = 'contoso.azurecr.io';\nconst registryPassword = 'hunter2';\n",
        "pull-secret",
        "a.js",
    ),
    "a pass": ("DOCKER_REGISTRY=contoso.azurecr.io\nDOCKER_USER=u\nDOCKER_PASS=hunter2\n", "pull-secret", ".env"),
    "a pwd": ("ACR_HOST=contoso.azurecr.io\nACR_PWD=hunter2\n", "pull-secret", ".env"),
    "a bypass": ("REGISTRY_HOST=«contoso».azurecr.io\nREGISTRY_BYPASS=true\n", "endpoint", ".env"),
    "a registry with a path": ("REGISTRY=contoso.azurecr.io/team\nREGISTRY_PASSWORD=hunter2\n", "pull-secret", ".env"),
    "containerd, encoded": (
        '[plugins."io.containerd.grpc.v1.cri".registry.configs."contoso.azurecr.io".auth]\n  auth = "dTpodW50ZXIy"\n',
        "pull-secret",
        "config.toml",
    ),
    "containerd, a header in a list": (
        (
            'server = "https://«contoso».azurecr.io"\n[host."https://«contoso».azurecr.io"]\n'
            '  capabilities = ["pull"]\n  [host."https://contoso.azurecr.io".header]\n'
            '    Authorization = ["Basic dTpodW50ZXIy"]\n'
        ),
        "endpoint endpoint pull-secret",
        "hosts.toml",
    ),
    "k3s, a token": (
        "configs:\n  contoso.azurecr.io:\n    auth:\n      token: hunter2\n",
        "pull-secret",
        "registries.yaml",
    ),
    "regsync": (
        (
            "creds:\n  - registry: contoso.azurecr.io\n    user: u\n    pass: hunter2\nsync:\n"
            "  - source: «contoso».azurecr.io/a\n"
        ),
        "pull-secret image",
        "regsync.yml",
    ),
    "regctl's configuration": (
        '{"hosts":{"contoso.azurecr.io":{"user":"u","pass":"hunter2"}}}',
        "pull-secret",
        "config.json",
    ),
    "Spinnaker": (
        "accounts:\n- name: acr\n  address: contoso.azurecr.io\n  username: u\n  password: hunter2\n",
        "pull-secret",
    ),
    "Maven, Spring Boot": (
        (
            "<publishRegistry>\n  <username>u</username>\n  <password>hunter2</password>\n"
            "  <url>https://contoso.azurecr.io/v1/</url>\n</publishRegistry>"
        ),
        "pull-secret",
        "pom.xml",
    ),
    "Maven, Spring Boot, a property": (
        (
            "<publishRegistry>\n  <username>u</username>\n  <password>${pw}</password>\n"
            "  <url>https://«contoso».azurecr.io/v1/</url>\n</publishRegistry>"
        ),
        "endpoint",
        "pom.xml",
    ),
    "Gradle, Spring Boot": (
        (
            "docker {\n  publishRegistry {\n    username = 'u'\n    password = 'hunter2'\n"
            "    url = 'https://contoso.azurecr.io/v1/'\n  }\n}"
        ),
        "pull-secret",
        "build.gradle",
    ),
    "Gradle, Jib": (
        'jib { to { image = "contoso.azurecr.io/a"\n auth { username = "u"\n password = "hunter2" } } }',
        "pull-secret",
        "build.gradle.kts",
    ),
    "settings in XML": (
        (
            '<add key="DOCKER_REGISTRY_SERVER_URL" value="https://contoso.azurecr.io" />\n'
            '<add key="DOCKER_REGISTRY_SERVER_PASSWORD" value="hunter2" />'
        ),
        "pull-secret",
        "web.config",
    ),
    "settings in Bicep": (
        (
            "{\n  name: 'DOCKER_REGISTRY_SERVER_URL'\n  value: 'https://contoso.azurecr.io'\n}\n{\n"
            "  name: 'DOCKER_REGISTRY_SERVER_PASSWORD'\n  value: 'hunter2'\n}"
        ),
        "pull-secret",
        "a.bicep",
    ),
    "a password in the next item": (
        "- server: «contoso».azurecr.io\n- server: ghcr.io\n  password: hunter2\n",
        "endpoint",
    ),
    "a password in the item before": (
        "- server: ghcr.io\n  password: hunter2\n- server: «contoso».azurecr.io\n",
        "endpoint",
    ),
    "a password in the next document": ("url: «contoso».azurecr.io\n---\npassword: hunter2\n", "endpoint"),
    "Pulumi, encrypted": (
        "config:\n  app:registryServer: «contoso».azurecr.io\n  app:registryPassword:\n    secure: AAABAM\n",
        "endpoint",
        "Pulumi.prod.yaml",
    ),
    "Nomad": (
        'auth {\n  username = "u"\n  password = "hunter2"\n  server_address = "contoso.azurecr.io"\n}',
        "pull-secret",
        "a.nomad.hcl",
    ),
    "Terraform, a site": (
        (
            'application_stack {\n  docker_image_name = "a:1"\n'
            '  docker_registry_url = "https://contoso.azurecr.io"\n'
            '  docker_registry_username = "u"\n  docker_registry_password = "hunter2"\n}'
        ),
        "pull-secret",
        "main.tf",
    ),
    "Go": (
        'c := registry.AuthConfig{Username: "u", Password: "hunter2", ServerAddress: "contoso.azurecr.io"}',
        "pull-secret",
        "a.go",
    ),
    "Docker's configuration in Terraform, variables": (
        (
            'data = {\n ".dockerconfigjson" = jsonencode({\n auths = {\n "«contoso».azurecr.io" = {\n'
            ' username = var.u\n password = var.p\n auth = base64encode("${var.u}:${var.p}")\n}\n}\n})\n'
            "}"
        ),
        "endpoint",
        "main.tf",
    ),
    "Docker's configuration in Terraform": (
        (
            'data = {\n ".dockerconfigjson" = jsonencode({\n auths = {\n "contoso.azurecr.io" = {\n'
            ' username = "u"\n password = "hunter2"\n}\n}\n})\n}'
        ),
        "pull-secret",
        "main.tf",
    ),
    "Compose, a list": (
        "    environment:\n      - REGISTRY_URL=contoso.azurecr.io\n      - REGISTRY_PASSWORD=hunter2\n",
        "pull-secret",
    ),
    "Compose, a list with another password": (
        "    environment:\n      - REGISTRY_URL=«contoso».azurecr.io\n      - POSTGRES_PASSWORD=hunter2\n",
        "endpoint",
    ),
    "Dockerfile, the environment": (
        "ENV REGISTRY_URL=contoso.azurecr.io\nENV REGISTRY_PASSWORD=hunter2\n",
        "pull-secret",
        "Dockerfile",
    ),
    "a command in a list": (
        'subprocess.run(["docker", "login", "-u", "u", "-p", "hunter2", "contoso.azurecr.io"])',
        "pull-secret",
        "a.py",
    ),
    "a command in a list, a variable": (
        'subprocess.run(["docker", "login", "-u", "u", "-p", pw, "«contoso».azurecr.io"])',
        "endpoint",
        "a.py",
    ),
    "Terraform, the name of a secret": (
        ('registry {\n  server = "«contoso».azurecr.io"\n  username = "u"\n  password_secret_name = "acr"\n}'),
        "endpoint",
        "a.tf",
    ),
    "a password of the next step": (
        (
            "- uses: docker/login-action@v3\n  with:\n    registry: «contoso».azurecr.io\n"
            "    username: ${{ secrets.U }}\n    password: ${{ secrets.P }}\n"
            "- uses: docker/login-action@v3\n  with:\n    registry: ghcr.io\n    username: x\n"
            "    password: hunter2\n"
        ),
        "image",
    ),
    "a password of an administrator": ("server: «contoso».azurecr.io\nadminPassword: hunter2\n", "endpoint"),
    "Go, over lines": (
        'auth := Auth{\n\tServer: "contoso.azurecr.io",\n\tUsername: "u",\n\tPassword: "hunter2",\n}',
        "pull-secret",
        "a.go",
    ),
    "Go, a variable": (
        'auth := Auth{\n\tServer: "«contoso».azurecr.io",\n\tPassword: password,\n}',
        "endpoint",
        "a.go",
    ),
    ".NET's settings": (
        (
            '{\n  "Registry": {\n    "Server": "contoso.azurecr.io",\n    "UserName": "u",\n'
            '    "Password": "hunter2"\n  },\n  "Db": {"Password": "x"}\n}'
        ),
        "pull-secret",
        "appsettings.json",
    ),
    "a reference of vals": ("url: https://«contoso».azurecr.io\npassword: ref+azurekeyvault://v/s\n", "endpoint"),
    "asterisks": ("url: «contoso».azurecr.io\npassword: '********'\n", "endpoint"),
    "PowerShell, what people enter": (
        "$registry = '«contoso».azurecr.io'\n$password = Read-Host -AsSecureString\n",
        "image",
        "a.ps1",
    ),
    "PowerShell, what a cmdlet says": (
        (
            "$registry = '«contoso».azurecr.io'\n"
            "$password = (Get-AzContainerRegistryCredential -Name «contoso»).Password\n"
        ),
        "image name",
        "a.ps1",
    ),
}
