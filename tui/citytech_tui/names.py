"""What measures, bases and places are called in the language spoken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from citytech_data.manifest import Manifest, Places
from citytech_tui.language import N_, SOURCE, _, count_text, spoken, translated

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset
    from citytech_data.evidence.model import Evidence

MEASURE_NAMES = {
    "total": N_("total"),
    "density": N_("density"),
    "proportion": N_("proportion"),
    "population": N_("population"),
    "applications": N_("applications"),
}
BASIS_NAMES = {
    "counted": N_("counted"),
    "printed": N_("printed"),
    "derived": N_("derived"),
    "bounded": N_("bounded"),
    "missing": N_("missing"),
}
TOPIC_NAMES = {
    "blockchain": N_("blockchain"),
    "bounds": N_("bounds"),
    "codes": N_("codes"),
    "coordinates": N_("coordinates"),
    "copy": N_("copy"),
    "definition": N_("definition"),
    "doubt": N_("doubt"),
    "economy": N_("economy"),
    "industry": N_("industry"),
    "index": N_("index"),
    "licence": N_("licence"),
    "people": N_("people"),
    "ranking": N_("ranking"),
}
"""The topics of notes in the embedded datasets."""


def measure_text(measure: str) -> str:
    """Return the name of a measure inside a sentence."""
    name = MEASURE_NAMES.get(measure)
    return measure if name is None else _(name)


def measure_title(measure: str) -> str:
    """Return the name of a measure as a title: `Total`."""
    return measure_text(measure).capitalize()


def basis_text(basis: str) -> str:
    """Return in a word how a figure is known."""
    name = BASIS_NAMES.get(basis)
    return basis if name is None else _(name)


def two_names(name: str, name_zh: str | None) -> str:
    """Return an English and a Chinese name, that of the language spoken first."""
    names = (name, name_zh) if spoken() == SOURCE else (name_zh, name)
    return " ".join(filter(None, names))


def short_name(name: str, name_zh: str | None) -> str:
    """Return the name in the language spoken, if there is one, of an English and a Chinese."""
    return name if spoken() == SOURCE else name_zh or name


def city_name(row: Mapping[str, Any]) -> str:
    """Return a city's one name: the Chinese where that is spoken and there is one."""
    return short_name(row["city"], row["city_zh"])


def province_text(row: Mapping[str, Any]) -> str:
    """Return the name of the region that a city lies in; empty if there is none."""
    own = None if spoken() == SOURCE else row[f"province_{spoken()}"]
    return own or row["province"] or ""


def topic_text(topic: str) -> str:
    """Return the topic of a note."""
    name = TOPIC_NAMES.get(topic)
    return topic if name is None else _(name)


def listed(things: Iterable[str]) -> str:
    """Return things in a row: `a, b, c`."""
    return _(", ").join(things)


def counted(number: int, places: Places) -> str:
    """Return a number of places: `1 city`, `51 cities`."""
    noun = places.one if number == 1 else places.many
    return _("{number} {things}").format(number=count_text(number), things=noun)


def manifest_in_language(manifest: Manifest) -> Manifest:
    """Return a dataset's declarations in the language spoken, as far as it translates them."""
    if spoken() == SOURCE:
        return manifest
    translated = manifest.translated(spoken())
    if translated.places != Places():
        return translated
    return replace(translated, places=Places(_("city"), _("cities"), _("Province")))


def in_language(dataset: Dataset) -> Dataset:
    """Return a dataset that names things in the language spoken, as far as it translates them."""
    if spoken() == SOURCE:
        return dataset
    translated = dataset.translated(spoken())
    return replace(translated, manifest=manifest_in_language(translated.manifest))


def place_names(dataset: Dataset, codes: Collection[str] | None = None) -> dict[str, str]:
    """Return the names of a dataset's cities by their codes, Chinese where that is spoken.

    With `codes` those of these cities only.
    """
    cities = dataset.cities.select("code", "name_en", "name_zh")
    if codes is not None:
        cities = cities.filter(cities["code"].is_in([*codes]))
    if spoken() == SOURCE:
        return {code: name for code, name, _zh in cities.iter_rows()}
    return {code: name_zh or name for code, name, name_zh in cities.iter_rows()}


def names_in(dataset: Dataset, claim: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of the cities that a claim is about, by their codes."""
    return place_names(dataset, claim["places"].split(";"))


def named(evidence: Evidence, dataset: Dataset) -> Evidence:
    """Return evidence that calls its places as they are called in the language spoken."""
    if spoken() == SOURCE:
        return evidence
    return replace(evidence, names={**evidence.names, **place_names(dataset)})


def note_text(note: Mapping[str, Any]) -> str:
    """Return a dataset's note in the language spoken, in English where it has no other."""
    text = None if spoken() == SOURCE else note[f"text_{spoken()}"]
    return text or note["text_en"] or ""


def remark_text(note: str) -> str:
    """Return what a dataset remarks on a figure or claim, in the language spoken.

    A derived figure has the remarks on both figures that it is made of, joined by `; `.
    """
    parts, said = note.split("; "), []
    while parts:
        # The longest that is known: a remark can have a semicolon itself.
        tried = (("; ".join(parts[:count]), count) for count in range(len(parts), 0, -1))
        known = ((translated(text), count) for text, count in tried if translated(text) != text)
        found, count = next(known, (parts[0], 1))
        said.append(found)
        parts = parts[count:]
    words = "; ".join(said)
    return note if words == note else _("; ").join(said)


def bracketed(note: str | None) -> str:
    """Return a remark in brackets, as it stands behind what it is about; empty if there is none."""
    return _(" ({note})").format(note=remark_text(note)) if note else ""
