"""Figures as text, the same on screen and on the command line."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from citytech_data.scope import EVERYWHERE, Scope
from citytech_data.text import clean
from citytech_data.vocabulary import ALL, POPULATION
from citytech_tui.language import N_, _, localized, speech, spoken
from citytech_tui.names import listed, two_names

if TYPE_CHECKING:
    from citytech_data.manifest import Manifest, Places
    from citytech_tui.selection import Slice

MISSING = "–"
DOUBTFUL = "doubtful"
COUNT = "total"
"""The measure that counts, so that its figures are whole."""
_BILLION = 1e9
_SMALL, _TINY = 0.1, 1e-6
"""Below, values have two significant digits; and further below a power of ten."""
_MOST_DIGITS = 9
_MOST_PROVINCES = 3
# A path, which a client could send, is none.
_LOCALE = re.compile(r"[A-Za-z_]*(?:\.[\w-]+)?(?:@\w+)?")

BASIS_MEANINGS = {
    "counted": N_("counted from records"),
    "printed": N_("stated by the source"),
    "derived": N_("arithmetic on other figures"),
    "bounded": N_("only an interval is proven"),
    "missing": N_("not known"),
}

TECHNOLOGY_NAMES = {
    ALL: N_("all technologies"),
    "ai": N_("artificial intelligence"),
    "blockchain": N_("blockchain"),
    "cloud": N_("cloud computing"),
    "bigdata": N_("big data"),
    "iot": N_("Internet of Things"),
}


def number_text(value: float | None, unit: str = "") -> str:
    """Return `value` with thousands separators and as many decimals as its size is worth.

    Values from 1,000 on are whole, from 10 on have one decimal, below two; percent one, below 1
    two. Smaller ones have two digits that count: `0.0034`.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    sign = " %" if unit == "%" else ""
    if value == int(value) and (abs(value) >= 1000 or not sign):
        return f"{localized(f'{value:,.0f}')}{sign}"
    steps = ((1, 2), (1000, 1)) if sign else ((10, 2), (1000, 1))
    # Judged as it is shown: 999.96 with one digit would be 1,000.0.
    digits = next((n for below, n in steps if round(abs(value), n) < below), 0)
    return f"{localized(_small_text(value) or f'{value:,.{digits}f}')}{sign}"


def _small_text(value: float) -> str:
    """Return a value for which two decimals are too few; an empty text for any other."""
    if value == 0 or round(abs(value), 2) >= _SMALL:
        return ""
    if abs(value) < _TINY:
        return f"{value:.1e}"
    return f"{value:.{1 - math.floor(math.log10(abs(value)))}f}".rstrip("0")


def use_locale() -> None:
    """Write numbers from now on as the person's locale does, if it says how."""
    speech().separators = separators_of("")


def separators_of(name: str) -> dict[int, str]:
    """Return what a locale writes for `,` and `.` in numbers, empty for the same.

    An empty name stands for the locale of the process.
    """
    import locale

    if not _LOCALE.fullmatch(name):
        return {}
    before = locale.setlocale(locale.LC_NUMERIC)
    try:
        locale.setlocale(locale.LC_NUMERIC, name)
        conventions = locale.localeconv()
    except locale.Error:  # a locale that this system does not have
        return {}
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)
    group, point = str(conventions["thousands_sep"]), str(conventions["decimal_point"])
    if not (group and point) or (group, point) == (",", "."):
        return {}
    return {ord(","): clean(group), ord("."): clean(point)}


def short_text(value: float | None, unit: str = "") -> str:
    """Return a stored figure with its unit, from a billion on in billions."""
    if value is not None and abs(value) >= _BILLION:
        size = 1e8 if spoken() == "zh" else _BILLION
        words = _("{number} bn {unit}") if unit else _("{number} bn")
        return words.format(number=localized(f"{value / size:,.1f}"), unit=unit)
    text = number_text(value, unit)
    return text if value is None or unit in ("", "%") else f"{text} {unit}"


def tick_text(value: float) -> str:
    """Return the round value of a tick, as short as it goes: `2,000`, `0.05`, `4 M`, `4 tn`."""
    for power, name in ((1e12, "tn"), (1e9, "bn"), (1e6, "M")):
        if abs(value) >= power and abs(value) < power * 1e6:
            return f"{localized(f'{value / power:,.6g}')} {name}"
    return localized(f"{value:,.6g}")


