"""Files as French offices make them: what each is read as, to the cell, and that no row is ever lost."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from indicators.checking import check
from indicators.errors import CATALOGUE
from indicators.reading import FichierRecu, Tableau, decode, read_tableau, read_tableaux
from indicators.settings import RACINE, Limites
from indicators.store import Store
from indicators.tables import TABLES
from tests.conftest import copier_base, deposer, plan_minimal

MESSY = RACINE / "tests" / "cases" / "messy"
REELS = next(
    (d for d in (RACINE.parent / "shared" / "data" / "real", RACINE.parents[1] / "shared" / "data" / "real") if d.is_dir()), None
)
FICHIERS_REELS = sorted(f for f in REELS.rglob("*") if f.is_file()) if REELS else []

# The same nine rows, as four encodings, four separators and three thousands separators carry them.
LIGNES = [
    ["38", "Isère", "PARC-01", "31/12/2022", "2{m}758", "enfants", ""],
    ["38", "Isère", "OFF-01", "31/12/2022", "32,0", "%", ""],
    ["38", "Isère", "MAJ-05", "31/12/2022", "n.d.", "%", "enquête en cours"],
    ["38", "Isère", "REP-08", "31/12/2022", "s.o.", "", "sans objet"],
    ["38", "Isère", "PARC-13", "31/12/2022", "s.", "nombre", "secret statistique"],
    ["38", "Isère", "SAN-05", "31/12/2022", "<5", "nombre", ""],
    ["974", "La Réunion", "REP-01", "31/12/2022", "5{m}348", "nombre", 'CRIP {s} périmètre "qualifiées"'],
    ["974", "La Réunion", "CTX-08", "2019", "105{m}940,38\u00a0k€", "k€", ""],
    ["1", "Ain", "PARC-01", "31/12/2022", "", "enfants", "zéro initial perdu"],
]
COLONNES = ("territoire", "", "indicateur", "periode", "valeur", "", "commentaire")
INSECABLE, FINE = "\u00a0", "\u202f"


def read(nom: str, texte: str | bytes, table: str | None = "mesure", limites: Limites | None = None) -> Tableau:
    """One file typed here."""
    contenu = texte if isinstance(texte, bytes) else texte.encode()
    return read_tableau(FichierRecu(nom, contenu), table, limites or Limites())


def codes(tableau: Tableau) -> list[str]:
    """Codes of the anomalies of form."""
    return [a.code for a in tableau.anomalies]


def assert_nothing_lost(t: Tableau) -> None:
    """Rows read = rows given + rows kept out by an anomaly that names their line."""
    dehors = {
        a.ligne for a in t.anomalies if CATALOGUE[a.code].retient and a.ligne and not a.code.startswith(("colonne_", "fichier_"))
    }
    en_bloc = t.bloc.records - len(t.bloc.a_part) if t.bloc else 0  # rows of a large text, still bytes
    assert t.lues == len(t.lignes) + en_bloc + len(dehors)
    assert all(len(cellules) == len(t.colonnes) for _, cellules in t.lignes)
    assert len({n for n, _ in t.lignes}) == len(t.lignes)


# -- the ten messy files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "mille", "sep", "premiere", "dites"),
    [
        ("01_excel_csv_cp1252.csv", INSECABLE, ";", 2, []),
        ("02_excel_csv_utf8_bom.csv", FINE, ";", 2, []),
        ("03_utf8_sans_bom_espace.csv", " ", ";", 2, []),
        ("04_macroman.csv", INSECABLE, ";", 2, ["encodage_mac"]),
        ("05_texte_unicode_utf16_tab.txt", INSECABLE, "\t", 2, []),
        ("06_titres_au_dessus.csv", INSECABLE, ";", 6, ["entete_plus_bas", "ligne_total", "ligne_note"]),
        ("08_ligne_sep.csv", INSECABLE, ";", 3, []),
    ],
)
def test_the_same_table_in_seven_writings(nom: str, mille: str, sep: str, premiere: int, dites: list[str]) -> None:
    t = read(nom, (MESSY / nom).read_bytes(), None)
    assert (t.table, t.colonnes) == (TABLES["mesure"], COLONNES)
    attendues = [[c.format(m=mille, s=sep) for c in ligne] for ligne in LIGNES]
    assert t.lignes == list(enumerate(attendues, premiere))
    assert sorted(codes(t)) == sorted([*dites, "colonne_redondante", "colonne_inconnue"])
    assert_nothing_lost(t)


def test_an_english_file_with_commas() -> None:
    t = read("07", (MESSY / "07_sep_virgule_anglais.csv").read_bytes(), None)
    assert (t.table, t.colonnes) == (TABLES["mesure"], COLONNES)
    assert t.lignes == [(2, ["38", "Isère", "OFF-01", "2022-12-31", "32.0", "%", ""])]


def test_years_as_columns() -> None:
    t = read("09", (MESSY / "09_large_annees.csv").read_bytes(), None)
    assert (t.table, t.colonnes) == (TABLES["mesure"], ("territoire", "indicateur", "periode", "valeur"))
    assert [cellules for _, cellules in t.lignes] == [
        ["38", "OFF-01", "2019", "32,5"],
        ["38", "OFF-01", "2020", "32,0"],
        ["38", "OFF-01", "2021", "32,6"],
        ["38", "OFF-01", "2022", "32,0"],
        ["974", "OFF-01", "2019", "76,0"],
        ["974", "OFF-01", "2020", "72,0"],
        ["974", "OFF-01", "2021", "78,1"],
        ["974", "OFF-01", "2022", "80,4"],
    ]
    assert [t.origines[n] for n, _ in t.lignes] == [(x, {"valeur": str(a)}) for x in (2, 3) for a in range(2019, 2023)]
    assert [(a.code, a.colonne) for a in t.anomalies] == [("colonne_devinee", "Code"), ("colonne_cible", "Cible 2024")]
    assert_nothing_lost(t)


def test_a_file_without_indicator_is_refused_by_what_it_lacks() -> None:
    contenu = (MESSY / "10_cp1252_sans_euro.csv").read_bytes()
    assert codes(read("10.csv", contenu, None)) == ["table_inconnue"]
    t = read("10.csv", contenu)
    assert [cellules for _, cellules in t.lignes] == [["38", "Isère", f"2{INSECABLE}758"], ["974", "La Réunion", "32,5"]]
    assert [a.colonne for a in t.anomalies if a.code == "colonne_manquante"] == ["indicateur", "periode"]


# -- real files, when they are beside the project ------------------------------------------------------------------------


def test_the_real_files_are_there_or_said_to_be_absent() -> None:
    if REELS is None:
        print("shared/data/real n’est pas à côté du projet : aucun fichier réel n’est lu par ces tests")
    assert (REELS is None) == (FICHIERS_REELS == [])


@pytest.mark.parametrize("fichier", FICHIERS_REELS, ids=lambda f: f.name)
@pytest.mark.parametrize("table", [None, "mesure", "action"])
def test_a_real_file_is_read_or_refused_with_advice(fichier: Path, table: str | None) -> None:
    for t in read_tableaux(FichierRecu(fichier.name, fichier.read_bytes()), table):
        assert_nothing_lost(t)
        assert t.lignes or t.anomalies
        assert all(a.message and a.conseil for a in t.anomalies)
        assert t.lignes == [] or t.table is not None


# -- encodings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "texte",
    [
        "été",
        "Département ; 2\u00a0758 €",
        "« l’école » – œuvre…",
        "ÉCOLE À NOËL",
        "côté impôt",
        "garçon",
        "naïf, maïs",
        "Isère, 12,5 % (²)",
        "d’été et d’hiver",
    ],
)
@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman"])
def test_french_comes_back_letter_for_letter(texte: str, encodage: str) -> None:
    if encodage == "mac-roman" and "²" in texte:
        return  # MacRoman has no such character
    phrase = f"indicateur;commentaire\nI1;{texte} à compléter\n"
    assert decode(phrase.encode(encodage)) == phrase


def test_names_of_elsewhere_stay_in_cp1252() -> None:
    for nom in ("Núñez", "Žižek à Isère", "Marque™", "“citation”", "José Müller"):
        assert decode(nom.encode("cp1252")) == nom


# -- shapes --------------------------------------------------------------------------------------------------------------


def test_two_rows_of_header() -> None:
    t = read("m.csv", "Indicateur;Territoire;2021;;2022;\n;;Valeur;Numérateur;Valeur;Numérateur\nI1;38;1;2;3;4\nI2;38;;5;n.d.;\n")
    assert t.colonnes == ("indicateur", "territoire", "periode", "numerateur", "valeur")
    assert [c for _, c in t.lignes] == [
        ["I1", "38", "2021", "2", "1"],
        ["I1", "38", "2022", "4", "3"],
        ["I2", "38", "2021", "5", ""],
        ["I2", "38", "2022", "", "n.d."],
    ]
    t = read("m.csv", "Indicateur;Année;Résultats;;\n;;Valeur;Numérateur;Dénominateur\nI1;2022;50;1;2\n")
    assert (t.colonnes, t.lignes) == (
        ("indicateur", "periode", "valeur", "numerateur", "denominateur"),
        [(3, ["I1", "2022", "50", "1", "2"])],
    )
    t = read("m.csv", "Indicateur;Années;\n;2021;2022\nI1;1;2\n")
    assert [c for _, c in t.lignes] == [["I1", "2021", "1"], ["I1", "2022", "2"]]


def test_a_first_row_of_data_is_not_a_second_row_of_header() -> None:
    t = read("m.csv", "indicateur;couleur;commentaire\nI1;valeur;\n")
    assert t.lignes == [(2, ["I1", "valeur", ""])]


@pytest.mark.parametrize(
    "titre",
    [
        "2021",
        "T1 2021",
        "2021-T1",
        "S2 2021",
        "2021-03",
        "03/2021",
        "2021/2022",
        "31/12/2021",
        "Valeur 2021",
        "Numérateur T2 2021",
    ],
)
def test_every_period_may_be_a_column(titre: str) -> None:
    t = read("m.csv", f"indicateur;{titre}\nI1;5\n")
    mot = titre.removeprefix("Valeur ").removeprefix("Numérateur ")
    assert [c for _, c in t.lignes] == [["I1", mot, "5"]] and codes(t) == []


def test_totals_notes_and_repeated_headers_are_told_and_left_out() -> None:
    t = read(
        "m.csv",
        "indicateur;periode;valeur\nI1;2021;1\nSous-total;;1\nindicateur;periode;valeur\nI2;2021;2\nTOTAL;;3\n\n"
        "Source : enquête du département;;\nLecture : deux indicateurs\n",
    )
    assert t.lignes == [(2, ["I1", "2021", "1"]), (5, ["I2", "2021", "2"])]
    assert [(a.ligne, a.code) for a in t.anomalies] == [
        (3, "ligne_total"),
        (4, "entete_repetee"),
        (6, "ligne_total"),
        (8, "ligne_note"),
        (9, "ligne_note"),
    ]
    assert_nothing_lost(t)


def test_a_note_in_the_middle_is_not_waved_through() -> None:
    t = read("m.csv", "indicateur;periode;valeur\nSource : DREES\nI2;2021;2\n")
    assert codes(t) == ["ligne_irreguliere"]


@pytest.mark.parametrize(
    ("premiere", "sep"), [("sep=;", ";"), ("sep=,", ","), ('"sep=\t"', "\t"), ("SEP=|", "|"), ("sep=:", ":")]
)
def test_the_separator_said_on_the_first_line(premiere: str, sep: str) -> None:
    t = read("m.csv", f"{premiere}\r\n" + sep.join(("indicateur", "periode", "valeur")) + "\r\n" + sep.join(("I1", "2021", "1")))
    assert t.lignes == [(3, ["I1", "2021", "1"])] and codes(t) == []


def test_the_separator_is_the_one_that_shows_the_header() -> None:
    t = read("m.csv", "Champ : France, hors Mayotte, tous âges, deux sexes\nindicateur;periode;valeur\nI1;2021;1\n")
    assert t.lignes == [(3, ["I1", "2021", "1"])] and codes(t) == ["entete_plus_bas"]


@pytest.mark.parametrize(
    ("limites", "code"),
    [
        (Limites(lignes=2), "fichier_trop_grand"),
        (Limites(colonnes=2), "fichier_trop_grand"),
        (Limites(cellule=3), "cellule_trop_longue"),
    ],
)
def test_limits_are_told(limites: Limites, code: str) -> None:
    t = read("m.csv", "indicateur;periode;valeur\n" + "I1;2021;1\n" * 3, limites=limites)
    assert set(codes(t)) == {code}
    assert_nothing_lost(t)


def test_a_heavy_file_is_refused_before_it_is_decoded() -> None:
    t = read("m.csv", b"\xff" * 1_000_001, limites=Limites(fichier_mo=1))
    assert codes(t) == ["fichier_trop_grand"] and "INDICATORS_FICHIER_MO" in t.anomalies[0].message


def test_a_very_long_cell_or_line_is_refused() -> None:
    assert codes(read("m.csv", "indicateur;periode;valeur\nI1;2021;" + "1" * 200_000)) == ["fichier_trop_grand"]
    assert codes(read("m.csv", ";" * 100_000)) == ["fichier_trop_grand"]


@pytest.mark.parametrize(
    ("entete", "table"),
    [
        ("indicateur;annee;valeur", "mesure"),
        ("code;intitule;orientation", "action"),
        ("action;partenaire;role", "participation"),
        ("indicateur;role;date;valeur", "cible"),
        ("code;intitule;unite;type_cible;nature", "indicateur"),
        ("code;nom", None),
        ("a;b", None),
    ],
)
def test_the_columns_tell_the_table_when_the_name_does_not(entete: str, table: str | None) -> None:
    t = read("export.csv", entete + "\n" + ";".join("x" for _ in entete.split(";")) + "\n", None)
    assert (t.table.nom if t.table else None) == table


# -- workbooks -----------------------------------------------------------------------------------------------------------


def workbook(**feuilles: list[list[Any]]) -> bytes:
    """A workbook with these sheets."""
    classeur = openpyxl.Workbook()
    classeur.remove(classeur.active)
    for titre, lignes in feuilles.items():
        page = classeur.create_sheet(titre)
        for ligne in lignes:
            page.append(ligne)
    return saved(classeur)


def saved(classeur: openpyxl.Workbook) -> bytes:
    """Its bytes."""
    tampon = io.BytesIO()
    classeur.save(tampon)
    return tampon.getvalue()


def rewritten(contenu: bytes, membre: str, avant: str, apres: str) -> bytes:
    """The same workbook with one of its members changed (added when it is not there)."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(contenu)) as lu, zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as ecrit:
        for nom in {*lu.namelist(), membre}:
            texte = lu.read(nom).decode() if nom in lu.namelist() else avant
            ecrit.writestr(nom, re.sub(avant, lambda _: apres, texte) if nom == membre else texte)
    return tampon.getvalue()


