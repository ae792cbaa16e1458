"""Counts of the requests of clients."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

READ_ONLY_POSTS = frozenset(
    {
        "checkaccess",
        "checknameavailability",
        "exporttemplate",
        "getcallbackconfig",
        "getfullurl",
        "listbuildsourceuploadurl",
        "listclusteradmincredential",
        "listclusterusercredential",
        "listcredentials",
        "listevents",
        "listkeys",
        "listusages",
        "resources",
        "resourceshistory",
        "validate",
        "whatif",
    }
)
KEPT_SCOPES = 100
KEPT_WRITES = 10_000  # a long benchmark must not grow without bound; the counters go on


def is_write(plane: str, method: str, path: str) -> bool:
    """Return whether a request may change Azure's state; issuing tokens does not."""
    if method != "POST":
        return plane in ("arm", "vault", "registry") and method in ("PUT", "PATCH", "DELETE")
    return plane == "arm" and path.rstrip("/").rpartition("/")[2].lower() not in READ_ONLY_POSTS


@dataclass
class Stats:
    """Counters since the start or the last reset."""

    planes: Counter[str] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    counters: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)  # routes that were answered with 429
    writes: list[str] = field(default_factory=list)
    registry_writes: list[str] = field(default_factory=list)
    imports_began: float = 0.0
    imports_ended: float = 0.0
    content_began: float = 0.0
    content_ended: float = 0.0
    needs: dict[str, set[str]] = field(default_factory=dict)  # action -> the scopes at which it was asked for
    private: Counter[str] = field(default_factory=Counter)  # "host address": requests by private endpoints

    def need(self, action: str, scope: str) -> None:
        """Record that a role that allows this there was needed."""
        scopes = self.needs.setdefault(action, set())
        if len(scopes) < KEPT_SCOPES:
            scopes.add(scope)

    def arrived(self, host: str, address: str) -> None:
        """Record that a request for the host arrived at this address of a private endpoint."""
        self.private[f"{host} {address}"] += 1

    def record(self, plane: str, method: str, path: str, template: str, status: int, now: float) -> None:
        """Count one answered request."""
        self.planes[plane] += 1
        self.routes[f"{method} {template}"] += 1
        self.statuses[f"{plane} {status}"] += 1
        if status == 429:
            self.counters["throttled"] += 1
            self.refused[f"{method} {template}"] += 1
        if plane == "arm":
            self._record_arm(method, path, status)
            self._time_imports(path, status, now)
        elif plane == "vault" and is_write(plane, method, path) and len(self.writes) < KEPT_WRITES:
            self.writes.append(f"{method} {path} {status}")
        elif plane == "registry" and is_write(plane, method, path):
            self._time_content(now)
            if len(self.registry_writes) < KEPT_WRITES:
                self.registry_writes.append(f"{method} {path} {status}")

    def _record_arm(self, method: str, path: str, status: int) -> None:
        action = path.rstrip("/").rpartition("/")[2].lower()
        if method in ("GET", "HEAD"):
            self.counters["arm_reads"] += 1
        elif not is_write("arm", method, path):
            self.counters["arm_read_posts"] += 1
        else:
            self.counters["arm_writes"] += 1
            if len(self.writes) < KEPT_WRITES:
                self.writes.append(f"{method} {path} {status}")
        if action == "importimage":
            self.counters["import_calls"] += 1
            self.counters["imports"] += status in (200, 202)

    def _time_imports(self, path: str, status: int, now: float) -> None:
        """Measure from the first accepted import to the last poll that found one ended."""
        if path.lower().endswith("/importimage") and status in (200, 202):
            self.imports_began = self.imports_began or now
            self.imports_ended = now
            self._time_content(now)
        elif "/operationresults/" in path.lower() and status != 202:
            self.imports_ended = now
            self._time_content(now)

    def _time_content(self, now: float) -> None:
        """Measure from the first accepted import or push to the last."""
        self.content_began = self.content_began or now
        self.content_ended = now

    def reset(self) -> None:
        """Reset all counters."""
        for counter in (self.planes, self.routes, self.statuses, self.counters, self.refused, self.private):
            counter.clear()
        self.writes.clear()
        self.registry_writes.clear()
        self.needs.clear()
        self.imports_began = self.imports_ended = self.content_began = self.content_ended = 0.0

    def view(self) -> dict[str, Any]:
        """Return the counters as JSON; the named ones are always present, so that a zero is a zero."""
        named = ("arm_reads", "arm_writes", "arm_read_posts", "import_calls", "imports", "throttled")
        return {name: self.counters[name] for name in named} | {
            "planes": dict(self.planes),
            "routes": dict(self.routes),
            "statuses": dict(self.statuses),
            "refused": dict(self.refused),
            "writes": list(self.writes),
            "registry_writes": list(self.registry_writes),
            "private": dict(self.private),
            "needs": {action: sorted(scopes) for action, scopes in sorted(self.needs.items())},
            "import_seconds": self.imports_ended - self.imports_began,
            "content_seconds": self.content_ended - self.content_began,
        }
