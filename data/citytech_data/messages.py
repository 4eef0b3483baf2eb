"""Sentences that the core says, so that whoever shows them can say them in another language.

The core speaks English and knows no catalogue. It keeps apart what can be translated, the template
of a sentence, from the values in it. `make messages` collects the templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self


class Message(str):
    """An English sentence that still knows the template and the values that it is made of."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]
    """What stands in the braces of the template; a message there can be translated too."""

    def __new__(cls, template: str, /, **values: object) -> Self:
        """Fill `values` into `template`, which must be written here, where it can be collected."""
        self = super().__new__(cls, template.format(**values) if values else template)
        self.template = template
        self.values = values
        return self

    @classmethod
    def restored(cls, text: str) -> Self:
        """Return a message without values that went through a frame or file as plain text."""
        return cls(text)

    def packed(self) -> dict[str, Any]:
        """Return what it is made of, as JSON knows it, to be told by another process."""
        values = {name: _packed(value) for name, value in self.values.items()}
        return {"template": self.template, "values": values}

    @classmethod
    def unpacked(cls, parts: Mapping[str, Any]) -> Self:
        """Return the message that was `packed`."""
        values = {
            name: cls.unpacked(value) if isinstance(value, dict) else value
            for name, value in parts["values"].items()
        }
        return cls(parts["template"], **values)

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """Copy it by what it is made of."""
        return (self.template,), dict(self.values)


def _packed(value: object) -> Any:
    if isinstance(value, Message):
        return value.packed()
    # Numbers stay what they are, because the template can say how they are written.
    return value if isinstance(value, int | float) else str(value)


def message_text(text: str) -> str:
    """Return `text` as it is: a message without values, marked here, that data hold as text."""
    return text
