from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer

from citytech_data.dataset import read_dataset
from citytech_data.errors import DatasetError
from citytech_data.manifest import SECTION, Label, Manifest
from citytech_data.schema import TABLES, Table
from citytech_data.vocabulary import BASES
from citytech_tui import PROGRAM
from citytech_tui.cli import app
from tests.examples import (
    DOCUMENTS,
    ROOT,
    Block,
    blocks,
    elided,
    examples,
    renewed,
    run,
    without_blocks,
)

DATASET = ROOT / "docs" / "dataset.md"
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _commands() -> list[str]:
    """All commands in shell blocks, and those that the text names."""
    lines = [line for block in blocks("sh") for line in block.content.splitlines()]
    lines += [
        line.removeprefix("$ ")
        for block in blocks("console")
        for line in block.content.splitlines()
        if line.startswith("$ ")
    ]
    for document in DOCUMENTS:
        text = without_blocks(document.read_text(encoding="utf-8"))
        lines += re.findall(rf"`((?:{PROGRAM}|make) [^`]*)`", text)
    commands = (re.sub(r"^(?:[A-Z_]+=\S+ )+", "", line.partition("#")[0].strip()) for line in lines)
    return sorted({command for command in commands if command})


COMMANDS = _commands()


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith(PROGRAM)])
def test_the_documented_commands_exist(command: str) -> None:
    group: Any = typer.main.get_command(app)
    arguments = shlex.split(command)[1:]
    if arguments and arguments[0] in group.commands:
        verb, *rest = arguments
        # Named alone it needs no arguments.
        group.commands[verb].make_context(verb, rest, resilient_parsing=not rest)
        return
    # These act while the arguments are parsed: one would change the shell's start-up files.
    acting = {"--version", "--install-completion", "--show-completion"}
    known = {name for parameter in group.params for name in parameter.opts}
    assert acting <= known
    arguments = [argument for argument in arguments if argument not in acting]
    context = group.make_context(PROGRAM, arguments)
    assert not context.args, f"no such verb: {context.args}"


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make")])
def test_the_documented_make_targets_exist(command: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)
    wanted = [word for word in shlex.split(command)[1:] if "=" not in word]
    assert set(wanted) <= set(targets)


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_the_documented_outputs_are_what_is_printed(block: Block) -> None:
    for example in examples(block.content):
        status, printed = run(example.command)
        assert status == 0
        # `python -m tests.examples` writes them anew.
        assert elided(printed.splitlines(), example.output) == list(example.output)


def test_an_output_is_renewed_as_far_as_it_was_shown() -> None:
    content = "$ citytech-tui datasets\nold\n...\n"
    first, second, third = renewed(content).splitlines()
    assert first == "$ citytech-tui datasets"
    assert second.startswith("Name")
    assert third == "..."


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in _LINK.findall(without_blocks(document.read_text(encoding="utf-8"))):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        assert path.exists(), target
        if anchor:
            headings = _HEADING.findall(path.read_text(encoding="utf-8"))
            assert anchor in map(_slug, headings), target


def _slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _section(title: str) -> str:
    text = DATASET.read_text(encoding="utf-8")
    _, _, rest = text.partition(f"\n{title}\n")
    assert rest, f"no heading {title}"
    level = title.split(" ", maxsplit=1)[0]
    return re.split(rf"^{level[:-1]}#? ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def _table(text: str) -> list[list[str]]:
    rows = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_described_as_the_schema_has_it(table: Table) -> None:
    rows = _table(_section(f"### `{table.name}`"))
    described = [row for row in rows if row[0].startswith("`") and row[1] in _TYPES]
    assert [(row[0].strip("`"), row[1], row[2] == "yes") for row in described] == [
        (column.name, column.type, column.required) for column in table.columns
    ]
    for column, row in zip(table.columns, described, strict=True):
        assert all(f"`{word}`" in row[3] for word in column.one_of) or column.name == "basis"


_TYPES = ("string", "integer", "number")


def test_the_tables_and_their_keys_are_described() -> None:
    rows = {row[0].strip("`"): row for row in _table(_section("## Files"))}
    for table in TABLES:
        assert re.findall(r"`(\w+)`", rows[table.name][3]) == list(table.key)
        needed = table.name not in ("claims", "notes")
        assert rows[table.name][1] == ("yes" if needed else "no")


def test_every_basis_is_described() -> None:
    rows = _table(_section("## Basis"))
    assert [row[0].strip("`") for row in rows if row[0].startswith("`")] == list(BASES)


def test_every_property_of_the_manifest_is_described() -> None:
    names = [row[0].strip("`") for row in _table(_section("## `datapackage.json`"))]
    top = {"name", "title", "description"}
    for field in fields(Manifest):
        if field.name != "package":
            assert (field.name if field.name in top else f"{SECTION}.{field.name}") in names
    assert set(Label._fields) <= set(names)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    for block in blocks("json", "csv"):
        if block.document == DATASET and block.name:
            (tmp_path / block.name).write_text(block.content, encoding="utf-8")
    return tmp_path


def test_the_documented_example_is_valid(example: Path) -> None:
    dataset = read_dataset(example)
    assert dataset.cities.height == 2
    assert run(f"{PROGRAM} validate {example}")[0] == 0


def test_the_documented_fault_is_reported_so(example: Path) -> None:
    path = example / "observations.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace("counted", "guessed")
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        read_dataset(example)
    assert str(caught.value) in DATASET.read_text(encoding="utf-8")
