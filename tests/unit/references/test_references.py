"""References to a registry: what is asked for, where each is, which are rewritten, and what holds for any text."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.references import (
    Choice,
    Reference,
    ReferenceKind,
    Rename,
    parse_rename,
    rewrite_text,
    scan,
    unresolved_references,
)
from acr_relocate.references.file_rules import NAMES_BOTH

OLD, NEW = "contoso.azurecr.io", "fabrikamnorth.azurecr.io"
TO = parse_rename(OLD, NEW)
BACK = parse_rename(NEW, OLD)
ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/"
SECRET = '{"auths":{"contoso.azurecr.io":{"auth":"dTpodW50ZXIy"}}}'
ENCODED = base64.b64encode(SECRET.encode()).decode()

BAD_INPUT: dict[str, tuple[Callable[[], Rename], str]] = {
    "the old host is no login server": (lambda: parse_rename("contoso", NEW), "--from 'contoso' is not"),
    "the new host is no login server": (lambda: parse_rename(OLD, "gcr.io"), "--to 'gcr.io' is not"),
    "a host is a URL": (lambda: parse_rename(f"https://{OLD}/", NEW), f"Give only the host: {OLD}."),
    "a host is an image": (lambda: parse_rename(f"{OLD}/app", NEW), f"Give only the host: {OLD}."),
    "a host is an endpoint": (lambda: parse_rename("contoso.westeurope.data.azurecr.io", NEW), "is not"),
    "a name is too short": (lambda: parse_rename("abcd.azurecr.io", NEW), "is not"),
    "a host is empty": (lambda: parse_rename("", NEW), "--from '' is not"),
    "the hosts are the same": (lambda: parse_rename(OLD, OLD), "nothing to rewrite"),
    "the hosts are the same in another case": (lambda: parse_rename(OLD, OLD.upper()), "nothing to rewrite"),
    "one region": (lambda: parse_rename(OLD, NEW, source_region="westeurope"), "belong together"),
    "one resource group": (lambda: parse_rename(OLD, NEW, target_group="g"), "belong together"),
    "one id": (lambda: parse_rename(OLD, NEW, source_id=f"{ID}contoso"), "belong together"),
    "an unknown region": (
        lambda: parse_rename(OLD, NEW, source_region="westurope", target_region="eastus"),
        "westurope",
    ),
    "an id of something else": (
        lambda: parse_rename(OLD, NEW, source_id="/x", target_id="/y"),
        "--id-from '/x' is not",
    ),
    "an id of another registry": (
        lambda: parse_rename(OLD, NEW, source_id=f"{ID}other", target_id=f"{ID}fabrikamnorth"),
        "--id-from is of registry other",
    ),
}


def found(text: str, path: str = "a.yaml") -> tuple[Reference, ...]:
    return scan(text, TO, path)


def rewritten(text: str, rename: Rename = TO, path: str = "a.yaml", **choice: bool) -> str:
    return rewrite_text(text, scan(text, rename, path), rename, Choice(**choice))


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_has_one_clear_message(case: str) -> None:
    """Before anything is read, the message says which option is wrong and how."""
    parse, message = BAD_INPUT[case]
    with pytest.raises(InvalidRequest) as error:
        parse()
    assert message in str(error.value)


def test_regions_are_taken_as_people_write_them() -> None:
    """Display names are the same regions."""
    rename = parse_rename(OLD, NEW, source_region="West Europe", target_region="northeurope")
    assert (rename.source_region, rename.target_region) == ("westeurope", "northeurope")


def test_hash_of_a_domain_name_label_is_no_part_of_the_name() -> None:
    """The login server may carry a hash; the bare name never does."""
    assert parse_rename("contoso-a1b2.azurecr.io", NEW).names == ("contoso", "fabrikamnorth")


def test_reference_says_where_it_is() -> None:
    """Line and column count from 1, as editors do."""
    (reference,) = found(f"a: b\n  image: {OLD}/app\n")
    assert (reference.line, reference.column, reference.text) == (2, 10, OLD)


def test_probable_references_are_rewritten_only_when_asked_for() -> None:
    """A bare name may be anything."""
    assert rewritten("company: contoso") == "company: contoso"
    assert rewritten("company: contoso", probable=True) == "company: fabrikamnorth"


@pytest.mark.parametrize(
    "text",
    [
        'resource "azurerm_container_registry" "a" {\n  location = "x"\n  name = "contoso"\n}',
        "resource acr 'Microsoft.ContainerRegistry/registries@2025-11-01' = {\n  name: 'contoso'\n}",
        '{"type": "Microsoft.ContainerRegistry/registries", "apiVersion": "x", "name": "contoso"}',
        '{"name": "contoso", "sku": {"name": "x"}, "type": "Microsoft.ContainerRegistry/registries"}',
        'resource "azurerm_container_registry" "a" {\n  tags = { a = "b" }\n  name = "contoso"\n}',
        'resource "azapi_resource" "a" {\n  name = "contoso"\n  type = "Microsoft.ContainerRegistry/registries@x"\n}',
        "new containerregistry.Registry('a', { sku: { name: 'x' }, registryName: 'contoso' })",
        "a:\n  type: azure-native:containerregistry:Registry\n  properties:\n    registryName: contoso\n",
        "apiVersion: containerregistry.azure.com/v1\nkind: Registry\nspec:\n  azureName: contoso\n",
        "- azure_rm_containerregistry:\n    resource_group: g\n    name: contoso\n",
    ],
)
def test_definition_of_the_registry_is_never_rewritten(text: str) -> None:
    """Under another name the tool would delete the registry, or make another one: not even when asked for."""
    assert rewritten(text, path="main.tf", probable=True) == text
    assert "defines the registry" in found(text, "main.tf")[0].note


def test_resource_group_beside_a_name_is_pointed_out() -> None:
    """A new name in the old resource group is found nowhere."""
    assert "--resource-group-from" in found("az acr show -n contoso -g rg-west", "run.sh")[0].note


def test_pull_secrets_are_rewritten_only_when_asked_for() -> None:
    """The host goes into the secret; its password stays, and the note says that it will not work."""
    text = f".dockerconfigjson: {ENCODED}\n"
    assert rewritten(text) == text
    assert "recreate the secret" in found(text)[0].note
    wanted = base64.b64encode(SECRET.replace(OLD, NEW).encode()).decode()
    assert rewritten(text, pull_secrets=True) == f".dockerconfigjson: {wanted}\n"


def test_pull_secret_over_lines_keeps_their_width() -> None:
    """The last line has what is left."""
    text = "x: |\n" + "".join(f"    {ENCODED[at : at + 40]}\n" for at in range(0, len(ENCODED), 40))
    new = rewritten(text, pull_secrets=True)
    rows = new.splitlines()[1:]
    assert {len(row) for row in rows[:-1]} == {44}
    assert base64.b64decode("".join(rows)).decode() == SECRET.replace(OLD, NEW)
    assert rewritten(new, BACK, pull_secrets=True) == text


def test_reference_to_a_pull_secret_holds_no_secret() -> None:
    """Stored and printed texts describe the value; the value stays in the file."""
    (reference,) = found(f".dockerconfigjson: {ENCODED}\n")
    assert ENCODED[:20] not in reference.model_dump_json()
    assert "dTpodW50ZXIy" not in reference.model_dump_json()


def test_what_remains_is_what_was_not_rewritten() -> None:
    """Pull secrets remain, rewritten references do not, and probable ones count only where they were asked for."""
    references = found(f"image: {OLD}/app\nx: contoso\n.dockerconfigjson: {ENCODED}")
    assert len(references) == 3
    assert [left.kind for left in unresolved_references(references, Choice(), rewritten=True)] == [
        ReferenceKind.PULL_SECRET
    ]
    assert len(unresolved_references(references, Choice(), rewritten=False)) == 2
    assert len(unresolved_references(references, Choice(probable=True), rewritten=False)) == 3


def test_host_that_is_no_login_server_has_no_endpoints_and_no_name() -> None:
    """Any other registry's host can be replaced too, by code; its dots may be more or fewer than the new one's."""
    rename = Rename(source="gcr.io", target=OLD)
    text = r"image: gcr.io/a, eu.gcr.io/a, ^gcr\.io/, gcr.x.data.io"
    wanted = rf"image: {OLD}/a, eu.gcr.io/a, ^contoso\.azurecr\.io/, gcr.x.data.io"
    assert rewritten(text, rename) == wanted
    assert rewritten(wanted, Rename(source=OLD, target="gcr.io")) == text


def test_minified_file_with_thousands_of_references_is_read_completely() -> None:
    """One line of many references: each is found."""
    text = "[" + ",".join([f'{{"image":"{OLD}/app:1"}}'] * 2000) + "]"
    assert len(found(text, "a.json")) == 2000
    assert rewritten(text, path="a.json") == text.replace(OLD, NEW)


PIECES = st.sampled_from(
    rf"""{OLD} contoso\.azurecr\.io Contoso.azurecr.io CONTOSO.AZURECR.IO contoso contoso.westeurope.data.azurecr.io
    acrName: image: /app:1 {ID}contoso {ENCODED} evil.com password: hunter2 az acr login build -n -r x - . .. _ @ : / \/
    \n %2F * # ' " \ ${{X:- ${{X}} {{{{x}}}} $(x) }} ) < > é 登 // /* */ {NEW} fabrikamnorth REG= $REG REG:
    $REG.azurecr.io credentialsId: pullSecret= &nbsp ``` if [ ] case in == ;; -eq (eq ~ = $ , ;""".split()
) | st.sampled_from(
    [
        " ",
        "\n",
        "\r\n",
        "\t",
        "\\\n",
        "\udcff",
        "az acr login -n $REG\n",
        'if [ "$REG" = contoso ]\n',
        "- name: ",
        "imagePullSecrets:\n",
    ]
)
TEXTS = st.lists(PIECES, max_size=25).map("".join)
PATHS = st.sampled_from(["a.yaml", "a.json", "a.tf", "a.bicep", "a.sh", "a.ps1", "Dockerfile", "a.md", "a.tfstate", ""])


@given(TEXTS, PATHS)
def test_round_trip_gives_the_same_text(text: str, path: str) -> None:
    """There and back is nowhere, whatever the text; one that names the new registry is not rewritten at all.

    An id stays where its new group is not known, and names the new registry on the way back.
    """
    there = rewritten(text, path=path)
    if rewritten(text, BACK, path) != text:
        assert there == text
    elif f"{ID}contoso" in text:
        assert rewritten(there, BACK, path) in (text, there)
    else:
        assert rewritten(there, BACK, path) == text


# Lines as texts have them, and how a host begins in one, or after one that ends in anything.
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30) | st.sampled_from(
    [
        "Moved last year.",
        "[a-z]*",
        "(x)",
        "${TAG}",
        "$(tag)",
        "{{ x }}-",
        "%X%",
        "$",
        "- ",
        "\\n",
        "&nbsp;",
        "/*",
        "a_",
        "*",
    ]
)
BEFORE = st.sampled_from(
    ["\n", "\n  ", "\r\n", "\t", " ", '"', "'", "=", "(", "<", ": ", "//", ",", "`", "@", "\n- ", "\n* "]
)
AFTER = st.sampled_from(["\n", " ", "/app:1\n", "/app@sha256:ab ", '"', "'\n", ")", ",", ";", ":443/a ", ". \n", "`"])


