"""The commands about pull secrets, run by a shell as in the pod of a cluster, with a kubectl that has one secret."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from acr_relocate.core.errors import ListingIncomplete
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.former_values import FormerImage, FormerWorkload, PullSecret
from acr_relocate.core.switching.pull_secrets import (
    END_OF_SECRETS,
    add_entries,
    left_secrets,
    list_secrets,
    read_secrets,
    remove_entries,
    with_secrets,
)

SOURCE, TARGET = "contosoregistry.azurecr.io", "contosonorth.azurecr.io"
CREDENTIAL = {"username": "shop", "password": 'a}b"c\\d', "auth": base64.b64encode(b"shop:x").decode()}
NO_OWNER = "   ".join(["<none>"] * 7)
KUBECTL = r"""#!/bin/sh
case "$*" in
*--all-namespaces*) cat "$HERE/listed" ;;
"get secret"*) cat "$HERE/config" | base64 -w0 ;;
"patch secret"*)
    for last; do :; done
    printf '%s' "$last" | sed 's/.*":"\(.*\)"}}/\1/' | base64 -d > "$HERE/config" ;;
esac
"""
FACTS = SwitchedDependent(
    registry_id="/r",
    kind="cluster",
    dependent_id="/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/g/providers/"
    "Microsoft.ContainerService/managedClusters/aks",
    source_server=SOURCE,
    target_server=TARGET,
    namespaces=("*",),
    workloads=(
        FormerWorkload(
            kind="Deployment",
            namespace="shop",
            name="web",
            images=(FormerImage(container="main", image=f"{SOURCE}/shop/web:1"),),
        ),
    ),
    secrets=(PullSecret(namespace="shop", name="pull"),),
)


def run(folder: Path, command: str) -> str:
    """Its output."""
    kubectl = folder / "kubectl"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o700)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "HERE": str(folder)}
    return subprocess.run(["sh", "-c", command], env=environment, check=True, capture_output=True, text=True).stdout


def config(*hosts: str, indent: int | None = None) -> str:
    simple = CREDENTIAL | {"password": "s3cret"}
    return json.dumps({"auths": dict.fromkeys(hosts, simple)}, indent=indent)


@pytest.mark.parametrize("indent", [None, 2])
def test_the_entry_is_added_once_and_removed_to_the_same_bytes(tmp_path: Path, indent: int | None) -> None:
    """Also where the secret was made from a file of several lines."""
    file = tmp_path / "config"
    file.write_text(before := config("docker.io", SOURCE, "quay.io", indent=indent))
    [add], [remove] = add_entries(FACTS), remove_entries(FACTS, ())

    said = run(tmp_path, add) + run(tmp_path, add)
    entries = json.loads(added := file.read_text())["auths"]
    run(tmp_path, remove)

    assert added.count(TARGET) == 1
    assert [*entries] == ["docker.io", SOURCE, TARGET, "quay.io"]
    assert entries[TARGET] == entries[SOURCE]
    assert "s3cret" not in said
    assert file.read_text() == before


@pytest.mark.parametrize("hosts", [("docker.io",), (SOURCE, TARGET), (f"my{SOURCE}",), ("contosoregistryXazurecr.io",)])
def test_a_secret_that_needs_no_entry_stays(tmp_path: Path, hosts: tuple[str, ...]) -> None:
    (tmp_path / "config").write_text(before := config(*hosts))

    run(tmp_path, *add_entries(FACTS))

    assert (tmp_path / "config").read_text() == before


def test_the_listing_prints_names_alone(tmp_path: Path) -> None:
    """Of the secrets that have an entry for the source and none for the target."""
    (tmp_path / "listed").write_text(f"shop   pull   {NO_OWNER}\n")
    listed = {}
    for name, hosts in (("source", (SOURCE,)), ("both", (SOURCE, TARGET)), ("other", ("docker.io",))):
        (tmp_path / "config").write_text(config(*hosts))
        listed[name] = run(tmp_path, list_secrets(FACTS))

    [found] = read_secrets(listed["source"])
    assert (str(found.key), found.owner) == ("shop/pull", "")
    assert read_secrets(listed["both"]) == read_secrets(listed["other"]) == ()
    assert "s3cret" not in str(listed)


def test_a_listing_that_was_cut_is_none() -> None:
    with pytest.raises(ListingIncomplete, match="ends too early"):
        read_secrets(f"shop pull {NO_OWNER}\n")


def test_secrets_of_owners_and_of_other_namespaces_are_left_and_named() -> None:
    rows = (f"shop pull {NO_OWNER}", f"shop helm Helm {NO_OWNER[9:]}", f"blog pull {NO_OWNER}", END_OF_SECRETS)
    found = read_secrets("\n".join(rows))

    facts = with_secrets(FACTS.model_copy(update={"secrets": ()}), found)

    assert [str(one) for one in facts.secrets] == ["shop/pull"]
    left = left_secrets(facts, found)
    assert "Secret/shop/helm (Helm would set it back)" in left
    assert "Secret/blog/pull" in left
    assert "Secret/shop/pull" not in left
