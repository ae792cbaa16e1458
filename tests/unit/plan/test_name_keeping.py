"""The price of a name that is kept: minutes without pulls, and who notices what."""

from acr_relocate.core.content.import_plan import ImportPlan, needed
from acr_relocate.core.dependencies import DependencyMap
from acr_relocate.core.plan.estimate import MeasuredTimes
from acr_relocate.core.plan.name_keeping import NameKeeping, name_keeping, users_as_they_are
from acr_relocate.core.plan.plan import Plan, build
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.report.plan_page import plan_markdown
from acr_relocate.core.request.selection import Selection
from tests.support.builders import child, content, image, registry, repository, request, target_ref
from tests.unit.conftest import Golden
from tests.unit.report.test_diagrams import dependency

SAME = request(target=target_ref(name="same"))
GIB = 2**30


def whole(*sizes: int) -> ImportPlan:
    """The imports of so many images app0:v1, app1:v1 and so on, of these sizes."""
    held = [repository(f"app{n}", image(f"i{n}", size=size), v1=f"i{n}") for n, size in enumerate(sizes)]
    return needed(content(*held), content(), Selection())


def kept(
    *sizes: int, running: tuple[str, ...] = (), source: Registry | None = None, measured: MeasuredTimes | None = None
) -> NameKeeping:
    """Return the cost of keeping the name."""
    found = name_keeping(SAME, source or registry(), whole(*sizes), running, measured or MeasuredTimes())
    assert found is not None
    return found


def test_another_name_has_no_such_price() -> None:
    """Its source serves until the end."""
    assert name_keeping(request(), registry(), whole(1), ()) is None


def test_images_in_use_are_back_before_all_others() -> None:
    """They are imported first, so the time without them does not depend on the rest."""
    few = kept(*[1000] * 400, running=("app0:v1", "elsewhere:v9"))
    all_of_them = kept(*[1000] * 400)

    assert few.used_images == 1
    assert few.used_seconds < few.all_seconds
    assert all_of_them.used_images == 0
    assert all_of_them.used_seconds == all_of_them.all_seconds == few.all_seconds


def test_the_time_grows_with_calls_and_with_bytes() -> None:
    """Azure limits both."""
    assert kept(*[1] * 2000).all_seconds > kept(*[1] * 200).all_seconds
    assert kept(100 * GIB).all_seconds[1] > kept(1).all_seconds[1]


def test_too_long_a_time_is_advised_against() -> None:
    """By the greatest time without images in use, because there is no way to stop halfway."""
    small, large = kept(1000), kept(*[10 * GIB] * 200)

    assert small.is_advisable
    assert "Not recommended" not in small.advice
    assert not large.is_advisable
    assert large.advice.startswith("Not recommended: images in use cannot be pulled for ")
    assert "Take another name" in large.advice


def test_a_measured_deployment_replaces_the_assumption() -> None:
    """A rehearsal between the same regions knows better."""
    measured = kept(1, measured=MeasuredTimes(deploy_seconds=42.0)).before[2]

    assert (measured.least_seconds, measured.basis) == (42.0, "as measured")


def test_who_notices_what() -> None:
    """Each part that cannot be the same again, and nothing that the registry does not have."""
    full = registry(
        "contosoregistry",
        child("tokens", "ci"),
        child("privateEndpoints", "pe"),
        child("webhooks", "hook"),
        identity={"type": "SystemAssigned"},
        properties={"adminUserEnabled": True, "dataEndpointEnabled": True},
    )
    told = {one.who: one.what for one in kept(1, source=full).noticed}

    assert told["1 token"].startswith("new passwords")
    assert told["the registry's own identity"].startswith("another principal id")
    assert told["1 private endpoint"].startswith("new ones with other IP addresses")
    assert told["firewalls that list data endpoints"].startswith("contosoregistry.northeurope.data")
    assert "contoso-west to contoso-north" in told["everything that names the resource id"]
    assert set(told) > {"everybody", "the admin user", "receivers of webhooks"}
    assert {one.who for one in kept(1).noticed} < set(told)


def test_users_of_the_name_have_nothing_to_do() -> None:
    """They pull from the same host afterwards; what belongs to the registry itself may still need a person."""
    app = dependency(0, name="shop", kind="container_app", manual=True, command="az containerapp update")
    task = dependency(1, name="build", kind="tasks", manual=True, command="az acr task create")

    drawn = users_as_they_are(DependencyMap(dependencies=(app, task)))

    assert [one.name for one in drawn.manual] == ["build"]
    assert drawn.dependencies[0].action.startswith("nothing: it pulls by the name, which stays")


def test_the_section_of_the_plan(golden: Golden) -> None:
    """Advice, steps, minutes, images, and who notices what."""
    imports = whole(5_000_000)
    drawn: Plan = build(SAME, registry(), None, imports, ())
    price = name_keeping(SAME, registry(), imports, ("app0:v1",))
    page = plan_markdown(drawn.model_copy(update={"name_keeping": price}), embedded=False)
    [section] = [part for part in page.split("\n## ") if part.startswith("Keeping the name")]

    golden("report/plan_keeping_the_name.md", section)
    assert "Keeping the name" not in plan_markdown(drawn, embedded=False)
