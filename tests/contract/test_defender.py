"""Microsoft Defender writes into registries: over the wire its findings are recognised, and an import is no less."""

from acr_relocate.azure.content import listing
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.content.scan_findings import scan_findings, scanned_images
from acr_relocate.core.removal.whole_copy import content_fingerprint
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification.content import compare
from local_azure.launcher import Emulator
from tests.contract.registry_factory import RegistryFactory


async def test_findings_that_defender_appends_at_the_target_are_no_difference(
    factory: RegistryFactory, emulator: Emulator
) -> None:
    """Fault defender-scans: what has been imported is scanned, and both registries count as level."""
    source, target = await factory.registry(), await factory.registry("northeurope")
    digest = await factory.pushed(source).image("app", "v1")
    emulator.arm_fault("defender-scans")

    await factory.bring(source, target, ImportItem(repository="app", digest=digest, tags=("v1",)))

    here = await listing.list_content(factory.plane(source), Selection())
    there = await listing.list_content(factory.plane(target), Selection())
    [repository] = there.repositories
    assert scanned_images(repository.manifests) == {digest}
    assert len(scan_findings(repository.manifests)) == 2
    assert compare(here, there, Selection()) == ()
    assert content_fingerprint(here) == content_fingerprint(there)
