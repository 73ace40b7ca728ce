"""A real server on a free port, and a browser page that refuses any request to elsewhere."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from indicators.store import Store
from tests.browser.chromium import find_chromium
from tests.conftest import copier_base

RACINE = Path(__file__).resolve().parents[2]
PRET = "[data-testid='stApp'][data-test-script-state='notRunning']"
DEMARRAGE = 60  # seconds; a start takes about two, far more on a loaded machine


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextmanager
def run_server(base: Path, sortie: Path, port: int | None = None, options: Sequence[str] = (), racine: Path = RACINE,
               **reglages: str) -> Iterator[str]:
    """Serve app.py of `racine` on a free loopback port with that base; gives "127.0.0.1:port". What it says goes to `sortie`.

    `options` are Streamlit's, `reglages` environment variables.
    """
    port = port or free_port()
    serveur = start_server(base, sortie, port, options, racine, **reglages)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        stop_server(serveur)


def start_server(base: Path, sortie: Path, port: int, options: Sequence[str] = (), racine: Path = RACINE,
                 **reglages: str) -> subprocess.Popen:
    """The same for who stops it: the process, once it answers."""
    # Streamlit's own variables would win over .streamlit/config.toml, which is part of what is tested
    environnement = {k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")} | {"INDICATORS_BASE": str(base)}
    environnement |= reglages
    commande = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", *options]
    with sortie.open("wb") as flux:
        serveur = subprocess.Popen(
            commande, cwd=racine, env=environnement, stdin=subprocess.DEVNULL, stdout=flux, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_healthy(serveur, f"127.0.0.1:{port}", sortie)
    except BaseException:
        stop_server(serveur)
        raise
    return serveur


def stop_server(serveur: subprocess.Popen) -> None:
    """Asked politely, then not."""
    serveur.terminate()
    try:
        serveur.wait(15)
    except subprocess.TimeoutExpired:
        serveur.kill()
        serveur.wait()


def _wait_until_healthy(serveur: subprocess.Popen, hote: str, sortie: Path) -> None:
    fin = time.monotonic() + DEMARRAGE
    while serveur.poll() is None and time.monotonic() < fin:
        try:
            with urllib.request.urlopen(f"http://{hote}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"Le serveur ne répond pas.\n{sortie.read_text(errors='replace')}", pytrace=False)


@pytest.fixture(scope="session")
def base(modele_livre: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base that holds the shipped plans, as a new installation makes it."""
    return copier_base(modele_livre, tmp_path_factory.mktemp("navigateur") / "base").settings.base


@pytest.fixture(scope="session")
def serveur(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server shared by the tests that only look."""
    with run_server(base, tmp_path_factory.mktemp("serveur") / "sortie.txt") as hote:
        yield hote


@pytest.fixture
def serveur_neuf(base: Path, tmp_path: Path) -> Iterator[str]:
    """A server that nobody has visited yet."""
    with run_server(base, tmp_path / "sortie.txt") as hote:
        yield hote


@pytest.fixture(scope="session")
def navigateur() -> Iterator[Browser]:
    chromium = find_chromium()
    if not chromium:
        pytest.fail("Aucun navigateur : python -m tests.browser.chromium en installe un.", pytrace=False)
    expect.set_options(timeout=30_000)  # as long as a page is waited for: a script runs for seconds on a busy machine
    with sync_playwright() as p:
        navigateur = p.chromium.launch(executable_path=chromium)
        yield navigateur
        navigateur.close()


@pytest.fixture
def ouvre_page(navigateur: Browser, serveur: str) -> Iterator[Callable[..., Page]]:
    """Makes pages of a French visitor (options of `Browser.new_context`); at the end, none of them may have asked for anything
    elsewhere, broken the security policy or raised an error of its own."""
    incidents: list[str] = []
    contextes = []

    def note_request(requete) -> None:
        if not requete.url.startswith((f"http://{serveur}/", f"ws://{serveur}/", "data:", "blob:")):
            incidents.append(f"requête vers l’extérieur : {requete.url}")

    def note_console(message) -> None:
        if "Content Security Policy" in message.text:
            incidents.append(message.text)

    def ouvre(**reglages) -> Page:
        reglages = {"viewport": {"width": 1366, "height": 768}, "color_scheme": "light"} | reglages
        contexte = navigateur.new_context(base_url=f"http://{serveur}", locale="fr-FR", timezone_id="Europe/Paris", **reglages)
        contexte.set_default_timeout(30_000)
        contextes.append(contexte)
        page = contexte.new_page()
        page.on("request", note_request)
        page.on("websocket", note_request)
        page.on("console", note_console)
        page.on("pageerror", lambda erreur: incidents.append(f"erreur de script : {erreur}"))
        return page

    yield ouvre
    for contexte in contextes:
        contexte.close()
    assert incidents == []


@pytest.fixture
def page(ouvre_page: Callable[..., Page]) -> Page:
    """One page, light, on a laptop."""
    return ouvre_page()


@pytest.fixture
def open_url() -> Callable[[Page, str], None]:
    """Go to an address and wait until the script has run, its title is there and every chart is drawn."""

    def open_url(page: Page, adresse: str) -> None:
        page.goto(adresse)
        page.wait_for_selector(PRET)
        page.get_by_role("heading", level=1).first.wait_for()
        page.wait_for_function(
            """() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(g => g.querySelector('.main-svg'))
                  && [...document.querySelectorAll('[data-testid=stDataFrame]')].every(t => t.querySelector('canvas'))
                  && !document.querySelector('[data-testid=stSkeleton]')"""
        )

    return open_url
