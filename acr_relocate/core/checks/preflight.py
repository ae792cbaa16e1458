"""The chain of checks before anything is changed. Read as prose, it says what a relocation takes for granted."""

from collections.abc import Callable, Iterable
from typing import Final

from acr_relocate.core.checks import access, content, network, settings, target
from acr_relocate.core.checks.evidence import Evidence
from acr_relocate.core.findings import SEVERITIES, Finding

Check = Callable[[Evidence], Iterable[Finding]]

PREFLIGHT: Final[tuple[Check, ...]] = (
    # The target is ours to create, or was created by this very relocation.
    target.target_holds_another_relocation,
    target.name_taken,
    # Its region is another one and can be what the source's is.
    target.region_lacks_registries,
    target.region_lacks_zones,
    target.same_region,
    # We may do what there is to do, on both sides.
    access.provider_not_registered,
    access.permission_missing,
    access.read_only_lock,
    # The networks that could reach the source have their counterparts, ready to reach the target.
    network.virtual_network_rule_without_mapping,
    network.subnet_missing,
    network.subnet_lacks_service_endpoint,
    network.subnet_in_another_region,
    # Azure lets imports through on both sides.
    network.trusted_services_kept_out,
    settings.export_disabled,
    # All content is known, and can be imported.
    content.listing_incomplete,
    content.index_beyond_import_limit,
    content.schema1_manifest,
    content.read_locked,
    # What a person has to decide or do is said beforehand.
    settings.customer_managed_key_needs_decision,
    settings.stays_behind,
    settings.not_premium,
)


def evaluate(chain: Iterable[Check], evidence: Evidence) -> tuple[Finding, ...]:
    """Return all findings of all checks, each once, the gravest first and otherwise in the chain's order."""
    found = dict.fromkeys(finding for check in chain for finding in check(evidence))
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
