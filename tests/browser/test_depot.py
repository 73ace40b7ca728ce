"""What an analyst does with a messy file: sent, explained, taken in part, found in the journal, cancelled, and all as before."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import run_server

pytestmark = pytest.mark.navigateur

PLAN, INDICATEUR = "isere-2020-2024", "SAN-01"
AVANT, APRES = "En retard", "À surveiller"
NOM = "Remontée santé 2024 (v2).csv"
# Titles above the header, words of an office for the columns, U+00A0 between thousands, a total, two mistakes; lines 5 to 9.
CONTENU = """Département de l’Isère — remontée annuelle;;;
"Situation au 31/12/2024 ; données à vérifier";;;
;;;
Code indicateur;Année;Valeur;Commentaire
SAN-01;2024;70,5 %;bilan de santé à l’admission, 1\u00a0200 € par dossier
SAN-04;2024;beaucoup;à préciser
SAN-99;2024;12;œuvre inconnue
MAJ-06;2024;n.d.;enquête en cours
Total;;1\u00a0234;
""".replace("\n", "\r\n").encode("cp1252")


@pytest.fixture(scope="module")
def dossier(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base that this story may write to."""
    return shutil.copytree(base, tmp_path_factory.mktemp("depot") / "base")


@pytest.fixture(scope="module")
def serveur(dossier: Path) -> Iterator[str]:
    """A server on it."""
    with run_server(dossier, dossier.parent / "serveur.txt") as hote:
        yield hote


def files(dossier: Path) -> set[str]:
    """Versions of the base and files received."""
    return {f.relative_to(dossier).as_posix() for f in dossier.rglob("*") if f.is_file() and f.name != "verrou"}


def send(page: Page) -> None:
    """Give the file to the form, as a person picks it."""
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        {"name": NOM, "mimeType": "text/csv", "buffer": CONTENU})
    expect(page.get_by_role("heading", name="Ce que cet envoi changerait")).to_be_visible()


def read_rows(page: Page, titre: str) -> list[list[str]]:
    """Cells of a table of ours, row by row."""
    tableau = page.get_by_role("region", name=titre)
    tableau.wait_for()
    return [ligne.get_by_role("cell").all_inner_texts() for ligne in tableau.get_by_role("row").all()]


def test_a_messy_file_is_explained_taken_in_part_and_taken_back(page: Page, open_url, dossier: Path) -> None:
    fiche = f"/indicateur?plan={PLAN}&code={INDICATEUR}"
    open_url(page, fiche)
    statut = page.get_by_test_id("stMarkdown").filter(has_text=re.compile(rf"^\s*\S*\s*{AVANT}")).first
    expect(statut).to_be_visible()
    situation = page.get_by_test_id("stMetricValue").all_inner_texts()
    avant = files(dossier)

    # the file is sent: its table and its columns are recognised
    open_url(page, f"/depot?plan={PLAN}")
    send(page)
    expect(page.get_by_text("5\u00a0lignes lues")).to_be_visible()

    # every problem is explained, at its line
    expect(page.get_by_text("2\u00a0anomalies bloquantes et 2\u00a0avertissements")).to_be_visible()
    dites = [" | ".join(ligne) for ligne in read_rows(page, "Anomalies")]
    for ligne, fait in ((6, "« beaucoup » n’est pas un nombre."), (7, "« SAN-99 » n’existe pas dans le plan."),
                        (9, "La ligne « Total » est un total")):
        assert any(fait in x and str(ligne) in x.split(" | ") for x in dites), dites
    with page.expect_download() as liste:
        page.get_by_role("button", name="Télécharger les anomalies (CSV)").click()
    assert "SAN-99" in liste.value.path().read_text("utf-8-sig")

    # the right lines alone: what they would change, old and new side by side
    expect(page.get_by_role("button", name="Déposer", exact=True)).to_have_count(0)
    page.get_by_text("Déposer seulement les lignes valides").click()
    expect(page.get_by_text(f"fait passer 1\u00a0indicateur de «\u00a0{AVANT}\u00a0» à «\u00a0{APRES}\u00a0»")).to_be_visible()
    expect(page.get_by_text("Ancienne et nouvelle valeur").first).to_be_visible()
    assert files(dossier) == avant, "something was written before the confirmation"

    # confirmed: one dépôt, and the status follows
    page.get_by_role("textbox", name="Auteur").fill("Léa")
    page.get_by_role("textbox", name="Motif").fill("remontée annuelle")
    page.get_by_role("button", name="Déposer", exact=True).click()
    enregistre = page.get_by_text(re.compile(r"Dépôt n°\s\d+ enregistré"))
    expect(enregistre).to_be_visible()
    numero = re.search(r"n°\s(\d+)", enregistre.inner_text())[1]
    assert f"recus/{hashlib.sha256(CONTENU).hexdigest()}" in files(dossier)
    open_url(page, fiche)
    expect(page.get_by_test_id("stMarkdown").filter(has_text=re.compile(rf"^\s*\S*\s*{APRES}")).first).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").filter(has_text="70,5")).to_be_visible()

    # the journal says who and why, and gives the file back as it came
    open_url(page, f"/journal?plan={PLAN}&depot={numero}")
    for fait in ("Léa", "remontée annuelle", NOM):
        expect(page.get_by_text(fait).first).to_be_visible()
    with page.expect_download() as original:
        page.get_by_role("button", name="Télécharger", exact=True).click()
    assert original.value.path().read_bytes() == CONTENU

    # cancelled: what comes back is shown, then comes back
    page.get_by_text("Annuler ce dépôt").first.click()
    expect(page.get_by_text(f"de «\u00a0{APRES}\u00a0» à «\u00a0{AVANT}\u00a0»")).to_be_visible()
    page.get_by_role("textbox", name="Motif (obligatoire)").fill("fichier provisoire")
    page.get_by_role("button", name="Annuler ce dépôt").click()
    expect(page.get_by_text(re.compile("Écrit sous le numéro"))).to_be_visible()
    open_url(page, fiche)
    expect(statut).to_be_visible()
    assert page.get_by_test_id("stMetricValue").all_inner_texts() == situation


def test_leaving_the_page_leaves_no_trace(page: Page, open_url, dossier: Path) -> None:
    avant = files(dossier)
    open_url(page, f"/depot?plan={PLAN}")
    send(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Journal").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Journal des dépôts")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Déposer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Déposer des données")
    expect(page.get_by_role("heading", name="Ce que cet envoi changerait")).to_have_count(0)
    assert files(dossier) == avant
