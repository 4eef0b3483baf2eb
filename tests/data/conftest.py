from __future__ import annotations

import polars as pl
import pytest
from hypothesis import settings

from citytech_data.dataset import Dataset, open_dataset
from citytech_data.ranking import standings

# All tests together must take minutes, hence few examples.
settings.register_profile("core", settings.get_profile("citytech"), max_examples=40)
settings.load_profile("core")


@pytest.fixture(scope="session")
def published() -> Dataset:
    return open_dataset("published")


@pytest.fixture(scope="session")
def inventions() -> Dataset:
    return open_dataset("china-inventions-2016")


@pytest.fixture(scope="session")
def published_standings(published: Dataset) -> pl.DataFrame:
    return standings(published, 2021)


@pytest.fixture(scope="session")
def inventions_standings(inventions: Dataset) -> pl.DataFrame:
    return standings(inventions, 2016)
