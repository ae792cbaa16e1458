"""Switch dependents: those that the request selects run the target's images instead of the source's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from acr_relocate.core.cut_over.app_switches import app_switches
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.downstream_switches import downstream_switches
from acr_relocate.core.cut_over.model import CutOverAction
from acr_relocate.core.cut_over.setting_switches import setting_switches
from acr_relocate.core.cut_over.site_switches import site_switches
from acr_relocate.core.cut_over.switch_action import SwitchCandidate, drawn_switch
from acr_relocate.core.cut_over.workload_switches import workload_switches

_FAMILIES: Final[tuple[Callable[[CutOverContext], Iterator[SwitchCandidate]], ...]] = (
    app_switches,
    site_switches,
    workload_switches,
    setting_switches,
    downstream_switches,
)


def switch_actions(cut: CutOverContext) -> Iterator[CutOverAction]:
    """Yield the switch of each selected dependent that names the source; refused with the reason where it cannot be."""
    if cut.request.switch.enabled:
        for family in _FAMILIES:
            for candidate in family(cut):
                yield drawn_switch(cut, candidate)
