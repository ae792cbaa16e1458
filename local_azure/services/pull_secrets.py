"""Pull secrets of a cluster: which of them name a host, an entry more or less, and what they let a node pull.

The commands are those of a switch of workloads (`kubectl get secret`, sed, `kubectl patch`), told by their form.
"""

import base64
import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from local_azure.services.pulling import pull_refusal

if TYPE_CHECKING:
    from local_azure.state.world import World

Json = dict[str, Any]
TYPE: Final = "kubernetes.io/dockerconfigjson"
LIST: Final = re.compile(
    r"kubectl get secrets --all-namespaces --field-selector type=kubernetes\.io/dockerconfigjson --no-headers "
    r"-o custom-columns='([^']+)' > \S+ "
    r"&& while read -r namespace name rest; do case \"\$\(kubectl get secret .+\)\" in "
    r"\*'\"(\S+)\"'\*\) ;; \*'\"(\S+)\"'\*\) echo .+ ;; esac; done < \S+ && echo (\S+)"
)
EDIT: Final = re.compile(
    r"kubectl get secret (\S+) --namespace (\S+) -o .+ \| sed (.+) \| tr .+ \| xargs -I% kubectl patch secret .+"
)
_ADD: Final = re.compile(r"-e '/\"\S+\"/b' -e 's#\"(\S+?)\".+#&,\"(\S+)\"\\1#'")
_REMOVE: Final = re.compile(r"-e 's#,\"(\S+?)\".+##'")
_VALUE: Final = r"(\s*:\s*\{[^}]*\})"


def is_named(secret: Json, host: str) -> bool:
    """Return whether the secret has an entry for the host."""
    return f'"{host}"' in _config(secret)


def edited(secret: Json, script: str) -> None:
    """Add an entry, or remove one, as sed does with this script."""
    text = _config(secret)
    if adding := _ADD.fullmatch(script):
        source, target = adding[1].replace("\\.", "."), adding[2]
        if f'"{target}"' not in text:
            text = re.sub(rf'"{re.escape(source)}"{_VALUE}', rf'\g<0>,"{target}"\1', text, count=1)
    elif removing := _REMOVE.fullmatch(script):
        text = re.sub(rf',"{re.escape(removing[1].replace(chr(92) + ".", "."))}"{_VALUE}', "", text, count=1)
    json.loads(text)
    secret["data"][".dockerconfigjson"] = base64.b64encode(text.encode()).decode()


def refusal_with(world: "World", secrets: Iterable[Json], host: str, repository: str, reference: str) -> str | None:
    """Return why the credentials for the host cannot pull, empty if they can; None if no secret has any."""
    for secret in secrets:
        entry = json.loads(_config(secret))["auths"].get(host)
        if entry is not None:
            user, _, password = base64.b64decode(entry["auth"]).decode().partition(":")
            principal = world.directory.find(user)
            is_signed_in = principal is not None and principal.secret == password
            return pull_refusal(world, principal if is_signed_in else None, host, repository, reference)
    return None


def _config(secret: Json) -> str:
    return base64.b64decode(secret["data"][".dockerconfigjson"]).decode()
