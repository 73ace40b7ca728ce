"""Finds the Chromium of this machine; `python -m tests.browser.chromium` installs one when there is none.

With `--chercher` it only looks: exit code 1 when nothing is found.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NOMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "microsoft-edge")
MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)


def find_chromium() -> str | None:
    """Path of a browser that starts: $CHROMIUM, one of the system's, then Playwright's own; None when there is none."""
    if choisi := os.environ.get("CHROMIUM"):
        return shutil.which(choisi)
    return next((p for p in _candidats() if p and _demarre(p)), None)


def install_chromium() -> str | None:
    """Install a browser by Playwright, else by apt when allowed; its path, or None."""
    _run([sys.executable, "-m", "playwright", "install", "chromium"])
    if not (trouve := find_chromium()) and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], DEBIAN_FRONTEND="noninteractive")
        trouve = find_chromium()
    return trouve


def _candidats() -> Iterator[str | None]:
    yield from map(shutil.which, NOMS)
    yield from (p for p in MACOS if Path(p).exists())
    yield _playwright()  # last: asking it starts a process


def _playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        chemin = p.chromium.executable_path
    return chemin if Path(chemin).exists() else None


def _demarre(chemin: str) -> bool:
    """True when it answers: on Ubuntu, chromium-browser may be a mere invitation to install a snap."""
    try:
        return subprocess.run([chemin, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _run(commande: list[str], **environnement: str) -> None:
    print("+", *commande, flush=True)
    subprocess.run(commande, check=False, stdin=subprocess.DEVNULL, env={**os.environ, **environnement})


def main(arguments: list[str]) -> int:
    """Say which browser the tests will use, after installing one if needed."""
    trouve = find_chromium()
    if not trouve and os.environ.get("CHROMIUM"):
        print(f"La variable CHROMIUM désigne « {os.environ['CHROMIUM']} », qui ne s’exécute pas.", file=sys.stderr)
        return 1
    if not trouve and "--chercher" not in arguments:
        trouve = install_chromium()
    if not trouve:
        print(
            "Aucun navigateur Chromium. Installez Chromium, Chrome ou Edge, ou donnez son chemin : CHROMIUM=/chemin make test",
            file=sys.stderr,
        )
        return 1
    print(f"Navigateur des tests : {trouve}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
