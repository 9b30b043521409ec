"""Debian's Chromium through Playwright, and screenshots held against kept ones."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

_KEPT = Path(__file__).parent / "screenshots"
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--font-render-hinting=none",
]  # fmt: skip
# A glyph drawn by another version of a font differs at its edges; a layout differs in blocks.
_PIXEL_TOLERANCE = 64
_SHARE_TOLERANCE = 0.03


@contextmanager
def browsing() -> Iterator[Page]:
    """Opens a browser with one page of 1000 by 800 pixels."""
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing; install it: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield browser.new_page(viewport={"width": 1000, "height": 800})
        browser.close()


def looks_like(picture: bytes, name: str, actual: Path) -> None:
    """Fails when a screenshot differs from the kept one; leaves it at `actual` then."""
    seen = np.asarray(Image.open(BytesIO(picture)).convert("RGB"), dtype=np.int16)
    kept_path = _KEPT / f"{name}.png"
    kept = np.asarray(Image.open(kept_path).convert("RGB"), dtype=np.int16)
    same_shape = seen.shape == kept.shape
    differing = (
        float((np.abs(seen - kept).max(axis=2) > _PIXEL_TOLERANCE).mean()) if same_shape else 1.0
    )
    if differing > _SHARE_TOLERANCE:
        actual.write_bytes(picture)
    assert differing <= _SHARE_TOLERANCE, f"{differing:.1%} of the pixels differ; see {actual}"
