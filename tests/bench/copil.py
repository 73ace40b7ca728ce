"""How fast a slide follows a key in headless Chromium: `python tests/bench/copil.py [--tours N]`.

From the key to the second frame after the new title, the new position and the new chart are in the page; the first slide with a
chart also loads the chart library, and is given apart. Target: 300 ms. Nothing fails for being slow.
"""
# ruff: noqa: E402 (run as a script, the project's folder must join the path first)

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

RACINE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(RACINE))

from tests.browser.chromium import find_chromium
from tests.browser.conftest import run_server

ADRESSE = "/copil?plan=isere-2020-2024&seance=COPIL-2024-2&d="
CIBLE = 300  # milliseconds
PASSER = """([touche, rang]) => new Promise(fini => {
  const dessin = () => document.querySelector('.st-key-grand [aria-label]')?.getAttribute('aria-label');
  const titre = () => document.querySelector('h1')?.innerText;
  const [t0, avant, image] = [performance.now(), titre(), dessin()];
  document.body.dispatchEvent(new KeyboardEvent('keydown', {key: touche, bubbles: true, cancelable: true}));
  const regarder = () => {
    const place = document.querySelector('.st-key-position')?.innerText || '';
    const grand = document.querySelector('.st-key-grand');
    const dessine = !grand || (grand.querySelector('.main-svg') && dessin() !== image);
    if (place.startsWith(`${rang} /`) && titre() !== avant && dessine)
      return requestAnimationFrame(() => requestAnimationFrame(() => fini(performance.now() - t0)));
    if (performance.now() - t0 > 60000) return fini(NaN);
    requestAnimationFrame(regarder);
  };
  regarder();
})"""


def measure(page: Page, tours: int) -> tuple[float, list[float], list[float]]:
    """Milliseconds of the first chart, of the slides that hold one, of the others."""
    premiere, dessins, autres = 0.0, [], []
    for tour in range(tours):
        page.goto(f"{ADRESSE}1")
        page.locator(".st-key-position").wait_for()
        total = int(page.locator("[data-diapos]").get_attribute("data-diapos") or 0)
        for rang in range(2, total + 1):
            duree = page.evaluate(PASSER, ["ArrowRight", rang])
            if not page.locator(".st-key-grand").count():
                autres.append(duree)
            elif not tour and not premiere:
                premiere = duree
            else:
                dessins.append(duree)
            page.wait_for_timeout(300)
    return premiere, dessins, autres


def main() -> None:
    """Measure, then print medians and maxima."""
    options = argparse.ArgumentParser(description="Mesure le passage d’une diapositive à la suivante.")
    options.add_argument("--tours", type=int, default=3, help="nombre de parcours de la séance (3)")
    demande = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-copil-") as racine:
        base = Path(racine) / "base"
        subprocess.run([sys.executable, "-m", "indicators", "init"], cwd=RACINE, check=True, stdout=subprocess.DEVNULL,
                       env=os.environ | {"INDICATORS_BASE": str(base)})
        with run_server(base, Path(racine) / "serveur.txt") as hote, sync_playwright() as p:
            navigateur = p.chromium.launch(executable_path=find_chromium())
            page = navigateur.new_page(base_url=f"http://{hote}", viewport={"width": 1920, "height": 1080})
            debut = time.perf_counter()
            page.goto(f"{ADRESSE}1")
            page.locator(".st-key-position").wait_for(timeout=60_000)
            print(f"ouverture de la séance : {(time.perf_counter() - debut) * 1e3:.0f} ms")
            premiere, dessins, autres = measure(page, demande.tours)
            navigateur.close()
    print(f"premier graphique : {premiere:.0f} ms")
    for nom, durees in (("diapositives avec graphique", dessins), ("sans graphique", autres)):
        print(f"{nom} : médiane {median(durees):.0f} ms (cible {CIBLE}), de {min(durees):.0f} à {max(durees):.0f}")
    print(f"charge de la machine : {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
