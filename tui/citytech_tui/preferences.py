"""What the program remembers of a person's habits: theme, columns, datasets.

They lie in one small JSON file in the platform's configuration folder. A file that is damaged, or
that another program wrote, is neither used nor changed.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from citytech_data.errors import system_reason
from citytech_data.text import clean
from citytech_tui import PREFERENCES, PROGRAM
from citytech_tui.language import LANGUAGES, _, translated

_MOST_BYTES = 1 << 20
_MOST_RECENT = 10


@dataclass(frozen=True, slots=True)
class TableColumns:
    """How a person wants the columns of one table; keys are those of `widgets.table.Column`."""

    shown: tuple[str, ...] = ()
    """The keys of the columns in their order; empty is the program's own choice."""
    widths: Mapping[str, int] = field(default_factory=dict)
    """The widths in cells of those whose width the person has chosen."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What is remembered; empty is the program's own choice."""

    theme: str = ""
    dataset: str = ""
    """The dataset shown last: the name of an embedded one, or an absolute path."""
    recent: tuple[str, ...] = ()
    """The datasets opened last, as `dataset` names them, the latest first."""
    columns: Mapping[str, TableColumns] = field(default_factory=dict)
    """The columns of each table that the person has changed, by the name of its tab."""
    hinted: bool = False
    """Whether the hint of the first start was shown."""
    language: str = ""
    """One of the interface's languages; empty is that of the locale."""

    @classmethod
    def from_json(cls, content: object) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ValueError: naming what is not as expected.
        """
        if not isinstance(content, dict) or content.get("program") != PROGRAM:
            raise ValueError(_("{program} has not written it").format(program=PROGRAM))
        tables = _checked(content, "columns", dict, {})
        return cls(
            theme=clean(_checked(content, "theme", str, "")),
            dataset=_checked(content, "dataset", str, ""),
            recent=tuple(_checked(content, "recent", list, [], str))[:_MOST_RECENT],
            columns={clean(str(tab)): _table_columns(table) for tab, table in tables.items()},
            hinted=_checked(content, "hinted", bool, False),
            language=_language(_checked(content, "language", str, "")),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the content of the file."""
        return {"program": PROGRAM, **asdict(self)}

    def opened(self, dataset: str) -> Self:
        """Return the preferences after a dataset was opened."""
        others = (each for each in self.recent if each != dataset)
        return replace(self, dataset=dataset, recent=(dataset, *others)[:_MOST_RECENT])


def _language(name: str) -> str:
    return name if name in LANGUAGES else ""


def _table_columns(table: object) -> TableColumns:
    if not isinstance(table, dict):
        raise ValueError(_("columns of a table are no object"))
    widths = _checked(table, "widths", dict, {})
    if not all(type(width) is int and 0 < width < 1000 for width in widths.values()):
        raise ValueError(_("the width of a column is no number of cells"))
    shown = _checked(table, "shown", list, [], str)
    return TableColumns(tuple(map(clean, shown)), {clean(key): widths[key] for key in widths})


def _checked(content: Any, key: str, kind: type, default: Any, of: type | None = None) -> Any:
    value = content.get(key, default)
    right = isinstance(value, kind)
    if not right or (of is not None and not all(isinstance(each, of) for each in value)):
        raise ValueError(_("its property {name} is not as expected").format(name=key))
    return value


class Habits:
    """The preferences of this person and the file that keeps them.

    Without a file nothing is read or written, and what is remembered ends with the program.
    """

    def __init__(self, path: Path | None) -> None:
        """Read the file if there is one; `notice` says what is wrong with it."""
        self._path = path
        self._notice = ""
        self.preferences = self._read()

    @classmethod
    def of_person(cls) -> Self:
        """Return the habits kept in the platform's configuration folder."""
        from platformdirs import user_config_path

        return cls(user_config_path(PROGRAM) / PREFERENCES)

    def notice(self) -> str:
        """Return, once, what went wrong with the file; empty if nothing did."""
        notice, self._notice = self._notice, ""
        return notice

    def remember(self, **changes: Any) -> None:
        """Change some preferences and keep them.

        The file is read again first: another window of the program may have changed others.
        """
        self.preferences = replace(self._read(), **changes)
        self._write()

    def opened(self, dataset: str) -> None:
        """Remember that a dataset was opened."""
        before = self._read()
        self.preferences = before.opened(dataset)
        if self.preferences != before:
            self._write()

    def _read(self) -> Preferences:
        if self._path is None:
            return getattr(self, "preferences", Preferences())
        try:
            status = self._path.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
                raise ValueError(_("it is no small file"))
            return Preferences.from_json(json.loads(self._path.read_bytes()))
        except FileNotFoundError:
            return getattr(self, "preferences", Preferences())
        except OSError as error:
            self._give_up(
                _("it cannot be read ({reason})").format(reason=translated(system_reason(error)))
            )
        except (ValueError, RecursionError) as error:
            wrong = isinstance(error, RecursionError | json.JSONDecodeError | UnicodeDecodeError)
            self._give_up(_("it is damaged") if wrong else str(error))
        return getattr(self, "preferences", Preferences())

    def _write(self) -> None:
        if self._path is None:
            return
        from tempfile import NamedTemporaryFile

        text = json.dumps(self.preferences.to_json(), ensure_ascii=True, indent=2)
        partial = None
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # The file is private from its first byte, and is there whole or not at all.
            with NamedTemporaryFile(
                "w",
                dir=self._path.parent,
                prefix=f".{PREFERENCES}-",
                delete=False,
                encoding="ascii",
            ) as file:
                partial = Path(file.name)
                file.write(text + "\n")
            partial.replace(self._path)
        except OSError as error:
            if partial is not None and partial.exists():
                partial.unlink()
            self._give_up(
                _("it cannot be written ({reason})").format(reason=translated(system_reason(error)))
            )

    def _give_up(self, reason: str) -> None:
        """Leave the file as it is from now on."""
        words = _("Preferences are not remembered: {reason}. Correct or delete {path}.")
        self._notice = words.format(reason=reason, path=self._path)
        self._path = None
