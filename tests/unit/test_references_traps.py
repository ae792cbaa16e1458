"""Hand-made traps for the rewriter: every way of writing a registry that we met, and every look-alike.

In a row, «contoso» is what a rewrite replaces (by fabrikam, in the same case) and «this|that» what it replaces by that;
everything else must stay. A row lists the kinds of the references in it, also of those that are left alone. Every row
is tried with both kinds of line endings, rewritten twice, and rewritten back.
"""

import base64
import re
import time

import pytest

from acr_relocate.core.references import Choice, Rename, rewrite, scan

HOST = "contoso.azurecr.io"
GROUPS = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/"
PROVIDER = "/providers/Microsoft.ContainerRegistry/registries/"
TO = Rename(source=HOST, target="fabrikam.azurecr.io")
ALL = Rename(
    source=HOST,
    target="fabrikam.azurecr.io",
    source_region="westeurope",
    target_region="northeurope",
    source_id=f"{GROUPS}rg-west{PROVIDER}contoso",
    target_id=f"{GROUPS.replace('11111111', '99999999')}rg-north{PROVIDER}fabrikam",
)
SUB = "«11111111-2222-3333-4444-555555555555|99999999-2222-3333-4444-555555555555»"
ID = f"/subscriptions/{SUB}/resourceGroups/«rg-west|rg-north»{PROVIDER}«contoso»"

DATA = 'data "azurerm_container_registry" "a"'
EXISTING = "resource acr 'Microsoft.ContainerRegistry/registries@2025-11-01' existing ="


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def wrapped(text: str, gap: str = "\n    ", width: int = 64) -> str:
    data = b64(text)
    return gap.join(data[start : start + width] for start in range(0, len(data), width))


DOCKER_CONFIG = '{"auths":{"contoso.azurecr.io":{"username":"u","password":"p","auth":"dTpw"}}}'
ADDRESS = "https://contoso.azurecr.io/v2/"

# sentence: (text, kinds) or (text, kinds, path); the path defaults to a YAML file
Row = tuple[str, str] | tuple[str, str, str]

