"""The verbs `serve …` of the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from citytech_data.errors import CityTechError
from citytech_tui.language import N_, _
from citytech_tui.launch import FIRST_TAB
from citytech_tui.serve.limits import Limits
from citytech_tui.serve.links import load_view
from citytech_tui.surroundings import forget_debugging

HostOption = Annotated[str, typer.Option("--host", metavar="ADDRESS", help=N_("Where to listen."))]
PortOption = Annotated[
    int, typer.Option("--port", metavar="N", min=0, max=65535, help=N_("At which port."))
]
DatasetOption = Annotated[
    str | None,
    typer.Option("--dataset", metavar="NAME|DIR", help=N_("The dataset that is shown.")),
]
SessionsOption = Annotated[
    int, typer.Option("--max-sessions", metavar="N", min=1, help=N_("Sessions at a time."))
]
AddressOption = Annotated[
    int,
    typer.Option(
        "--max-per-address",
        metavar="N",
        min=1,
        help=N_("Connections of one address at a time."),
    ),
]
IdleOption = Annotated[
    float,
    typer.Option(
        "--idle-timeout",
        metavar="SECONDS",
        min=1,
        help=N_("When to end a session in which nothing is pressed."),
    ),
]
KioskOption = Annotated[
    bool,
    typer.Option(
        "--kiosk", show_default=False, help=N_("Write no files, start no programs: always on.")
    ),
]
_USUAL = Limits()


def register(app: typer.Typer, verbs: Mapping[Callable[..., Any], str]) -> None:
    """Add `serve` to the command line; `verbs` are what clients may run, and what each does."""
    group = typer.Typer(
        rich_markup_mode=None, help=N_("Offer the app to others."), no_args_is_help=True
    )

    @group.callback(
        help=N_("Offer the app to others: it shows one dataset, and writes and starts nothing.")
    )
    def serve() -> None:
        """Offer the app to others: it shows one dataset, and writes and starts nothing."""

    @group.command(
        help=N_("Offer the app to everybody with an SSH client and, unless --anonymous, a key.")
    )
    def ssh(
        *,
        host: HostOption = "127.0.0.1",
        port: PortOption = 2222,
        authorized_keys: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE", help=N_("Who may connect: a file of keys as sshd reads it.")
            ),
        ] = None,
        anonymous: Annotated[
            bool, typer.Option("--anonymous", help=N_("Let everybody connect, without a key."))
        ] = False,
        host_key: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help=N_("The server's key; without it one in the data folder. Made if missing."),
            ),
        ] = None,
        dataset: DatasetOption = None,
        max_sessions: SessionsOption = _USUAL.max_sessions,
        max_per_address: AddressOption = _USUAL.max_per_address,
        idle_timeout: IdleOption = _USUAL.idle_timeout,
        login_grace: Annotated[
            float, typer.Option(metavar="SECONDS", min=1, help=N_("How long a login may take."))
        ] = _USUAL.login_grace,
        max_failures: Annotated[
            int,
            typer.Option(metavar="N", min=1, help=N_("Failed logins of an address in a minute.")),
        ] = _USUAL.max_failures,
        kiosk: KioskOption = True,
    ) -> int:
        """Offer the app to everybody with an SSH client and, unless --anonymous, a key."""
        if find_spec("asyncssh") is None:
            raise CityTechError(
                _("serve ssh needs the extra: python -m pip install 'citytech-tui[ssh]'")
            )
        forget_debugging()
        from citytech_tui.serve.ssh import Settings, run

        limits = Limits(
            max_sessions=max_sessions,
            max_per_address=max_per_address,
            idle_timeout=idle_timeout,
            login_grace=login_grace,
            max_failures=max_failures,
        )
        settings = Settings(host, port, authorized_keys, anonymous, host_key, limits)
        settings.check()
        return run(settings, load_view(dataset), FIRST_TAB, verbs)

    @group.command(help=N_("Offer the app to browsers."))
    def web(
        *,
        host: HostOption = "127.0.0.1",
        port: PortOption = 8000,
        origin: Annotated[
            list[str] | None,
            typer.Option(
                metavar="URL",
                help=N_(
                    "Where else the page is offered, as https://cities.example.org; repeatable."
                ),
            ),
        ] = None,
        dataset: DatasetOption = None,
        max_sessions: SessionsOption = _USUAL.max_sessions,
        max_per_address: AddressOption = _USUAL.max_per_address,
        idle_timeout: IdleOption = _USUAL.idle_timeout,
        kiosk: KioskOption = True,
    ) -> int:
        """Offer the app to browsers."""
        if find_spec("aiohttp") is None or find_spec("textual_serve") is None:
            raise CityTechError(
                _("serve web needs the extra: python -m pip install 'citytech-tui[web]'")
            )
        forget_debugging()
        from citytech_tui.serve.web import Settings, run

        limits = Limits(
            max_sessions=max_sessions, max_per_address=max_per_address, idle_timeout=idle_timeout
        )
        settings = Settings(host, port, frozenset(origin or ()), limits)
        settings.check()
        return run(settings, load_view(dataset), FIRST_TAB)

    app.add_typer(group, name="serve")
