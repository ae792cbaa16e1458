"""The service as a person sees it: a real Prefect server and worker, and its UI in a headless Chromium."""

import gc
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Response, ViewportSize, expect, sync_playwright

from deployments.server import local_server

os.environ.update(local_server.TUNING)  # before Prefect is imported: it reads them once

from deployments.processes import wait_until
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator, running
from tests.support.plain_server import plain_server
from tests.support.prefect_api import PATIENCE, Api, working

CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 120_000  # the machine may be slow; the UI looks for news every few seconds
SCHEMES: dict[str, Literal["light", "dark"]] = {"-dark": "dark", "": "light"}
DRAWN_BYTES = 8_000  # of a picture of the graph; an empty frame has fewer
STILL_MS, STILL_SECONDS = 1500, 20.0
SIZE: ViewportSize = {"width": 1280, "height": 1000}
WHOLE_MAP = 1900
"""The height at which the map is on one page, with its legend."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", type=Path, metavar="FOLDER", help="Keep a picture of each step there.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The server's process is known by its id alone; Prefect leaves clients open (tests/service/conftest.py)."""
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"))


@dataclass
class Ui:
    """The Prefect UI in a browser, with what a person does in it."""

    page: Page
    api: Api
    azure: Emulator
    pictures: Path | None

    @property
    def address(self) -> str:
        """Where the UI is."""
        return self.api.url.removesuffix("/api") + "/v2"

    def picture(
        self,
        name: str,
        *,
        first: Locator | None = None,
        amidst: Locator | None = None,
        height: int = 1000,
        ready: Callable[[], object] = lambda: None,
    ) -> None:
        """Keep the screen, from `first` on or with `amidst` in it, in light and dark, if asked for.

        `ready` waits for what a change of colours draws again.
        """
        if not self.pictures:
            return
        self.page.set_viewport_size({**SIZE, "height": height})
        for suffix, scheme in SCHEMES.items():
            self.page.emulate_media(color_scheme=scheme)
            ready()
            if first:
                first.evaluate("element => element.scrollIntoView({block: 'start'})")
            if amidst:
                amidst.evaluate("element => element.scrollIntoView({block: 'center'})")
            self.page.evaluate("window.scrollTo(0, 0)")  # the page scrolls inside: its frame stays where it is
            wait_until(self._is_still, STILL_SECONDS)  # a run at work never is
            self.page.screenshot(path=self.pictures / f"{name}{suffix}.png", animations="disabled")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(SIZE)

    def _is_still(self) -> bool:
        before = self.page.screenshot(animations="disabled")
        self.page.wait_for_timeout(STILL_MS)
        return self.page.screenshot(animations="disabled") == before

    def open_form(self) -> None:
        """The form that starts a relocation is on the screen, to its last field."""
        found = self.api.call("GET", "/deployments/name/relocate/relocate")
        self.page.goto(f"{self.address}/deployments/deployment/{found['id']}/run")
        expect(self.page.get_by_text("Delete the source in the end")).to_be_visible()

    def fill(self, field: str, text: str) -> None:
        self.page.get_by_label(field, exact=True).fill(text)

    def choose(self, field: str, option: str, *, one_of_several: bool = False) -> None:
        """The option is chosen from the field's list, which stays open where several can be chosen."""
        self.page.get_by_label(f"Select {field}").click()
        self.page.get_by_role("option", name=option, exact=True).click()
        if one_of_several:
            self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("option")).to_have_count(0)  # one that is still closing would close the next

    def submit(self) -> None:
        self.page.get_by_role("button", name="Submit").click()

    def start(self) -> str:
        """The form has started a run; its id."""
        run = self.pressing("Submit", "/create_flow_run")
        self.page.wait_for_url(lambda address: "tab=Runs" in address)
        return str(run["id"])

    def pressing(self, button: str, call: str) -> dict[str, Any]:
        """The server's answer to the call that this button makes.

        A server that is busy with its SQLite answers 503; the UI says so, and a person presses the button again.
        """
        answers: list[Response] = []

        def answered() -> bool:
            with self.page.expect_response(lambda each: call in each.url) as answer:
                self.page.get_by_role("button", name=button, exact=True).click()
            answers.append(answer.value)
            return answers[-1].status != httpx.codes.SERVICE_UNAVAILABLE

        assert wait_until(answered, PATIENCE)
        assert answers[-1].ok, answers[-1].text()
        found: dict[str, Any] = answers[-1].json()
        return found

    def open_run(self, run_id: str, tab: str) -> None:
        """The run is on the screen, with this tab."""
        self.page.goto(f"{self.address}/runs/flow-run/{run_id}?tab={tab}")
        expect(self.page.get_by_role("tab", name=tab, selected=True)).to_be_visible()

    def see_state(self, name: str) -> None:
        """The run on the screen has this state."""
        expect(self.page.get_by_role("main").get_by_text(name, exact=True).first).to_be_visible()

    def see_graph(self) -> None:
        """The graph of the run on the screen is drawn, which takes a moment longer than the page."""

        def is_drawn() -> bool:
            place = self.page.locator("canvas").first.bounding_box()  # of the page: a change of colours replaces it
            return place is not None and len(self.page.screenshot(clip=place)) > DRAWN_BYTES

        assert wait_until(is_drawn, PATIENCE)

    def answer(self, run_id: str, decision: str, name: str, comment: str, *, picture: str) -> None:
        """The question that the run waits with is answered."""
        self.open_run(run_id, "Details")
        self.see_state("Suspended")
        self.page.get_by_role("button", name="Open menu").first.click()
        self.page.get_by_role("menuitem", name="Resume").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("Your name").fill(name)
        dialog.get_by_label("Comment").fill(comment)
        self.choose("Decision", decision)
        asked = dialog.get_by_text("What you approve:")
        expect(asked).to_be_attached()
        self.picture(picture, first=asked)
        assert self.pressing("Resume", "/resume")["status"] == "ACCEPT"
        expect(dialog).to_be_hidden()

    def open_artifact(self, run_id: str, key: str) -> None:
        """The run's newest artifact with this key is on the screen."""
        wanted = {"key": {"any_": [key]}, "flow_run_id": {"any_": [run_id]}}
        found = self.api.call("POST", "/artifacts/filter", {"artifacts": wanted, "sort": "CREATED_DESC"})
        self.page.goto(f"{self.address}/artifacts/artifact/{found[0]['id']}")


