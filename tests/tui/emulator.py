"""A terminal's screen as cells, for tests: what pyte lacks is in it, and nothing more.

pyte 0.8 leaves half of a wide character standing when the other half is overwritten, stops at
joined emoji, knows no OSC 8, and takes the keyboard protocol's sequences for text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size

_TOKEN = re.compile(
    r"\x1b\[(?P<params>[0-9;?<>=]*)(?P<between>[ !$]*)(?P<command>[@-~])"
    r"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)|\x1b[=>]|(?P<text>[^\x1b])",
    re.DOTALL,
)
_ENDED = {"22": "12", "23": "3", "24": ("4", "21"), "25": "56", "27": "7", "28": "8", "29": "9"}
_ENDED |= {"54": ("51", "52"), "55": ("53",)}
_SEEN_ON_SPACES = {"4", "7", "9", "21", "51", "52", "53"}


class Cell(NamedTuple):
    """A character and how it is drawn; the right half of a wide one is empty."""

    text: str = " "
    on: frozenset[str] = frozenset()
    fg: str = ""
    bg: str = ""
    link: str = ""

    def seen(self) -> Cell:
        """The cell without what cannot be seen on a space."""
        if self.text != " " or self.link or self.on & _SEEN_ON_SPACES:
            return self
        return Cell(bg=self.bg)


class Emulator:
    """A terminal without automatic wrapping.

    Where `legacy` it draws emoji narrow, and each of joined ones apart. Unless `fills` it erases
    to its own background instead of the pen's.
    """

    def __init__(
        self, width: int, height: int, *, legacy: bool = False, fills: bool = True
    ) -> None:
        self.legacy, self.fills = legacy, fills
        self.pen = Cell()
        self.x = self.y = 0
        self.others: list[str] = []
        self._rest = ""
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Change the size; the content is lost."""
        self.width, self.height = width, height
        self.rows = [[Cell()] * width for _ in range(height)]
        self.x, self.y = min(self.x, width - 1), min(self.y, height - 1)

    def seen(self) -> list[list[Cell]]:
        """The cells as they look."""
        return [[cell.seen() for cell in row] for row in self.rows]

    def text(self) -> str:
        """The characters of the screen, without the space at the end of lines."""
        return "\n".join("".join(cell.text for cell in row).rstrip() for row in self.rows)

    def feed(self, data: str) -> None:
        """Take output, whole sequences or not."""
        data = self._rest + data
        end = 0
        for token in _TOKEN.finditer(data):
            if token.start() != end:
                break
            end = token.end()
            if token["command"] is not None:
                self._control(token["params"], token["between"] + token["command"])
            elif token["osc"] is not None:
                self._operate(token["osc"])
            elif token["text"] is not None:
                self._draw(token["text"])
        self._rest = data[end:]
        assert len(self._rest) < 10_000, f"not understood: {self._rest[:60]!r}"

    def _operate(self, osc: str) -> None:
        if osc.startswith("8;"):
            self.pen = self.pen._replace(link=osc[2:].split(";", 1)[1])
        else:
            self.others.append(osc)

    def _draw(self, text: str) -> None:
        if text == "\r":
            self.x = 0
        elif text == "\n":
            self.y = min(self.y + 1, self.height - 1)
        elif text == "\b":
            self.x = max(0, min(self.x, self.width - 1) - 1)
        elif text == "\a":
            self.others.append(text)
        else:
            self._put(text)

    def _put(self, text: str) -> None:
        before = self._before()
        if before is not None and not self.legacy:
            joined = self.rows[self.y][before].text + text
            if cell_len(joined) == cell_len(joined[:-1]) or joined[-2] == "\u200d":
                self.rows[self.y][before] = self.rows[self.y][before]._replace(text=joined)
                return
        width = get_character_cell_size(text)
        if self.legacy and text > "\uffff":
            width = min(width, 1)
        if width == 0:
            if before is not None:
                cell = self.rows[self.y][before]
                self.rows[self.y][before] = cell._replace(text=cell.text + text)
            return
        if self.x + width > self.width:
            self.x = self.width - width
        for x in range(self.x, self.x + width):
            self._set(x, self.pen._replace(text="" if x > self.x else text))
        self.x += width

    def _before(self) -> int | None:
        """Where the character left of the cursor begins."""
        x = self.x - 1
        if x > 0 and self.rows[self.y][x].text == "":
            x -= 1
        return x if x >= 0 else None

    def _set(self, x: int, cell: Cell) -> None:
        row = self.rows[self.y]
        if row[x].text == "" and x and cell.text != "":
            row[x - 1] = row[x - 1]._replace(text=" ")
        if x + 1 < self.width and row[x + 1].text == "":
            row[x + 1] = row[x + 1]._replace(text=" ")
        row[x] = cell

    @property
    def _erased(self) -> Cell:
        return Cell(bg=self.pen.bg if self.fills else "")

    def _erase(self, start: int, end: int) -> None:
        for x in range(start, min(end, self.width)):
            self._set(x, self._erased)

    def _control(self, params: str, command: str) -> None:
        if params[:1] in ("?", "<", ">", "="):
            self.others.append(f"{params}{command}")
            if (params, command) == ("?1049", "h"):
                self.resize(self.width, self.height)
            return
        numbers = [int(part or 0) for part in params.split(";")]
        count = max(1, numbers[0])
        match command:
            case "m":
                self._select(params.split(";"))
            case "H":
                self.y = min(count, self.height) - 1
                self.x = min(max(1, numbers[1]) if len(numbers) > 1 else 1, self.width) - 1
            case "G":
                self.x = min(count, self.width) - 1
            case "B":
                self.y = min(self.y + count, self.height - 1)
            case "C":
                self.x = min(self.x + count, self.width - 1)
            case "D":
                self.x = max(0, min(self.x, self.width - 1) - count)
            case "K":
                self._erase(self.x, self.width)
            case "X":
                self._erase(self.x, self.x + count)
            case "J":
                assert numbers[0] == 2
                self.rows = [[self._erased] * self.width for _ in self.rows]
            case _:
                self.others.append(f"{params}{command}")

    def _select(self, codes: list[str]) -> None:
        while codes:
            code = codes.pop(0)
            if code in ("", "0"):
                self.pen = Cell(link=self.pen.link)
            elif code in _ENDED:
                self.pen = self.pen._replace(on=self.pen.on - set(_ENDED[code]))
            elif code in ("38", "48"):
                count = 4 if codes[0] == "2" else 2
                self._colour(code == "38", ";".join(codes[:count]))
                del codes[:count]
            elif code in ("39", "49"):
                self._colour(code == "39", "")
            elif len(code) == 2 and code[0] in "34":
                self._colour(code[0] == "3", code[1])
            elif code[:-1] in ("9", "10"):
                self._colour(code[:-1] == "9", f"bright {code[-1]}")
            else:
                self.pen = self.pen._replace(on=self.pen.on | {code})

    def _colour(self, foreground: bool, value: str) -> None:
        self.pen = self.pen._replace(fg=value) if foreground else self.pen._replace(bg=value)
