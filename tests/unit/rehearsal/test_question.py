"""The question before a rehearsal."""

from acr_relocate.core.rehearsal.question import price, rehearsal_of
from acr_relocate.core.request.approval_stage import Stage
from tests.support.builders import child, registry, request


def test_the_question_says_what_is_made_and_what_it_costs() -> None:
    """Groups, registries, artifacts, price, rights; and that it is deleted again."""
    subject = rehearsal_of(registry(), request(), ("image", "index", "large"), 64)

    said = "\n".join(subject.summary)
    assert "contosoregistry from westeurope to northeurope" in subject.question
    assert "image, index, large (64 MiB)" in said
    assert "delete all of it again" in said
    assert "price: at most 2 registry days of Premium, 3.33 USD" in said
    assert "custom role `acr-relocate rehearse`" in said


def test_an_approval_is_for_the_source_as_it_is() -> None:
    """Another setting or mapping is another question; a run's own approvals are not."""
    asked = rehearsal_of(registry(), request(), ("image", "large"), 64).digest

    other = registry(properties={"adminUserEnabled": True})
    assert rehearsal_of(other, request(), ("image", "large"), 64).digest != asked
    assert rehearsal_of(registry(), request(replacements={"a": "b"}), ("image", "large"), 64).digest != asked
    assert rehearsal_of(registry(), request(approvals=[Stage.BEFORE_DEPLOY]), ("image", "large"), 64).digest == asked


def test_what_is_not_rehearsed_is_said() -> None:
    """Private endpoints and logs, each with the reason."""
    source = registry("contosoregistry", child("privateEndpoints", "one"), child("diagnosticSettings", "logs"))

    said = "\n".join(rehearsal_of(source, request(), ("image",), 64).summary)

    assert "not rehearsed: privateEndpoints" in said
    assert "not rehearsed: diagnosticSettings" in said


def test_a_replica_costs_as_much_as_a_registry() -> None:
    """The replication in the home region is the registry itself."""
    replicas = (child("replications", "westeurope", "westeurope"), child("replications", "fr", "francecentral"))

    assert price(registry("contosoregistry", *replicas)).startswith("price: at most 4 registry days")
