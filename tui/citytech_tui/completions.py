"""What the shell offers while a command line is typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from citytech_data.catalogue import DEFAULT, embedded_names
from citytech_data.errors import CityTechError
from citytech_data.opening import read_opening

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset
    from citytech_data.opening import Opening


def dataset_names(incomplete: str) -> list[str]:
    """Offer the embedded datasets; the shell itself offers folders."""
    return [name for name in embedded_names() if name.startswith(incomplete)]


def technologies(dataset: str | None, incomplete: str) -> list[str]:
    """Offer the technologies that a dataset counts."""
    opened = _open(dataset)
    return [] if opened is None else [_ for _ in opened.technologies if _.startswith(incomplete)]


def years(dataset: str | None, incomplete: str) -> list[str]:
    """Offer the years of a dataset."""
    opened = _open(dataset)
    return [] if opened is None else [_ for _ in map(str, opened.years) if _.startswith(incomplete)]


def city_names(dataset: str | None, incomplete: str) -> list[str]:
    """Offer the cities whose English name, Chinese name or code begins with `incomplete`.

    What is offered needs no quotes in any shell and yet finds the city: `Xi'an` is offered as
    `Xian`, `Taizhou (Jiangsu)` as `Taizhou-Jiangsu`. Shells drop what does not begin with the
    letters typed, so these are kept as typed.
    """
    opened = _open(dataset)
    if opened is None:
        return []
    names = list(_column(opened, "city"))
    if incomplete:
        names += [*_column(opened, "city_zh"), *_column(opened, "code")]
    words = [_shell_word(name) for name in names if name]
    typed = incomplete.lower()
    return [incomplete + word[len(typed) :] for word in words if word.lower().startswith(typed)]


def _shell_word(name: str) -> str:
    return "-".join(re.findall(r"\w+", re.sub("['’]", "", name)))


def _open(dataset: str | None) -> Opening | Dataset | None:
    """Open what is needed to complete; an error would only disturb the typing."""
    name = dataset or DEFAULT
    try:
        opening = read_opening(name) if name in embedded_names() else None
        if opening is not None:
            return opening
        from citytech_data.dataset import open_dataset

        return open_dataset(name)
    except (CityTechError, OSError):
        return None


def _column(opened: Opening | Dataset, name: str) -> Iterable[Any]:
    from citytech_data.opening import Opening

    if isinstance(opened, Opening):
        return opened.columns[name]
    stored = {"city": "name_en", "city_zh": "name_zh"}
    return opened.cities[stored.get(name, name)]
