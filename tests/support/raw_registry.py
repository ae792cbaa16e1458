"""Content of a registry read with the standard library alone: an independent witness for the tests.

It shares no code with the service nor with the embedded Azure: plain HTTPS through the proxy that any client uses,
Basic credentials at the token endpoint, and the registry's own listings followed to their end.
"""

import base64
import json
import ssl
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

MANIFESTS = ", ".join([
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
])  # fmt: skip


@dataclass
class RawRegistry:
    """One registry behind its login server, reached with a client's own environment variables."""

    login_server: str
    environment: dict[str, str]
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        context = ssl.create_default_context(cafile=self.environment["SSL_CERT_FILE"])
        proxy = urllib.request.ProxyHandler({"https": self.environment["HTTPS_PROXY"]})
        self.opener = urllib.request.build_opener(proxy, urllib.request.HTTPSHandler(context=context))

    def holds(self) -> dict[str, Any]:
        """Per repository: tag -> digest, every manifest's bytes by digest, referrers by subject, locked things."""
        return {repository: self.repository(repository) for repository in self.listed("_catalog", "repositories")}

    def repository(self, name: str) -> dict[str, Any]:
        """Everything of one repository."""
        tags = self.listed(f"{name}/_tags", "tags")
        manifests = [manifest["digest"] for manifest in self.listed(f"{name}/_manifests", "manifests")]
        return {
            "tags": {tag["name"]: tag["digest"] for tag in tags},
            "manifests": {digest: self.read(f"/v2/{name}/manifests/{digest}")[0] for digest in manifests},
            "referrers": {digest: self.referrers(name, digest) for digest in manifests},
        }

    def referrers(self, name: str, digest: str) -> list[str]:
        """Digests that refer to this one, sorted."""
        body, _ = self.read(f"/v2/{name}/referrers/{digest}")
        return sorted(manifest["digest"] for manifest in json.loads(body)["manifests"])

    def listed(self, path: str, key: str) -> list[Any]:
        """All pages of a listing under /acr/v1, following its Link headers."""
        found, url = [], f"/acr/v1/{path}"
        while url:
            body, headers = self.read(url)
            found += json.loads(body)[key] or []
            link = headers.get("Link", "")
            url = link[link.index("<") + 1 : link.index(">")] if 'rel="next"' in link else ""
        return found

    def read(self, path: str) -> tuple[bytes, Any]:
        """Body and headers of one GET."""
        repository = path.split("/_", maxsplit=1)[0].removeprefix("/acr/v1/")
        if path.startswith("/v2/"):
            repository = path.removeprefix("/v2/").rsplit("/", 2)[0]
        scope = "registry:catalog:*" if "_catalog" in path else f"repository:{repository}:pull,metadata_read"
        headers = {"Authorization": f"Bearer {self.token(scope)}", "Accept": MANIFESTS}
        request = urllib.request.Request(f"https://{self.login_server}{path}", headers=headers)
        with self.opener.open(request) as response:
            return response.read(), response.headers

    def token(self, scope: str) -> str:
        """An access token for the scope, asked for once."""
        if scope not in self.tokens:
            user = f"{self.environment['AZURE_CLIENT_ID']}:{self.environment['AZURE_CLIENT_SECRET']}"
            query = urllib.parse.urlencode({"service": self.login_server, "scope": scope})
            headers = {"Authorization": "Basic " + base64.b64encode(user.encode()).decode()}
            url = f"https://{self.login_server}/oauth2/token?{query}"
            with self.opener.open(urllib.request.Request(url, headers=headers)) as response:
                self.tokens[scope] = json.load(response)["access_token"]
        return self.tokens[scope]
