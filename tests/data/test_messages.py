"""What the core says can be said in another language."""

from __future__ import annotations

import ast
import copy
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

import citytech_data
from citytech_data.errors import CityTechError, DatasetError, UnknownCityError
from citytech_data.messages import Message

PACKAGE = Path(citytech_data.__file__).parent
ERRORS = ("CityTechError", "DatasetError", "FilterError", "PatternError")


def test_a_message_is_its_english_text() -> None:
    message = Message("{count} of {what}", count=2, what=Message("three"))
    assert message == "2 of three"
    assert message.template == "{count} of {what}"
    assert isinstance(message.values["what"], Message)
    assert Message("as it {is}") == "as it {is}"


def test_a_message_can_be_copied() -> None:
    message = Message("{count} of {{", count=2)
    for again in (copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert (again, again.template, again.values) == ("2 of {", "{count} of {{", {"count": 2})


def test_a_message_can_be_told_by_another_process() -> None:
    inner = Message("{size:,.1f} MB", size=1234.5)
    message = Message("{file} has {what} ({why})", file="a{}.csv", what=inner, why=OSError("x"))
    again = Message.unpacked(json.loads(json.dumps(message.packed())))
    assert again == message == "a{}.csv has 1,234.5 MB (x)"
    assert again.template == message.template
    assert again.values["what"] == inner
    assert isinstance(again.values["what"], Message)


def test_errors_are_messages_and_still_english() -> None:
    error = DatasetError("a.csv", Message("is {what}", what="odd"), Message("Mend it."), row=3)
    assert str(error) == "a.csv, row 3: is odd. Mend it."
    assert isinstance(error.message, Message)
    assert str(UnknownCityError("x", ["y"])) == "no city is called 'x'. Nearest: y"
    assert CityTechError("in words").message == "in words"


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield path, node, node.func.id


def test_every_template_is_written_where_it_can_be_collected() -> None:
    found = 0
    for path, call, name in calls():
        if name in ("Message", "message_text"):
            (template,) = call.args
            assert isinstance(template, ast.Constant), f"{path.name}:{call.lineno}"
            found += 1
    assert found > 200


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.mark.parametrize("error", ERRORS)
def test_no_error_of_the_core_is_plain_text(error: str) -> None:
    first = 1 if error == "DatasetError" else 0  # what a file is called is no message
    wrong = [
        f"{path.name}:{call.lineno}"
        for path, call, name in calls()
        if name == error and any(map(is_text, call.args[first:]))
    ]
    assert not wrong