@pytest.fixture(scope="session", autouse=True)
def _collected() -> Iterator[None]:
    """Collect here the objects that Prefect left open: at the end of pytest they would be an error."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="session", name="service")
def _service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, Emulator]]:
    """A Prefect server with its UI, and a worker that relocates on the embedded Azure."""
    folder = tmp_path_factory.mktemp("service")
    with (
        running("demo") as azure,
        plain_server(folder) as prefect,
        working(f"{prefect.ui}/api", azure.env, folder, relocate_registry),
    ):
        yield Api(f"{prefect.ui}/api"), azure


@pytest.fixture(scope="session", name="browser")
def _browser(service: object) -> Iterator[Browser]:
    """Debian's Chromium: the UI is served from this machine, so no proxy.

    After the service: Playwright runs an event loop in this thread, where Prefect would then hand out coroutines.
    """
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--no-proxy-server"]  # CI runs as root
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments, timeout=PATIENCE_MS)
        yield browser
        browser.close()


@pytest.fixture(name="ui")
def _ui(browser: Browser, service: tuple[Api, Emulator], request: pytest.FixtureRequest) -> Iterator[Ui]:
    pictures = request.config.getoption("--pictures")
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport=SIZE)
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield Ui(context.new_page(), *service, pictures)
    context.close()
    service[1].clear_faults()
    service[1].release()  # or what a failed test holds would keep the next one from its turn
