"""How this embedded Azure behaves, and the fixed identities that it starts with."""

from dataclasses import dataclass, field
from typing import Literal, TypeVar

from local_azure.state.import_pace import ImportPace

TENANT_ID = "11111111-1111-1111-1111-111111111111"
SUBSCRIPTION_ID = "22222222-2222-2222-2222-222222222222"
SUBSCRIPTION_NAME = "Embedded Azure (local-azure)"
QUOTA_ID = "LocalAzure"  # what a client may look at to know that this is no real Azure
OWNER_CLIENT_ID = "33333333-3333-3333-3333-333333333333"
OWNER_OBJECT_ID = "44444444-4444-4444-4444-444444444444"
OWNER_SECRET = "local-azure-secret"
READER_CLIENT_ID = "55555555-5555-5555-5555-555555555555"
READER_OBJECT_ID = "66666666-6666-6666-6666-666666666666"
READER_SECRET = "local-azure-reader"
OPERATOR_CLIENT_ID = "77777777-7777-7777-7777-777777777777"  # holds no role: for trying out custom ones
OPERATOR_OBJECT_ID = "88888888-8888-8888-8888-888888888888"
OPERATOR_SECRET = "local-azure-operator"

Profile = Literal["instant", "realistic"]
OperationKind = Literal["immediate", "timed", "held"]
T = TypeVar("T")


def _switch(default: T, question: str) -> T:
    """Return a field whose question is told on the page of differences."""
    made: T = field(default=default, metadata={"question": question})
    return made


@dataclass(frozen=True)
class Switches:
    """Unverified behaviour of Azure: a client must work under every setting."""

    no_force_conflict: Literal["operation", "sync"] = _switch(
        "operation", "does a NoForce conflict fail the operation, or the request?"
    )
    import_accept: Literal[202, 200] = _switch(202, "may importImage answer 200 at once?")

    service_endpoint_imports: Literal["allowed", "refused"] = _switch(
        "allowed", "do imports get past the rules of a registry that lets subnets in by service endpoints?"
    )

    import_reads: Literal["home", "nearest"] = _switch("home", "from which replica of the source does an import read?")

    site_containers: Literal["shown", "hidden"] = _switch(
        "shown", "do the instances of an App Service app tell which containers they run?"
    )

    @staticmethod
    def parse(pairs: dict[str, str]) -> "Switches":
        """Return the switches for `name=value` pairs of a command line; ValueError names the allowed values."""
        chosen = Switches(
            no_force_conflict=_one_of(pairs, "no_force_conflict", {"operation": "operation", "sync": "sync"}),
            import_accept=_one_of(pairs, "import_accept", {"202": 202, "200": 200}),
            service_endpoint_imports=_one_of(
                pairs, "service_endpoint_imports", {"allowed": "allowed", "refused": "refused"}
            ),
            import_reads=_one_of(pairs, "import_reads", {"home": "home", "nearest": "nearest"}),
            site_containers=_one_of(pairs, "site_containers", {"shown": "shown", "hidden": "hidden"}),
        )
        known = chosen.__dataclass_fields__.keys()
        if unknown := pairs.keys() - known:
            raise ValueError(f"unknown switch {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        return chosen


def _one_of(pairs: dict[str, str], name: str, allowed: dict[str, T]) -> T:
    value = pairs.get(name, next(iter(allowed)))
    if value not in allowed:
        raise ValueError(f"{name}={value} is not one of {', '.join(allowed)}")
    return allowed[value]


@dataclass(frozen=True)
class Settings:
    """`instant` for tests; `realistic` waits, throttles and signs as recordings of Azure do."""

    profile: Profile = "instant"
    operations: OperationKind = "immediate"
    switches: Switches = field(default_factory=Switches)
    random_seed: int = 1
    throttling: bool = False
    client_address: str = "203.0.113.10"  # what the registries' network rules see of every client
    client_network: str = ""  # the virtual network that every client is in, by its id; empty: none
    import_pace: ImportPace = field(default_factory=ImportPace)

    @property
    def realistic(self) -> bool:
        """Return whether this is the profile that behaves as recorded."""
        return self.profile == "realistic"

    def duration(self, seconds: float) -> float:
        """Return the duration here of something that takes `seconds` in Azure."""
        return seconds if self.realistic else min(seconds, 0.1)
