"""What the program uses of Textual and Rich that is not public: the list to check at an upgrade.

If this fails after an upgrade, read how the named module uses what is gone, and how the new
version does the same; then run tests/tui/test_wire.py and tests/tui/test_leaving.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from rich.console import Console
from rich.style import Style
from textual import _compositor, _parser, _xterm_parser
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.app import App
from textual.driver import Driver
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import SGR_STYLES, Strip
from textual.widget import Widget

from citytech_tui.wire import WiredApp

# By module, what it takes from an object, as names of attributes or methods.
_IN_WIRE: Mapping[type, tuple[str, ...]] = {
    App: (
        *("_display", "_register", "_handle_exception", "_driver"),
        *("_batch_count", "_closed", "_running", "_check_bindings"),
    ),
    Screen: (
        *("_compositor", "_on_timer_update", "_Screen__update_timer"),
        *("_layout_required", "_scroll_required"),
    ),
    _compositor.Compositor: ("size", "render_update", "visible_widgets", "_dirty_regions"),
    Widget: ("render_lines", "_styles_cache"),
    Console: ("_environ", "_color_system"),
}
_IN_PAINTED: Mapping[type, tuple[str, ...]] = {
    App: ("_start_widget",),
    Screen: ("_dirty_widgets", "_update_timer"),
    Widget: ("_set_dirty", "_styles_cache", "_size", "_vertical_scrollbar"),
}
_IN_DRIVER: Mapping[type, tuple[str, ...]] = {
    LinuxDriver: ("run_input_thread", "start_application_mode", "stop_application_mode"),
    Driver: ("process_message", "write"),
    _xterm_parser.XTermParser: ("feed", "tick"),
}
_IN_FRAME: Mapping[type, tuple[str, ...]] = {
    Style: ("_attributes", "_set_attributes", "_link_id"),
    Strip: ("__iter__",),
}
_SET_ON_DRIVER = {"_debug", "_loop", "_writer_thread", "attrs_before", "exit_event", "fileno"}


async def test_all_that_is_used_is_there() -> None:
    app: WiredApp[None] = WiredApp()
    async with app.run_test():
        objects = {App: app, Screen: app.screen, Console: app.console}
        objects |= {_compositor.Compositor: app.screen._compositor, Style: Style(bold=True)}
        objects[Widget] = app.screen
        missing = [
            f"{owner.__name__}.{name}, used in {module}"
            for module, owners in (
                ("wire.py", _IN_WIRE),
                ("painted.py", _IN_PAINTED),
                ("driver.py", _IN_DRIVER),
                ("frame.py", _IN_FRAME),
            )
            for owner, names in owners.items()
            for name in names
            if not hasattr(objects.get(owner, owner), name)
        ]
    assert not missing


def test_the_driver_has_what_ours_reads() -> None:
    code = inspect.getsource(LinuxDriver) + inspect.getsource(Driver)
    assert not [name for name in _SET_ON_DRIVER if f"self.{name}" not in code]
    assert "self._queue" in inspect.getsource(WriterThread)
    assert '"\\x1b[?1049h"' in code, "the sequence that driver.py leaves out"
    assert issubclass(_parser.ParseError, Exception)


def test_updates_are_as_the_wire_reads_them() -> None:
    whole = _compositor.LayoutUpdate([[Strip([])]], Region(0, 0, 1, 1))
    assert (whole.strips, whole.region.size) == ([[Strip([])]], Size(1, 1))
    chops = _compositor.ChopsUpdate([{0: Strip([])}], [(0, 0, 1)], [[1]])
    assert (chops.spans, chops.chop_ends) == ([(0, 0, 1)], [[1]])
    assert [*chops.chops[0]] == [0]


def test_sequences_are_as_they_were() -> None:
    assert (SYNC_START, SYNC_END) == ("\x1b[?2026h", "\x1b[?2026l")
    assert len(SGR_STYLES) == 13
