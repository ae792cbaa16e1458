"""Hand-made traps for the rewriter: every way of writing a registry that we met, and every look-alike.

In a row, «contoso» is what a rewrite replaces (by fabrikam, in the same case) and «this|that» what it replaces by that;
everything else must stay. A row lists the kinds of the references in it, also of those that are left alone. Every row
is tried with both kinds of line endings, rewritten twice, and rewritten back.
"""

import re
import time
from base64 import b64encode

import pytest

from acr_relocate.references import Choice, Rename, rewrite_text, scan
from tests.unit.references.reference_cases.comparisons import COMPARISONS
from tests.unit.references.reference_cases.credentials import SECRETS
from tests.unit.references.reference_cases.details import WITH_DETAILS
from tests.unit.references.reference_cases.hosts import HOSTS
from tests.unit.references.reference_cases.labels import (
    FROM_HASH,
    IN_CLOUD,
    LABELS_FROM_HASH,
    LABELS_IN_CLOUD,
    LABELS_TO_CLOUD,
    LABELS_TO_HASH,
    TO_CLOUD,
    TO_HASH,
)
from tests.unit.references.reference_cases.look_alikes import LOOK_ALIKES
from tests.unit.references.reference_cases.names import NAMES
from tests.unit.references.reference_cases.objects import OBJECTS
from tests.unit.references.reference_cases.other_systems import OTHER_SYSTEMS
from tests.unit.references.reference_cases.passwords import PASSWORDS
from tests.unit.references.reference_cases.places import PLACES
from tests.unit.references.reference_cases.variables import VARIABLES
from tests.unit.references.reference_cases.whole_files import WHOLE_FILES
from tests.unit.references.reference_cases.writing import ALL, HOST, TO, Row

TRAPS = [
    pytest.param(rename, row, id=f"{table}: {sentence}")
    for table, rename, rows in (
        ("look-alikes", TO, LOOK_ALIKES),
        ("hosts", TO, HOSTS),
        ("places", TO, PLACES),
        ("secrets", TO, SECRETS),
        ("objects", TO, OBJECTS),
        ("passwords", TO, PASSWORDS),
        ("names", TO, NAMES),
        ("variables", TO, VARIABLES),
        ("comparisons", TO, COMPARISONS),
        ("other systems", TO, OTHER_SYSTEMS),
        ("whole files", TO, WHOLE_FILES),
        ("with details", ALL, WITH_DETAILS),
        ("from a hash", FROM_HASH, LABELS_FROM_HASH),
        ("to a hash", TO_HASH, LABELS_TO_HASH),
        ("to another cloud", TO_CLOUD, LABELS_TO_CLOUD),
        ("in another cloud", IN_CLOUD, LABELS_IN_CLOUD),
    )
    for sentence, row in rows.items()
]


def expected(marked: str) -> tuple[str, str]:
    """The text before and after the rewrite that the marks of a row describe."""
    new = {"contoso": "fabrikam", "Contoso": "Fabrikam", "CONTOSO": "FABRIKAM"}
    before = re.sub(r"«([^»|]*)(?:\|[^»]*)?»", r"\1", marked)
    after = re.sub(r"«([^»|]*)(?:\|([^»]*))?»", lambda mark: mark[2] or new[mark[1]], marked)
    return before, after


def back(rename: Rename) -> Rename:
    swapped = {
        field: getattr(rename, field.replace(*pair))
        for pair in (("source", "target"), ("target", "source"))
        for field in Rename.model_fields
        if field.startswith(pair[0])
    }
    return Rename(**swapped)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("rename", "row"), TRAPS)
def test_trap(rename: Rename, row: Row, line_end: str) -> None:
    """Every row is found as it says, rewritten as it says, the same when done again, and the same bytes when undone."""
    path = row[2] if len(row) == 3 else "a.yaml"
    before, after = (text.replace("\n", line_end) for text in expected(row[0]))
    found = scan(before, rename, path)
    assert [reference.kind.value for reference in found] == row[1].split()
    assert rewrite_text(before, found, rename, Choice()) == after
    assert rewrite_text(after, scan(after, rename, path), rename, Choice()) == after
    assert rewrite_text(after, scan(after, back(rename), path), back(rename), Choice()) == before


def test_a_line_of_megabytes_costs_what_its_parts_cost() -> None:
    """Generated files have one line; what is looked for around each reference ends near it."""
    entry = f'{{"image":"contoso.azurecr.io/a:1","text":"{"x" * 2000}"}}'
    seconds = []
    for count in (100, 1600):
        begun = time.process_time()
        assert len(scan(f"[{','.join([entry] * count)}]", TO, "a.json")) == count
        seconds.append(time.process_time() - begun)

    assert seconds[1] < 64 * seconds[0] + 1  # 16 if it is linear, 256 if each looks at all


@pytest.mark.parametrize(
    "line",
    [
        f"{HOST}\n",
        f'{{"server":"{HOST}","registry":"contoso"}},',
        "az acr login -n contoso\n",
        f"- server: {HOST}\n  password: secret\n",
        f"Push to `{HOST}/app:1`, see [it](https://{HOST}/v2/).\n",
        f"  .dockerconfigjson: {b64encode(HOST.encode()).decode()}\n",
    ],
)
def test_dense_references_cost_what_each_costs(line: str) -> None:
    """Lists and generated files name the registry in every line. Seconds a megabyte: benchmarks/references.py."""
    seconds = []
    for count in (500, 5000):
        begun = time.process_time()
        assert len(scan(line * count, TO, "a.sh")) >= count
        seconds.append(time.process_time() - begun)

    assert seconds[1] < 40 * seconds[0] + 1  # 10 if it is linear, 100 if each looks at all


def test_hostile_text_takes_no_more_time_than_its_length_allows() -> None:
    """A file that somebody else wrote must not block the search for references in it."""
    text = HOST + "\\" * 100_000
    begun = time.process_time()
    assert len(scan(text, TO, "a.yaml")) == 1
    assert time.process_time() - begun < 20  # minutes, if what follows a host is read again from each of its places


def test_traps_are_many() -> None:
    """The table keeps the number of traps that was promised."""
    assert len(TRAPS) >= 200
