"""A real Chromium that a test drives: it reaches this machine only, and what it complains of is kept."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
MISSING = "no chromium with chromedriver on the path: the page is not opened in a browser"
OPTIONS = (
    *(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-sync",
    ),
    *("--disable-background-networking", "--disable-component-update", "--disable-extensions"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PATIENCE = 60.0
"""Seconds until what was expected of a page is given up."""

Found = TypeVar("Found")


class Chromium:
    """A browser with one tab, at the page of a server."""

    def __init__(self, url: str, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for option in (*OPTIONS, f"--user-data-dir={profile}"):
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
        self.url = url
        self.resize(1280, 900)

    def open(self, address: str) -> None:
        """Load the page anew at a place of its own, such as `#/ask?q=...`."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.url}/{address}")

    def resize(self, width: int, height: int) -> None:
        """Give the page the size of a screen; below 500 pixels that of a phone."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def media(self, **features: str) -> None:
        """Let the page see media features, such as `prefers_color_scheme="dark"`; without any, the usual."""
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": listed})

    def run(self, script: str, *arguments: object) -> Any:
        """What a script in the page returns."""
        return self.driver.execute_script(script, *arguments)

    def until(self, what: Callable[[], Found], said: str = "") -> Found:
        """The first value of `what` that is true. Raises `AssertionError` where that takes too long."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := what():
                return found
            time.sleep(0.05)
        raise AssertionError(
            f"{said or 'nothing'} after {PATIENCE:g} s; the page says: {self.text('body')[:2000]}"
        )

    def text(self, selector: str) -> str:
        """The text that a person sees in the first element of a selector; empty where there is none."""
        script = """
            const it = document.querySelector(arguments[0]);
            return it?.checkVisibility() ? it.innerText : '';
        """
        return str(self.run(script, selector))

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements of a selector."""
        script = "return [...document.querySelectorAll(arguments[0])].map((each) => each.innerText)"
        return [str(text) for text in self.run(script, selector)]

    def shows(self, text: str, selector: str = "main") -> None:
        """Wait until a text is seen."""
        self.until(lambda: text in self.text(selector), f"no {text!r} in {selector}")

    def click(self, selector: str, text: str = "") -> None:
        """Click the first element of a selector with a text, when it is there."""
        script = (
            "return [...document.querySelectorAll(arguments[0])]"
            ".find((each) => each.innerText.includes(arguments[1]) && each.checkVisibility())"
        )
        element = self.until(lambda: self.run(script, selector, text), f"no {selector} with {text!r}")
        self.run("arguments[0].scrollIntoView({ block: 'center' })", element)
        element.click()

    def in_field(self) -> None:
        """Wait until a field has the focus, and typing goes there."""
        self.until(
            lambda: self.run("return document.activeElement.matches('input')"), "no field has the focus"
        )

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, selector: str, text: str = "", most: int = 80) -> None:
        """Press Tab until an element of a selector has the focus."""
        script = """
            const it = document.activeElement;
            return it.matches(arguments[0]) && it.innerText.includes(arguments[1]);
        """
        for _ in range(most):
            if self.run(script, selector, text):
                return
            self.press(Keys.TAB)
        raise AssertionError(f"Tab does not lead to {selector} with {text!r}")

    def screenshot(self, path: Path) -> None:
        """Keep what is seen."""
        self.driver.save_screenshot(str(path))

    def complaints(self) -> list[str]:
        """What the console says since the last time."""
        return [str(entry["message"]) for entry in self._logged("browser")]

    def hosts(self) -> set[str]:
        """The hosts that were asked for anything since the last time."""
        found = set()
        for entry in self._logged("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.add(urlsplit(message["params"]["request"]["url"]).netloc)
        return found - {""}

    def _logged(self, kind: str) -> list[dict[str, Any]]:
        return list(self.driver.get_log(kind))  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """End the browser."""
        self.driver.quit()
