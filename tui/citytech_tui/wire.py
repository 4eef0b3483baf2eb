"""The frame delta: the terminal is sent only what differs from the frame that it shows.

`WiredApp` takes the place of Textual's `App` and changes only how frames are written. The bell,
the clipboard and other control sequences go to the driver as before; inline and headless apps
write their frames as before, too.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from rich.console import RenderableType
from textual import events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import WINDOWS, App, ReturnType
from textual.dom import DOMNode
from textual.driver import Driver
from textual.geometry import Offset, Size
from textual.screen import Screen
from textual.widget import Widget

from citytech_tui.composing import Pieces, Sights, all_pieces, changed_pieces
from citytech_tui.frame import Frame, Screenful

if TYPE_CHECKING:
    from citytech_tui.remembered import RememberedFrame

# Terminals that fill what they erase with the background; `screen` is one that does not.
_FILLING = re.compile("xterm|tmux|rxvt|linux|foot|alacritty|wezterm|konsole|vte|iterm")
# A key sets off messages that change the frame more than once. They are let through first, for
# so many turns of the event loop and seconds.
_TURNS, _PATIENCE = 12, 0.1
_LAYOUTS = 10
"""Layouts that the first frame of a screen waits for at most."""
_OPENING = 1.0
"""Seconds that a screen may take to open before it is shown without all that is on it."""
_PAUSE, _GLANCE = 0.02, 0.005
"""Seconds until it is looked again whether the terminal keeps up, and whether a screen is open."""


class WiredApp(App[ReturnType]):
    """An app whose frames reach the terminal as differences."""

    remembered: RememberedFrame | None = None
    """What may be on the terminal already, and keeps the first frame for the next start."""
    provisional = False
    """Whether the first frames are not those to keep, as their data is still being read."""

    @cached_property
    def _wire(self) -> Wire:
        return Wire(self)

    def get_driver_class(self) -> type[Driver]:
        """Return the driver of the process's own terminal, if Textual would take that."""
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":
            return driver
        from citytech_tui.driver import TerminalDriver

        return TerminalDriver

    def end_provisional(self) -> None:
        """Keep the present frame for the next start; from now on all frames are shown."""
        if self.provisional:
            self.provisional = False
            self._wire.show_all()

    def show_provisional(self) -> None:
        """Show frames also in place of a remembered one: the person waits for an answer."""
        if self.provisional:
            self._wire.show_all()

    def action_repaint(self) -> None:
        """Draw the whole screen anew, whatever the terminal shows."""
        self._wire.forget()

    def on_resize(self, event: events.Resize) -> None:
        """Distrust the terminal after a change of size, also after one there and back."""
        # A size in pixels comes from a terminal that reports every change, and comes unasked.
        if event.size != self._wire.size or event.pixel_size is None:
            self._wire.forget()

    def _register(self, parent: DOMNode, *widgets: Widget, **options: Any) -> list[Widget]:
        new = super()._register(parent, *widgets, **options)
        for widget in new:
            if isinstance(widget, Screen) and self._draws_differences:
                self._wire.adopt(widget)
        return new

    @property
    def is_drawn(self) -> bool:
        """Whether nothing waits to be drawn."""
        return self._wire.is_idle

    @property
    def _draws_differences(self) -> bool:
        driver = self._driver
        return not (driver is None or driver.is_headless or driver.is_inline or WINDOWS)

    def _display(self, screen: Screen[Any], renderable: RenderableType | Pieces | None) -> None:
        if not isinstance(renderable, Pieces):
            super()._display(screen, renderable)
            if renderable is not None:
                self._wire.forget()
            return
        try:
            if self._running and not self._closed and not self._batch_count:
                self._wire.take(screen, renderable)
        except Exception as error:
            self._handle_exception(error)
        finally:
            self.post_display_hook()


class Turn:
    """Takes the place of a screen's update timer: a frame is drawn when the wire has room for it.

    The timer would draw one at every tick while the messages of a key are still under way.
    """

    def __init__(self, ask: Callable[[], None]) -> None:
        """`ask` for a frame."""
        self.resume = ask

    def pause(self) -> None:
        """A frame is drawn once for each time that it is asked for."""


