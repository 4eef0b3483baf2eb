from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# A slow machine is no failure.
settings.register_profile("citytech", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("citytech")


class Scheduling(LoadScopeScheduling):  # type: ignore[misc] # has no types
    """Gives out tests one by one, but those with Spark to one process, so that Java starts once.

    (The marks of xdist itself for groups have no effect with pytest 9.2.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return "spark" if "spark" in nodeid else nodeid


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, or one process would still run it when the others have ended."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one more than there are processors: tests that wait for a program leave one idle."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)
