"""Pictures of the page as a browser shows it, at the width of a desk and of a phone.

    python -m tools.screenshots reports

Needs Chromium, its driver and selenium (``pip install 'asymptotix[dev]'``).
"""

from __future__ import annotations

import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from asymptotix.errors import InvalidInput
from asymptotix.files import write_bytes

#: Name, width and height in pixels, and what is shown.
VIEWS = (
    ("page_wide", 1280, 1180, "phases"),
    ("page_wide_numbers", 1280, 1180, "numbers"),
    ("page_phone", 390, 1500, "phases"),
)

_PATIENCE = 60  # seconds for a page or a script


def browser() -> Any:
    """A headless Chromium.

    Raises:
        InvalidInput: there is no Chromium, no driver, or no selenium.
    """
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        raise InvalidInput("browser", None, "chromium and chromedriver on the path")
    try:
        selenium: Any = import_module("selenium.webdriver")
    except ImportError:
        raise InvalidInput("browser", program, "selenium: pip install 'asymptotix[dev]'") from None
    options = selenium.ChromeOptions()
    options.binary_location = program
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chromium = selenium.Chrome(options=options, service=selenium.ChromeService(driver))
    chromium.set_page_load_timeout(_PATIENCE)
    chromium.set_script_timeout(_PATIENCE)
    return chromium


def resize(chromium: Any, width: int, height: int) -> None:
    """Show pages as on a screen of this size."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def write(out: Path) -> None:
    """Write ``figures/page_*.png`` for the page in a folder."""
    chromium = browser()
    try:
        for name, width, height, view in VIEWS:
            resize(chromium, width, height)
            chromium.get((out / "index.html").resolve().as_uri())
            for field, value in (("network", "quadratic"), ("view", view)):
                chromium.execute_script(
                    f"document.querySelector('input[value={value}][name={field}]').click()"
                )
            write_bytes(out / "figures" / f"{name}.png", chromium.get_screenshot_as_png())
    finally:
        chromium.quit()


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "reports"))
