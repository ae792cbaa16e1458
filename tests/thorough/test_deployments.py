"""Every deployment, run by a worker that was started somewhere else."""

from pathlib import Path

from tests.service.conftest import Move, _emulator, _shared_emulator, _small_move
from tests.service.test_deployments import NAMES, _prefect, run_elsewhere

__all__ = ["_emulator", "_prefect", "_shared_emulator", "_small_move"]

# A batch starts others, which a worker that takes each run once would not see; the others are started by runs.
NOT_ALONE = frozenset(("batch/batch", "import-part/worker-import-part", "recover-run/worker-recover-run"))


async def test_a_worker_somewhere_else_runs_every_deployment(small_move: Move, prefect: str, tmp_path: Path) -> None:
    """Nothing depends on where `acr-relocate deploy` and the worker were started."""
    await run_elsewhere([name for name in NAMES if name not in NOT_ALONE], small_move, prefect, tmp_path)
