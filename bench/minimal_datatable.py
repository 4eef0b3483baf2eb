"""The yardstick: a minimal Textual app that shows the same cities in Textual's DataTable.

It reads the table of cities with the csv module, and does nothing that it is not measured for.
Run it with `--tabs` for three such tables in tabs.
"""

from __future__ import annotations

import csv
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable

COLUMNS = ("#", "City", "Name", "Province", "Province name", "Code", "Latitude", "Longitude")


def read_rows() -> list[tuple[str, ...]]:
    """Return the rows of the embedded table of cities, numbered."""
    spec = find_spec("citytech_data")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("citytech_data is not installed")
    path = Path(spec.submodule_search_locations[0], "published", "cities.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (
                str(number),
                row["name_en"],
                row["name_zh"],
                row["province_en"],
                row["province_zh"],
                row["code"],
                row["lat"],
                row["lon"],
            )
            for number, row in enumerate(csv.DictReader(file), start=1)
        ]


class MinimalApp(App[None]):
    """One table; a click on a header sorts, `/` filters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("slash", "filter", "Filter"),
        ("escape", "all", "All rows"),
    ]

    def compose(self) -> ComposeResult:
        """Lay out the table."""
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """Fill every table."""
        self.rows = read_rows()
        self.descending = True
        for table in self.query(DataTable):
            table.add_columns(*COLUMNS)
            table.add_rows(self.rows)
        self.query(DataTable).first().focus()

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        """Sort by the column; again: reverse."""
        self.descending = not self.descending
        event.data_table.sort(event.column_key, reverse=self.descending)

    async def action_filter(self) -> None:
        """Type a filter."""
        from textual.widgets import Input

        field = Input(compact=True)
        field.styles.dock = "bottom"
        await self.mount(field)
        field.focus()

    def on_input_changed(self, event: object) -> None:
        """Show the rows that contain what is typed."""
        text = getattr(event, "value", "").lower()
        table = self.query(DataTable).first()
        table.clear()
        table.add_rows(row for row in self.rows if text in " ".join(row).lower())

    async def action_all(self) -> None:
        """Show all rows."""
        await self.query("Input").remove()
        table = self.query(DataTable).first()
        table.clear()
        table.add_rows(self.rows)
        table.focus()


class TabbedApp(MinimalApp):
    """Three such tables in tabs, on the keys 1 to 3."""

    BINDINGS: ClassVar[list[BindingType]] = [
        (str(number), f"tab('tab-{number}')", f"Tab {number}") for number in (1, 2, 3)
    ]

    def compose(self) -> ComposeResult:
        """Lay out the tabs."""
        from textual.widgets import TabbedContent, TabPane

        with TabbedContent(initial="tab-1"):
            for number in (1, 2, 3):
                with TabPane(f"Tab {number}", id=f"tab-{number}"):
                    yield DataTable(cursor_type="row")

    def action_tab(self, tab: str) -> None:
        """Open a tab and give the keys to its table."""
        from textual.widgets import TabbedContent

        self.query_one(TabbedContent).active = tab
        self.query_one(f"#{tab} DataTable").focus()


def main() -> int:
    """Run the app."""
    app = TabbedApp() if "--tabs" in sys.argv[1:] else MinimalApp()
    app.run()
    return app.return_code or 0
