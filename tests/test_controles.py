"""What is checked beyond the form of a cell: plausible values, secrets, people, texts that hide something."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.checking import check
from indicators.model import Anomalie
from indicators.reading import FichierRecu, read_tableaux
from indicators.reading import workbook as lecture
from indicators.store import Store
from tests.conftest import copier_base, csv_bytes, deposer, plan_minimal

MESURE = ("indicateur", "periode", "valeur")
NIR = f"2 85 05 78 006 084 {97 - 2850578006084 % 97:02}"
PLAN: dict[str, Sequence[dict[str, Any]]] = {
    "indicateur": [
        {"code": "T1", "unite": "%", "nature": "taux", "numerateur": "Enfants scolarisés", "denominateur": "Enfants confiés"},
        {"code": "C1", "unite": "% de couverture", "nature": "taux", "facteur": 100},
        {"code": "E1", "unite": "enfants confiés"}, {"code": "P1"}, {"code": "M1", "periodicite": "mensuelle"},
    ],
    "territoire": [{"code": "38", "nom": "Isère"}, {"code": "FR", "nom": "France"},
                   {"code": "RHO", "nom": "Rhône", "parent": "38"},
                   {"code": "Q1", "nom": "Quartier de la gare", "parent": "RHO"}],
    "mesure": [{"indicateur": i, "periode": a, "valeur": v, "perimetre": p} for i, a, v, p in (
        ("T1", 2020, 80, ""), ("E1", 2020, 400, "hors mineurs isolés"), ("P1", 2020, 12, ""))],
    "rupture": [{"indicateur": "P1", "date": "2022-06-30", "texte": "Nouvelle enquête"}],
}


@pytest.fixture(scope="module")
def plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A base with the plan « essai », only read here: checking writes nothing."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("controles") / "base")
    deposer(store, plan_minimal(**PLAN))
    return store


def told(store: Store, contenu: bytes, nom: str = "mesure.csv") -> list[Anomalie]:
    """Every anomaly of this file."""
    return check(store.read(), read_tableaux(FichierRecu(nom, contenu)), "essai").anomalies


def places(store: Store, colonnes: Sequence[str], *lignes: Sequence[Any]) -> list[tuple[int | None, str | None, str]]:
    """(line, column, code) of every anomaly of a file of values."""
    return [(a.ligne, a.colonne, a.code) for a in told(store, csv_bytes(colonnes, lignes))]


# -- values --------------------------------------------------------------------------------------------------------------


def test_a_period_must_have_begun_and_should_be_over(plan: Store) -> None:
    jour = date.today()
    entete = ("indicateur", "debut", "fin", "valeur", "etat")

    def lu(debut: int, fin: int, valeur: str = "12", etat: str = "") -> list[str]:
        ligne = ("P1", jour + timedelta(days=debut), jour + timedelta(days=fin), valeur, etat)
        return [code for _, _, code in places(plan, entete, ligne)]

    assert lu(-400, -36) == lu(-30, 0) == []
    assert lu(-30, 2) == ["periode_inachevee"]
    assert lu(2, 30) == lu(2, 30, etat="estime") == ["periode_future"]
    assert lu(-30, 2, etat="provisoire") == lu(-30, 2, etat="estime") == []
    assert lu(2, 30, "", "non_disponible") == []


@pytest.mark.parametrize(("valeur", "numerateur", "denominateur", "juste"), [
    ("47,0", "424", "902", True), ("47", "424", "902", True), ("47,02", "424", "902", False), ("47,006", "424", "902", True),
    ("46,9", "424", "902", False), ("0,47", "424", "902", False), ("120", "120", "100", True), ("12", "0", "0", None),
])
def test_a_rate_agrees_with_its_two_terms_as_it_is_written(plan: Store, valeur: str, numerateur: str, denominateur: str,
                                                            juste: bool | None) -> None:
    dites = places(plan, (*MESURE, "numerateur", "denominateur"), ("C1", "2022", valeur, numerateur, denominateur))
    attendues = {None: [(2, "denominateur", "denominateur_nul")], True: [], False: [(2, "valeur", "taux_incoherent")]}
    assert dites == attendues[juste]


def test_the_message_of_a_rate_says_its_terms_and_what_they_give(plan: Store) -> None:
    dite, = told(plan, csv_bytes((*MESURE, "numerateur", "denominateur"), [("C1", "2022", "74", "424", "902")]))
    assert dite.message == "« 74 » ne correspond pas à 424 / 902 × 100, qui donne 47,0067."


@settings(max_examples=15, deadline=None, derandomize=True, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 5000), st.integers(0, 4), st.booleans()), min_size=1, max_size=40))
def test_a_rate_rounded_or_cut_is_never_accused(plan: Store, taux: list[tuple[int, int, int, bool]]) -> None:
    lignes = []
    for rang, (n, d, decimales, coupe) in enumerate(taux):
        entier = 100 * n * 10**decimales // d if coupe else (200 * n * 10**decimales + d) // (2 * d)
        texte = str(entier).zfill(decimales + 1)
        ecrit = f"{texte[:-decimales]},{texte[-decimales:]}" if decimales else texte
        lignes.append(("C1", f"{1950 + rang}", ecrit, n, d))
    assert "taux_incoherent" not in {c for _, _, c in places(plan, (*MESURE, "numerateur", "denominateur"), *lignes)}


@pytest.mark.parametrize(("lignes", "fautes"), [
    ([("E1", "2021", "4100")], [2]), ([("E1", "2021", "41")], [2]), ([("E1", "2021", "1900")], []), ([("E1", "2021", "0")], [2]),
    ([("E1", "2021", "4100"), ("E1", "2022", "420")], [2]),  # the return is not a second jump
    ([("E1", "2021", "4100"), ("E1", "2022", "4200")], [2]),
    ([("E1", "2019", "9999")], []),  # nothing before it
    ([("P1", "2021", "60")], []), ([("P1", "2021", "600")], [2]),  # small numbers jump by nature
    ([("P1", "2021", "14"), ("P1", "2022", "1400")], []),  # a break is declared in 2022
    ([("E1", "2020", "40")], []),  # the same point corrected has nothing before it either
    ([("E1", "2021", "5000"), ("E1", "2021-06", "1")], [2]),  # a month is not compared with a year
    ([("T1", str(2021 + n), v) for n, v in enumerate(("81", "79", "80", "45"))], [5]),
    ([("T1", str(2021 + n), v) for n, v in enumerate(("20", "79", "22", "45"))], []),
    ([("T1", "2021", "8")], [2]), ([("T1", "2021", "0,8")], [2]), ([("T1", "2021", "100")], []),
])
def test_a_jump_is_told_and_only_a_jump(plan: Store, lignes: list[tuple[str, str, str]], fautes: list[int]) -> None:
    assert [ligne for ligne, _, code in places(plan, MESURE, *lignes) if code == "saut_historique"] == fautes


def test_a_jump_says_old_and_new_and_refuses_nothing(plan: Store) -> None:
    controle = check(plan.read(), read_tableaux(FichierRecu("mesure.csv", csv_bytes(MESURE, [("E1", "2021", "4100")]))), "essai")
    assert [a.message for a in controle.anomalies] == [
        "« 4100 » s’écarte fortement de ce qui précède : 400 au 31/12/2020."]
    assert not controle.bloque and controle.rejetees == 0


@pytest.mark.parametrize(("indicateur", "territoire", "ventilation", "valeur", "etat", "dit"), [
    ("E1", "RHO", "", "4", "", True), ("E1", "Q1", "", "1", "", True), ("E1", "", "filles", "4", "", True),
    ("E1", "RHO", "", "5", "", False), ("E1", "RHO", "", "0", "", False), ("E1", "", "", "4", "", False),
    ("E1", "FR", "", "4", "", False), ("P1", "RHO", "", "4", "", False), ("E1", "RHO", "", "s.", "", False),
])
def test_few_people_in_a_small_place_are_told(plan: Store, indicateur: str, territoire: str, ventilation: str, valeur: str,
                                              etat: str, dit: bool) -> None:
    dites = places(plan, ("indicateur", "territoire", "ventilation", "periode", "valeur", "etat"),
                   (indicateur, territoire, ventilation, "2019", valeur, etat))
    assert [code for _, _, code in dites] == (["sous_seuil_secret"] if dit else [])


def test_the_terms_of_a_rate_are_people_too_and_a_published_number_is_public(plan: Store) -> None:
    entete = ("indicateur", "territoire", "periode", "numerateur", "denominateur", "provenance")
    assert places(plan, entete, ("T1", "RHO", "2019", 3, 40, "saisi"), ("C1", "RHO", "2019", 3, 40, "saisi"),
                  ("T1", "Q1", "2019", 3, 40, "publie")) == [(2, "numerateur", "sous_seuil_secret")]


def test_a_series_keeps_its_perimeter(plan: Store) -> None:
    entete = (*MESURE, "perimetre")
    assert places(plan, entete, ("E1", "2021", "400", "avec mineurs isolés"), ("E1", "2022", "400", "Hors mineurs isoles"),
                  ("E1", "2023", "400", "")) == [(2, "perimetre", "perimetres_melanges")]
    dite, = told(plan, csv_bytes(entete, [("P1", "2021", "12", "a"), ("P1", "2022", "12", "a"), ("P1", "2023", "12", "b")]))
    assert (dite.ligne, dite.message) == (4, "Le périmètre « b » diffère de celui de la même série (a).")


# -- keys and codes ------------------------------------------------------------------------------------------------------


def test_lines_of_one_key_name_each_other_in_their_own_file(plan: Store) -> None:
    recus = [FichierRecu(f"mesure_{n}.csv", csv_bytes(MESURE, lignes)) for n, lignes in enumerate((
        [("P1", "2021", "12"), ("E1", "2021", "400")], [("E1", "2021", "400"), ("P1", "2021", "13"), ("P1", "2021", "12")]))]
    dites = check(plan.read(), [t for r in recus for t in read_tableaux(r)], "essai").anomalies
    assert [(a.fichier, a.ligne, a.colonne, a.code, a.message.split("ligne ")[-1][:18]) for a in dites] == [
        ("mesure_0.csv", 2, "valeur", "valeurs_contradictoires", "3 de mesure_1.csv,"),
        ("mesure_1.csv", 2, None, "cle_en_double", "3 de mesure_0.csv "),
        ("mesure_1.csv", 3, "valeur", "valeurs_contradictoires", "2 de mesure_0.csv,"),
        ("mesure_1.csv", 4, "valeur", "valeurs_contradictoires", "3, qui dit autre c")]


def test_the_lines_that_disagree_are_all_refused_and_the_one_said_twice_is_read_once(plan: Store) -> None:
    cur = plan.read()
    contenu = csv_bytes((*MESURE, "etat", "commentaire"), [
        ("P1", "2021", "12", "", "vu"), ("P1", "2021", "12,0", "definitif", "revu"), ("E1", "2021", "400", "", ""),
        ("E1", "2021", "400", "estime", "")])
    controle = check(cur, read_tableaux(FichierRecu("mesure.csv", contenu)), "essai")
    assert cur.execute("select indicateur, valeur from pret_mesure").fetchall() == [("P1", 12.0)]
    assert [(a.ligne, a.colonne, a.code) for a in controle.anomalies] == [
        (3, None, "cle_en_double"), (4, "etat", "valeurs_contradictoires"), (5, "etat", "valeurs_contradictoires")]
    assert controle.rejetees == 3


@pytest.mark.parametrize(("ecrit", "propose"), [
    ("Rhone", "RHO (Rhône)"), ("RHÔNE", "RHO (Rhône)"), ("isere", "38 (Isère)"), ("rho", "RHO (Rhône)"),
    ("Quartier gare", "Q1 (Quartier de la gare)"), ("zzzz", None),
])
def test_the_nearest_place_is_proposed_by_code_or_by_name(plan: Store, ecrit: str, propose: str | None) -> None:
    dite, = told(plan, csv_bytes(("indicateur", "territoire", "periode", "valeur"), [("P1", ecrit, "2021", "12")]))
    assert dite.conseil == (f"Code le plus proche : {propose}. Corrigez le code, ou déposez d’abord la table territoire."
                            if propose else "Déposez d’abord la table territoire.")


# -- texts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("texte", "code"), [
    ("=1+2", "formule"), ("=HYPERLINK(\"http://x\")", "formule"), ("@SUM(A1)", "formule"), ("+A1*2", "formule"),
    ("-cmd|' /C calc'!A0", "formule"), ("+SOMME(A1:A3)", "formule"), ("-2+3*A1", "formule"),
    ("- voir T1 2021", None), ("-T1 : ouverture", None), ("+ 3 places", None), ("@departement38", None), ("- A4 et A5", None),
    ("a = b", None), ("+12,5", None), ("-", None),
    ("un\x07deux", "caracteres_de_controle"), ("un\u202edeux", "caracteres_de_controle"),
    ("un\u2066deux", "caracteres_de_controle"),
    ("ligne\nsuivante", None), ("a\tb", None), ("👨\u200d👩\u200d👧 famille", None), ("été – « œuvre »\u00a0!", None),
])
def test_texts_that_a_spreadsheet_runs_or_that_hide_something(plan: Store, texte: str, code: str | None) -> None:
    assert [c for _, _, c in places(plan, (*MESURE, "commentaire"), ("P1", "2021", "12", texte))] == ([code] if code else [])


@pytest.mark.parametrize("cache", ["\u200b", "\u00ad", "\u202e", "\x01", "\ufeff", "\u2069"])
def test_nothing_hides_in_a_code(plan: Store, cache: str) -> None:
    dites = told(plan, csv_bytes(("indicateur", "ventilation", "periode", "valeur"), [("P1", f"fil{cache}les", "2021", "12")]))
    assert [(a.colonne, a.valeur, a.code) for a in dites] == [("ventilation", "fil\ufffdles", "code_caractere_cache")]
    dites = told(plan, csv_bytes(MESURE, [(f"P{cache}1", "2021", "12")]))
    assert {a.code for a in dites} == {"code_inconnu"} | ({"code_caractere_cache"} if not cache.isascii() else set())


# -- people --------------------------------------------------------------------------------------------------------------

TITRES = ["Nom", "Prénom", "NOM DE L’ENFANT", "Nom et prénom", "Nom de naissance", "Date de naissance", "DDN", "Né(e) le",
          "Lieu de naissance", "N° dossier", "Numéro de dossier", "IDFLNAT", "NIR", "N° INSEE", "Adresse", "Adresse du domicile",
          "Téléphone", "Tél. mobile", "E-mail", "Courriel", "Initiales", "Prénom du mineur"]
PERMIS = ["Nom du territoire", "Nom de l’établissement", "Naissances", "Code INSEE", "Nombre de dossiers", "Âge", "Sexe",
          "Adresses visitées", "Dossiers", "Nombre de mineurs", "Commentaire du jeune"]


@pytest.mark.parametrize("titre", TITRES)
def test_a_column_that_names_people_refuses_the_file_and_quotes_no_cell(plan: Store, titre: str) -> None:
    dite, = told(plan, csv_bytes((*MESURE, titre), [("P1", "2021", "douze", "Zorglub"), ("XX", "T9", "1", "Zorglub")]))
    assert (dite.code, dite.colonne, dite.valeur, dite.ligne) == ("donnees_personnelles", titre, None, None)
    assert "Zorglub" not in repr(dite) and f"« {titre} »" in dite.message


@pytest.mark.parametrize("titre", PERMIS)
def test_a_column_that_counts_or_places_people_is_not_accused(plan: Store, titre: str) -> None:
    assert "donnees_personnelles" not in {c for _, _, c in places(plan, (*MESURE, titre), ("P1", "2021", "12", "x"))}


def test_the_columns_of_a_table_are_its_own(plan: Store) -> None:
    assert told(plan, csv_bytes(("code", "nom"), [("RH2", "Rhône-Alpes"), ("P2", "Pont")]), "territoire.csv") == []
    assert told(plan, csv_bytes(("action", "adresse"), [("A1", "https://exemple.fr")]), "lien.csv") == []
    dites = told(plan, csv_bytes(("code", "nom", "Courriel"), [("X", "Y", "")]), "partenaire.csv")
    assert [a.colonne for a in dites] == ["Courriel"]


@pytest.mark.parametrize(("cellules", "dit"), [
    ([NIR, "", ""], True), (["suivi de " + NIR.replace(" ", ""), "", ""], True), ([NIR[:-2] + "00", "", ""], False),
    (["2850578006084", "1920169123456", "1991274123001"], True), (["2850578006084", "", ""], False),
    (["a@b.fr", "c@d.fr", "e.f@g.com"], True), (["a@b.fr", "a@b.fr", "a@b.fr"], False), (["voir a@b.fr", "oui", "non"], False),
    (["06 12 34 56 78", "04.76.00.38.38", "+33612345679"], True), (["0612345678", "", ""], False),
    (["185057800608436", "285057800608400", "1234567890123456"], False),
    (["2.34731185226552", "7.69082386880568", "4.83889696257039"], False), ([NIR.replace(" ", ".")], True),
    (["0,12345678901234", "12345678,5", "1 234 567 890"], False),
])
def test_cells_that_look_like_people(plan: Store, cellules: list[str], dit: bool) -> None:
    dites = told(plan, csv_bytes((*MESURE, "Remarque"), [("P1", 2021 + n, "12", c) for n, c in enumerate(cellules)]))
    assert ("donnees_personnelles" in {a.code for a in dites}) == dit
    if dit:
        assert [a.colonne for a in dites] == ["Remarque"] and not any(c in repr(dites) for c in cellules if c)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.floats(-1e12, 1e12), st.dates(), st.text(st.characters(codec="cp1252", categories=("L", "Z")))),
                min_size=1, max_size=30))
def test_figures_dates_and_sentences_are_never_people(lignes: list[tuple[float, date, str]]) -> None:
    for ecrit in (str, lambda x: f"{x:,.2f}".replace(",", "\u202f").replace(".", ",")):
        contenu = csv_bytes((*MESURE, "debut", "commentaire"),
                            [("I1", j.year, ecrit(x), f"{j:%d/%m/%Y}", t) for x, j, t in lignes])
        tableaux = read_tableaux(FichierRecu("mesure.csv", contenu))
        assert "donnees_personnelles" not in {a.code for t in tableaux for a in t.anomalies}


def test_people_are_found_without_a_table_and_without_a_header(plan: Store) -> None:
    sans_table = told(plan, csv_bytes(("Nom", "Prénom", "Suivi"), [("Zorglub", "Zoé", "oui")]), "liste.csv")
    assert {a.code for a in sans_table} == {"donnees_personnelles"} and {a.colonne for a in sans_table} == {"Nom", "Prénom"}
    sans_entete = told(plan, csv_bytes(("Zorglub", NIR), [("Zoé", NIR)]), "liste.csv")
    assert [(a.code, a.colonne) for a in sans_entete] == [("donnees_personnelles", "sans titre, la 2e")]
    assert "Zorglub" not in repr(sans_entete) and "Zoé" not in repr(sans_table)


def workbook(**feuilles: Sequence[Sequence[Any]]) -> bytes:
    """A workbook whose sheet « cachee » is hidden."""
    classeur = openpyxl.Workbook()
    classeur.remove(classeur.active)
    for nom, lignes in feuilles.items():
        page = classeur.create_sheet(nom)
        for ligne in lignes:
            page.append(ligne)
        page.sheet_state = "hidden" if nom == "cachee" else "visible"
    tampon = io.BytesIO()
    classeur.save(tampon)
    return tampon.getvalue()


@pytest.mark.parametrize("feuille", ["mesures", "liste", "cachee"])
def test_a_workbook_with_one_sheet_of_people_is_refused_whole(plan: Store, feuille: str) -> None:
    feuilles = {"mesure": [MESURE, ("P1", 2021, "Zorglub")], "notice": [("Une notice",)],
                feuille: [("indicateur", "periode", "valeur", "Prénom"), ("P1", 2022, 12, "Zoé")]}
    dites = told(plan, workbook(**feuilles), "envoi.xlsx")
    assert {a.code for a in dites} == {"donnees_personnelles"} and "Zo" not in repr(dites)
    assert {a.fichier for a in dites} == {f"envoi.xlsx › {feuille}"}


def test_nothing_of_a_file_of_people_is_kept_even_with_the_valid_rows(base: Store, cli, tmp_path: Path) -> None:
    deposer(base, plan_minimal(**PLAN))
    avant = {f.name for f in base.recus.iterdir()}
    (tmp_path / "mesure_a.csv").write_bytes(csv_bytes(MESURE, [("P1", "2021", "12")]))
    (tmp_path / "mesure_b.csv").write_bytes(csv_bytes((*MESURE, "Prénom"), [("P1", "2022", "12", "Zorglub")]))
    sortie, document, _ = cli("import", tmp_path / "mesure_a.csv", tmp_path / "mesure_b.csv", "--lignes-valides")
    assert (sortie, document["depot"]) == (2, None)
    assert "Zorglub" not in repr(document)
    assert {f.name for f in base.recus.iterdir()} == avant


# -- a mistake of our own ------------------------------------------------------------------------------------------------


def test_a_mistake_of_ours_is_not_told_as_a_damaged_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(cellule: object) -> str:
        raise KeyError("ours")

    monkeypatch.setattr(lecture, "_text", broken)
    with pytest.raises(KeyError, match="ours"):
        read_tableaux(FichierRecu("envoi.xlsx", workbook(mesure=[MESURE, ("P1", 2021, 12)])))


def test_a_number_that_a_sheet_cannot_hold_stays_a_text() -> None:
    assert lecture._number(float("inf")) == "inf"