LOOK_ALIKES: dict[str, Row] = {
    "a longer name": ("image: xcontoso.azurecr.io/app", ""),
    "a longer name with a digit": ("image: contoso2.azurecr.io/app", ""),
    "another domain below ours": ("image: contoso.azurecr.io.evil.com/app", ""),
    "another domain below ours, in a regular expression": (r"^contoso\.azurecr\.io\.evil\.com/", ""),
    "another domain below ours, dots in classes": ("contoso[.]azurecr[.]io[.]evil[.]com/", ""),
    "another domain below ours, in a URL's value": ("contoso%2Eazurecr%2Eio%2Eevil.com", ""),
    "another top-level domain": ("image: contoso.azurecr.ionic/app", ""),
    "another cloud": ("image: contoso.azurecr.cn/app", ""),
    "US Gov": ("image: contoso.azurecr.us/app", ""),
    "a domain name label with a hash": ("image: contoso-a1b2c3.azurecr.io/app", ""),
    "a name that ends like ours after a hyphen": ("image: not-contoso.azurecr.io/app", ""),
    "a name that ends like ours after an underscore": ("image: my_contoso.azurecr.io/app", ""),
    "a host below our login server": ("image: docker.contoso.azurecr.io/app", ""),
    "a host below a templated one": ("image: ${REGION}.contoso.azurecr.io/app", ""),
    "a letter with an accent before it": ("image: écontoso.azurecr.io/app", ""),
    "a letter with an accent after it": ("image: contoso.azurecr.ioé/app", ""),
    "a full-width letter before it": ("image: \uff58contoso.azurecr.io/app", ""),
    "another separator": ("image: contoso-azurecr.io/app", ""),
    "any character where the dot should be": ("image: contosoXazurecrXio/app", ""),
    "a file's name that begins like ours": ("file: contoso.azurecr.io-backup.tar", ""),
    "a file's name with an underscore": ("file: contoso.azurecr.io_cache", ""),
    "a file's ending": ("file: contoso.azurecr.io.pem", ""),
    "the user in a URL of another host": ("url: https://contoso.azurecr.io@evil.com/app", ""),
    "user and password in a URL of another host": ("url: https://contoso.azurecr.io:443@evil.com/app", ""),
    "a mail address's local part": ("mail: contoso.azurecr.io@example.com", ""),
    "a shell variable of our name": ("image: $contoso.azurecr.io/app", "probable", "run.sh"),
    "a prefix from a variable": ("image: ${PREFIX}contoso.azurecr.io/app", "probable"),
    "a prefix from a template": ("image: {{ .Values.env }}contoso.azurecr.io/app", "probable"),
    "a prefix and a hyphen from a template": ("image: {{ .Values.env }}-contoso.azurecr.io/app", "probable"),
    "a prefix from a pipeline variable": ("image: $(env)contoso.azurecr.io/app", "probable"),
    "a prefix from a GitHub expression": ("image: ${{ env.X }}contoso.azurecr.io/app", "probable"),
    "a prefix from a format string": ('f"{env}contoso.azurecr.io/app"', "probable", "a.py"),
    "a prefix from a batch variable": ("set IMAGE=%ENV%contoso.azurecr.io/app", "probable", "run.cmd"),
    "a suffix from a template": ("image: contoso.azurecr.io.{{ .Values.domain }}/app", "probable"),
    "a suffix from a variable": ("image: contoso.azurecr.io.${DOMAIN}/app", "probable"),
    "a pattern of names that end like ours": ("allowed: '*contoso.azurecr.io/*'", "probable"),
    "a folder whose name begins with an n": ("C:\\ncontoso.azurecr.io\\x", "probable", "run.ps1"),
    "two backslashes and a letter": ('"C:\\\\ncontoso.azurecr.io"', "probable", "a.json"),
    "an escaped letter before it": ("%61contoso.azurecr.io", ""),
    "an escaped dot before it": ("docker%2Econtoso.azurecr.io", ""),
    "an escaped dot before it, in a regular expression": (r"docker\.contoso\.azurecr\.io", ""),
    "another registry's endpoint": ("host: xcontoso.westeurope.data.azurecr.io", ""),
    "all registries' endpoints": ("host: '*.data.azurecr.io'", ""),
    "all registries": ("host: '*.azurecr.io'", ""),
    "only the suffix": ("suffix: .azurecr.io", ""),
    "an image of our name on another registry": ("image: docker.io/contoso/app:1", ""),
    "an image of our name": ("image: contoso:1.2", ""),
    "a repository of our name on another registry": ("image: ghcr.io/contoso", ""),
    "a host of our name": ("url: https://contoso.com", ""),
    "a host below a domain of our name": ("url: https://www.contoso.com", ""),
    "a Kubernetes service of our name": ("url: http://contoso.default.svc", ""),
    "a mail domain of our name": ("mail: admin@contoso.onmicrosoft.com", ""),
    "a package of our name": ("import com.contoso.app;", "", "A.java"),
    "a label of our name": ("contoso.io/team: x", ""),
    "a name with a hyphen": ("name: contoso-app", ""),
    "a name with an underscore": ("name: contoso_app", ""),
    "a variable of our name": ("echo $contoso", "", "run.sh"),
    "a home folder of our name": ("cd ~contoso", "", "run.sh"),
    "a relative path of our name": ("cd ./contoso", "", "run.sh"),
}

