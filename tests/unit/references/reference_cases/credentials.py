"""A login server beside credentials, which the new registry does not accept."""

import base64

from tests.unit.references.reference_cases.writing import ADDRESS, DOCKER_CONFIG, HOST, Row, b64, wrapped

SECRETS: dict[str, Row] = {
    "Docker's configuration": (DOCKER_CONFIG, "pull-secret", "config.json"),
    "Docker's configuration with a scheme": (DOCKER_CONFIG.replace(HOST, f"https://{HOST}"), "pull-secret", "a.json"),
    "Docker's configuration in a block": (f"stringData:\n  .dockerconfigjson: |\n    {DOCKER_CONFIG}", "pull-secret"),
    "Docker's configuration in a string": (DOCKER_CONFIG.replace('"', '\\"'), "pull-secret"),
    "Docker's configuration over lines": (
        '{"auths": {\n "contoso.azurecr.io": {\n  "auth": "dTpw"\n }}}',
        "pull-secret",
        "config.json",
    ),
    "a pull secret": (f"data:\n  .dockerconfigjson: {b64(DOCKER_CONFIG)}", "pull-secret"),
    "a pull secret in quotes": (f'data:\n  .dockerconfigjson: "{b64(DOCKER_CONFIG)}"', "pull-secret"),
    "a pull secret over lines": (f"  .dockerconfigjson: |\n    {wrapped(DOCKER_CONFIG)}\n", "pull-secret"),
    "a pull secret of another registry": (f"  .dockerconfigjson: {b64(DOCKER_CONFIG.replace(HOST, 'ghcr.io'))}", ""),
    "a pull secret of a look-alike": (f"  .dockerconfigjson: {b64(DOCKER_CONFIG.replace('con', 'xcon'))}", ""),
    "base64 of something else": (f"cert: {b64('x' * 60)}", ""),
    "base64 that is not text": ("hash: " + base64.b64encode(bytes(range(128, 190))).decode(), ""),
    "a word below an address": (
        f"url: «{b64('contoso.azurecr.io')}|{b64('fabrikam.azurecr.io')}»\nword\n",
        "endpoint",
    ),
    "a word that looks like base64": ("integrity: abcdefghijklmnopqrstuvwxyzabcd", ""),
    "an address in a Secret": (
        f"data:\n  url: «{b64(ADDRESS)}|{b64(ADDRESS.replace('contoso', 'fabrikam'))}»",
        "endpoint",
    ),
    "a password beside the server": ("server: contoso.azurecr.io\nusername: u\npassword: hunter2", "pull-secret"),
    "a password from elsewhere": ("server: «contoso».azurecr.io\npassword: $(PASSWORD)", "endpoint"),
    "an empty password": ('server: «contoso».azurecr.io\npassword: ""', "endpoint"),
    "a password of something else": ("loginServer: «contoso».azurecr.io\nDB_PASSWORD: hunter2", "endpoint"),
    "a password beside an image": ("image: «contoso».azurecr.io/app\npassword: hunter2", "image"),
    "a password at another level": ("server: «contoso».azurecr.io\ndb:\n  password: hunter2", "endpoint"),
    "an environment file": (
        "DOCKER_REGISTRY_SERVER_URL=https://contoso.azurecr.io\nDOCKER_REGISTRY_SERVER_PASSWORD=hunter2",
        "pull-secret",
        ".env",
    ),
    "Bicep's registry credentials": (
        "server: 'contoso.azurecr.io'\nusername: 'u'\npassword: 'hunter2'",
        "pull-secret",
        "main.bicep",
    ),
    "a password in a URL": ("url: https://u:hunter2@contoso.azurecr.io", "pull-secret"),
    "a variable in a URL": ("url: https://u:${PW}@«contoso».azurecr.io", "endpoint"),
    "kubectl with a password": (
        "kubectl create secret docker-registry \\\n --docker-server=contoso.azurecr.io \\\n --docker-password=hunter2",
        "pull-secret",
        "run.sh",
    ),
    "kubectl with a variable": (
        'kubectl create secret docker-registry x --docker-server=«contoso».azurecr.io --docker-password="$PW"',
        "endpoint",
        "run.sh",
    ),
    "a login with a password": ("docker login contoso.azurecr.io -u u -p hunter2", "pull-secret", "run.sh"),
    "a login with a variable": ("docker login «contoso».azurecr.io -u u -p $PW", "endpoint", "run.sh"),
    "a login from the standard input": (
        "docker login «contoso».azurecr.io -u u --password-stdin",
        "endpoint",
        "run.sh",
    ),
    "settings as Azure lists them": (
        '{"name": "REGISTRY_URL", "value": "https://contoso.azurecr.io"}, {"name": "ACR_PASSWORD", "value": "hunter2"}',
        "pull-secret",
        "settings.json",
    ),
    "settings as Kubernetes lists them": (
        "- name: REGISTRY_URL\n  value: https://contoso.azurecr.io\n- name: REGISTRY_PASSWORD\n  value: hunter2",
        "pull-secret",
    ),
    "settings with a password of something else": (
        "- name: REGISTRY_URL\n  value: https://«contoso».azurecr.io\n- name: DB_PASSWORD\n  value: hunter2",
        "endpoint",
    ),
    "credentials on one line": (
        '[{"server":"contoso.azurecr.io","username":"u","password":"hunter2"}]',
        "pull-secret",
        "aci.json",
    ),
    "credentials on one line of YAML": ("r: {server: contoso.azurecr.io, password: hunter2}", "pull-secret"),
    "credentials on one line, a variable": ("r: {server: «contoso».azurecr.io, password: $PW}", "endpoint"),
    "a password in the next object": ("[{server: «contoso».azurecr.io}, {password: hunter2}]", "endpoint"),
    "a password that Terraform reads elsewhere": (
        'server   = "«contoso».azurecr.io"\npassword = var.password',
        "endpoint",
        "main.tf",
    ),
    "a container with a password": (
        "az container create --registry-login-server contoso.azurecr.io --registry-password hunter2",
        "pull-secret",
        "run.sh",
    ),
    "a site with a password": (
        "az webapp config container set --container-registry-url contoso.azurecr.io --container-registry-password abc",
        "pull-secret",
        "run.sh",
    ),
    "a password in a pipe": (
        "echo hunter2 | docker login contoso.azurecr.io --password-stdin",
        "pull-secret",
        "run.sh",
    ),
    "a variable in a pipe": (
        'echo "$PW" | docker login «contoso».azurecr.io --password-stdin',
        "endpoint",
        "run.sh",
    ),
    "skopeo with a password": (
        "skopeo copy --src-creds u:hunter2 docker://contoso.azurecr.io/a:1 dir:a",
        "pull-secret",
        "run.sh",
    ),
    "curl with a password": ("curl -u u:hunter2 https://contoso.azurecr.io/v2/", "pull-secret", "run.sh"),
    "curl with a variable": ('curl -u "$U:$PW" https://«contoso».azurecr.io/v2/', "endpoint", "run.sh"),
    "netrc": ("machine contoso.azurecr.io\nlogin u\npassword hunter2", "pull-secret", ".netrc"),
    "npm": ("//contoso.azurecr.io/:_authToken=hunter2", "pull-secret", ".npmrc"),
    "Maven": (
        "<server><id>contoso.azurecr.io</id><username>u</username><password>hunter2</password></server>",
        "pull-secret",
        "settings.xml",
    ),
    "containerd": (
        '[plugins.x.configs."contoso.azurecr.io".auth]\n  username = "u"\n  password = "hunter2"',
        "pull-secret",
        "config.toml",
    ),
    "k3s": (
        "configs:\n  contoso.azurecr.io:\n    auth:\n      username: u\n      password: hunter2",
        "pull-secret",
        "registries.yaml",
    ),
    "properties with a prefix": (
        "app.registry.url=contoso.azurecr.io\napp.registry.password=hunter2",
        "pull-secret",
        "a.properties",
    ),
    "a port is no password": ("docker run -p 80:80 «contoso».azurecr.io/app", "image", "run.sh"),
    "a password from a here-string": (
        'docker login contoso.azurecr.io -u u --password-stdin <<< "hunter2"',
        "pull-secret",
        "run.sh",
    ),
    "a variable from a here-string": (
        'docker login «contoso».azurecr.io -u u --password-stdin <<< "$PW"',
        "endpoint",
        "run.sh",
    ),
    "a password glued to its option": ("docker login -uu -phunter2 contoso.azurecr.io", "pull-secret", "run.sh"),
    "a port of the next command": (
        "docker login «contoso».azurecr.io -u u -p $PW && docker run -p 80:80 «contoso».azurecr.io/a",
        "endpoint image",
        "run.sh",
    ),
    "a password that holds a pipe": ("docker login -u u -p 'hun|ter2' contoso.azurecr.io", "pull-secret", "run.sh"),
    "an import with a password": (
        "az acr import -n x --source contoso.azurecr.io/a:1 -u u -p hunter2",
        "pull-secret",
        "run.sh",
    ),
    "an import without one": ("az acr import -n x --source «contoso».azurecr.io/a:1", "image", "run.sh"),
    "a container app with a password": (
        "az containerapp create --registry-server contoso.azurecr.io --registry-password hunter2",
        "pull-secret",
        "run.sh",
    ),
    "a password that App Service reads elsewhere": (
        '{"name":"REGISTRY_URL","value":"«contoso».azurecr.io"},{"name":"ACR_PASSWORD","value":"@Microsoft.KeyVault(x)"}',
        "endpoint",
        "settings.json",
    ),
    "an argument of a call": ('c(server="contoso.azurecr.io", password="hunter2")', "pull-secret", "a.py"),
    "an argument of the next call": ('c(server="«contoso».azurecr.io"); d(password="hunter2")', "endpoint", "a.py"),
    "Jib": (
        "<image>contoso.azurecr.io/a</image>\n<auth><username>u</username><password>hunter2</password></auth>",
        "pull-secret",
        "pom.xml",
    ),
    "Jib, a property": (
        "<image>«contoso».azurecr.io/a</image>\n<auth><username>u</username><password>${pw}</password></auth>",
        "image",
        "pom.xml",
    ),
    "containerd, a header": (
        '[host."https://contoso.azurecr.io".header]\n  authorization = "Basic dTpodW50ZXIy"',
        "pull-secret",
        "hosts.toml",
    ),
    "a password after a glob": (
        '{"files": "src/*", "auths": {"contoso.azurecr.io": {"auth": "dTpw"}}}',
        "pull-secret",
        "config.json",
    ),
    "Argo CD, a repository": (
        "stringData:\n  url: contoso.azurecr.io\n  username: u\n  password: hunter2",
        "pull-secret",
    ),
    "Renovate, encrypted": (
        '{"matchHost": "contoso.azurecr.io", "encrypted": {"password": "abc"}}',
        "pull-secret",
        "renovate.json",
    ),
    "Dependabot": ("url: https://«contoso».azurecr.io\nusername: u\npassword: ${{secrets.P}}", "endpoint"),
    "Terraform's provider of Docker": (
        'registry_auth {\n  address = "contoso.azurecr.io"\n  username = "u"\n  password = "hunter2"\n}',
        "pull-secret",
        "main.tf",
    ),
    "GitLab, Docker's configuration with a command in it": (
        r'- echo "{\"auths\":{\"«contoso».azurecr.io\":{\"auth\":\"$(printf %s "$U:$P" | base64)\"}}}"',
        "endpoint",
    ),
    "a password from a substitution": (
        "docker login «contoso».azurecr.io -u u -p `get-password`",
        "endpoint",
        "run.sh",
    ),
    "a password that a program reads": (
        "c(server='«contoso».azurecr.io', password=os.environ['P'])",
        "endpoint",
        "a.py",
    ),
    "a password of a variable in an object": (
        "f({server: '«contoso».azurecr.io', password: process.env.P})",
        "endpoint",
        "a.ts",
    ),
    "Bicep's parameter as a password": (
        "  server: '«contoso».azurecr.io'\n  username: u\n  password: registryPassword",
        "endpoint",
        "main.bicep",
    ),
    "Bicep's call as a password": (
        "[{ server: '«contoso».azurecr.io', password: acr.listCredentials().passwords[0].value }]",
        "endpoint",
        "main.bicep",
    ),
    "Terraform's resource as a password": (
        'password = random_password.p.result\nserver = "«contoso».azurecr.io"',
        "endpoint",
        "main.tf",
    ),
    "a token that a pipeline replaces": ('server: «contoso».azurecr.io\npassword: "#{AcrPassword}#"', "endpoint"),
    "a word that a script replaces": ("server: «contoso».azurecr.io\npassword: __ACR_PASSWORD__", "endpoint"),
    "skopeo, what it copies": (
        "contoso.azurecr.io:\n  credentials:\n    username: u\n    password: hunter2\n  images: {}",
        "pull-secret",
        "sync.yaml",
    ),
    "settings on one line": ("docker_login: registry=contoso.azurecr.io username=u password=hunter2", "pull-secret"),
    "variables of a command": (
        "REGISTRY=contoso.azurecr.io REGISTRY_PASSWORD=hunter2 ./push.sh",
        "pull-secret",
        "a.sh",
    ),
    "variables of a command, of others": (
        "REGISTRY=«contoso».azurecr.io REGISTRY_PASSWORD=$PW ./push.sh",
        "image",
        "a.sh",
    ),
    "another password of a command": ("REGISTRY=«contoso».azurecr.io DB_PASSWORD=hunter2 ./push.sh", "image", "a.sh"),
    "a connection string": (
        "CONN=Endpoint=https://contoso.azurecr.io;UserName=u;Password=hunter2",
        "pull-secret",
        ".env",
    ),
    "attributes of XML": (
        '<registry url="https://contoso.azurecr.io" user="u" password="hunter2"/>',
        "pull-secret",
        "a.xml",
    ),
    "elements of XML on one line": (
        ("<publishRegistry><password>hunter2</password><url>https://contoso.azurecr.io/v1/</url></publishRegistry>"),
        "pull-secret",
        "pom.xml",
    ),
    "a password of the next table": (
        '[registry]\nurl = "«contoso».azurecr.io"\n[db]\npassword = "x"\n',
        "endpoint",
        "a.toml",
    ),
    ".NET's secrets of a user": (
        '{\n  "Registry:Server": "contoso.azurecr.io",\n  "Registry:Password": "hunter2"\n}',
        "pull-secret",
        "secrets.json",
    ),
    "Helm, another password set": (
        ("helm upgrade x ./c --set image.registry=«contoso».azurecr.io --set postgres.password=hunter2"),
        "image",
        "a.sh",
    ),
    "Helm, values set": (
        ("helm upgrade x ./c --set registry.server=contoso.azurecr.io --set registry.password=hunter2"),
        "pull-secret",
        "a.sh",
    ),
    "a request with a header": (
        "GET https://contoso.azurecr.io/v2/_catalog\nAuthorization: Basic dTpodW50ZXIy\n",
        "pull-secret",
        "a.http",
    ),
    "a request with a header of a variable": (
        "GET https://«contoso».azurecr.io/v2/_catalog\nAuthorization: Bearer {{token}}\n",
        "endpoint",
        "a.http",
    ),
    "nginx, a header": (
        ('proxy_pass https://contoso.azurecr.io;\nproxy_set_header Authorization "Basic dTpodW50ZXIy";\n'),
        "pull-secret",
        "nginx.conf",
    ),
    "nginx, a header of another place": (
        (
            "location / {\n  proxy_pass https://«contoso».azurecr.io;\n}\nlocation /x {\n"
            '  proxy_set_header Authorization "Basic dTpw";\n}\n'
        ),
        "endpoint",
        "nginx.conf",
    ),
    "External Secrets, a template": (
        (
            "kind: ExternalSecret\nspec:\n  target:\n    template:\n"
            "      type: kubernetes.io/dockerconfigjson\n      data:\n"
            '        .dockerconfigjson: \'{"auths":{"«contoso».azurecr.io":{"username":"{{ .u '
            '}}","password":"{{ .p }}"}}}\'\n  data:\n  - secretKey: p\n'
            "    remoteRef: {key: acr-password}\n"
        ),
        "endpoint",
    ),
    "Tekton, an account without a password": (
        ("kind: ServiceAccount\nmetadata:\n  annotations:\n    tekton.dev/docker-0: https://«contoso».azurecr.io\n"),
        "endpoint",
    ),
    "Tekton, a Secret without a password": (
        (
            "kind: Secret\nmetadata:\n  annotations:\n"
            "    tekton.dev/docker-0: https://«contoso».azurecr.io\ntype: kubernetes.io/basic-auth\n"
        ),
        "endpoint",
    ),
    "Tekton, two servers": (
        (
            "kind: Secret\nmetadata:\n  annotations:\n"
            "    tekton.dev/docker-0: https://contoso.azurecr.io\n"
            "    tekton.dev/docker-1: contoso.azurecr.io\n"
            "stringData: {username: u, password: hunter2}\n"
        ),
        "pull-secret pull-secret",
    ),
    "Tekton, JSON with tabs": (
        (
            '{\n\t"kind": "Secret",\n\t"metadata": {\n\t\t"annotations": {\n'
            '\t\t\t"tekton.dev/docker-0": "https://contoso.azurecr.io"\n\t\t}\n\t},\n\t"stringData": {\n'
            '\t\t"password": "hunter2"\n\t}\n}'
        ),
        "pull-secret",
        "a.json",
    ),
}
