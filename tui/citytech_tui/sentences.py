"""How figures are known, in words: the same sentences in the app and on the command line."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from citytech_data.manifest import PER_COUNTRY, Manifest
from citytech_tui.format import BASIS_MEANINGS, MISSING, figure_text, interval_text, number_text
from citytech_tui.language import N_, SOURCE, _, count_text, localized, spoken, translated
from citytech_tui.names import listed, measure_text, note_text, topic_text

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset

_COMPARISONS = {
    ">": N_("gives {who} more than {amount}, {year}"),
    "<": N_("gives {who} less than {amount}, {year}"),
    ">=": N_("gives {who} at least {amount}, {year}"),
    "<=": N_("gives {who} at most {amount}, {year}"),
}
_EXACT_DIGITS = 10
_BOUND_DIGITS = 5


def exact(value: float | None, digits: int = _EXACT_DIGITS) -> int | float | None:
    """Return `value` without binary noise: at most `digits` significant ones, whole as an int.

    What is no finite number becomes None.
    """
    if value is None or not math.isfinite(value):
        return None
    rounded = Decimal(f"{value:.{digits}g}")
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def exact_text(value: float | None, unit: str = "", digits: int = _EXACT_DIGITS) -> str:
    """Return `value` as its source gives it, not shortened, with its unit."""
    number = exact(value, digits)
    if number is None:
        return MISSING
    return localized(f"{Decimal(str(number)):,f}") + (f" {unit}" if unit else "")


def with_unit(figure: str, unit: str) -> str:
    """Return a figure from `figure_text` with its unit; percent figures carry it already."""
    return figure if figure == MISSING or unit in ("", "%") else f"{figure} {unit}"


def ordinal(number: int) -> str:
    """Return `1st`, `2nd`, `3rd`, `4th`, `11th` ..., or the number where endings are not spoken."""
    if spoken() != SOURCE:
        return str(number)
    teen = 10 <= number % 100 <= 20
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def derivation_text(row: Mapping[str, Any], measure: str, manifest: Manifest) -> str:
    """Return where a city's figure comes from, given its row of the standings.

    A derived figure is shown as its arithmetic:
    `5.86 per 10,000 residents × 17,560,000 residents ÷ 10,000 = 10,290`.
    """
    from citytech_data.measures import Method

    method = row[f"{measure}_method"]
    if method is None:
        unknown = _("no source gives it, and nothing proves a bound")
        return manifest.absent.get(measure, unknown)
    if method == Method.OBSERVED:
        return _(BASIS_MEANINGS[row[f"{measure}_basis"]])
    unit = manifest.labels[measure].unit
    if method == Method.PROVEN:
        return _("no source gives it, but what the claims say together bounds it")
    if method == Method.CLAIMED:
        bounds = with_unit(figure_text(row, measure, unit), unit)
        return _("the source states only a bound: {bounds}").format(bounds=bounds)
    arithmetic, result = _arithmetic(row, measure, manifest)
    return _equation(row, measure, unit, arithmetic, result)


def _arithmetic(row: Mapping[str, Any], measure: str, manifest: Manifest) -> tuple[str, float]:
    """Return the operation behind a derived figure, in words, and what it gives."""
    from citytech_data.measures import PERCENT, RESIDENTS, Method

    left, right = row[f"{measure}_left"], row[f"{measure}_right"]
    units = {name: label.unit for name, label in manifest.labels.items()}
    residents = exact_text(right, _("residents"))
    everything = _everything(exact_text(right), manifest)
    match row[f"{measure}_method"]:
        case Method.DENSITY_TIMES_POPULATION:
            words = f"{exact_text(left, units['density'])} × {residents} ÷ {count_text(RESIDENTS)}"
            return words, left * right / RESIDENTS
        case Method.PROPORTION_TIMES_ALL:
            return f"{exact_text(left, '%')} × {everything}", left * right / PERCENT
        case Method.TOTAL_PER_POPULATION:
            words = f"{exact_text(left, units['total'])} ÷ {residents} × {count_text(RESIDENTS)}"
            return words, _ratio(left, right) * RESIDENTS
        case Method.TOTAL_PER_ALL:
            return f"{exact_text(left, units['total'])} ÷ {everything}", _ratio(
                left, right
            ) * PERCENT
        case other:
            raise ValueError(f"unknown method {other!r}")


def _everything(number: str, manifest: Manifest) -> str:
    """Return the number of all applications, of the city or of the country."""
    things = manifest.stored_label(manifest.share_measure).unit or _("applications")
    if manifest.share_of == PER_COUNTRY:
        return _("{number} {things} in the whole country").format(number=number, things=things)
    return _("{number} {things} in all").format(number=number, things=things)


def _ratio(left: float, right: float) -> float:
    return left / right if right else math.nan


def _equation(
    row: Mapping[str, Any], measure: str, unit: str, arithmetic: str, result: float
) -> str:
    """Say which of value, lower and upper bound the arithmetic gives."""

    def given_by(name: str) -> bool:
        figure = row[f"{measure}_{name}"]
        return figure is not None and math.isclose(figure, result, rel_tol=1e-9)

    shown = number_text(result, unit)
    if given_by("value"):
        return f"{arithmetic} = {shown}"
    upper = row[f"{measure}_upper"]
    if given_by("lower") and upper is not None:
        words = _("at least {arithmetic} = at least {result}, and at most {most}")
        return words.format(arithmetic=arithmetic, result=shown, most=number_text(upper, unit))
    if given_by("lower"):
        words = _("at least {arithmetic} = at least {result}")
        return words.format(arithmetic=arithmetic, result=shown)
    if given_by("upper"):
        words = _("at most {arithmetic} = at most {result}")
        return words.format(arithmetic=arithmetic, result=shown)
    # The standings name one number of each operand, here not the ones that met.
    return _("{arithmetic}, by the bounds of both: {figure}").format(
        arithmetic=arithmetic, figure=figure_text(row, measure, unit)
    )


def rounding_text(row: Mapping[str, Any], measure: str, manifest: Manifest) -> str:
    """Return between which bounds a known figure lies, empty if it is exact or not known."""
    value, lower, upper = (row[f"{measure}_{name}"] for name in ("value", "lower", "upper"))
    if value is None or lower is None or upper is None or lower == upper:
        return ""
    unit = manifest.labels[measure].unit
    low, high = exact_text(lower, "", _BOUND_DIGITS), exact_text(upper, unit, _BOUND_DIGITS)
    words = _("between {low} and {high}, given how the sources round")
    return words.format(low=low, high=high)


def claim_text(
    claim: Mapping[str, Any], names: Mapping[str, str], manifest: Manifest, code: str | None = None
) -> str:
    """Return what a claim says, of the city `code` or of all its places.

    `ranks Shanghai 4th of 10 by total, 2021`; without `code` `ranks by total, 2021: 1 Beijing,
    2 Shenzhen ...`. `names` maps codes to names.
    """
    places = claim["places"].split(";")
    measure, op = claim["measure"], claim["op"]
    label = manifest.labels.get(measure) or manifest.stored_label(measure)
    names_in_order = [names.get(place, place) for place in places]
    own = code if code in places else None
    values = {
        "who": listed(names_in_order) if own is None else names.get(own, own),
        "measure": measure_text(measure),
        "year": claim["year"],
        "amount": exact_text(claim["value"], "" if op not in _COMPARISONS else label.unit),
    }
    if claim["kind"] == "ranking" and own is not None:
        words = _("ranks {who} {place} of {count} by {measure}, {year}")
        values |= {"place": ordinal(places.index(own) + 1), "count": len(places)}
    elif claim["kind"] == "ranking":
        words = _("ranks by {measure}, {year}: {places}")
        values["places"] = listed(f"{i} {name}" for i, name in enumerate(names_in_order, 1))
    elif op in _COMPARISONS:
        words = _(_COMPARISONS[op])
    else:
        words = _("counts {who} among the top {amount} by {measure}, {year}")
    text = words.format(**values)
    return (
        _("{text}: “{quote}”").format(text=text, quote=claim["quote"]) if claim["quote"] else text
    )


def source_text(source: Mapping[str, Any]) -> str:
    """Return a source: its id, title, publisher, date and URL."""
    origin = listed(filter(None, (source["publisher"], source["date"])))
    title = translated(source["title"])
    words = _("{id}: {title} ({origin})") if origin else _("{id}: {title}")
    said = words.format(id=source["id"], title=title, origin=origin)
    return " ".join(filter(None, (said, source["url"])))


def observation_text(observation: Mapping[str, Any]) -> str:
    """Return the figure of an observation with its unit, exact as its source gives it."""
    unit = observation["unit"] or ""
    if observation["value"] is not None:
        return exact_text(observation["value"], unit)
    return with_unit(interval_text(observation["lower"], observation["upper"], unit), unit)


def noted(note: Mapping[str, Any]) -> str:
    """Return a note with its topic and source."""
    return _("{topic}: {text} [{source}]").format(
        topic=topic_text(note["topic"]), text=note_text(note), source=note["source"]
    )


def country_notes(dataset: Dataset) -> list[dict[str, Any]]:
    """Return what is noted on the country, and so on the whole dataset."""
    notes = dataset.notes
    return notes.filter(notes["place"] == dataset.manifest.country).to_dicts()
