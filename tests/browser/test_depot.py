"""What an analyst does with a messy file: sent, mapped, explained, given back annotated, taken in part, corrected and sent again,
found in the journal, cancelled, and all as before."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
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
Code indicateur;Année;Valeur;Remarques du service
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
    """Versions of the base and files received; who came and what was downloaded is written apart."""
    return {f.relative_to(dossier).as_posix() for f in dossier.rglob("*")
            if f.is_file() and f.name != "verrou" and not f.name.startswith("acces.")}


def send(page: Page, nom: str = NOM, contenu: bytes = CONTENU) -> None:
    """Give the file to the form, as a person picks it."""
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        {"name": nom, "mimeType": "text/csv", "buffer": contenu})
    expect(page.get_by_role("heading", name="Ce que cet envoi changerait")).to_be_visible()


def fetch(page: Page, bouton: str) -> bytes:
    """The file that this button gives."""
    with page.expect_download() as attente:
        page.get_by_role("button", name=bouton).click()
    return attente.value.path().read_bytes()


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

    # the file is sent: its table is recognised, and the one column that is not is named by hand
    open_url(page, f"/depot?plan={PLAN}")
    send(page)
    expect(page.get_by_text("5\u00a0lignes lues")).to_be_visible()
    expect(page.get_by_text("3\u00a0colonnes lues sur 4.")).to_be_visible()
    page.get_by_role("combobox", name="Remarques du service").click()
    page.get_by_role("option", name="commentaire", exact=True).click()
    expect(page.get_by_text("4\u00a0colonnes lues sur 4.")).to_be_visible()

    # every problem is explained, at its line
    expect(page.get_by_text("2\u00a0anomalies bloquantes et 3\u00a0avertissements")).to_be_visible()
    dites = [" | ".join(ligne) for ligne in read_rows(page, "Anomalies")]
    for ligne, fait in ((6, "«\u00a0beaucoup\u00a0» n’est pas un nombre."),
                        (7, "«\u00a0SAN-99\u00a0» n’existe pas dans le plan."),
                        (5, "«\u00a070,5\u00a0» s’écarte fortement de ce qui précède"),
                        (9, "La ligne «\u00a0Total\u00a0» est un total")):
        assert any(fait in x and str(ligne) in x.split(" | ") for x in dites), dites
    assert "SAN-99" in fetch(page, "Télécharger les anomalies (CSV)").decode("utf-8-sig")

    # the file comes back with its wrong cells commented, its rejected lines to be corrected
    classeur = openpyxl.load_workbook(io.BytesIO(fetch(page, "Télécharger le fichier annoté (Excel)")))
    assert classeur.sheetnames[0] == "Anomalies"
    assert "n’est pas un nombre" in classeur["mesure"]["C6"].comment.text and classeur["mesure"]["C6"].value == "beaucoup"
    rejetees = fetch(page, "Télécharger les lignes rejetées (CSV)").decode("utf-8-sig")
    assert "SAN-99" in rejetees and "SAN-01" not in rejetees

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

    # corrected, the rejected lines bring what was missing, read as the person had said
    open_url(page, f"/depot?plan={PLAN}")
    corrigees = "".join(x for x in rejetees.replace("beaucoup", "14").splitlines(keepends=True) if "SAN-99" not in x)
    send(page, "lignes rejetees.csv", corrigees.encode("utf-8-sig"))
    expect(page.get_by_text(f"Correspondance reprise du dépôt n°\u00a0{numero}, corrigé à la main")).to_be_visible()
    expect(page.get_by_text("anomalies bloquantes")).to_have_count(0)
    page.get_by_role("textbox", name="Motif").fill("lignes corrigées")
    page.get_by_role("button", name="Déposer", exact=True).click()
    expect(page.get_by_text(f"Dépôt n°\u00a0{int(numero) + 1} enregistré")).to_be_visible()

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