FEUILLE = "xl/worksheets/sheet1.xml"
SIMPLE = [["indicateur", "periode", "valeur"], ["I1", 2021, 1.5]]


def test_cells_of_a_workbook_are_said_as_a_csv_would() -> None:
    classeur = openpyxl.Workbook()
    page = classeur.active
    page.title = "Mesures"
    for ligne in (
        ["Tableau 1"],
        [],
        ["indicateur", "periode", "valeur", "commentaire", "supprimer"],
        ["I1", date(2021, 12, 31), 0.125, "012", True],
        ["I1", datetime(2022, 12, 31, 8, 30), 1234.5, 3.0, False],
        ["I1", 2023, "n.d.", "#N/A", None],
        ["I1", 44926, 12, None, None],
        ["Total", None, 3, None, None],
    ):
        page.append(ligne)
    page["C4"].number_format = "0.0 %"
    (t,) = read_tableaux(FichierRecu("export.xlsx", saved(classeur)))
    assert (t.fichier, t.table) == ("export.xlsx › Mesures", TABLES["mesure"])
    assert t.lignes == [
        (4, ["I1", "2021-12-31", "12.5 %", "012", "oui"]),
        (5, ["I1", "2022-12-31 08:30:00", "1234.5", "3", "non"]),
        (6, ["I1", "2023", "n.d.", "#N/A", ""]),
        (7, ["I1", "2022-12-31", "12", "", ""]),
    ]
    assert [(a.ligne, a.code) for a in t.anomalies] == [(3, "entete_plus_bas"), (8, "ligne_total"), (7, "date_en_nombre")]
    assert_nothing_lost(t)


