"""Which object of Kubernetes a login server is in, and whether that one holds its password."""

from tests.unit.references.reference_cases.writing import Row

OBJECTS: dict[str, Row] = {
    "Tekton, a server that a Secret's annotation names": (
        (
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: acr\n  annotations:\n"
            "    tekton.dev/docker-0: https://contoso.azurecr.io\ntype: kubernetes.io/basic-auth\n"
            "stringData:\n  username: u\n  password: hunter2\n"
        ),
        "pull-secret",
    ),
    "Tekton, as kubectl lists it": (
        (
            "apiVersion: v1\ndata:\n  password: aHVudGVyMg==\n  username: dQ==\nkind: Secret\n"
            "metadata:\n  annotations:\n    tekton.dev/docker-0: https://contoso.azurecr.io\n"
            "type: kubernetes.io/basic-auth\n"
        ),
        "pull-secret",
    ),
    "Tekton, on one line of JSON": (
        (
            '{"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "a", "annotations": '
            '{"tekton.dev/docker-0": "https://contoso.azurecr.io"}}, "type": '
            '"kubernetes.io/basic-auth", "data": {"password": "aHVudGVyMg=="}}'
        ),
        "pull-secret",
        "a.json",
    ),
    "a Deployment after a Secret": (
        (
            "kind: Secret\nstringData:\n  password: hunter2\n---\nkind: Deployment\nspec:\n"
            "  image: «contoso».azurecr.io/a\n"
        ),
        "image",
    ),
    "a ConfigMap after a Secret": (
        (
            "kind: Secret\nstringData:\n  password: hunter2\n---\nkind: ConfigMap\ndata:\n"
            "  registry: «contoso».azurecr.io\n"
        ),
        "image",
    ),
    "a list of a Secret and a Deployment": (
        (
            "kind: List\nitems:\n- kind: Secret\n  metadata:\n    annotations:\n"
            "      tekton.dev/docker-0: https://contoso.azurecr.io\n  stringData:\n"
            "    password: hunter2\n- kind: Deployment\n  spec:\n    image: «contoso».azurecr.io/a\n"
        ),
        "pull-secret image",
    ),
    "Argo CD, a repository as kubectl lists it": (
        (
            "apiVersion: v1\nkind: Secret\ndata:\n  enableOCI: dHJ1ZQ==\n  password: aHVudGVyMg==\n"
            "  url: Y29udG9zby5henVyZWNyLmlvL2NoYXJ0cw==\n  username: dQ==\nmetadata:\n  labels:\n"
            "    argocd.argoproj.io/secret-type: repository\n"
        ),
        "pull-secret",
    ),
    "Argo CD, charts below a path": (
        "kind: Secret\nstringData:\n  url: oci://contoso.azurecr.io/charts\n  username: u\n  password: hunter2\n",
        "pull-secret",
    ),
    "Argo CD, a template of External Secrets": (
        (
            "kind: ExternalSecret\nspec:\n  target:\n    template:\n      data:\n"
            "        url: «contoso».azurecr.io/charts\n        username: u\n"
            "        password: '{{ .password }}'\n"
        ),
        "image",
    ),
    "Tekton, sealed": (
        (
            "kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgBy3i4OJSWK\n  template:\n"
            "    metadata:\n      annotations:\n"
            "        tekton.dev/docker-0: https://contoso.azurecr.io\n"
            "    type: kubernetes.io/basic-auth\n"
        ),
        "pull-secret",
    ),
    "Kustomize, a generator of Secrets": (
        (
            "secretGenerator:\n- name: regcred\n  type: kubernetes.io/dockerconfigjson\n  literals:\n"
            '  - .dockerconfigjson={"auths":{"contoso.azurecr.io":{"auth":"dTpodW50ZXIy"}}}\n'
        ),
        "pull-secret",
    ),
    "a Secret's data, both encoded": (
        "data:\n  registry: Y29udG9zby5henVyZWNyLmlv\n  password: aHVudGVyMg==\n",
        "pull-secret",
    ),
    "a pull secret of the old kind": (
        ".dockercfg: eyJjb250b3NvLmF6dXJlY3IuaW8iOnsiYXV0aCI6ImRUcG9kVzUwWlhJeSJ9fQ==",
        "pull-secret",
    ),
    "a Secret with another password": (
        "kind: Secret\nstringData:\n  REGISTRY: «contoso».azurecr.io\n  DB_PASSWORD: hunter2\n",
        "image",
    ),
    "a ConfigMap before a Secret": (
        (
            "kind: ConfigMap\ndata:\n  registry: «contoso».azurecr.io\n  other: x\n---\nkind: Secret\n"
            "stringData:\n  password: hunter2\n"
        ),
        "image",
    ),
    "a list on one line of JSON": (
        (
            '{"kind": "List", "items": [{"kind": "Secret", "metadata": {"annotations": '
            '{"tekton.dev/docker-0": "https://contoso.azurecr.io"}}, "data": {"password": '
            '"aHVudGVyMg=="}}, {"kind": "ConfigMap", "data": {"a": '
            '"https://«contoso».azurecr.io"}}]}'
        ),
        "pull-secret endpoint",
        "l.json",
    ),
}
