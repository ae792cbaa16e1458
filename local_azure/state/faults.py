"""Faults with names: what can go wrong with Azure, switched on by tests, benchmarks and the demo.

A fault is armed with parameters; the place where it bites calls `take(name, **facts)` and gets it as often as armed.
"""

import time
from dataclasses import dataclass, field
from typing import Any

FAULTS = {
    "throttle-arm": "ARM answers 429 SubscriptionRequestsThrottled. retry_after=seconds (1)",
    "throttle-oauth": "The token endpoints of the registries and of Entra ID answer 429. retry_after=seconds (1)",
    "throttle-referrers": "The referrers API answers 429. retry_after=seconds (1)",
    "throttle-queries": "Resource Graph answers 429 RateLimiting, with its own header in the place of Retry-After",
    "throttle-imports": "An accepted import fails inside its operation as BadRequest ... 429 (HAP429)",
    "import-hangs": "An import stays Running until it is released",
    "import-fails-once": "An import fails inside its operation with an internal error",
    "import-500-after-accept": "importImage answers 500 although the import is carried out",
    "cut-connection": "The connection is closed without an answer. plane=arm|registry|entra|graph, path=part of it",
    "chaos": "Calls fail at random, before or after their effect: 429, 500, 503, cut, truncated, hanging; and imports "
    "inside their operation. share=part of all calls (0.2), retry_after=seconds (1), hang=seconds (300)",
    "stops-at-write": "One write is refused with a 403, or carried out and never answered. write=METHOD PATH (* "
    "for any part), number=which of these (1), after=1: when it has had its effect, onward=1: every later write is "
    "refused, too",
    "reads-lag": "Deployments are read as they were up to so long ago, each read by a time of its own. seconds=(0.2)",
    "truncate-catalogue": "A page of a listing lacks its last entries and its Link",
    "tag-moves-during-import": "The source tag points elsewhere between the request and the copy",
    "conflict-on-existing-tag": "An import in NoForce mode finds its tag taken at the target",
    "role-not-propagated": "Role assignments made since are not seen yet; each refused request counts",
    "export-incomplete": "exportTemplate cannot read a type and answers 200 with an error. type=part of it",
    "policy-denies": "A policy forbids what a template would create: RequestDisallowedByPolicy. type=part of it",
    "resource-fails": "A resource of a deployment fails in its turn, though all of it had been accepted. type=, "
    "resource=part of it",
    "not-offered": "A resource type is not offered in a region. type=part of it, location=display name",
    "made-not-shown": "ARM answers 404 for a group or a resource made since, as a front end that has not heard of it. "
    "path=, method=part of the call",
    "poll-unknown": "A poll of an operation is answered 404 OperationNotFound. path=part of it",
    "default-port-in-links": "Links to operations and to next pages have the port :443 written out. path=part of the "
    "call that is answered with one",
    "odd-retry-after": "A 429 with a Retry-After that is no number. value=soon, plane=arm|registry, path=part of it",
    "odd-entry": "A listing has an entry that is null, which Azure documents nowhere. path=part of it",
    "answer-lost": "An accepted call is answered with a 504. plane=, method=, path=part of it",
    "region-refused": "Writes are refused as RequestDisallowedByAzure: the region takes no new customers. path=, "
    "method=part of the call",
    "policy-on-groups": "A policy forbids a resource group without certain tags: RequestDisallowedByPolicy",
    "second-factor": "Writes are refused as RequestDisallowedByAzure: a second factor is missing. path=, method=",
    "deny-assignment": "Writes are refused as DenyAssignmentAuthorizationFailed. path=, method=part of the call",
    "principal-not-found": "A role assignment is refused, because the directory lacks the id. principal=part of it",
    "listing-lags": "Listings do not show what came in since. registry=, listing=repositories|tags|manifests",
    "tags-outlive-manifest": "Deleting a manifest leaves its tags, which name nothing then. registry=, repository=",
    "count-drifts": "A repository counts more than it holds. registry=, repository=part of it, manifests=1, tags=0",
    "cluster-busy": "A cluster refuses with 409 and a body without `error`, as another operation is in progress",
    "secret-being-deleted": "A secret is refused with 409: one of its name is being deleted. vault=, name=part of it",
    "defender-scans": "Microsoft Defender appends its findings to what has been imported. repository=part of it",
    "version-not-offered": "An api-version of the registries' provider has not come to this cloud. version=part of "
    "it (2026-11-01)",
    "revision-fails": "A new revision of a container app cannot be provisioned: its operation fails. app=part of it",
    "revision-hangs": "A new revision of a container app is accepted and never gets ready. app=part of it",
    "change-fails": "A change of a resource is accepted and ends as Failed. type=, resource=part of it",
    "change-hangs": "A change of a resource is accepted and never ends: it stays Updating. type=, resource=part of it",
    "app-busy": "A change of a container app or job is refused with 409, as one is in progress. app=part of it",
    "site-fails": "The new container of an App Service app cannot start. site=part of its id",
    "site-hangs": "An App Service app keeps its former container, and starts no new one. site=part of its id",
    "rollout-hangs": "A changed workload of a cluster is not rolled out. workload=part of its name",
    "flux-fails": "A cluster does not comply with a Flux configuration that is written. configuration=part of its name",
    "workspace-fails": "A change of a Machine Learning workspace ends as Failed. workspace=part of its name",
    "replica-syncs": "A replica is shown as Syncing. region=part of it",
    "dns-not-yet": "The login server of a registry made since cannot be resolved. host=part of it",
}
DEFAULT_TIMES = {
    "chaos": 0,
    "count-drifts": 0,
    "default-port-in-links": 0,
    "deny-assignment": 0,
    "listing-lags": 3,
    "made-not-shown": 3,
    "policy-on-groups": 0,
    "poll-unknown": 2,
    "principal-not-found": 0,
    "region-refused": 0,
    "second-factor": 0,
    "tags-outlive-manifest": 1,
    "stops-at-write": 0,
    "reads-lag": 0,
    "throttle-arm": 3,
    "throttle-oauth": 3,
    "throttle-referrers": 3,
    "role-not-propagated": 3,
    "dns-not-yet": 3,
    "replica-syncs": 3,
    "version-not-offered": 0,
    "defender-scans": 0,
}