def test_every_sheet_that_is_a_table_is_read() -> None:
    contenu = workbook(
        mesure=SIMPLE,
        Orientations=[["code", "intitule"], ["O1", "Une"]],
        Notice=[["À lire"]],
        Feuil4=[],
        Donnees=[["Indicateur", "2021", "2022"], ["I1", 1, None]],
    )
    lus = read_tableaux(FichierRecu("x.xlsx", contenu))
    assert [(t.fichier, t.table.nom if t.table else None, len(t.lignes), codes(t)) for t in lus] == [
        ("x.xlsx › mesure", "mesure", 1, []),
        ("x.xlsx › Orientations", "orientation", 1, []),
        ("x.xlsx › Notice", None, 0, ["feuille_ignoree"]),
        ("x.xlsx › Donnees", "mesure", 1, []),
    ]
    assert codes(read_tableaux(FichierRecu("x.xlsx", workbook(Notice=[["À lire"]])))[0]) == ["table_inconnue"]
    assert codes(read_tableaux(FichierRecu("x.xlsx", workbook(Vide=[])))[0]) == ["fichier_vide"]


def test_a_sheet_may_lie_about_its_size() -> None:
    contenu = rewritten(workbook(mesure=SIMPLE * 3), FEUILLE, r'<dimension ref="[^"]*" ?/>', '<dimension ref="A1:B2"/>')
    t = read_tableaux(FichierRecu("x.xlsx", contenu))[0]
    assert (len(t.lignes), t.lues, codes(t)) == (3, 5, ["entete_repetee", "entete_repetee"])


