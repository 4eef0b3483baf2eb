"""Take a picture away: as SVG, as PNG, or the table behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citytech_tui.drawing.document import png_bytes, svg_text
from citytech_tui.drawing.look import Look
from citytech_tui.drawing.shown import Shown
from citytech_tui.exporting import slice_stem, write_file
from citytech_tui.format import slice_texts
from citytech_tui.language import N_, _
from citytech_tui.screens.choice import ChoiceScreen

if TYPE_CHECKING:
    from citytech_tui.app import CityTechApp

_FORMS = (N_("SVG picture"), N_("PNG picture"), N_("CSV, the table behind it"))


def take_away(host: CityTechApp, shown: Shown, look: Look, kind: str) -> None:
    """Let the person choose a form and write it to a new file, where files are written."""
    surroundings = host.surroundings
    if not surroundings.writes_files:
        surroundings.export(host, shown.frame, _name(host, kind))
        return

    def chosen(index: int | None) -> None:
        if index == 2:
            surroundings.export(host, shown.frame, _name(host, kind))
        elif index is not None:
            _write_picture(host, shown, look, kind, png=index == 1)

    host.push_screen(ChoiceScreen(_("Write to a new file"), [_(form) for form in _FORMS]), chosen)


def _name(host: CityTechApp, kind: str) -> str:
    return f"{kind}-{slice_stem(host.selection)}"


def _write_picture(host: CityTechApp, shown: Shown, look: Look, kind: str, *, png: bool) -> None:
    dataset, selection = host.view.dataset, host.selection
    if dataset is None:
        return
    # The drawing names the dataset itself.
    slice_ = slice_texts(selection.slice, dataset.manifest)[1:]
    slice_ += [_("filter “{text}”").format(text=selection.filter)] if selection.filter else []
    svg = svg_text(shown, dataset, " · ".join(slice_), selection.year, look)
    if not png:
        write_file(host, _name(host, kind), ".svg", svg.encode(), _("the picture"))
        return
    try:
        content = png_bytes(svg)
    except ModuleNotFoundError:
        host.tell(_("PNG needs another package: pip install 'citytech-tui[png]'. SVG needs none."))
    except ValueError as error:
        host.tell(_("The picture cannot be drawn as PNG: {error}.").format(error=error))
    else:
        write_file(host, _name(host, kind), ".png", content, _("the picture"))