HOSTS: dict[str, Row] = {
    "an image": ("image: «contoso».azurecr.io/app", "image"),
    "an image with a tag": ("image: «contoso».azurecr.io/team/app:1.2", "image"),
    "an image with a digest": ("image: «contoso».azurecr.io/app@sha256:" + "ab" * 32, "image"),
    "an image with tag and digest": ("image: «contoso».azurecr.io/app:1.2@sha256:" + "ab" * 32, "image"),
    "an image in single quotes": ("image: '«contoso».azurecr.io/app'", "image"),
    "an image in double quotes": ('image: "«contoso».azurecr.io/app"', "image"),
    "an image with trailing blanks": ("image: «contoso».azurecr.io/app  \t\nx: y", "image"),
    "an image under an anchor": ("image: &img «contoso».azurecr.io/app\nother: *img", "image"),
    "an image under a tag of YAML": ("image: !!str «contoso».azurecr.io/app", "image"),
    "an image in a flow mapping": ("{name: a, image: «contoso».azurecr.io/app, x: 1}", "image"),
    "an image in a flow sequence": ("[«contoso».azurecr.io/a, «contoso».azurecr.io/b]", "image image"),
    "an image in a list": ("- «contoso».azurecr.io/app", "image"),
    "an image in a folded block": ("image: >-\n  «contoso».azurecr.io/app\n", "image"),
    "an image in a literal block": ("run: |\n  docker pull «contoso».azurecr.io/app\n", "image"),
    "an image before a comment": ("image: «contoso».azurecr.io/app # old one", "image"),
    "a repository of our name in our registry": ("image: «contoso».azurecr.io/contoso/contoso:1", "image"),
    "a tag of our name": ("image: «contoso».azurecr.io/app:contoso", "image"),
    "several on a line": (
        "x: «contoso».azurecr.io/a «contoso».azurecr.io/b,«contoso».azurecr.io/c",
        "image image image",
    ),
    "ours beside a look-alike": ("x: «contoso».azurecr.io/a xcontoso.azurecr.io/a", "image"),
    "capitals in the suffix": ("image: «contoso».AzureCR.io/app", "image"),
    "a capital in the name": ("image: «Contoso».azurecr.io/app", "image"),
    "all capitals": ("IMAGE: «CONTOSO».AZURECR.IO/app", "image"),
    "a port": ("image: «contoso».azurecr.io:443/app:1", "image"),
    "a port alone": ("server: «contoso».azurecr.io:443", "endpoint"),
    "the scheme docker": ("image: docker://«contoso».azurecr.io/app", "image"),
    "the scheme docker-pullable": ("imageID: docker-pullable://«contoso».azurecr.io/app@sha256:ab", "image"),
    "the scheme oci": ("chart: oci://«contoso».azurecr.io/helm/app", "image"),
    "the scheme https": ("url: https://«contoso».azurecr.io", "endpoint"),
    "a URL with a slash": ("url: https://«contoso».azurecr.io/", "endpoint"),
    "the registry's API": ("url: https://«contoso».azurecr.io/v2/_catalog", "endpoint"),
    "the token endpoint": ("url: https://«contoso».azurecr.io/oauth2/token", "endpoint"),
    "ACR's own API": ("url: https://«contoso».azurecr.io/acr/v1/_catalog", "endpoint"),
    "a URL in a query": ("url: https://x.io/?to=https%3A%2F%2F«contoso».azurecr.io%2Fapp", "image"),
    "a URL's quoted value": ("x=%22«contoso».azurecr.io%22", "endpoint"),
    "a dot at the end of a sentence": ("We push to «contoso».azurecr.io. Always.", "endpoint", "README.md"),
    "a comma, a bracket, a semicolon": ("(«contoso».azurecr.io), «contoso».azurecr.io; end", "endpoint endpoint"),
    "a fully qualified host": ("host: «contoso».azurecr.io.", "endpoint"),
    "a domain of NO_PROXY": ("NO_PROXY=localhost,.«contoso».azurecr.io", "endpoint", ".env"),
    "a wildcard of an allow-list": ("- '*.«contoso».azurecr.io'", "endpoint"),
    "a shell default": ("R=${REGISTRY:-«contoso».azurecr.io}", "endpoint", "run.sh"),
    "a shell default without a colon": ("R=${REGISTRY-«contoso».azurecr.io}", "endpoint", "run.sh"),
    "a shell assignment of a default": ("R=${REGISTRY:=«contoso».azurecr.io}", "endpoint", "run.sh"),
    "a Compose default": ("image: ${REGISTRY:-«contoso».azurecr.io}/app:${TAG}", "image"),
    "a list without a blank": ("-«contoso».azurecr.io", "endpoint", "hosts.txt"),
    "after a control of a template": ("image: {{ if .x }}«contoso».azurecr.io{{ else }}ghcr.io{{ end }}/app", "image"),
    "after a control of Jinja": ("{% if x %}«contoso».azurecr.io{% endif %}", "endpoint"),
    "a default of a template": ('{{ .Values.reg | default "«contoso».azurecr.io" }}/app', "endpoint"),
    "a template after it": ("image: «contoso».azurecr.io/{{ .Values.name }}:{{ .Values.tag }}", "image"),
    "a variable after it": ("image: «contoso».azurecr.io/${NAME}:${TAG}", "image"),
    "a path from a variable": ("image: «contoso».azurecr.io$REPO", "image"),
    "slashes escaped in JSON": (r'{"url":"https:\/\/«contoso».azurecr.io\/app"}', "image", "a.json"),
    "quotes escaped in JSON": (r'"{\"image\":\"«contoso».azurecr.io/app\"}"', "image", "a.json"),
    "a line end escaped in JSON": (r'"docker pull\n«contoso».azurecr.io/app\n"', "image", "a.json"),
    "a tab escaped in JSON": (r'"x\t«contoso».azurecr.io\t"', "endpoint", "a.json"),
    "Go's escape of an ampersand": (r'"a\u0026«contoso».azurecr.io/app"', "image", "a.json"),
    "Go's escape of an angle": (r'"\u003e«contoso».azurecr.io/app"', "image", "a.json"),
    "a regular expression": (r"^«contoso»\.azurecr\.io/.+$", "image"),
    "a regular expression in JSON": (r'{"regex":"^«contoso»\\.azurecr\\.io/.+$"}', "image", "policy.json"),
    "a regular expression with word ends": (r"\b«contoso»\.azurecr\.io\b", "endpoint"),
    "a regular expression with alternatives": (r"^(«contoso»\.azurecr\.io|mcr\.microsoft\.com)/", "endpoint"),
    "a regular expression with an optional scheme": (r"^(https://)?«contoso»\.azurecr\.io", "endpoint"),
    "a regular expression with flags": (r"(?i)«contoso»\.azurecr\.io", "endpoint"),
    "a regular expression with classes": ("«contoso»[.]azurecr[.]io", "endpoint"),
    "a regular expression that forgot a dot": (r"«contoso».azurecr\.io/", "endpoint"),
    "a pattern of Kyverno": ('image: "«contoso».azurecr.io/*"', "image"),
    "a pattern without a slash": ('image: "«contoso».azurecr.io*"', "image"),
    "Chinese text around it": ("# 请登录«contoso».azurecr.io然后", "comment"),
    "a Markdown link": ("[here](https://«contoso».azurecr.io)", "endpoint", "README.md"),
    "bold Markdown": ("Use **«contoso».azurecr.io** now", "endpoint", "README.md"),
    "code in Markdown": ("Use `«contoso».azurecr.io/app` now", "image", "README.md"),
    "XML": ("<image>«contoso».azurecr.io/app</image>", "image", "pom.xml"),
    "HTML entities": ("&quot;«contoso».azurecr.io&quot;", "endpoint", "a.xml"),
    "properties with an escaped colon": (r"url=https\://«contoso».azurecr.io/app", "image", "a.properties"),
    "a path on another host": ("image: proxy.example.com/«contoso».azurecr.io/app", "image"),
    "a folder of containerd": ("/etc/containerd/certs.d/«contoso».azurecr.io/hosts.toml", "image", "run.sh"),
    "no line end": ("«contoso».azurecr.io", "endpoint"),
    "a byte order mark": ("\ufeffimage: «contoso».azurecr.io/app", "image"),
    "a byte that is not UTF-8": ("x: \udcff\nimage: «contoso».azurecr.io/app", "image"),
    "a form feed": ("x\x0c«contoso».azurecr.io", "endpoint"),
    "a host over two lines": ('image: "contoso.azure\\\n  cr.io/app"', "probable"),
}

