"""What the shell offers while a command line is typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from citytech_data import DEFAULT
from citytech_data.catalogue import embedded_names
from citytech_data.errors import CityTechError
from citytech_data.opening import Opening, read_opening
from citytech_data.vocabulary import POPULATION

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset


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


def scopes(dataset: str | None, incomplete: str) -> list[str]:
    """Offer some scopes, and after `province:` the provinces of a dataset."""
    opened = _open(dataset)
    if opened is None:
        return []
    column = "province" if isinstance(opened, Opening) else "province_en"
    provinces = sorted({name for name in _column(opened, column) if name})
    kinds = ["all", *(f"gdp{number}" for number in (10, 20, 50, 100))]
    # Each province typed already stays, and one more is offered after it.
    done, comma, _ = incomplete.rpartition(",")
    start = done + comma if done.startswith("province:") else "province:"
    offered = [*kinds, *(start + _shell_word(name) for name in provinces), "city:"]
    return [
        incomplete + text[len(incomplete) :]
        for text in offered
        if text.lower().startswith(incomplete.lower())
    ]


def populations(dataset: str | None, incomplete: str) -> list[str]:
    """Offer the populations that density can be per head of."""
    opened = _open(dataset)
    names = [] if opened is None else [POPULATION, *opened.manifest.populations]
    return [name for name in names if name.startswith(incomplete)]


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
    if isinstance(opened, Opening):
        return opened.columns[name]
    stored = {"city": "name_en", "city_zh": "name_zh"}
    return opened.cities[stored.get(name, name)]
