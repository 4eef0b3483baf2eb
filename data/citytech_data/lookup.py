"""Find the city that a name or code means, and the sources that figures name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

import polars as pl

from citytech_data.errors import UnknownCityError, shortened
from citytech_data.text import search_key

_SUGGESTIONS = 5
_CLOSE = 0.5


def find_city(cities: pl.DataFrame, text: str) -> str:
    """Return the code of the city that `text` names: code, English or Chinese name.

    Case, accents, spaces and a final 市 do not matter. A name given without the province in
    parentheses, or the state behind a comma, that tells two cities apart is ambiguous.

    Raises:
        UnknownCityError: with the nearest names, or with all cities of that name.
    """
    names: dict[str, set[str]] = {}
    shown: dict[str, str] = {}
    for code, name_en, name_zh in cities.select("code", "name_en", "name_zh").iter_rows():
        shown[code] = f"{shortened(name_en)} ({shortened(code)})"
        short = re.split(r"[(,]", name_en)[0]
        full = name_zh and f"{name_zh}市"
        for name in filter(None, (code, name_en, short, name_zh, full)):
            names.setdefault(search_key(name), set()).add(code)
    wanted = search_key(text)
    codes = sorted(names.get(wanted, ()))
    if len(codes) == 1:
        return codes[0]
    if codes:
        raise UnknownCityError(text, [shown[code] for code in codes], ambiguous=True)
    near = [name for name in names if wanted and wanted in name]
    near += get_close_matches(wanted, names, _SUGGESTIONS, _CLOSE)
    suggested = dict.fromkeys(code for name in near for code in sorted(names[name]))
    raise UnknownCityError(text, [shown[code] for code in suggested][:_SUGGESTIONS])


def source_ids(joined: Iterable[str | None]) -> list[str]:
    """Return the ids of sources that figures have joined by `;`, each once, as they first come."""
    return list(dict.fromkeys(name for ids in joined if ids for name in ids.split(";") if name))