PLACES: dict[str, Row] = {
    "Kustomize, new name": ("images:\n- name: app\n  newName: «contoso».azurecr.io/app", "image"),
    "Kustomize, name": ("images:\n- name: «contoso».azurecr.io/app\n  newTag: v2", "image"),
    "Helm, registry and repository apart": (
        "image:\n  registry: «contoso».azurecr.io\n  repository: team/app",
        "image",
    ),
    "Helm, repository": ("image:\n  repository: «contoso».azurecr.io/app\n  tag: v1", "image"),
    "Helm, global registry": ("global:\n  imageRegistry: «contoso».azurecr.io", "image"),
    "Helm, a dependency": ("dependencies:\n- name: lib\n  repository: oci://«contoso».azurecr.io/helm", "image"),
    "Helm, a template": ('image: "«contoso».azurecr.io/{{ .Values.x }}"', "image", "deployment.tpl"),
    "Helm, a comment of a template": ("{{/* «contoso».azurecr.io/app */}}\n", "comment", "_helpers.tpl"),
    "Helm, after a comment of a template": ("{{/* x */}}\nimage: «contoso».azurecr.io/app", "image", "_helpers.tpl"),
    "Helm, set on the command line": ("helm upgrade a . --set image.registry=«contoso».azurecr.io", "image", "run.sh"),
    "Compose": ("services:\n  web:\n    image: «contoso».azurecr.io/web:1", "image", "compose.yaml"),
    "Compose, a cache": ("cache_from:\n - type=registry,ref=«contoso».azurecr.io/web:cache", "image", "compose.yaml"),
    "Dockerfile, FROM": ("FROM «contoso».azurecr.io/base:1 AS build", "image", "Dockerfile"),
    "Dockerfile, FROM with a platform": (
        "FROM --platform=linux/amd64 «contoso».azurecr.io/base",
        "image",
        "Dockerfile",
    ),
    "Dockerfile, ARG": ("ARG REGISTRY=«contoso».azurecr.io\nFROM ${REGISTRY}/base", "image", "Dockerfile"),
    "Dockerfile, COPY --from": ("COPY --from=«contoso».azurecr.io/tools:1 /a /b", "image", "Dockerfile"),
    "Dockerfile, a mount": ("RUN --mount=from=«contoso».azurecr.io/tools,target=/t x", "image", "Dockerfile"),
    "Dockerfile, a label": ('LABEL base="«contoso».azurecr.io/base"', "image", "Dockerfile"),
    "Dockerfile, a comment": ("# syntax=«contoso».azurecr.io/dockerfile:1", "comment", "Dockerfile"),
    "GitHub, a container": ("container:\n  image: «contoso».azurecr.io/ci:1", "image"),
    "GitHub, an action": ("uses: docker://«contoso».azurecr.io/action:1", "image"),
    "GitHub, a variable": ("env:\n  REGISTRY: «contoso».azurecr.io", "image"),
    "GitHub, a login": (
        "with:\n  registry: «contoso».azurecr.io\n  username: ${{ secrets.U }}\n  password: ${{ secrets.P }}",
        "image",
    ),
    "GitLab, an image": ("image:\n  name: «contoso».azurecr.io/ci:1", "image"),
    "GitLab, a service": ("services:\n  - name: «contoso».azurecr.io/db\n    alias: db", "image"),
    "Azure Pipelines, a variable": ("variables:\n- name: registry\n  value: «contoso».azurecr.io", "endpoint"),
    "Azure Pipelines, a container": ("resources:\n  containers:\n  - image: «contoso».azurecr.io/ci", "image"),
    "Azure Pipelines, a service connection": ("inputs:\n  containerRegistry: contoso", "probable"),
    "Bicep, a literal": ("image: '«contoso».azurecr.io/app'", "image", "main.bicep"),
    "Bicep, a comment": ("// «contoso».azurecr.io\n", "comment", "main.bicep"),
    "Bicep, a block comment": ("/* see\n «contoso».azurecr.io\n*/", "comment", "main.bicep"),
    "Bicep, after a block comment": ("/* see */ var x = '«contoso».azurecr.io'", "endpoint", "main.bicep"),
    "Bicep, a name with the suffix": ("'«contoso»${environment().suffixes.acrLoginServer}'", "name", "main.bicep"),
    "Terraform, a literal": ('image = "«contoso».azurecr.io/app"', "image", "main.tf"),
    "Terraform, a comment": ("# «contoso».azurecr.io", "comment", "main.tf"),
    "Terraform, a URL is no comment": ('url = "https://«contoso».azurecr.io"', "endpoint", "main.tf"),
    "Terraform, its state": ('"login_server": "contoso.azurecr.io"', "probable", "terraform.tfstate"),
    "ARM, a literal": ('"image": "«contoso».azurecr.io/app"', "image", "main.json"),
    "ARM, an address in parts": ("[concat('«contoso»', '.azurecr.io/app')]", "name", "main.json"),
    "C#": ('const string Registry = "«contoso».azurecr.io";', "image", "A.cs"),
    "C#, parts": ('var r = "«contoso»" + ".azurecr.io";', "name", "A.cs"),
    "C#, a comment": ("var x = 1; // «contoso».azurecr.io", "comment", "A.cs"),
    ".NET project": ("<ContainerRegistry>«contoso».azurecr.io</ContainerRegistry>", "image", "a.csproj"),
    ".NET project, a comment": ("<!-- «contoso».azurecr.io/app -->", "comment", "a.csproj"),
    ".NET settings": ('"Registry": "«contoso».azurecr.io"', "image", "appsettings.json"),
    "Gradle, Jib": ("jib.to.image = '«contoso».azurecr.io/app'", "image", "build.gradle"),
    "Java": ('String IMAGE = "«contoso».azurecr.io/app:" + tag;', "image", "A.java"),
    "Go": ('const image = "«contoso».azurecr.io/app"', "image", "a.go"),
    "Python": ('IMAGE = "«contoso».azurecr.io/app"  # ours', "image", "a.py"),
    "Make": ("REGISTRY ?= «contoso».azurecr.io", "image", "Makefile"),
    "a shell comment": ("# docker pull «contoso».azurecr.io/app", "comment", "run.sh"),
    "a hash inside quotes": ("echo '# ' «contoso».azurecr.io/app", "image", "run.sh"),
    "a fragment is no comment": ("x: https://a.b/#«contoso».azurecr.io", "endpoint"),
    "an apostrophe before a comment": ("text: don't # «contoso».azurecr.io", "comment"),
    "a batch comment": ("REM «contoso».azurecr.io", "comment", "run.cmd"),
    "a heading of Markdown": ("# «contoso».azurecr.io", "endpoint", "README.md"),
    "kubectl's last applied": (
        r"last-applied: {\"spec\":{\"image\":\"«contoso».azurecr.io/app:1\"}}",
        "image",
    ),
    "an init container on one line": ("initContainers: [{image: «contoso».azurecr.io/i}]", "image"),
    "containerd": ('[plugins."x".registry.mirrors."«contoso».azurecr.io"]', "endpoint", "config.toml"),
    "a credential helper": ('{"credHelpers": {"«contoso».azurecr.io": "acr-env"}}', "endpoint", "config.json"),
    "an empty entry of a credential store": ('{"auths": {"«contoso».azurecr.io": {}}}', "endpoint", "config.json"),
    "Renovate": ('"matchHost": "«contoso».azurecr.io"', "endpoint", "renovate.json"),
    "Flux": ("kind: OCIRepository\nspec:\n  url: oci://«contoso».azurecr.io/app", "image"),
    "Argo CD": ("repoURL: «contoso».azurecr.io/helm", "image"),
    "Gatekeeper": ('repos:\n  - "«contoso».azurecr.io/"', "endpoint"),
    "private link": ("host: «contoso».privatelink.azurecr.io", "endpoint"),
}

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
}

