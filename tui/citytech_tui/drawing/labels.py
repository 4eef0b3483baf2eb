"""Where names fit beside their marks."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len


class Room:
    """The cells that are still free for names, in a rectangle of a picture."""

    def __init__(self, left: int, top: int, right: int, bottom: int) -> None:
        """Begin with all cells free, from `left` and `top` up to before `right` and `bottom`."""
        self._left, self._top, self._right, self._bottom = left, top, right, bottom
        self._taken: set[tuple[int, int]] = set()

    def take(self, x: int, y: int, width: int = 1) -> None:
        """Say that something stands here."""
        self._taken.update((x + step, y) for step in range(width))

    def place(
        self, x: float, y: float, gap: float, names: Sequence[str]
    ) -> tuple[float, int, str] | None:
        """Return where one of `names` fits right or left of a mark, and take that room.

        Across, the place is off the middle of a cell as the mark is; names of different rows never
        overlap.

        `gap` is how many cells the mark takes on either side. The first name that fits is used.
        """
        row = int(y)
        if not self._top <= row < self._bottom:
            return None
        for name in names:
            width = cell_len(name)
            for column in (int(x + gap) + 1, int(x - gap) - width):
                if self._is_free(column, row, width):
                    # A free cell on both sides keeps neighbouring names apart.
                    self.take(column - 1, row, width + 2)
                    left = column < x
                    shift = (x - int(x)) / 2 - (0.45 if left else 0)
                    return column + shift, row, name
        return None

    def _is_free(self, x: int, y: int, width: int) -> bool:
        if x < self._left or x + width > self._right:
            return False
        return all((x + step, y) not in self._taken for step in range(width))
