"""A large run in the Prefect UI: 10,000 imports, opened in Chromium.

An import of so many images, against an Azure that answers at once; then the pages of the run in the Prefect UI, each
until it shows what it is for. `blocked` is the longest time without an answer of the page.

    python -m benchmarks.ui                          10,000 artifacts: 8 minutes; needs the package chromium
    python -m benchmarks.ui --artifacts 1000         2 minutes
    python -m benchmarks.ui --pictures docs/pictures
"""

import argparse
import base64
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import expect, sync_playwright

from acr_relocate.core.documents.markdown_parts import table
from benchmarks.stage import Run, Stage, stage, synthetic

CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 300_000.0
SETTLED_MS = 10_000.0  # what is drawn after it has come blocks, too
SIZE = {"width": 1280, "height": 1000}
# Asked ten times a second whether it is alive, the page remembers the longest time for which it was not.
WATCH = """() => {
  window.longest = 0;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    window.longest = Math.max(window.longest, now - last - 100);
    last = now;
  }, 100);
}"""


class Page(NamedTuple):
    """A page to open: a run of this flow, with this tab, to see this."""

    name: str
    flow: str
    tab: str
    sight: str


PAGES = (
    Page("the run, with its task tree", "sync", "Logs", "images"),
    Page("the runs inside it", "sync", "SubflowRuns", "import-shard-"),
    Page("its artifacts", "sync", "Artifacts", "report-"),
    Page("one of the runs inside it", "import-shard", "TaskRuns", "@sha256:"),
)


class Seen(NamedTuple):
    """A page of the UI: when it showed what it is for, and for how long it was blocked at most."""

    page: Page
    seconds: float
    blocked: float
    heap_mib: float


def main() -> int:
    """Import, look, print the table; 0 if all was imported and every page has shown what it is for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", type=int, default=10_000)
    parser.add_argument("--pictures", type=Path)
    asked = parser.parse_args()
    with stage(synthetic(asked.artifacts), profile="instant") as place:
        run = Run(["sync", str(place.target("uitarget"))], place.environment).wait()
        inside = len(runs(place, "import-shard"))
        print(f"{asked.artifacts} artifacts in {run.seconds:.0f} s: one run, and {inside} runs of 500 inside it\n")
        seen = list(looked_at(place, asked.pictures))
    print(table(("page", "shown after", "blocked at most", "heap"), [_row(one) for one in seen]))
    return int(run.exit != 0)


def runs(place: Stage, flow: str) -> list[dict[str, str]]:
    """The runs of a flow, oldest first."""
    found: list[dict[str, str]] = place.ask("/flow_runs/filter", {"flows": {"name": {"any_": [flow]}}})
    return found


def looked_at(place: Stage, pictures: Path | None) -> Iterator[Seen]:
    """Every page of the run, each in a tab of its own."""
    ui = place.prefect.ui + "/v2/runs/flow-run"
    password = base64.b64encode(place.prefect.auth_string.encode()).decode()
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--no-proxy-server", "--enable-precise-memory-info"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for page in PAGES:
            screen = browser.new_page(viewport=SIZE)
            screen.set_default_timeout(PATIENCE_MS)
            screen.add_init_script(f"localStorage.setItem('prefect-password', '{password}')")
            began = time.monotonic()
            screen.goto(f"{ui}/{runs(place, page.flow)[0]['id']}?tab={page.tab}")
            screen.evaluate(WATCH)
            expect(screen.get_by_text(page.sight).first).to_be_visible(timeout=PATIENCE_MS)
            seconds = time.monotonic() - began
            screen.wait_for_timeout(SETTLED_MS)
            blocked = screen.evaluate("window.longest") / 1000
            heap = screen.evaluate("performance.memory.usedJSHeapSize") / 2**20
            if pictures:
                screen.screenshot(path=pictures / f"large-{page.tab.lower()}.png", animations="disabled")
            screen.close()
            yield Seen(page, seconds, blocked, heap)
        browser.close()


def _row(seen: Seen) -> tuple[str, ...]:
    return (seen.page.name, f"{seen.seconds:.1f} s", f"{seen.blocked:.1f} s", f"{seen.heap_mib:.0f} MiB")


if __name__ == "__main__":
    sys.exit(main())