class Wire:
    """Brings an app's frames to its terminal: merged, and no faster than it takes them."""

    def __init__(self, app: WiredApp[Any]) -> None:
        """Nothing is known of the terminal but its name."""
        self._app = app
        term = app.console._environ.get("TERM", "")
        self._screenful = Screenful(fills=_FILLING.match(term) is not None)
        self._frame: Frame | None = None
        self._asking: dict[Screen[Any], None] = {}
        self._planned: asyncio.Handle | None = None
        self._turns, self._deadline = 0, 0.0
        self._holds = True
        self._renders = False

    @property
    def size(self) -> Size | None:
        """The size of the frame, if there is one."""
        return self._frame.size if self._frame is not None else None

    @property
    def is_idle(self) -> bool:
        """Whether no frame is asked for or on its way."""
        return self._planned is None and not self._asking

    def adopt(self, screen: Screen[Any]) -> None:
        """Let a screen render what has changed by the line, and when there is room for it."""
        compositor: Any = screen._compositor
        render_update, sights = compositor.render_update, Sights(compositor)
        waits = _LAYOUTS

        def ask() -> None:
            self._asking[screen] = None
            self._plan()

        def render(
            full: bool = False,
            screen_stack: list[Screen[Any]] | None = None,
            simplify: bool = False,
        ) -> RenderableType | Pieces | None:
            if full:  # for a screenshot
                update: RenderableType = render_update(full, screen_stack, simplify)
                return update
            if self._frame is not None and not self._renders:
                ask()  # a layout would draw what the messages under way will change
                return None
            nonlocal waits
            if waits and is_unsettled(screen):
                waits -= 1
                return None  # scrollbars will change places: the first frame has them already
            waits = 0
            visible_screen_stack.set(screen_stack or [])
            if self._fits(compositor):
                return changed_pieces(compositor, sights)
            return all_pieces(compositor)

        screen._Screen__update_timer = Turn(ask)  # type: ignore[attr-defined]
        compositor.render_update = render

    def take(self, screen: Screen[Any], pieces: Pieces) -> None:
        """Take over what has been rendered, to show it soon."""
        compositor = screen._compositor
        if self._frame is None or not self._fits(compositor):
            self._frame = Frame(compositor.size)
        system = self._app.console._color_system or ColorSystem.TRUECOLOR
        for x, y, segments in pieces:
            self._frame.put(x, y, segments, system)
        driver = self._app._driver
        if self._screenful.shown is None and driver is not None and not is_behind(driver):
            self._write(driver)  # a first screen waits for nothing
        else:
            self._plan()

    def _fits(self, compositor: Compositor) -> bool:
        return self.size == compositor.size

    def forget(self) -> None:
        """Draw the whole frame anew: what the terminal shows is not known."""
        self._screenful.shown = None
        if self._frame is not None:
            self._plan()

    def show_all(self) -> None:
        """Hold no frame back."""
        self._holds = False
        if self._frame is not None:
            self._plan()

    def _plan(self) -> None:
        if self._planned is None:
            loop = asyncio.get_running_loop()
            self._turns, self._deadline = _TURNS, loop.time() + _PATIENCE
            # The first frame is not kept waiting for what will change it.
            self._planned = loop.call_soon(self._show if self._frame is None else self._settle)

    def _settle(self) -> None:
        loop = asyncio.get_running_loop()
        self._turns -= 1
        opens = not self._app.screen._mounted_event.is_set()
        # Where nothing is shown yet, what is shown first should be what stays.
        patient = self._screenful.shown is None or loop.time() < self._deadline
        if self._turns > 0 and patient:
            self._planned = loop.call_soon(self._settle)
        elif opens and loop.time() < self._deadline + _OPENING:
            self._planned = loop.call_later(_GLANCE, self._settle)
        else:
            self._show()

    def _show(self) -> None:
        app, driver = self._app, self._app._driver
        if not app._running or app._closed or driver is None:
            self._planned = None
            return
        try:
            if is_behind(driver):
                # Frames that come meanwhile are merged into the one that is shown in the end.
                self._planned = asyncio.get_running_loop().call_later(_PAUSE, self._show)
                self._render([screen for screen in self._asking if is_moving(screen)])
            else:
                # What the current screen has not asked for yet would soon be another frame.
                self._render([*dict.fromkeys((*self._asking, app.screen))])
                if self._frame is not None:
                    self._write(driver)
                self._planned = None
                if self._asking:
                    self._plan()
        except Exception as error:
            self._planned = None
            app._handle_exception(error)

    def _render(self, screens: Iterable[Screen[Any]]) -> None:
        self._renders = True
        try:
            for screen in screens:
                self._asking.pop(screen, None)
                screen._on_timer_update()
                if screen is self._app.screen and screen._compositor._dirty_regions:
                    screen._compositor_refresh()  # for a layout that has been waiting
        finally:
            self._renders = False

    def _write(self, driver: Driver) -> None:
        app, remembered = self._app, self._app.remembered
        assert self._frame is not None
        if app.provisional and self._holds and remembered is not None and remembered.text:
            return  # what is shown already is what these frames will come to
        cursor = app.screen.outer_size.clamp_offset(app.cursor_position)
        is_first = self._screenful.shown is None
        text = self._screenful.change(self._frame, cursor)
        if not getattr(driver, "resets_pen", False):
            text += self._screenful.reset()
        if remembered is not None and not app.provisional:
            app.remembered = None
            whole = text if is_first else self._whole(self._frame, cursor)
            app.call_later(remembered.keep, whole)
            if whole == remembered.text and is_first:
                return
        if text and app._sync_available:
            text = f"{SYNC_START}{text}{SYNC_END}"
        if text:
            driver.write(text)
            driver.flush()

    def _whole(self, frame: Frame, cursor: Offset) -> str:
        """Return what makes a terminal show a frame, whatever it shows."""
        screenful = Screenful(fills=self._screenful.fills)
        text = screenful.change(frame, cursor)
        return text if getattr(self._app._driver, "resets_pen", False) else text + screenful.reset()


def is_moving(screen: Screen[Any]) -> bool:
    """Whether places change on a screen; what keys do can depend on them."""
    return screen._layout_required or screen._scroll_required


def is_unsettled(screen: Screen[Any]) -> bool:
    """Whether a widget has asked for another layout of a screen, as for a scrollbar."""
    widgets = screen._compositor.widgets
    return any(each._layout_required for each in widgets if each is not screen)


def is_behind(driver: Driver) -> bool:
    """Whether the terminal has not yet taken what was written before.

    A driver says so by a property of this name; one without it is taken to keep up.
    """
    return bool(getattr(driver, "is_behind", False))
