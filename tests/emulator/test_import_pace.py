"""Time follows bytes: what the target lacks is moved at a rate, and a registry's imports share a cap."""

import json
import random
from pathlib import Path

import pytest

from local_azure.command_line import parse
from local_azure.seeds.catalogue import plant
from local_azure.state.import_pace import MEGABYTE, ImportClock, ImportPace
from local_azure.state.settings import Settings
from local_azure.state.world import World

PACE = ImportPace(seconds=(0.2, 2.0), rate=(10.0, 60.0), registry_cap=(200.0, 200.0))
LAYERS = [60 * MEGABYTE, 5 * MEGABYTE]


def clock() -> ImportClock:
    return ImportClock(PACE, random.Random(1))


def test_an_import_without_bytes_takes_its_own_time() -> None:
    """Content that the target has already takes 0.2 to 2 s."""
    seconds = [clock().seconds("target", 0, 0.0) for _ in range(50)]

    assert all(0.2 <= one <= 2.0 for one in seconds)


@pytest.mark.parametrize("size", [MEGABYTE, 600 * MEGABYTE])
def test_bytes_take_time_at_a_rate(size: int) -> None:
    """An import moves 10 to 60 MB/s."""
    found = clock().seconds("target", size, 0.0)

    assert size / (60 * MEGABYTE) <= found <= size / (10 * MEGABYTE) + 2.0


def test_the_imports_of_a_registry_share_its_cap() -> None:
    """Fifty imports of 100 MB at once need what 5 GB need at the cap; those into another registry do not wait."""
    imports = clock()

    ends = [imports.seconds("target", 100 * MEGABYTE, 0.0) for _ in range(50)]

    assert max(ends) >= 50 * 100 / 200
    assert imports.seconds("other", 100 * MEGABYTE, 0.0) <= 100 / 10 + 2.0


def test_a_registry_is_free_again() -> None:
    """Later imports do not wait for what has ended."""
    imports = clock()
    for _ in range(50):
        imports.seconds("target", 100 * MEGABYTE, 0.0)

    assert imports.seconds("target", MEGABYTE, 1000.0) <= 0.1 + 2.0


def test_the_figures_can_be_set() -> None:
    """Each has an option; ranges are checked."""
    parsed = parse(["--profile", "realistic", "--import-rate", "25", "--registry-cap", "300-400"])

    assert parsed.settings.import_pace == ImportPace(rate=(25.0, 25.0), registry_cap=(300.0, 400.0))
    with pytest.raises(SystemExit):
        parse(["--import-rate", "fast"])


def test_a_catalogue_gives_sizes_platform_tags_and_referrers(tmp_path: Path) -> None:
    """Manifests say the sizes, children have their tags, artifacts refer to the image."""
    image = {
        "tags": ["1.0"],
        "arch": ["amd64", "arm64v8"],
        "layers": LAYERS,
        "platform_tags": {"arm64v8": ["1.0-arm64"]},
        "referrers": [{"type": "application/vnd.cyclonedx+json", "size": 90_000}],
    }
    catalogue = tmp_path / "catalogue.json"
    catalogue.write_text(json.dumps({"repositories": {"app": [image]}}))
    world = World(Settings())

    plant(world, str(catalogue))

    content = world.content["contosoregistry"]
    app = content.repositories["app"]
    index, child = app.resolve("1.0"), app.resolve("1.0-arm64")
    assert index is not None
    assert child is not None
    assert child.manifest.digest in index.manifest.children
    assert [layer["size"] for layer in child.manifest.document()["layers"]] == LAYERS
    assert len(app.referrers[index.manifest.digest]) == 1
    assert content.size() > 2 * sum(LAYERS)


def test_images_with_the_same_base_share_it(tmp_path: Path) -> None:
    """A second image brings its own layer alone."""
    images = [{"tags": [tag], "layers": LAYERS} for tag in ("1.0", "2.0")]
    catalogue = tmp_path / "catalogue.json"
    catalogue.write_text(json.dumps({"repositories": {"app": images}}))
    world = World(Settings())

    plant(world, str(catalogue))

    assert sum(LAYERS) + LAYERS[1] <= world.content["contosoregistry"].size() < 2 * sum(LAYERS)
