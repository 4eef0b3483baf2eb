"""A picture as a document: what it shows, of which slice, from which sources."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.errors import CityTechError
from citytech_data.lookup import source_ids
from citytech_data.vocabulary import MEASURES
from citytech_tui.drawing.look import Look
from citytech_tui.drawing.shown import Shown
from citytech_tui.drawing.svg import SvgSurface
from citytech_tui.language import _
from citytech_tui.sentences import source_text
from citytech_tui.widgets.cells import wrap

WIDTH, HEIGHT = 118, 40
"""The cells of a picture that is taken away, whatever the terminal's size."""
PNG_SCALE = 2.0


def svg_text(shown: Shown, dataset: Dataset, slice_: str, year: int, look: Look) -> str:
    """Return a picture as SVG; `slice_` says what is shown of the dataset."""
    surface = SvgSurface(WIDTH, min(HEIGHT, shown.height or HEIGHT))
    shown.draw(surface, look)
    caption = [
        " · ".join(shown.legend),
        " ".join(shown.remarks),
        _("Dataset {name}: {title}. Shown: {slice}.").format(
            name=dataset.manifest.name, title=dataset.manifest.title, slice=slice_
        ),
        *(_("Source {source}").format(source=text) for text in source_texts(shown, dataset, year)),
    ]
    lines = [line for text in caption for line in wrap(text, surface.width)]
    return surface.document(shown.title, lines)


def source_texts(shown: Shown, dataset: Dataset, year: int) -> Iterator[str]:
    """Yield the sources of the figures in a picture, each once, in the order of the table."""
    stored = dataset.preferred.filter(
        (pl.col("year") == year)
        & pl.col("place").is_in(shown.frame["code"].implode())
        & pl.col("measure").is_in(list(shown.measures))
    )
    columns = [f"{measure}_source" for measure in shown.measures if measure in MEASURES]
    series = (*(shown.frame[column] for column in columns), stored["source"])
    joined = (ids for each in series for ids in each.unique(maintain_order=True))
    known = {row["id"]: row for row in dataset.sources.iter_rows(named=True)}
    for name in source_ids(joined):
        yield source_text(known[name]) if name in known else name


def png_bytes(svg: str) -> bytes:
    """Return an SVG as PNG.

    Raises:
        CityTechError: without the package of the extra `png`.
        ValueError: if it cannot be drawn.
    """
    try:
        from resvg_py import svg_to_bytes
    except ModuleNotFoundError:
        words = _("PNG needs another package: pip install 'citytech-tui[png]'. SVG needs none.")
        raise CityTechError(words) from None
    return bytes(svg_to_bytes(svg_string=svg, zoom=PNG_SCALE))
