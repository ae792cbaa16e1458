"""The places where a login server stands."""

from tests.unit.references.reference_cases.writing import Row

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
    "Helm, a comment of a template": ("{{/* «contoso».azurecr.io/app */}}\n", "image", "_helpers.tpl"),
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
    "Dockerfile, a comment": ("# syntax=«contoso».azurecr.io/dockerfile:1", "image", "Dockerfile"),
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
    "Bicep, a comment": ("// «contoso».azurecr.io\n", "endpoint", "main.bicep"),
    "Bicep, a block comment": ("/* see\n «contoso».azurecr.io\n*/", "endpoint", "main.bicep"),
    "Bicep, after a block comment": ("/* see */ var x = '«contoso».azurecr.io'", "endpoint", "main.bicep"),
    "Bicep, a name with the suffix": ("'«contoso»${environment().suffixes.acrLoginServer}'", "name", "main.bicep"),
    "Terraform, a literal": ('image = "«contoso».azurecr.io/app"', "image", "main.tf"),
    "Terraform, a comment": ("# «contoso».azurecr.io", "endpoint", "main.tf"),
    "Terraform, a URL is no comment": ('url = "https://«contoso».azurecr.io"', "endpoint", "main.tf"),
    "Terraform, its state": ('"login_server": "contoso.azurecr.io"', "probable", "terraform.tfstate"),
    "ARM, a literal": ('"image": "«contoso».azurecr.io/app"', "image", "main.json"),
    "ARM, an address in parts": ("[concat('«contoso»', '.azurecr.io/app')]", "name", "main.json"),
    "C#": ('const string Registry = "«contoso».azurecr.io";', "image", "A.cs"),
    "C#, parts": ('var r = "«contoso»" + ".azurecr.io";', "name", "A.cs"),
    "C#, a comment": ("var x = 1; // «contoso».azurecr.io", "endpoint", "A.cs"),
    ".NET project": ("<ContainerRegistry>«contoso».azurecr.io</ContainerRegistry>", "image", "a.csproj"),
    ".NET project, a comment": ("<!-- «contoso».azurecr.io/app -->", "image", "a.csproj"),
    ".NET settings": ('"Registry": "«contoso».azurecr.io"', "image", "appsettings.json"),
    "Gradle, Jib": ("jib.to.image = '«contoso».azurecr.io/app'", "image", "build.gradle"),
    "Java": ('String IMAGE = "«contoso».azurecr.io/app:" + tag;', "image", "A.java"),
    "Go": ('const image = "«contoso».azurecr.io/app"', "image", "a.go"),
    "Python": ('IMAGE = "«contoso».azurecr.io/app"  # ours', "image", "a.py"),
    "Make": ("REGISTRY ?= «contoso».azurecr.io", "image", "Makefile"),
    "a shell comment": ("# docker pull «contoso».azurecr.io/app", "image", "run.sh"),
    "a hash inside quotes": ("echo '# ' «contoso».azurecr.io/app", "image", "run.sh"),
    "a fragment is no comment": ("x: https://a.b/#«contoso».azurecr.io", "endpoint"),
    "an apostrophe before a comment": ("text: don't # «contoso».azurecr.io", "endpoint"),
    "a batch comment": ("REM «contoso».azurecr.io", "endpoint", "run.cmd"),
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
    "after a glob": ('{"glob": "src/**/*.ts", "image": "«contoso».azurecr.io/a"}', "image", "a.json"),
    "after a glob of one folder": ('const g = "src/*", i = "«contoso».azurecr.io/a";', "image", "a.ts"),
    "a comment with a glob in quotes": ('/* "src/*"\n «contoso».azurecr.io/a */', "image", "a.ts"),
    "Jenkins, a comment": ("x = 1 // «contoso».azurecr.io/a", "image", "Jenkinsfile"),
    "Jenkins, a block comment": ("/*\n * «contoso».azurecr.io/a\n */", "image", "Jenkinsfile"),
    "Jenkins": ("docker.withRegistry('https://«contoso».azurecr.io', 'acr') {}", "endpoint", "Jenkinsfile"),
    "Python, a comment after a prefixed string": ("x = f'{y}'  # «contoso».azurecr.io", "endpoint", "a.py"),
    "Jsonnet, a comment": ("local i = 1; // «contoso».azurecr.io", "endpoint", "a.jsonnet"),
    "CUE, a comment": ('image: "x" // «contoso».azurecr.io', "image", "a.cue"),
    "a profile of publishing, a comment": ("<!-- «contoso».azurecr.io -->", "endpoint", "a.pubxml"),
    "Quadlet": ("[Container]\nImage=«contoso».azurecr.io/a:1\n; «contoso».azurecr.io", "image endpoint", "a.container"),
    "systemd": ("ExecStart=/usr/bin/podman run --name a «contoso».azurecr.io/a", "image", "a.service"),
    "Argo CD, images of Kustomize": ("images:\n- app=«contoso».azurecr.io/app:1.2", "image"),
    "Argo CD, the image updater": (
        "image-list: web=«contoso».azurecr.io/web:~1, api=«contoso».azurecr.io/a",
        "image image",
    ),
    "Flux, a marker": ('image: «contoso».azurecr.io/app:1 # {"$imagepolicy": "flux-system:app"}', "image"),
    "Tekton, a bundle": ("params:\n- name: bundle\n  value: «contoso».azurecr.io/tekton/clone:0.1", "image"),
    "Knative": ("registries-skipping-tag-resolving: 'ko.local,«contoso».azurecr.io'", "endpoint"),
    "Kyverno, a denial": ('image: "!«contoso».azurecr.io/*"', "image"),
    "Connaisseur": ('- pattern: "«contoso».azurecr.io/*:*"', "image"),
    "Sigstore": ('images:\n- glob: "«contoso».azurecr.io/**"', "image"),
    "Notation": ('"registryScopes": [ "«contoso».azurecr.io/app" ]', "image", "trustpolicy.json"),
    "OpenShift, a mirror": ("- mirrors:\n  - «contoso».azurecr.io/ocp/release\n  source: quay.io/ocp", "image"),
    "App Service": ("linuxFxVersion: 'DOCKER|«contoso».azurecr.io/app:1'", "image", "main.bicep"),
    "Bicep, a module": ("module m 'br:«contoso».azurecr.io/bicep/storage:v1' = {}", "image", "main.bicep"),
    "Docker's bake": ('tags = ["${REG}/a:1", "«contoso».azurecr.io/a:1"] // x', "image", "docker-bake.hcl"),
    "Earthly": ("SAVE IMAGE --push «contoso».azurecr.io/a:1", "image", "Earthfile"),
    "Dockerfile, a heredoc": (
        "RUN <<EOF\nskopeo copy docker://«contoso».azurecr.io/a dir:a\nEOF",
        "image",
        "Dockerfile",
    ),
    "a development container": (
        '{\n  // «contoso».azurecr.io\n  "image": "«contoso».azurecr.io/dev:1", /* «contoso».azurecr.io */\n}',
        "endpoint image endpoint",
        "devcontainer.json",
    ),
    "Podman's registries": ('[[registry]]\nprefix = "«contoso».azurecr.io/team"', "image", "registries.conf"),
    "a file of hosts": ("10.0.0.4 «contoso».azurecr.io # ours", "endpoint", "hosts"),
    "nginx": (r"server_name ~^«contoso»\.azurecr\.io$;", "endpoint", "nginx.conf"),
    "sops, what its checksum covers": (
        (
            "registry:\n  url: contoso.azurecr.io\n  image: contoso.azurecr.io/a\n"
            "  pw: ENC[AES256_GCM,data:abc,type:str]\nsops:\n"
            "  mac: ENC[AES256_GCM,data:abc,type:str]\n"
        ),
        "probable probable",
    ),
    "sops, JSON": ('{\n"image": "contoso.azurecr.io/a",\n"sops": {\n"mac": "ENC[x]"}}', "probable", "a.json"),
    "Helm, its lock": (
        (
            "dependencies:\n- name: lib\n  repository: oci://«contoso».azurecr.io/charts\n"
            "  version: 1.0.0\ndigest: sha256:abc\n"
        ),
        "image",
        "Chart.lock",
    ),
    "cosign, what it signed": (
        (
            '{"critical":{"identity":{"docker-reference":"contoso.azurecr.io/app"},"type":"cosign '
            'container image signature"}}'
        ),
        "probable",
        "payload.json",
    ),
    "in-toto, a signed statement": (
        (
            '{"payloadType":"application/vnd.in-toto+json","payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4t'
            "dG90by5pby9TdGF0ZW1lbnQvdjAuMSIsInN1YmplY3QiOlt7Im5hbWUiOiJjb250b3NvLmF6dXJlY3IuaW8vY"
            'XBwIn1dfQ==","signatures":[{"sig":"x"}]}'
        ),
        "probable",
        "a.intoto.jsonl",
    ),
    "in-toto, a statement": ('{"subject":[{"name":"«contoso».azurecr.io/app"}]}', "image", "a.json"),
    "Helm, provenance": (
        (
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"
            "repository: oci://contoso.azurecr.io/charts\n-----BEGIN PGP SIGNATURE-----\n"
        ),
        "probable",
        "a.prov",
    ),
    "an OCI layout, a blob": (
        '{"ref":"contoso.azurecr.io/a"}',
        "probable",
        "blobs/sha256/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ),
    "an OCI layout, its index": ('{"ref":"«contoso».azurecr.io/a"}', "image", "index.json"),
    "Terraform, a backup of its state": (
        '"login_server": "contoso.azurecr.io"',
        "probable",
        "terraform.tfstate.1700000000.backup",
    ),
    "Pulumi, its state": ('"login_server": "contoso.azurecr.io"', "probable", "/x/.pulumi/stacks/dev.json"),
    "a setting of sops": ("sops:\n  enabled: true\nimage: «contoso».azurecr.io/a", "image"),
}
