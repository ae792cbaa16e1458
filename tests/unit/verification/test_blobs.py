"""The manifests whose blobs are read, in pages that fit into memory."""

from acr_relocate.core.verification import BlobCheck, to_read
from acr_relocate.core.verification.blobs import PAGE_OF_MANIFESTS
from tests.support.builders import content, image, repository, selection

HELD = content(
    repository("large", *(image(f"image{number}") for number in range(2 * PAGE_OF_MANIFESTS + 1))),
    repository("small", image("one")),
)


def test_all_manifests_are_in_pages_of_one_repository() -> None:
    """Each once."""
    pages = to_read(HELD, selection(), BlobCheck(every=True))

    assert [(page.repository, len(page.digests)) for page in pages] == [
        ("large", PAGE_OF_MANIFESTS),
        ("large", PAGE_OF_MANIFESTS),
        ("large", 1),
        ("small", 1),
    ]
    assert len({digest for page in pages for digest in page.digests}) == 2 * PAGE_OF_MANIFESTS + 2


def test_a_sample_is_the_same_each_time() -> None:
    """It is spread over all digests."""
    first, again = (to_read(HELD, selection(), BlobCheck(sample=5)) for _ in range(2))

    assert first == again
    assert sum(len(page.digests) for page in first) == 5
