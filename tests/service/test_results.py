"""Results may be kept where a team wants them; no run takes from there what it has to look at again."""

from importlib import import_module
from pathlib import Path

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, PREFECT_RESULTS_PERSIST_BY_DEFAULT, temporary_settings

from flows.preview_imports import preview_imports
from tests.service.conftest import Move
from tests.support.architecture import ROOT


def kept(folder: Path) -> set[str]:
    """The results that a folder holds."""
    return {str(path) for path in folder.iterdir()}


async def test_results_are_kept_where_the_settings_say(sync: Move, tmp_path: Path) -> None:
    """And nowhere by default."""
    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: tmp_path}):
        await preview_imports(sync.request)
        before = kept(tmp_path)
        with temporary_settings({PREFECT_RESULTS_PERSIST_BY_DEFAULT: True}):
            state = await preview_imports(sync.request, return_state=True)

    assert before == set()
    assert state.data.metadata.storage_key in kept(tmp_path)


def test_no_task_is_answered_from_the_cache() -> None:
    """A run that was suspended for an approval, or is retried, sees what there is by then.

    But for the blobs of a check that a person resumes (thorough/test_resumed_check.py).
    """
    modules = [
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for path in (ROOT / "tasks").rglob("[a-z]*.py")
    ]
    tasks = {each.name: each for module in modules for each in vars(module).values() if isinstance(each, Task)}

    assert len(tasks) > 10
    assert {name for name, each in tasks.items() if each.cache_policy is not NO_CACHE} == {"read-blobs"}
