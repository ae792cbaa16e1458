"""The question before a rehearsal."""

from typing import Any

from acr_relocate.core.rehearsal.connected import Connected
from acr_relocate.core.rehearsal.question import price, rehearsal_of
from acr_relocate.core.rehearsal.shape import SourceShape
from acr_relocate.core.request.approval_stage import Stage
from tests.support.builders import child, registry, request
from tests.unit.rehearsal.rehearsal_examples import ENDPOINT, SETTING

LOCKED = Connected(locks=("CanNotDelete",))


def shape(**fields: Any) -> SourceShape:
    """Two kinds of artifacts, but for the given fields."""
    return SourceShape(**({"kinds": ("image", "large")} | fields))


def said(source: SourceShape, **fields: Any) -> str:
    """All lines of the question."""
    return "\n".join(rehearsal_of(registry(**fields), request(), source, 64).summary)


def test_the_question_says_what_is_made_and_what_it_costs() -> None:
    """Groups, registries, artifacts, price, rights; and that it is deleted again."""
    subject = rehearsal_of(registry(), request(), shape(kinds=("image", "index", "large")), 64)

    lines = "\n".join(subject.summary)
    assert "contosoregistry from westeurope to northeurope" in subject.question
    assert "image, index, large (64 MiB)" in lines
    assert "delete all of it again" in lines
    assert "price: at most 2 registry days of Premium, 3.33 USD" in lines
    assert "custom role `acr-relocate rehearse`" in lines
    assert "lock" not in lines


def test_the_question_names_what_is_connected() -> None:
    """Each subnet, each destination of logs, each level of a lock, and the price of an endpoint."""
    lines = said(shape(connected=Connected(endpoints=(ENDPOINT,), settings=(SETTING,), locks=("CanNotDelete",))))

    assert "a private endpoint to the second in north/endpoints, without a name in DNS, and delete it at once" in lines
    assert "a diagnostic setting of the second to logs, and delete it at once" in lines
    assert "lock both registries as CanNotDelete" in lines
    assert "2 registry days of Premium and 1 hour of private endpoints, 3.34 USD" in lines


def test_an_approval_is_for_the_source_as_it_is() -> None:
    """Another setting, lock or mapping is another question; a run's own approvals are not."""
    asked = rehearsal_of(registry(), request(), shape(), 64).digest

    other = registry(properties={"adminUserEnabled": True})
    assert rehearsal_of(other, request(), shape(), 64).digest != asked
    assert rehearsal_of(registry(), request(replacements={"a": "b"}), shape(), 64).digest != asked
    assert rehearsal_of(registry(), request(), shape(connected=LOCKED), 64).digest != asked
    assert rehearsal_of(registry(), request(approvals=[Stage.BEFORE_DEPLOY]), shape(), 64).digest == asked


def test_what_is_not_rehearsed_is_said() -> None:
    """Kinds of connections and of resources of an edited template, each with the reason."""
    lines = said(shape(connected=Connected(not_made={"private endpoints": "of this"}), edits_left_out=("Contoso/x",)))

    assert "not rehearsed: private endpoints, because of this" in lines
    assert "not rehearsed: Contoso/x of the edited template, which could reach others" in lines


def test_a_replica_costs_as_much_as_a_registry() -> None:
    """The replication in the home region is the registry itself; one that is measured is at the small source alone."""
    replicas = (child("replications", "westeurope", "westeurope"), child("replications", "fr", "francecentral"))

    assert price(registry("contosoregistry", *replicas), shape()).startswith("price: at most 4 registry days")
    assert price(registry(), shape(replica=True)).startswith("price: at most 3 registry days")
