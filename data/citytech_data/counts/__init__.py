"""A table of counts, as copied from a patent database's statistics page, as a dataset."""

from citytech_data.counts.build import read_counts
from citytech_data.counts.reading import CountsTable, LeftOut, Reading, TotalCheck

__all__ = ["CountsTable", "LeftOut", "Reading", "TotalCheck", "read_counts"]