@given(st.lists(st.tuples(LINES, BEFORE, AFTER), min_size=1, max_size=6), LINES, PATHS)
def test_every_host_is_found_whatever_is_around_it(planted: list[tuple[str, str, str]], last: str, path: str) -> None:
    """Whether it is rewritten or only reported: none is missed in silence."""
    text, places = "", []
    for line, before, after in planted:
        text += line + before
        places.append(len(text))
        text += OLD + after
    text += f"\n{last}"
    references = found(text, path)
    assert [at for at in places if not any(one.start <= at < one.end for one in references)] == []


def test_file_of_both_registries_counts_as_remaining() -> None:
    """It names the old registry surely, so a check must not pass over it."""
    references = found(f"az acr import -n fabrikamnorth --source {OLD}/app:1", "a.sh")
    assert [one.note for one in references] == [NAMES_BOTH]
    assert rewritten(f"from {OLD} to {NEW}") == f"from {OLD} to {NEW}"
    assert len(unresolved_references(references, Choice(), rewritten=True)) == 1


def test_credentials_of_both_registries_are_never_made_the_same() -> None:
    """Under one key, one of them would be lost."""
    text = f'{{"auths":{{"{OLD}":{{"auth":"YTpi"}},"{NEW}":{{"auth":"YTpj"}}}}}}'
    assert rewritten(text, pull_secrets=True) == text
    encoded = f".dockerconfigjson: {base64.b64encode(text.encode()).decode()}"
    assert rewritten(encoded, pull_secrets=True) == encoded