NAMES: dict[str, Row] = {
    "az acr login": ("az acr login --name «contoso»", "name", "run.sh"),
    "az acr login, short": ("az acr login -n «contoso»", "name", "run.sh"),
    "az acr login, an equals sign": ("az acr login --name=«contoso»", "name", "run.sh"),
    "az acr login, quotes": ("az acr login -n '«contoso»'", "name", "run.sh"),
    "az acr login over lines": ("az acr login \\\n  --name \\\n  «contoso»", "name", "run.sh"),
    "az acr login, PowerShell's continuation": ("az acr login `\n  --name «contoso»", "name", "run.ps1"),
    "az acr login in a folded block": ("script: >\n  az acr login\n  --name «contoso»", "name"),
    "az acr login in a substitution": ("X=$(az acr show -n «contoso» -o tsv)", "name", "run.sh"),
    "az acr build, an image of our name": ("az acr build -t contoso:1 -r «contoso» .", "name", "run.sh"),
    "az acr build, the registry first": ("az acr build --registry «contoso» --image contoso:1 .", "name", "run.sh"),
    "a task of our name": ("az acr task create -n contoso -r «contoso»", "probable name", "run.sh"),
    "another command's name": ("az webapp create --name contoso", "probable", "run.sh"),
    "another command after ours": ("az acr login -n «contoso» && az webapp show -n contoso", "name probable", "run.sh"),
    "another command before ours": ("az group show -n contoso; az acr show -n «contoso»", "probable name", "run.sh"),
    "a command that creates the registry": ("az acr create -n contoso -g g", "probable", "run.sh"),
    "a command that deletes the registry": ("az acr delete --yes -n contoso", "probable", "run.sh"),
    "a cmdlet that deletes the registry": ("Remove-AzContainerRegistry -Name contoso", "probable", "run.ps1"),
    "AKS attach": ("az aks update -n k -g g --attach-acr «contoso»", "name", "run.sh"),
    "AKS detach": ("az aks update -n k -g g --detach-acr «contoso»", "name", "run.sh"),
    "a cluster of our name": ("az aks update -n contoso --attach-acr «contoso»", "probable name", "run.sh"),
    "PowerShell": ("Connect-AzContainerRegistry -Name «contoso»", "name", "run.ps1"),
    "PowerShell, a registry": ("Get-AzContainerRegistry -ResourceGroupName g -Name «contoso»", "name", "run.ps1"),
    "PowerShell, a child": (
        "New-AzContainerRegistryReplication -Name contoso -RegistryName «contoso»",
        "probable name",
        "run.ps1",
    ),
    "a key": ("acrName: «contoso»", "name"),
    "a key in capitals": ("ACR_NAME=«contoso»", "name", ".env"),
    "a key with hyphens": ("acr-name: «contoso»", "name"),
    "a key with a prefix": ("PROD_ACR_NAME: '«contoso»'", "name"),
    "a key of JSON": ('{"acrName": "«contoso»"}', "name", "a.json"),
    "a key of ARM parameters": ('{"acrName": {"value": "«contoso»"}}', "name", "a.parameters.json"),
    "a key of ARM defaults": ('"registryAcrName": {\n"defaultValue": "«contoso»"}', "name", "main.json"),
    "a parameter of Bicep": ("param acrName string = '«contoso»'", "name", "main.bicep"),
    "a variable of Bicep": ("var acrName = '«contoso»'", "name", "main.bicep"),
    "a variable of PowerShell": ("$acrName = '«contoso»'", "name", "run.ps1"),
    "a default of the shell": ('ACR_NAME="${ACR_NAME:-«contoso»}"', "name", "run.sh"),
    "a variable of Kubernetes": ("- name: ACR_NAME\n  value: «contoso»", "name"),
    "a variable of Kubernetes in JSON": ('{"name": "ACR_NAME", "value": "«contoso»"}', "name", "a.json"),
    "a parameter of a pipeline": ("- name: acrName\n  type: string\n  default: «contoso»", "name"),
    "a tag of XML": ("<AcrName>«contoso»</AcrName>", "name", "a.csproj"),
    "a key on the command line": ("helm install a . --set acr.name=«contoso»", "name", "run.sh"),
    "a key in a comment": ("# acrName: «contoso»", "comment"),
    "a name whose rest is added": ('String host = "contoso." + "azurecr.io";', "probable", "A.java"),
    "a name before a template": ("host: contoso.{{ .Values.suffix }}", "probable"),
    "a name at the end of a sentence": ('"Made by contoso."', "", "A.java"),
    "a record of a data endpoint, its region unknown": ('name = "contoso.westeurope.data"', "probable", "main.tf"),
    "a key with a longer value": ("acrName: contoso2", ""),
    "a key with a hyphenated value": ("acrName: contoso-x", ""),
    "any other key": ("company: contoso", "probable"),
    "a key of a registry of anything": ("registryName: contoso", "probable"),
    "a namespace": ("namespace: contoso", "probable"),
    "a sentence": ("Made by Contoso. With care.", "probable", "README.md"),
    "an admin user": ("username: contoso", "probable"),
    "Terraform, an existing registry": (
        'data "azurerm_container_registry" "a" {\n  name = "«contoso»"\n}',
        "name",
        "main.tf",
    ),
    "Terraform, the registry itself": (
        'resource "azurerm_container_registry" "a" {\n  name = "contoso"\n}',
        "probable",
        "main.tf",
    ),
    "Terraform, a variable that may name the registry itself": ('acr_name = "contoso"', "probable", "prod.tfvars"),
    "Bicep, an existing registry": (
        "resource acr 'Microsoft.ContainerRegistry/registries@2025-11-01' existing = {\n  name: '«contoso»'\n}",
        "name",
        "main.bicep",
    ),
    "Bicep, the registry itself": (
        "resource acr 'Microsoft.ContainerRegistry/registries@2025-11-01' = {\n  name: 'contoso'\n}",
        "probable",
        "main.bicep",
    ),
    "Bicep, a parameter beside the registry itself": (
        "param acrName string = 'contoso'\nresource acr 'Microsoft.ContainerRegistry/registries@2025-11-01' = {}",
        "probable",
        "main.bicep",
    ),
    "ARM, the registry itself": (
        '{"type": "Microsoft.ContainerRegistry/registries", "name": "contoso"}',
        "probable",
        "main.json",
    ),
    "ARM, resourceId": ("[resourceId('Microsoft.ContainerRegistry/registries', '«contoso»')]", "name", "main.json"),
    "a resource id of an unknown group": (f"id: {GROUPS}rg-west{PROVIDER}contoso", "resource-id"),
    "a resource id of a templated group": (
        f"id: /subscriptions/$SUB/resourceGroups/$RG{PROVIDER}«contoso»",
        "resource-id",
    ),
    "a resource id of a longer name": (f"id: {GROUPS}rg-west{PROVIDER}contoso2", ""),
    "a data endpoint of an unknown region": ("host: contoso.westeurope.data.azurecr.io", "endpoint"),
    "a data endpoint of a templated region": ("host: «contoso».${REGION}.data.azurecr.io", "endpoint"),
    "data endpoints of all regions": ("host: «contoso».*.data.azurecr.io", "endpoint"),
}

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
    "a resource id in a comment": (f"# {ID}", "comment"),
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
}