@pytest.mark.parametrize(
    ("membre", "avant", "apres", "code"),
    [
        (FEUILLE, "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>', "fichier_trop_grand"),
        (FEUILLE, "</sheetData>", '<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>', "fichier_trop_grand"),
        (FEUILLE, "^", '<!DOCTYPE x [<!ENTITY a "b">]>', "fichier_illisible"),
        (FEUILLE, "<sheetData>", "<sheetData", "fichier_illisible"),
        ("xl/vbaProject.bin", "x", "x", "fichier_illisible"),
        ("xl/workbook.xml", "<sheets>", "<feuilles>", "fichier_illisible"),
        ("xl/media/x.bin", "x", "0" * 5_000_000, "fichier_trop_grand"),
    ],
)
def test_a_hostile_workbook_is_refused(membre: str, avant: str, apres: str, code: str) -> None:
    contenu = rewritten(workbook(mesure=SIMPLE), membre, avant, apres)
    (t,) = read_tableaux(FichierRecu("x.xlsx", contenu), None, Limites(fichier_mo=1))
    assert codes(t) == [code] and t.lignes == []


def test_an_old_workbook_or_another_archive_is_refused() -> None:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    for contenu in (tampon.getvalue(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)):
        assert codes(read_tableau(FichierRecu("mesure.xlsx", contenu))) == ["fichier_illisible"]


def test_a_workbook_goes_in_as_one_depot(base: Store, cli, tmp_path: Path) -> None:
    deposer(base, plan_minimal(indicateur=[{"code": "I1", "unite": "%"}]))
    chemin = tmp_path / "reponse.xlsx"
    chemin.write_bytes(workbook(Donnees=[["Indicateur", 2021, 2022], ["I1", 10, "n.d."]], Lisezmoi=[["Bonjour"]]))
    sortie, document, _ = cli("import", chemin)
    assert (sortie, document["nouvelles"], [a["code"] for a in document["anomalies"]]) == (0, 2, ["feuille_ignoree"])
    assert [f["fichier"] for f in document["fichiers"]] == ["reponse.xlsx › Donnees", "reponse.xlsx › Lisezmoi"]
    lus = base.read().execute("select year(fin), valeur, etat, ligne from mesure order by fin").fetchall()
    assert lus == [(2021, 10.0, "definitif", 2), (2022, None, "non_disponible", 2)], "what is stored names the line of the file"
    assert cli("verify")[0] == 0


# -- words in place of numbers -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A base with one plan, read only here."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("lecture") / "base")
    deposer(store, plan_minimal(indicateur=[{"code": "I1", "unite": "%"}, {"code": "I2"}, {"code": "E1", "unite": "k€"}]))
    return store


def checked(store: Store, texte: str) -> tuple[list[tuple[object, ...]], list[tuple[int | None, str | None, str]], int, int]:
    """(ligne, indicateur, fin, valeur, etat) of the rows kept, (ligne, colonne, code) of the anomalies, lues, rejetees."""
    cur = store.read()
    controle = check(cur, [read("mesure.csv", texte)], "essai")
    lignes = cur.execute("select ligne, indicateur, year(fin), valeur, etat from pret_mesure order by all").fetchall()
    return lignes, [(a.ligne, a.colonne, a.code) for a in controle.anomalies], controle.lues, controle.rejetees


@pytest.mark.parametrize(
    ("ecrit", "valeur", "etat", "code"),
    [
        *((mot, None, "non_disponible", None) for mot in ("n.d.", "nd", "ND", "N/D", "n. d.", "n.\u00a0d.")),
        *((mot, None, "sans_objet", None) for mot in ("s.o.", "so", "S.O.")),
        *((mot, None, "secret", None) for mot in ("s.", "secret", "<5", "< 5", "s.s.")),
        *((mot, None, "non_repondu", None) for mot in ("NR", "n.r.")),
        *((mot, None, "non_disponible", "mot_ambigu") for mot in ("n.c.", "nc", "-", "–", "…", "...")),
        ("12,5 %", 12.5, "definitif", None),
        ("12,5\u202f%", 12.5, "definitif", None),
        ("12.5%", 12.5, "definitif", None),
        ("12,5 (p)", 12.5, "provisoire", None),
        ("12,5(P)", 12.5, "provisoire", None),
        ("12,5 % (p)", 12.5, "provisoire", None),
        ("12 (e)", 12.0, "estime", None),
        ("0", 0.0, "definitif", None),
        ("1\u202f234,5", 1234.5, "definitif", None),
    ],
)
def test_a_word_becomes_a_state_and_never_zero(
    plan: Store, ecrit: str, valeur: float | None, etat: str, code: str | None
) -> None:
    lignes, anomalies, _, _ = checked(plan, f"indicateur;periode;valeur\nI1;2022;{ecrit}\n")
    assert lignes == [(2, "I1", 2022, valeur, etat)]
    assert anomalies == ([(2, "valeur", code)] if code else [])


@pytest.mark.parametrize(
    ("indicateur", "ecrit", "code"),
    [
        ("I1", "#N/A", "erreur_tableur"),
        ("I1", "#DIV/0!", "erreur_tableur"),
        ("I1", "#VALEUR!", "erreur_tableur"),
        ("I2", "12 %", "nombre_illisible"),
        ("I1", "12 k€", "nombre_illisible"),
        ("I1", "%", "nombre_illisible"),
        ("I1", "12 (x)", "nombre_illisible"),
        ("I1", "(p)", "nombre_illisible"),
        ("I1", "", "mesure_sans_valeur"),
    ],
)
def test_what_is_neither_a_number_nor_a_word_is_refused(plan: Store, indicateur: str, ecrit: str, code: str) -> None:
    assert checked(plan, f"indicateur;periode;valeur\n{indicateur};2022;{ecrit}\n")[:2] == ([], [(2, "valeur", code)])


def test_the_sign_of_the_unit_and_the_state_of_the_row(plan: Store) -> None:
    lignes, anomalies, _, _ = checked(
        plan,
        "indicateur;periode;valeur;etat\nE1;2021;105\u00a0940,38\u00a0k€;\nI2;2021;n.d.;secret\n"
        "I2;2022;s.;Définitif\nI2;2023;s.;definitif\n",
    )
    assert lignes == [(2, "E1", 2021, 105940.38, "definitif"), *((n, "I2", an, None, "secret") for n, an in (
        (3, 2021), (4, 2022), (5, 2023)))]
    assert anomalies == []


def test_anomalies_of_a_wide_table_name_the_line_and_the_column(plan: Store) -> None:
    lignes, anomalies, lues, rejetees = checked(
        plan, "indicateur;2020;2021;2022\nI1;1;douze;-\nI9;1;2;\nI1;4;;5\nI2;;;\nI2;7;8;\n"
    )
    assert lignes == [
        (6, "I2", 2020, 7.0, "definitif"),
        (6, "I2", 2021, 8.0, "definitif"),
    ]
    assert anomalies == [
        (2, "2020", "valeurs_contradictoires"),
        (2, "2021", "nombre_illisible"),
        (2, "2022", "mot_ambigu"),
        (2, "2022", "valeurs_contradictoires"),
        (3, "indicateur", "code_inconnu"),
        (4, "2020", "valeurs_contradictoires"),
        (4, "2022", "valeurs_contradictoires"),
        (5, None, "ligne_sans_valeur"),
    ]
    assert (lues, rejetees) == (10, 8)