def bound_text(bound: float, unit: str = "", *, upper: bool, whole: bool = False) -> str:
    """Return a bound, rounded so that it stays true.

    A bound of a `whole` number is the nearest one that it allows: below 2,171.6 lie at most
    2,171. Others are rounded outwards, with a digit more than values have; of small ones two
    count.
    """
    magnitude = abs(bound)
    digits = 0 if whole or magnitude >= 1000 else 2 if unit == "%" or magnitude >= 10 else 3
    if 0 < magnitude < _SMALL and not whole:
        digits = max(digits, min(_MOST_DIGITS, 1 - math.floor(math.log10(magnitude))))
    scaled = bound * 10**digits
    nearest = round(scaled)
    if not math.isclose(scaled, nearest, rel_tol=1e-9):
        nearest = math.ceil(scaled) if upper != whole else math.floor(scaled)
    text = f"{nearest / 10**digits:,.{digits}f}"
    return localized(text.rstrip("0").rstrip(".") if digits else text)


def interval_text(
    lower: float | None, upper: float | None, unit: str = "", *, whole: bool = False
) -> str:
    """Return what two bounds say: `≥ 10,000`, `≤ 4,375`, `10,353–12,836`."""
    if lower is None and upper is None:
        return MISSING
    sign = " %" if unit == "%" else ""
    most = "" if upper is None else bound_text(upper, unit, upper=True, whole=whole)
    least = "" if lower is None else bound_text(lower, unit, upper=False, whole=whole)
    if not most:
        return f"≥ {least}{sign}"
    return f"{least}–{most}{sign}" if lower else f"≤ {most}{sign}"


def figure_text(row: Mapping[str, Any], measure: str, unit: str = "") -> str:
    """Return a city's figure in `measure` from its row of the standings."""
    value = row[f"{measure}_value"]
    if value is not None:
        return number_text(value, unit)
    lower, upper = row[f"{measure}_lower"], row[f"{measure}_upper"]
    return interval_text(lower, upper, unit, whole=measure == COUNT)


def rank_text(rank: int | None, worst: int | None = None) -> str:
    """Return a rank, or the worst place that is known: `≤20` for a member of a top 20."""
    if rank is not None:
        return str(rank)
    return f"≤{worst}" if worst is not None else MISSING


def rank_width(places: int) -> int:
    """Return how many cells the ranks of so many places take."""
    return max(4, len(str(places)))


def change_text(places: int | None) -> str:
    """Return a rank difference: `▲5` is five places better, `▼3` three worse, `=` the same."""
    if places is None:
        return ""
    if places == 0:
        return "="
    return f"▲{places}" if places > 0 else f"▼{-places}"


def percent_text(fraction: float | None) -> str:
    """Return a growth rate with its sign: `+24.1 %`."""
    return MISSING if fraction is None else f"{localized(f'{fraction * 100:+,.1f}')} %"


def city_text(row: Mapping[str, Any]) -> str:
    """Return a city's English and Chinese name, that of the language spoken first."""
    return two_names(row["city"], row["city_zh"])


def is_doubtful(note: str | None) -> bool:
    """Whether the dataset marks a figure as doubtful in its note."""
    return note is not None and DOUBTFUL in note.lower()


def slice_texts(slice_: Slice, manifest: Manifest) -> list[str]:
    """Return dataset, year, technology and what else narrows the slice, for a heading."""
    texts = [manifest.name, str(slice_.year or "…"), technology_text(slice_.technology)]
    if slice_.scope != EVERYWHERE:
        texts.append(scope_text(slice_.scope, manifest.places))
    if slice_.population != POPULATION:
        population = manifest.stored_label(slice_.population).title
        texts.append(_("per head of {population}").format(population=population))
    return texts if slice_.proven else [*texts, _("printed only")]


def scope_text(scope: Scope, places: Places) -> str:
    """Return which cities are ranked: `top 50 by GDP`, `Guangdong, Zhejiang`, `3 chosen cities`."""
    if scope.gdp:
        return _("top {number} by GDP").format(number=scope.gdp)
    if scope.provinces:
        names = listed(scope.provinces[:_MOST_PROVINCES])
        more = len(scope.provinces) - _MOST_PROVINCES
        return (
            _("{names} and {number} more").format(names=names, number=more) if more > 0 else names
        )
    if not scope.cities:
        return _("all {cities}").format(cities=places.many)
    count = len(scope.cities)
    noun = places.one if count == 1 else places.many
    return _("{number} chosen {cities}").format(number=count, cities=noun)


def technology_text(technology: str) -> str:
    """Return the name of a technology."""
    name = TECHNOLOGY_NAMES.get(technology)
    return technology if name is None else _(name)
