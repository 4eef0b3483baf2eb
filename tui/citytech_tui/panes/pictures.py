"""Pictures of the current slice, with a crosshair, and the table behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from citytech_data.rows import FrameRows, Row
from citytech_data.vocabulary import MEASURES
from citytech_tui.bindings import Place
from citytech_tui.drawing.gallery import KINDS, Kind, known_measures, possible
from citytech_tui.drawing.look import Look
from citytech_tui.drawing.picture import Picture
from citytech_tui.drawing.shown import Shown, Subject, Wish
from citytech_tui.keymap import bindings
from citytech_tui.language import _, count_text, spoken
from citytech_tui.names import counted, measure_title
from citytech_tui.pane import Pane
from citytech_tui.widgets.card import city_card
from citytech_tui.widgets.line import Line, Part
from citytech_tui.widgets.lines import Line as TextLine
from citytech_tui.widgets.lines import Lines, paragraph, text
from citytech_tui.widgets.table import Table

if TYPE_CHECKING:
    import polars as pl

_SCALES = ((False, False), (True, True), (True, False), (False, True))
"""Logarithmic across and up, in the order in which the key goes through them."""
_MOST = 20_000
"""Cities in a picture: a screen has fewer places for marks, and more would delay the keys."""


class PicturesPane(Pane):
    """A choice of pictures; each can be changed for its table."""

    places = (Place.PICTURES, Place.FIGURE)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.PICTURES, Place.FIGURE)]

    def __init__(self) -> None:
        """Show the first picture."""
        super().__init__(id="pictures", classes="pictures")
        self.kind: Kind = KINDS[0]
        self.wish = Wish()
        self.column = 0
        self.as_table = False
        self._made: tuple[object, Shown] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the choice, the picture, its table, what is said of it, and the panel."""
        with Horizontal():
            with Vertical():
                yield Line(id="kinds")
                yield Picture()
                table = Table((), key="code")
                table.follow = lambda row: self.host.select(city=row["code"])
                yield table
                yield Lines(classes="caption")
            yield Lines(classes="panel")

    # --- What is shown ----------------------------------------------------------------------

    @property
    def rows(self) -> FrameRows | None:
        """The selected cities; None while the dataset is being read."""
        rows = self.host.view.ranking(MEASURES[0], self.host.selection)
        return rows if isinstance(rows, FrameRows) else None

    @property
    def standings(self) -> pl.DataFrame | None:
        """The cities that there is room for; None while the dataset is being read."""
        return None if self.rows is None else self.rows.head(_MOST)

    @property
    def picture(self) -> Shown | None:
        """The picture of the present slice; None while the dataset is being read."""
        selection, dataset = self.host.selection, self.host.view.dataset
        key = spoken(), self.kind.name, self.wish, replace(selection, city=None, marked=frozenset())
        if self._made is None or self._made[0] != key:
            standings = self.standings
            if standings is None or dataset is None:
                return None
            subject = Subject(
                dataset,
                standings,
                selection.year,
                selection.technology,
                possible(self.kind, self.wish, standings),
            )
            made = self.kind.make(subject)
            made.remarks = [*self._cut(), *made.remarks]
            self._made = key, made
        return self._made[1]

    def _cut(self) -> list[str]:
        """Return a sentence on the cities that are not drawn as there are too many."""
        height = 0 if self.rows is None else self.rows.height
        if height <= _MOST:
            return []
        words = _("Only the first {number} of {cities} on the tab {tab}; a filter chooses others.")
        cities, tab = counted(height, self.host.view.manifest.places), measure_title(MEASURES[0])
        return [words.format(number=count_text(_MOST), cities=cities, tab=tab)]

    @property
    def look(self) -> Look:
        """The city in focus, which all tabs share, and the marked ones."""
        selection = self.host.selection
        return Look(selection.city, self.column, selection.marked)

    @property
    def city(self) -> Row | None:
        """The standing of the city in focus."""
        selection = self.host.selection
        return None if selection.city is None else self.host.view.city(selection.city, selection)

    def show(self) -> None:
        """Show the picture or table of the selection."""
        parts = (
            Part(
                f" {kind.title} ",
                "active" if kind is self.kind else "",
                f"app.pane_action({f'picture({kind.name!r})'!r})",
            )
            for kind in KINDS
        )
        self.query_one("#kinds", Line).show(*parts)
        self.set_class(not self.kind.panel, "-alone")
        picture, table = self.picture, self.query_one(Table)
        if picture is None:
            self.query_one(".caption", Lines).show(
                lambda width: [text(_("Reading the dataset …"), "dim")]
            )
            return
        self.query_one(Picture).display = not self.as_table
        table.display = self.as_table
        if self.as_table:
            table.marked = self.host.selection.marked
            words = _("There is no {city} to show.")
            table.empty_text = words.format(city=self.host.view.manifest.places.one)
            rows = FrameRows(picture.frame)
            table.show(rows, columns=picture.columns, focus_on=self.host.selection.city)
        self._draw()

    def show_city(self) -> None:
        """Move to the city in focus."""
        if self.as_table:
            self.query_one(Table).move_to_key(self.host.selection.city)
        self._draw()

    def take_focus(self) -> None:
        """Give the keys to the picture or table; show the measure of the tab come from."""
        before = self.host.tabs_before[-1:]
        if before and before[0] in MEASURES and before[0] != self.wish.measure:
            self._wish(measure=before[0])
        self.screen.set_focus(self.query_one(Table if self.as_table else Picture))

    def _draw(self) -> None:
        picture = self.picture
        if picture is None:
            return
        look = self.look
        if not self.as_table:
            self.query_one(Picture).show(lambda surface: picture.draw(surface, look))
        self.query_one(".caption", Lines).show(lambda width: self._caption(picture, width))
        city, manifest, measure = self.city, self.host.view.manifest, self.wish.measure
        ranked = measure if measure in MEASURES else MEASURES[0]
        self.query_one(".panel", Lines).show(
            lambda width: [] if city is None else city_card(city, manifest, ranked, width)
        )

    def _caption(self, picture: Shown, width: int) -> list[TextLine]:
        index = FrameRows(picture.frame).find("code", self.host.selection.city or "")
        readout = picture.title
        if index is not None:
            readout = picture.readout(picture.frame.row(index, named=True))
        lines: list[TextLine] = [text(readout, "strong")]
        lines.append(text(" · ".join(picture.legend), "dim"))
        lines += paragraph(" ".join(filter(None, picture.remarks)), width)
        return lines

    @property
    def useless(self) -> frozenset[str]:
        """The choices that the present kind of picture has not."""
        has = {
            "measure": self.kind.measures,
            "across": self.kind.across,
            "scale": self.kind.across,
            "shares": self.kind.shares,
        }
        return frozenset(action for action, there in has.items() if not there)

    # --- Keys and mouse ---------------------------------------------------------------------

    def action_picture(self, name: str) -> None:
        """Show the picture of this name."""
        self.kind = next(kind for kind in KINDS if kind.name == name)
        self.show()
        self.host.show_frame()

    def action_turn(self, step: int) -> None:
        """Show the next picture (1) or the one before (-1)."""
        self.action_picture(KINDS[(KINDS.index(self.kind) + step) % len(KINDS)].name)

    def action_move(self, dx: int, dy: int) -> None:
        """Move the crosshair."""
        picture = self.picture
        if picture is not None and not self.as_table:
            self._look_at(picture.step(self.look, dx, dy))

    def action_page(self, pages: int) -> None:
        """Move the crosshair a page down or up."""
        picture = self.picture
        if picture is not None:
            self._look_at(picture.step(self.look, 0, pages * picture.page()))

    def _look_at(self, look: Look) -> None:
        moved = look.column != self.column
        self.column = look.column
        if look.code != self.host.selection.city:
            self.host.select(city=look.code)
        elif moved:
            self._draw()

    def action_text(self) -> None:
        """Show the table behind the picture, or the picture."""
        self.as_table = not self.as_table
        self.show()
        self.take_focus()

    def action_measure(self) -> None:
        """Show the next measure."""
        self._next("measure", self.kind.measures)

    def action_across(self) -> None:
        """Show the next measure across."""
        self._next("across", self.kind.measures if self.kind.across else ())

    def _next(self, axis: str, measures: Sequence[str]) -> None:
        standings = self.standings
        if standings is None or not measures:
            words = _("{picture} has no other measure to choose here.")
            self.host.tell(words.format(picture=self.kind.title))
            return
        now = possible(self.kind, self.wish, standings)
        known = known_measures(self.kind, standings)
        taken = {now.across} if axis == "measure" and self.kind.across else set()
        if axis == "across":
            taken = {now.measure}
        current = getattr(now, axis)
        choices = [name for name in known if name not in taken or name == current]
        if choices:
            place = choices.index(current) + 1 if current in choices else 0
            self._wish(**{axis: choices[place % len(choices)]})

    def action_scale(self) -> None:
        """Go through linear and logarithmic scales of the two axes."""
        if not self.kind.across:
            words = _("{picture} has no scales to choose.")
            self.host.tell(words.format(picture=self.kind.title))
            return
        index = _SCALES.index((self.wish.log_x, self.wish.log_y)) + 1
        log_x, log_y = _SCALES[index % len(_SCALES)]
        self._wish(log_x=log_x, log_y=log_y)

    def action_shares(self) -> None:
        """Draw bars as long as their figures, or all alike."""
        if not self.kind.shares:
            self.host.tell(_("{picture} has no bars.").format(picture=self.kind.title))
            return
        self._wish(shares=not self.wish.shares)

    def _wish(self, **changes: str | bool) -> None:
        self.wish = replace(self.wish, **changes)  # type: ignore[arg-type]
        self.show()

    async def action_open(self) -> None:
        """Open the city in focus in City Detail."""
        if self.city is not None:
            await self.host.open_city(self.city["code"])

    def action_mark(self) -> None:
        """Mark or unmark the city in focus."""
        code = self.host.selection.city
        if code is not None:
            self.host.select(marked=self.host.selection.marked ^ {code})

    def action_back(self) -> None:
        """Go back to the tab before."""
        self.app.call_later(self.host.action_back)

    def action_explain(self) -> None:
        """Show how the figure of the city in focus is known."""
        from citytech_tui.screens.explain import explain_measure

        if self.city is not None:
            measure = self.wish.measure if self.wish.measure in MEASURES else MEASURES[0]
            explain_measure(self.host, self.city, measure)

    def action_copy(self) -> None:
        """Copy what the picture says of the city in focus."""
        picture = self.picture
        if picture is not None:
            readout = self._caption(picture, 1000)[0][0][0]
            self.host.copy(readout, picture.title)

    def action_export(self) -> None:
        """Write the picture, or the table behind it, to a file."""
        from citytech_tui.exporting import picture_takeaway

        picture, selection, dataset = self.picture, self.host.selection, self.host.view.dataset
        if not self.still_reading() and picture is not None and dataset is not None:
            name = self.kind.name
            taken = picture_takeaway(dataset, selection, picture, self.look, name)
            self.host.take_away(taken)

    @on(Picture.Pressed)
    async def _pressed(self, event: Picture.Pressed) -> None:
        picture = self.picture
        look = None if picture is None else picture.at(event.x, event.y)
        if look is not None:
            self._look_at(look)
            if event.times == 2:
                await self.action_open()

    @on(Table.Opened)
    async def _open_row(self) -> None:
        await self.action_open()