TRAPS = [
    pytest.param(rename, row, id=f"{table}: {sentence}")
    for table, rename, rows in (
        ("look-alikes", TO, LOOK_ALIKES),
        ("hosts", TO, HOSTS),
        ("places", TO, PLACES),
        ("secrets", TO, SECRETS),
        ("names", TO, NAMES),
        ("with details", ALL, WITH_DETAILS),
    )
    for sentence, row in rows.items()
]


def expected(marked: str) -> tuple[str, str]:
    """The text before and after the rewrite that the marks of a row describe."""
    new = {"contoso": "fabrikam", "Contoso": "Fabrikam", "CONTOSO": "FABRIKAM"}
    before = re.sub(r"«([^»|]*)(?:\|[^»]*)?»", r"\1", marked)
    after = re.sub(r"«([^»|]*)(?:\|([^»]*))?»", lambda mark: mark[2] or new[mark[1]], marked)
    return before, after


def back(rename: Rename) -> Rename:
    swapped = {
        field: getattr(rename, field.replace(*pair))
        for pair in (("source", "target"), ("target", "source"))
        for field in Rename.model_fields
        if field.startswith(pair[0])
    }
    return Rename(**swapped)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("rename", "row"), TRAPS)
def test_trap(rename: Rename, row: Row, line_end: str) -> None:
    """Every row is found as it says, rewritten as it says, the same when done again, and the same bytes when undone."""
    path = row[2] if len(row) == 3 else "a.yaml"
    before, after = (text.replace("\n", line_end) for text in expected(row[0]))
    found = scan(before, rename, path)
    assert [reference.kind.value for reference in found] == row[1].split()
    assert rewrite(before, found, rename, Choice()) == after
    assert rewrite(after, scan(after, rename, path), rename, Choice()) == after
    assert rewrite(after, scan(after, back(rename), path), back(rename), Choice()) == before


def test_a_line_of_megabytes_costs_what_its_parts_cost() -> None:
    """Generated files have one line; what is looked for around each reference ends near it."""
    entry = f'{{"image":"contoso.azurecr.io/a:1","text":"{"x" * 2000}"}}'
    seconds = []
    for count in (100, 1600):
        begun = time.process_time()
        assert len(scan(f"[{','.join([entry] * count)}]", TO, "a.json")) == count
        seconds.append(time.process_time() - begun)

    assert seconds[1] < 64 * seconds[0] + 1  # 16 if it is linear, 256 if each looks at all


def test_traps_are_many() -> None:
    """The table keeps the number of traps that was promised."""
    assert len(TRAPS) >= 200
