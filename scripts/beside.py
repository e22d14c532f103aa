"""Two ways of doing something, measured turn by turn, so that whatever else the machine does meets both alike."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Act = Callable[[], object]


@dataclass(frozen=True)
class Beside:
    """Milliseconds on the clock and of the processor, of ours and of the floor; medians, and our slowest twentieth."""

    ms: float
    floor_ms: float
    cpu: float
    floor_cpu: float
    p95: float

    @property
    def ratio(self) -> float:
        """How many times the floor ours takes on the clock."""
        return self.ms / self.floor_ms if self.floor_ms else 0.0

    @property
    def cpu_ratio(self) -> float:
        """How many times the floor's time of the processor ours takes: what a busy machine distorts least."""
        return self.cpu / self.floor_cpu if self.floor_cpu else 0.0


def beside(ours: Act, floor: Act, times: int = 200, warm_up: int = 20) -> Beside:
    """Do both in turns; the time of the processor is that of the calling thread."""
    for _ in range(warm_up):
        floor()
        ours()
    took: dict[Act, list[tuple[float, float]]] = {ours: [], floor: []}
    for _ in range(times):
        for act in (floor, ours):
            clock, cpu = time.perf_counter(), time.thread_time()
            act()
            took[act].append(((time.perf_counter() - clock) * 1000, (time.thread_time() - cpu) * 1000))
    clocks, cpus = ({act: [pair[place] for pair in pairs] for act, pairs in took.items()} for place in (0, 1))
    return Beside(
        statistics.median(clocks[ours]),
        statistics.median(clocks[floor]),
        statistics.median(cpus[ours]),
        statistics.median(cpus[floor]),
        sorted(clocks[ours])[round(times * 0.95) - 1],
    )
