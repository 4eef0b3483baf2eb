"""What `u` takes back: slices, orders, and a filter as a whole."""

from __future__ import annotations

from citytech_tui.selection import Selection, Slice
from tests.tui.helpers import Running, pane, running, screen_text, told, wait_until


async def typed(pilot: Running, text: str) -> None:
    await pilot.press("slash", *text)
    await pilot.pause()


def filter_of(pilot: Running) -> str:
    return pane(pilot).host.selection.filter


async def test_a_typed_filter_is_undone_at_once() -> None:
    async with running() as pilot:
        await typed(pilot, "guangdong")
        await pilot.press("enter")
        await typed(pilot, " pos")
        await pilot.press("enter")
        assert filter_of(pilot) == "guangdong pos"
        await pilot.press("u")
        assert filter_of(pilot) == "guangdong"
        await pilot.press("u")
        assert filter_of(pilot) == ""
        await wait_until(pilot, lambda: "guangdong" not in screen_text(pilot))
        await pilot.press("u")
        assert "no slice, order or filter to go back to" in told(pilot)


async def test_nothing_is_undone_of_the_dataset_before() -> None:
    async with running() as pilot:
        app = pane(pilot).host
        app.select(year=app.view.year, proven=False)
        await app.show_dataset(app.open_view("us-metros-2015"))
        await wait_until(pilot, lambda: not app.is_reading)
        await pilot.press("u")
        assert app.selection == Selection(Slice(2015))
        assert "no slice, order or filter to go back to" in told(pilot)


async def test_clearing_a_filter_is_undone() -> None:
    async with running() as pilot:
        await typed(pilot, "sh")
        await pilot.press("enter", "escape")
        assert filter_of(pilot) == ""
        await pilot.press("u")
        assert filter_of(pilot) == "sh"


async def test_what_was_typed_and_deleted_again_is_no_step() -> None:
    async with running() as pilot:
        await pilot.press("s", "1", "1")
        pane(pilot).host.select(filter="b")
        await typed(pilot, "x")
        await pilot.press("backspace", "enter", "u")
        assert filter_of(pilot) == ""


async def test_filter_and_slice_are_undone_in_their_order() -> None:
    async with running() as pilot:
        host = pane(pilot).host
        first = host.selection
        await typed(pilot, "an")
        await pilot.press("enter", "p")
        await typed(pilot, "g")
        await pilot.press("enter")
        assert (host.selection.filter, host.selection.proven) == ("ang", False)
        await pilot.press("u")
        assert (host.selection.filter, host.selection.proven) == ("an", False)
        await pilot.press("u")
        assert (host.selection.filter, host.selection.proven) == ("an", True)
        await pilot.press("u")
        assert host.selection == first
