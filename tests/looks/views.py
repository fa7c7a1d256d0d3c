"""The ways in which a page is looked at: widths, and what people or paper ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from tests.looks.browser import Page

WIDTHS = (360, 768, 1280, 1920)
MODES = ("light", "dark", "forced colours", "zoomed", "still")
PAPER = 680
"""Pixels of CSS between the margins of A4: 180 mm."""
NARROWEST = 320
"""WCAG 1.4.10: what a page must reflow to, which 400 % zoom makes of 1280 pixels."""


@dataclass(frozen=True, slots=True)
class View:
    """One of them."""

    width: int
    mode: str

    def __str__(self) -> str:
        return f"{self.width} {self.mode}"

    def take(self, page: Page) -> None:
        """Look at the page so from now on."""
        width, scale = self._pixels
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=scale, mobile=False)
        features = {
            "prefers-color-scheme": "dark" if self.mode == "dark" else "light",
            "forced-colors": "active" if self.mode == "forced colours" else "none",
            "prefers-reduced-motion": "reduce" if self.mode == "still" else "no-preference",
        }
        page.call(
            "Emulation.setEmulatedMedia",
            media="print" if self.mode == "print" else "screen",
            features=[{"name": name, "value": value} for name, value in features.items()],
        )

    @property
    def _pixels(self) -> tuple[int, int]:
        """Zoom makes the pixels of CSS larger, so the window has fewer of them: no browser zooms in another way."""
        return (max(NARROWEST, self.width // 2), 2) if self.mode == "zoomed" else (self.width, 1)


PRINTED = View(PAPER, "print")
EVERY = (*(View(width, mode) for width, mode in product(WIDTHS, MODES)), PRINTED)
DEEPLY = (
    *(View(width, mode) for width, mode in product(WIDTHS, ("light", "dark"))),
    View(1280, "forced colours"),
    PRINTED,
)
"""The views in which axe looks: themes change colours, widths and paper what is there and how it is arranged."""
COVERING = tuple(
    (View(width, mode), View(other, "dark" if mode == "light" else "light"))
    for width, other, mode in (
        (360, 1280, "light"),
        (768, 1920, "dark"),
        (1280, 360, "light"),
        (1920, 768, "light"),
        (360, 1280, "dark"),
    )
)
"""Pairs of such views, one for a state: each has both themes and two widths, and together they are all eight."""
