"""What every pane has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Container
from textual.dom import DOMNode

from citytech_tui.bindings import Place

if TYPE_CHECKING:
    from citytech_tui.app import CityTechApp


class Pane(Container):
    """The content of a tab: it shows the app's selection and asks the app to change it."""

    places: ClassVar[tuple[Place, ...]] = ()
    """Where its keys are listed, for the footer."""

    @property
    def useless(self) -> frozenset[str]:
        """The actions that do nothing here at present: the footer leaves them out."""
        return frozenset()

    status: str = ""
    """What the title says of the pane, such as the number of rows."""

    @property
    def host(self) -> CityTechApp:
        """The app."""
        return cast("CityTechApp", self.app)

    def show(self) -> None:
        """Show the app's selection."""
        raise NotImplementedError

    def show_city(self) -> None:
        """Show the city in focus, the rest of the selection being the same."""
        raise NotImplementedError

    def holds(self, action: str, namespace: DOMNode) -> bool:
        """Whether an action of a key waits, as what it is about is not known yet."""
        return False

    def let_go(self) -> None:
        """Forget what waits: another tab is opened."""

    def still_reading(self) -> bool:
        """Whether the dataset is still being read; the person is told so."""
        return self.host.still_reading()

    def take_focus(self) -> None:
        """Give the keys to the widget that is used first."""
        raise NotImplementedError
