"""Every artifact ends with an outcome, and a failed one with a reason that tells what to do."""

import pytest

from acr_relocate.core import errors
from acr_relocate.core.content.import_outcome import broken_by_import, failed_import, why
from acr_relocate.core.content.import_plan import ImportItem

ITEM = ImportItem(repository="app", digest="sha256:1f3c")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errors.BrokenAtSource("The source does not have sha256:12"), "source_broken"),
        (errors.NotFound("The target is not there"), "refused"),
        (errors.BlobCopyFailed("Error copying blobs: sha256:12 is unknown"), "unavailable"),
        (errors.ImportRefused("of a repository called docker-content-digest"), "unsupported"),
        (errors.ImportRefused("The maximum number of manifests for an imported image is 50"), "unsupported"),
        (errors.AccessDenied("no role"), "refused"),
        (errors.ContentLocked("MethodNotAllowed"), "refused"),
        (errors.PolicyViolation("by policy"), "refused"),
        (errors.AlreadyExists("Tag app:1 already exists in target registry"), "conflict"),
        (errors.ImportTimedOut("has not ended after 1200 s"), "timed_out"),
        (errors.Throttled("429"), "unavailable"),
        (errors.TemporaryFailure("503"), "unavailable"),
        (ValueError("an unforeseen error"), "refused"),
    ],
    ids=str,
)
def test_reasons(error: Exception, reason: str) -> None:
    """Mend it at the source, copy it manually, have it allowed, decide about a tag, or run again."""
    assert why(error) == reason


def test_what_an_import_finds_broken_may_be_accepted() -> None:
    """By name, by pattern; a failure of another kind never is."""
    broken = failed_import(ITEM, errors.BrokenAtSource("The source does not have sha256:12"))
    refused = failed_import(ITEM, errors.NotFound("The target is not there"))

    [found] = broken_by_import([broken, refused], ["app"])

    assert (found.kind, found.accepted, found.digest) == ("import_finds_nothing", True, ITEM.digest)
    assert not broken_by_import([broken], ["team/*"])[0].accepted


def test_a_failed_import_is_data() -> None:
    """The outcome keeps the error's reason and message, and how long it took; nothing is raised."""
    outcome = failed_import(ITEM, errors.ImportTimedOut("has not ended", resource="r"), 12.0)

    assert (outcome.ok, outcome.kind, outcome.reason, outcome.seconds) == (False, "failed", "timed_out", 12.0)
    assert outcome.failure is not None
    assert outcome.failure.retryable
