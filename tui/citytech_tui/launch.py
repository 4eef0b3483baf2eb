"""Start the app: read what must be known first, then take over the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from citytech_data import DEFAULT
from citytech_data.catalogue import embedded_names
from citytech_data.errors import CityTechError, quoted
from citytech_data.opening import read_opening
from citytech_data.text import clean
from citytech_tui.dataview import DataView
from citytech_tui.format import use_locale
from citytech_tui.language import _, addressing, language_of
from citytech_tui.names import listed
from citytech_tui.preferences import Habits
from citytech_tui.selection import Selection, Slice
from citytech_tui.sliceoptions import SliceOptions, chosen_slice
from citytech_tui.surroundings import forget_debugging, own_kiosk, own_machine

if TYPE_CHECKING:
    from citytech_tui.remembered import RememberedFrame

ALLOCATOR = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0"}
"""Settings for the allocator of Polars, which else keeps for a while what it no longer uses."""
NO_CONFIG = "CITYTECH_NO_CONFIG"
"""The environment variable that does what --no-config does, if it is not empty."""
TABS = ("trend", "total", "density", "proportion", "city", "pictures")
FIRST_TAB = "total"
NEEDS_DATASET = ("trend", "city", "pictures")
"""The tabs that the stored opening does not suffice for."""


class LaunchOptions(NamedTuple):
    """What the command line asks the app to open; see `FLAGS`."""

    dataset: str | None = None
    tab: str | None = None
    city: str | None = None
    year: int | None = None
    technology: str | None = None
    filter: str | None = None
    scope: str | None = None
    population: str | None = None
    printed: bool = False
    config: bool = True
    """Whether preferences are read and written."""
    kiosk: bool = False
    """Whether nothing may be written and no program be started."""
    lang: str | None = None

    @property
    def is_link(self) -> bool:
        """Whether a slice, filter or city is asked for, which is the same for everybody."""
        return any(self._replace(config=False, kiosk=False, lang=None)[2:])


FLAGS = {name: f"--{name}" for name in LaunchOptions._fields} | {"config": "--no-config"}
"""The options of the command line by the fields that they set."""


def plain_options(arguments: Iterable[str]) -> LaunchOptions | None:
    """Return what options ask for that stand alone, each once and apart from its value.

    None for all else, which is left to the command line: its import takes as long as a first
    screen may.
    """
    fields = {flag: name for name, flag in FLAGS.items()}
    asked: dict[str, Any] = {}
    left = iter(arguments)
    for flag in left:
        name = fields.pop(flag, None)
        if name is None:
            return None
        default = LaunchOptions._field_defaults[name]
        if isinstance(default, bool):
            asked[name] = not default
            continue
        value = next(left, "")
        number = value.isascii() and value.isdecimal()
        if not value or value.startswith("-") or (name == "year" and not number):
            return None
        asked[name] = int(value) if name == "year" else value
    return LaunchOptions(**asked)


def launch(options: LaunchOptions, frame: RememberedFrame | None = None) -> int:
    """Run the app until the person leaves it; return the exit status.

    `frame` is on the terminal while the app starts.

    Raises:
        CityTechError: if the dataset or an option is wrong; nothing was drawn then.
    """
    for name, settings in ALLOCATOR.items():
        os.environ.setdefault(name, settings)
    remembers = options.config and not options.kiosk and not os.environ.get(NO_CONFIG)
    if frame is not None:
        frame.comes_from()  # what the program and the person have, before it is read
    habits = Habits.of_person() if remembers else None
    with addressing(options.lang or language_of_person(habits)):
        return _launch(options, habits, frame)


def language_of_person(habits: Habits | None) -> str:
    """Return the language that a person has chosen in the app, else that of the locale."""
    return (habits.preferences.language if habits is not None else "") or language_of()


def _launch(options: LaunchOptions, habits: Habits | None, frame: RememberedFrame | None) -> int:
    tab = tab_of(options)
    view, notice = _first_view(options, habits, frame)
    selection = Selection(Slice(view.year)) if view.is_partial else selected(view, options)
    # Keys come from the first, and Textual draws on the last.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if os.environ.get("TERM") == "dumb" or not all(stream.isatty() for stream in streams):
        raise CityTechError(
            _(
                "this is no terminal that the app can draw on. "
                "`citytech-tui rank total` prints a ranking as text."
            )
        )
    if view.is_partial:
        view.read_ahead()
    use_locale()
    if options.kiosk:
        forget_debugging()
    _import_asyncio()
    from citytech_tui.app import CityTechApp

    surroundings = own_kiosk() if options.kiosk else own_machine()
    app = CityTechApp(view, selection, tab, habits, surroundings)
    app.remembered = None if habits is None else frame
    if view.is_partial:
        app.first_selection = lambda read: selected(read, options)
        app.opens_otherwise = options.dataset is None
    app.provisional = app.is_reading
    if notice:
        app.call_later(app.tell, notice, 12)
    app.run()
    return app.finish()


def _import_asyncio() -> None:
    """Import asyncio without TLS, which it can do without: OpenSSL takes long to load."""
    if "asyncio" not in sys.modules and "ssl" not in sys.modules:
        sys.modules["ssl"] = None  # type: ignore[assignment] # `import ssl` raises ImportError
        try:
            import asyncio  # noqa: F401
        finally:
            del sys.modules["ssl"]


def tab_of(options: LaunchOptions) -> str:
    """Return the tab to open first.

    Raises:
        CityTechError: if there is no tab of that name.
    """
    tab = options.tab or (FIRST_TAB if options.city is None else "city")
    if tab not in TABS:
        words = _("no tab is called {tab}. There are {tabs}.")
        raise CityTechError(words.format(tab=quoted(tab), tabs=listed(TABS)))
    return tab


def _first_view(
    options: LaunchOptions, habits: Habits | None, frame: RememberedFrame | None = None
) -> tuple[DataView, str]:
    """Open the dataset asked for, else that shown last; with a notice if the latter fails.

    A link to a city, slice or filter means the same for everybody, so the dataset
    shown last has no say in it.
    """
    last = "" if habits is None or options.is_link else habits.preferences.dataset
    if options.dataset is not None or not last:
        return _open(DEFAULT if options.dataset is None else options.dataset, options, frame), ""
    try:
        return _open(last, options, frame), ""
    except CityTechError as error:
        from citytech_tui.opened import unopened

        return _open(DEFAULT, options, frame), unopened(error)


def _open(name: str, options: LaunchOptions, frame: RememberedFrame | None) -> DataView:
    """Use the stored opening where it suffices for the first screen, else read the dataset."""
    if frame is not None:
        # An embedded dataset is among the program's own files.
        frame.comes_from(*() if name in embedded_names() else (str(Path(name).expanduser()),))
    if name in embedded_names() and not options.is_link and options.tab not in NEEDS_DATASET:
        opening = read_opening(name)
        if opening is not None:
            return DataView(opening)
    from citytech_tui.opened import is_large, open_view, unread_view

    return unread_view(Path(name).expanduser()) if is_large(name) else open_view(name)


def selected(view: DataView, options: LaunchOptions) -> Selection:
    """Return what the command line asks to be shown of a dataset.

    Raises:
        CityTechError: if the dataset has no such thing.
    """
    asked = SliceOptions(
        options.year, options.technology, options.scope, options.population, options.printed
    )
    slice_ = chosen_slice(view, asked)
    text = clean(options.filter or "").strip()
    if text:
        from citytech_data.filtering import parse_filter

        parse_filter(text)
    code = None
    if options.city is not None and view.dataset is not None:
        from citytech_data.lookup import find_city

        code = find_city(view.dataset.cities, options.city)
    return Selection(slice_, text, city=code)
