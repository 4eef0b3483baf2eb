"""A list to pick several names from, in an order where that matters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from citytech_tui.language import _

_WIDEST = 60


class Pick(NamedTuple):
    """One name to pick; `width` is in cells, 0 where there is none to choose."""

    key: str
    label: str
    picked: bool
    width: int = 0


class PicksScreen(ModalScreen[tuple[Pick, ...] | None]):
    """Pick by space or click, move by K and J, widen by + and -; enter takes what is picked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", show=False),
        Binding("j", "cursor(1)", "Down", show=False),
        Binding("k", "cursor(-1)", "Up", show=False),
        Binding("space", "pick", "Pick", show=False),
        Binding("a", "pick_all", "All or none", show=False),
        Binding("J,shift+down", "move(1)", "Move down", show=False),
        Binding("K,shift+up", "move(-1)", "Move up", show=False),
        Binding("plus,equals_sign", "widen(1)", "Wider", show=False),
        Binding("minus", "widen(-1)", "Narrower", show=False),
        Binding("enter", "take", "Take", show=False, priority=True),
    ]

    def __init__(self, title: str, picks: Sequence[Pick], *, ordered: bool = False) -> None:
        """Offer `picks`; the result is all of them as they are then, or None."""
        super().__init__()
        self._title = title
        self.picks = [*picks]
        self._ordered = ordered

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        options = OptionList(*map(self._option, self.picks), classes="dialog")
        options.border_title = self._title
        if self._ordered:
            keys = _("space picks, a all, J K move, + - width, enter takes, esc closes")
        else:
            keys = _("space picks, a all, enter takes, esc closes")
        options.border_subtitle = keys
        yield options

    @staticmethod
    def _option(pick: Pick) -> Option:
        width = f"  {pick.width}" if pick.width else ""
        return Option(Content(f"[{'x' if pick.picked else ' '}] {pick.label}{width}"))

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    def _show(self, index: int) -> None:
        self._list.replace_option_prompt_at_index(index, self._option(self.picks[index]).prompt)

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self.action_pick()

    def action_cursor(self, step: int) -> None:
        """Move the cursor."""
        (self._list.action_cursor_down if step > 0 else self._list.action_cursor_up)()

    def action_pick(self) -> None:
        """Pick the name under the cursor, or no longer."""
        index = self._list.highlighted
        if index is not None:
            self.picks[index] = self.picks[index]._replace(picked=not self.picks[index].picked)
            self._show(index)

    def action_pick_all(self) -> None:
        """Pick all, or none if all are picked."""
        picked = not all(pick.picked for pick in self.picks)
        for index, pick in enumerate(self.picks):
            self.picks[index] = pick._replace(picked=picked)
            self._show(index)

    def action_move(self, step: int) -> None:
        """Move the name under the cursor up or down."""
        index = self._list.highlighted
        if not self._ordered or index is None or not 0 <= index + step < len(self.picks):
            return
        there = index + step
        self.picks[index], self.picks[there] = self.picks[there], self.picks[index]
        self._show(index)
        self._show(there)
        self._list.highlighted = there

    def action_widen(self, step: int) -> None:
        """Make the column under the cursor wider or narrower."""
        index = self._list.highlighted
        if index is not None and self.picks[index].width:
            width = max(1, min(_WIDEST, self.picks[index].width + step))
            self.picks[index] = self.picks[index]._replace(width=width)
            self._show(index)

    def action_take(self) -> None:
        """Close with what is picked."""
        self.dismiss(tuple(self.picks))