def test_subscription_beside_a_name_is_pointed_out() -> None:
    """The new registry may be in another one."""
    text = "az acr show -n contoso --subscription 11111111-2222-3333-4444-555555555555"
    assert "--id-from" in found(text, "run.sh")[0].note


def test_resource_id_is_reported_where_the_name_is() -> None:
    """Editors jump to what has to change."""
    (reference,) = found(f"id: {ID}contoso\n")
    assert (reference.line, reference.column) == (1, 5 + len(ID))


@given(TEXTS, PATHS)
def test_second_rewrite_changes_nothing(text: str, path: str) -> None:
    """A rewrite replaces all its places at once."""
    once = rewritten(text, path=path)
    assert rewritten(once, path=path) == once


@given(TEXTS, PATHS)
def test_references_are_in_order_and_apart(text: str, path: str) -> None:
    """Each says exactly what stands where it is, an encoded value apart."""
    references = found(text, path)
    ends = [0, *(reference.end for reference in references)]
    assert all(end <= reference.start for end, reference in zip(ends, references, strict=False))
    assert all(reference.encoded or reference.text == text[reference.start : reference.end] for reference in references)


@given(TEXTS, PATHS)
def test_everything_outside_of_references_stays(text: str, path: str) -> None:
    """Without its references, a text is the same before and after."""
    choice = Choice()
    references = [reference for reference in found(text, path) if choice.rewrites(reference)]
    emptied = [reference.model_copy(update={"replacement": "", "encoded": False}) for reference in references]
    new = rewritten(text, path=path)
    removed = 0
    for reference in references:
        at = reference.start - removed
        new = new[:at] + new[at + len(reference.replacement or "") :]
        removed += reference.end - reference.start
    if not any(reference.encoded for reference in references):
        assert new == rewrite_text(text, emptied, TO, choice)