@dataclass
class Fault:
    """An armed fault. `times` counts down; None bites for ever."""

    name: str
    times: int | None
    params: dict[str, Any] = field(default_factory=dict)
    armed_at: float = field(default_factory=time.time)
    taken: int = 0
    applied: int = 0  # looks that found it armed for just that
    met: int = 0  # what it could have bitten so far, for a fault that waits for one of several

    def number(self, name: str, default: float) -> float:
        """Return a numeric parameter."""
        return float(self.params.get(name, default))


class Faults:
    """The armed faults of a world."""

    def __init__(self) -> None:
        self._armed: dict[str, Fault] = {}

    def arm(self, name: str, **params: Any) -> Fault:
        """Arm a fault: `times` (default once, a few for throttling; 0 or "always" for ever), the rest narrows it down.

        A parameter that is also a fact at the place where the fault bites must be contained in that fact.
        """
        if name not in FAULTS:
            raise _unknown(name)
        times = params.pop("times", DEFAULT_TIMES.get(name, 1))
        fault = Fault(name, None if times in (0, "0", "always") else int(times), params)
        self._armed[name] = fault
        return fault

    def peek(self, name: str, **facts: object) -> Fault | None:
        """Return the fault if it is armed and these facts match; it is not used up."""
        fault = self._armed.get(name)
        if fault is None or fault.times == 0:
            return None
        if any(
            str(value).lower() not in str(facts[key]).lower() for key, value in fault.params.items() if key in facts
        ):
            return None
        fault.applied += 1
        return fault

    def take(self, name: str, **facts: object) -> Fault | None:
        """Return the fault if it applies here and now; one of its times is used up."""
        if not self._armed:
            return None
        fault = self.peek(name, **facts)
        if fault is not None:
            fault.taken += 1
            fault.times = None if fault.times is None else fault.times - 1
        return fault

    def clear(self) -> None:
        """Disarm all faults."""
        self._armed.clear()

    def view(self) -> dict[str, Any]:
        """Return the armed faults, how often each was used, and how often a look found it."""
        counted = ("times", "taken", "applied")
        return {
            fault.name: {name: getattr(fault, name) for name in counted} | fault.params
            for fault in self._armed.values()
        }


def parse_fault(text: str) -> tuple[str, dict[str, str]]:
    """Parse `import-hangs:times=2,repository=nginx` from a command line; ValueError if it is invalid."""
    name, _, rest = text.partition(":")
    pairs = [pair.partition("=") for pair in rest.split(",") if pair]
    if name not in FAULTS:
        raise _unknown(name)
    if wrong := [key for key, equals, _ in pairs if not equals]:
        raise ValueError(f"{wrong[0]!r} in the fault {text!r} is not KEY=VALUE")
    return name, {key: value for key, _, value in pairs}


def _unknown(name: str) -> ValueError:
    return ValueError(f"there is no fault {name!r}; there are {', '.join(FAULTS)}")
