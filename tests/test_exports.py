"""The follow-up workbook and the CSV: figures of the deck, live formulas, nothing that runs or is hidden; back, no change."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from indicators import audit
from indicators.exports.tidy import build_csv
from indicators.exports.xlsx import ENTETE, build_xlsx
from indicators.meetings.deck import Deck
from indicators.meetings.freezing import get_deck
from indicators.reading import FichierRecu
from indicators.reading.template import TABLEAU
from indicators.store import Store
from tests.conftest import copier_base, deposer, fichier, plan_minimal

HOSTILE = "=HYPERLINK(\"http://x\";\"clic\")"
CHEMIN = re.compile(r"=\((\$?[A-Z]+\d+)-(\$?[A-Z]+\d+)\)/\((\$?[A-Z]+\d+)-(\$?[A-Z]+\d+)\)")

SEANCE = {"code": "S1", "type": "COPIL", "date": "2022-06-30", "observe_au": "2021-12-31"}


@pytest.fixture(scope="module")
def deck(modele_livre: Store) -> Deck:
    return get_deck(modele_livre.read(), "la-reunion-2020-2024", "COPIL-2024-2")


@pytest.fixture(scope="module")
def petits(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two territories, one with three children, that a total gives back."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("petits") / "base")
    deposer(store, plan_minimal(
        territoire=[{"code": "38", "nom": "Isère"}, *({"code": c, "nom": c, "parent": "38"} for c in "AB")],
        indicateur=[{"code": "I1", "unite": "enfants", "intitule": "+33 alertes @ traiter"}],
        cible=[{"indicateur": "I1", "role": r, "date": d, "valeur": v}
               for r, d, v in (("reference", "2019-12-31", 100), ("finale", "2024-12-31", 200))], seance=[SEANCE]))
    deposer(store, [fichier("mesure", [{"indicateur": "I1", "territoire": t, "periode": 2021, "valeur": v}
                                       for t, v in (("38", 120), ("A", 3), ("B", 117))])], plan="essai")
    return store


def lire(contenu: bytes, valeurs: bool = False) -> Any:
    return openpyxl.load_workbook(io.BytesIO(contenu), data_only=valeurs)


def rows(page: Any, entete: int = 1) -> list[dict[str, Any]]:
    titres, *lignes = page.iter_rows(min_row=entete, values_only=True)
    return [dict(zip(titres, x, strict=True)) for x in lignes]


def test_the_table_says_what_the_deck_says(deck: Deck) -> None:
    lues = {x["Code"]: x for x in rows(lire(build_xlsx(deck), True)[TABLEAU], ENTETE + 1)}
    assert list(lues) == [x.ligne.indicateur for x in deck.lignes]
    for x in deck.lignes:
        ligne = lues[x.ligne.indicateur]
        assert (ligne["Statut"], ligne["Référence"], ligne["Cible"], ligne["Dernière valeur"], ligne["Chemin parcouru"]) == (
            x.mot, x.ligne.reference, x.ligne.cible, x.ligne.realise, x.ligne.avancement)
        for p in x.points:
            if p.fin.year >= 2020 and p is [q for q in x.points if q.fin.year == p.fin.year][-1]:
                assert ligne[f"Attendu {p.fin.year}"] == p.attendu
                assert ligne[f"Réalisé {p.fin.year}"] == (p.valeur if p.valeur is not None else p.etat.label)


def test_its_formulas_give_what_they_show(deck: Deck) -> None:
    ecrites, vues = (lire(build_xlsx(deck), v)[TABLEAU] for v in (False, True))
    vu = 0
    for rang in range(ENTETE + 2, ENTETE + 2 + len(deck.lignes)):
        for cellule in ecrites[rang]:
            if trouve := CHEMIN.fullmatch(str(cellule.value)):
                realise, reference, cible, encore = (vues[c.replace("$", "")].value for c in trouve.groups())
                assert reference == encore
                assert vues[cellule.coordinate].value == pytest.approx((realise - reference) / (cible - reference), abs=1e-12)
                vu += 1
    assert vu > len([x for x in deck.lignes if x.ligne.avancement is not None]) > 5


def test_sent_back_unchanged_it_changes_nothing(deck: Deck, base_livree: Store) -> None:
    bilan = deposer(base_livree, [FichierRecu("suivi.xlsx", build_xlsx(deck))])
    assert (bilan.depot, bilan.nouvelles, bilan.modifiees, bilan.retirees, bilan.rejetees) == (None, 0, 0, 0, 0)
    assert bilan.inchangees == sum(len(x.mesures) for x in deck.lignes) > 200


def test_one_value_corrected_in_it_is_the_only_change(base: Store, petits: Store) -> None:
    store = copier_base(petits, base.settings.base.parent / "copie")
    classeur = lire(build_xlsx(get_deck(store.read(), "essai", "S1")))
    page = classeur["mesure"]
    colonne = [c.value for c in page[1]].index("valeur") + 1
    page.cell(2, colonne).value = 125
    tampon = io.BytesIO()
    classeur.save(tampon)
    bilan = deposer(store, [FichierRecu("suivi.xlsx", tampon.getvalue())])
    assert (bilan.modifiees, bilan.nouvelles, bilan.inchangees) == (1, 0, 2)


def test_nothing_hidden_is_in_what_goes_out_masked(petits: Store) -> None:
    nu, masque = (get_deck(petits.read(), "essai", "S1", v) for v in (True, False))
    assert [x["valeur"] for x in rows(lire(build_xlsx(nu))["mesure"])] == [120, 3, 117]
    assert [(x["territoire"], x["valeur"]) for x in rows(lire(build_xlsx(masque))["mesure"])] == [("38", 120)]


@pytest.mark.parametrize("texte", [HOSTILE, "+33 alertes", "@SOMME(A1)", "-2 places", "a\x07b", "<b>&amp;"])
def test_a_text_of_the_base_never_runs(deck: Deck, texte: str) -> None:
    x = deck.lignes[0]
    piege = replace(deck, lignes=(replace(x, ligne=replace(x.ligne, intitule=texte, responsable=texte)), *deck.lignes[1:]))
    classeur = lire(build_xlsx(piege))
    for cellule in (classeur[TABLEAU].cell(ENTETE + 2, 2), classeur["mesure"].cell(2, 2)):
        assert cellule.data_type == "s"
    lignes = list(csv.reader(io.StringIO(build_csv(piege).decode("utf-8-sig")), delimiter=";"))
    assert not lignes[1][2].startswith(("=", "+", "-", "@"))


def test_the_same_deck_gives_the_same_bytes(deck: Deck) -> None:
    assert build_xlsx(deck) == build_xlsx(deck) and build_csv(deck) == build_csv(deck)


def test_the_csv_opens_in_a_french_spreadsheet(deck: Deck) -> None:
    octets = build_csv(deck)
    assert octets.startswith(b"\xef\xbb\xbf") and b"\r\n" in octets
    lues = list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig")), delimiter=";"))
    assert len(lues) == sum(len(x.points) for x in deck.lignes)
    points = [p for x in deck.lignes for p in x.points]
    for x, p in zip(lues, points, strict=True):
        assert (float(x["réalisé"].replace(",", ".")) if x["réalisé"] else None) == p.valeur


def test_the_command_writes_each_and_says_it_is_masked(base_livree: Store, cli: Callable[..., Any], tmp_path: Path) -> None:
    for genre in ("xlsx", "csv", "package"):
        sortie = tmp_path / f"sortie.{genre}"
        code, dit, _ = cli("export", "--plan", "isere-2020-2024", "--format", genre, "-o", sortie)
        assert (code, dit) == (0, {"fichier": str(sortie), "octets": sortie.stat().st_size, "masque": True})
    assert audit.check(base_livree.settings.base).lignes == 0
    assert cli("export", "--plan", "isere-2020-2024", "--format", "csv", "--non-masque", "-o", tmp_path / "nu.csv")[0] == 0
    assert audit.check(base_livree.settings.base).lignes == 1
    rien = tmp_path / "rien"
    for refusees in (("--format", "package", "--seance", "COPIL-2024-1"), ("--format", "csv", "--seance", "RIEN"),
                     ("--format", "csv", "--seance", "COPIL-2024-1", "--observe-au", "2022-12-31")):
        assert cli("export", "--plan", "isere-2020-2024", *refusees, "-o", rien)[0] == 1 and not rien.exists()
