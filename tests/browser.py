"""A Chromium that tests drive over its own pipe: real keys, touch, print, and what it fetches."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: Headless, and quiet on a machine without network.
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-scrollbars", "--force-color-profile=srgb"),
)
_WAIT_S = 60.0


class Faulty(AssertionError):
    """The page threw something, or the browser did not answer."""


def _told(details: dict[str, Any]) -> str:
    """What a script threw."""
    return str(details.get("exception", {}).get("description", details["text"]))


class Tab:
    """One page in the browser.

    Attributes
    ----------
    fetched
        Addresses of everything the page asked for beside itself.
    faults
        What its scripts threw, and what its policy of content forbade.
    """

    def __init__(self, pipe: _Pipe) -> None:
        self._pipe = pipe
        self.fetched: list[str] = []
        self.faults: list[str] = []
        target = pipe.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = pipe.call("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> Any:
        """Ask the browser for something of this page."""
        found = self._pipe.call(method, params, self._session)
        for event in self._pipe.events(self._session):
            self._note(event)
        return found

    def _note(self, event: dict[str, Any]) -> None:
        name, told = event["method"], event["params"]
        if name == "Network.requestWillBeSent":
            self.fetched.append(told["request"]["url"])
        elif name == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.faults.append(
                str(details.get("exception", {}).get("description", details["text"]))
            )
        elif name == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.faults.append(told["entry"]["text"])

    def screen(self, width: int, height: int, *, ratio: float = 1, touch: bool = False) -> None:
        """Look like a screen of this size."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=ratio, mobile=touch,
        )  # fmt: skip
        self.call("Emulation.setTouchEmulationEnabled", enabled=touch)

    def media(self, kind: str = "", **features: str) -> None:
        """Look like print or a screen, with features such as ``prefers_color_scheme``."""
        told = [{"name": n.replace("_", "-"), "value": value} for n, value in features.items()]
        self.call("Emulation.setEmulatedMedia", media=kind, features=told)

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file and wait until its script has run."""
        self.call("Page.navigate", url=path.as_uri() + fragment)
        self.until("document.readyState === 'complete'")
        self.fetched = [url for url in self.fetched if not url.startswith(path.as_uri())]

    def run(self, script: str) -> Any:
        """Value of an expression on the page."""
        found = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in found:
            details = found["exceptionDetails"]
            raise Faulty(_told(details))
        return found["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + _WAIT_S
        while not self.run(script):
            if time.monotonic() > end:
                raise Faulty(f"never true: {script}; {self.faults}")
            time.sleep(0.02)

    def key(self, name: str, code: int, text: str = "", modifiers: int = 0) -> None:
        """Press a key and let it go."""
        told = {
            "key": name, "code": name, "windowsVirtualKeyCode": code, "modifiers": modifiers,
            **({"text": text} if text else {}),
        }  # fmt: skip
        self.call("Input.dispatchKeyEvent", type="keyDown", **told)
        self.call("Input.dispatchKeyEvent", type="keyUp", **told)

    def type(self, words: str) -> None:
        """Type text where the focus is."""
        self.call("Input.insertText", text=words)

    def click(self, x: float, y: float) -> None:
        """Click with the mouse."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        for what in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=what, x=x, y=y, button="left", clickCount=1)

    def tap(self, x: float, y: float) -> None:
        """Touch with a finger."""
        self.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Keep a picture of the screen, or of the whole page."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=whole, **self._all(whole))
        path.write_bytes(base64.b64decode(found["data"]))

    def _all(self, whole: bool) -> dict[str, Any]:
        if not whole:
            return {}
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "scale": 1, "width": size["width"],
                         "height": size["height"]}}  # fmt: skip

    def printed(self) -> bytes:
        """The page as the browser prints it, PDF."""
        found = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        return base64.b64decode(found["data"])


class _Pipe:
    """Messages over the pipe, each ended by a NUL."""

    def __init__(self, out: int, back: int) -> None:
        self._out, self._back = out, back
        self._number, self._rest = 0, b""
        self._events: list[dict[str, Any]] = []

    def call(self, method: str, params: dict[str, Any], session: str | None = None) -> Any:
        self._number += 1
        told = {"id": self._number, "method": method, "params": params}
        if session is not None:
            told["sessionId"] = session
        os.write(self._out, json.dumps(told).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == self._number:
                if "error" in found:
                    raise Faulty(f"{method}: {found['error']}")
                return found["result"]
            if "method" in found:
                self._events.append(found)

    def events(self, session: str) -> list[dict[str, Any]]:
        own = [event for event in self._events if event.get("sessionId") == session]
        self._events = [event for event in self._events if event.get("sessionId") != session]
        return own

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._back, 1 << 20)
            if not part:
                raise Faulty("the browser is gone")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        loaded: dict[str, Any] = json.loads(message)
        return loaded


@contextmanager
def browser(program: str, folder: Path) -> Iterator[Tab]:
    """A browser of one's own with one page.

    Parameters
    ----------
    program
        Path of Chromium.
    folder
        Where it keeps its own files.
    """
    to_it, out = os.pipe()
    back, from_it = os.pipe()

    # the browser reads orders from 3 and answers on 4
    command = f'exec 3<&{to_it} 4>&{from_it}; exec "$0" "$@"'
    running = subprocess.Popen(
        ["bash", "-c", command, program, *FLAGS, "--remote-debugging-pipe",
         f"--user-data-dir={folder}"],
        pass_fds=(to_it, from_it), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(to_it)
    os.close(from_it)
    try:
        pipe = _Pipe(out, back)
        yield Tab(pipe)
        pipe.call("Browser.close", {})
        running.wait(timeout=_WAIT_S)
    finally:
        running.kill()
        running.wait()
        os.close(out)
        os.close(back)
