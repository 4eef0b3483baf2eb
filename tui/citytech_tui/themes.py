"""The themes of our own: high contrast, and the terminal's own sixteen colours."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

SIXTEEN: Final = "sixteen-colours"
"""What a terminal with no more colours gets if the person has chosen no other."""

THEMES: Final = (
    Theme(
        "high-contrast",
        primary="#0048d8",
        secondary="#00ff00",
        accent="#ffff00",
        warning="#ffff00",
        error="#ff8080",
        success="#00ff00",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#303030",
        text_alpha=1.0,
        variables={
            "text-muted": "#e0e0e0",
            "text-disabled": "#c0c0c0",
            "text-warning": "#ffff00",
            "text-error": "#ff8080",
            "primary-lighten-1": "#40a0ff",
            "primary-lighten-2": "#00ffff",
            "block-cursor-background": "#ffff00",
            "block-cursor-foreground": "#000000",
            "input-cursor-background": "#ffff00",
            "input-cursor-foreground": "#000000",
        },
    ),
    Theme(
        "high-contrast-light",
        primary="#90b8ff",
        secondary="#004000",
        accent="#800000",
        warning="#800000",
        error="#800000",
        success="#004000",
        foreground="#000000",
        background="#ffffff",
        surface="#ffffff",
        panel="#d8d8d8",
        dark=False,
        text_alpha=1.0,
        variables={
            "text-muted": "#202020",
            "text-disabled": "#404040",
            "text-warning": "#800000",
            "text-error": "#800000",
            "primary-lighten-1": "#000080",
            "primary-lighten-2": "#000080",
            "block-cursor-background": "#000080",
            "block-cursor-foreground": "#ffffff",
            "input-cursor-background": "#000080",
            "input-cursor-foreground": "#ffffff",
        },
    ),
    replace(
        BUILTIN_THEMES["ansi-dark"],
        name=SIXTEEN,
        primary="ansi_bright_cyan",
        accent="ansi_bright_yellow",
        warning="ansi_bright_yellow",
    ),
)
