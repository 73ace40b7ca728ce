"""Files given back: each anomaly on its cell, nothing changed, and what is corrected goes in."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from indicators import annotated, deposits
from indicators.annotated import twin
from indicators.annotated.marks import FONDS
from indicators.deposits import BilanDepot, Demande
from indicators.errors import CATALOGUE, build_anomalie
from indicators.model import Anomalie, Gravite
from indicators.reading import FichierRecu, read_records, read_tableaux
from indicators.settings import Limites
from indicators.store import Store
from indicators.ui import donnees
from tests.conftest import copier_base, csv_bytes, deposer, ecrire, plan_minimal
from tests.test_import import ANOMALIES, PLAN, expected
from tests.test_pages_depot import envoyer

LIMITES = Limites()
VALIDES = Demande(plan="essai", lignes_valides=True)

MESURE = ("indicateur", "periode", "valeur", "commentaire")


@pytest.fixture(scope="module")
def modele_plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The plan « essai » that the files of tests/cases/anomalies are about."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("modele-annote") / "base")
    deposer(store, plan_minimal(**PLAN))
    return store


@pytest.fixture
def plan(modele_plan: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A base of this test's own that holds it."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_plan, tmp_path / "base")


@pytest.fixture
def ecran(plan: Store) -> Iterator[None]:
    """The pages read that base."""
    donnees.open_store.cache_clear()
    donnees._read.cache_clear()
    yield
    donnees.open_store.cache_clear()
    donnees._read.cache_clear()


def check(store: Store, *recus: FichierRecu, **options: Any) -> BilanDepot:
    """What depositing these files would say."""
    demande = Demande(plan="essai", **options)
    return store.rehearse(lambda cur: deposits.import_files(cur, recus, demande, deposits.keep_nothing))


def annotate(store: Store, *recus: FichierRecu, **options: Any) -> openpyxl.Workbook:
    """The annotated workbook of the only one of these files that has anomalies."""
    bilan = check(store, *recus, **options)
    (rendu,) = annotated.annotate(recus, bilan, LIMITES)
    return openpyxl.load_workbook(io.BytesIO(rendu.contenu))


def marked(page: Any) -> dict[str, str]:
    """Coordinate -> comment of every coloured cell."""
    return {c.coordinate: c.comment.text for rangee in page.iter_rows() for c in rangee
            if c.fill.fgColor.rgb in FONDS.values() and c.comment}


def save(classeur: openpyxl.Workbook) -> bytes:
    tampon = io.BytesIO()
    classeur.save(tampon)
    return tampon.getvalue()


def text(classeur: openpyxl.Workbook) -> str:
    """Every word of the sheet « Anomalies »."""
    return "\n".join(str(c.value) for rangee in classeur["Anomalies"].iter_rows() for c in rangee if c.value is not None)


# -- every anomaly on its cell -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attendu", [e for e in expected() if e["code"] != annotated.PERSONNELLES], ids=lambda e: e["code"])
def test_every_anomaly_ends_on_its_cell(plan: Store, attendu: dict[str, str]) -> None:
    chemin = next(ANOMALIES.glob(f"{attendu['code']}.*"))
    recu = FichierRecu(chemin.name, chemin.read_bytes())
    bilan = check(plan, recu, table=attendu["table"] or None)
    classeur = annotate(plan, recu, table=attendu["table"] or None)
    anomalie = next(a for a in bilan.anomalies if a.code == attendu["code"])
    assert classeur.sheetnames[0] == "Anomalies" and anomalie.message in text(classeur) and anomalie.conseil in text(classeur)
    titre = next(t.titre for c, t in CATALOGUE.items() if c == attendu["code"])
    vus = {(p.title, c): t for p in classeur.worksheets[1:] for c, t in marked(p).items() if titre in t and anomalie.message in t}
    if not attendu["ligne"] or attendu["code"].startswith("fichier_"):
        assert vus == {}
        return
    assert vus and all(anomalie.conseil in t for t in vus.values())
    cellules = {c for _, c in vus}
    page = classeur[next(titre for titre, _ in vus)]
    assert {c.row for c in (page[x] for x in cellules)} == {int(attendu["ligne"])}
    if attendu["code"] in ("colonne_manquante", "ligne_irreguliere") or not attendu["colonne"]:
        assert len(cellules) == 1 and cellules == {f"A{attendu['ligne']}"}
        return
    tableau = read_tableaux(recu, attendu["table"] or None)[0]
    for coordonnee in cellules:
        titre = str(page.cell(tableau.entete, page[coordonnee].column).value)
        nos = tableau.champs[page[coordonnee].column - 1] if tableau.champs else ""  # a plan sheet has none of our columns
        assert attendu["colonne"] in (titre, nos), coordonnee
    liens = [c.hyperlink.location for rangee in classeur["Anomalies"].iter_rows() for c in rangee if c.hyperlink]
    assert f"{page.title}!{sorted(cellules)[0]}" in [lien.replace("'", "") for lien in liens]


def test_a_wide_table_is_marked_under_its_period(base: Store) -> None:
    deposer(base, plan_minimal(indicateur=[{"code": "I1"}]))
    contenu = "Titre;;;;\n;Code;;2021;2022\nx;I1;;12;douze\nx;I9;;1;2\n".replace("Code", "indicateur").encode()
    page = annotate(base, FichierRecu("mesure.csv", contenu))["mesure"]
    vus = marked(page)
    assert "« douze » n’est pas un nombre" in vus.pop("E3")
    assert "« I9 » n’existe pas" in vus.pop("B4")
    assert set(vus) == {"A2", "B2"}  # a column without a title, a header lower than the first line
    assert [c.value for c in page[3]] == ["x", "I1", None, "12", "douze"]


def test_a_title_that_is_also_our_name_for_another_column(plan: Store) -> None:
    colonnes = ("indicateur", "territoire", "Code territoire", "periode", "valeur")
    contenu = csv_bytes(colonnes, [("I1", "Isère", "99", "2022", "1")])
    vus = marked(annotate(plan, FichierRecu("mesure.csv", contenu))["mesure"])
    assert "Colonne redondante" in vus.pop("B1") and "« 99 » n’existe pas" in vus.pop("C2") and not vus


def test_the_column_that_stands_for_the_one_named(plan: Store) -> None:
    action = csv_bytes(("intitule", "code", "orientation", "pilote"), [("Une", "A7", "O1", "Personne")])
    assert "« Personne »" in marked(annotate(plan, FichierRecu("action.csv", action))["action"])["D2"]
    dates = csv_bytes(("valeur", "indicateur", "debut", "fin"), [("1", "I1", "", "2022-06-30")])
    vus = marked(annotate(plan, FichierRecu("mesure.csv", dates))["mesure"])
    assert set(vus) == {"D2"} and "La ligne ne dit pas sa période" in vus["D2"]


# -- a text --------------------------------------------------------------------------------------------------------------


def test_the_twin_of_a_text_is_the_text(plan: Store) -> None:
    hostile = ["=cmd|' /C calc'!A0", "00123", "-5", "+33", "@x", "a\x07b\ufffe", "#N/A", "1/2", "x" * 40_000, "deux\nlignes"]
    lignes = [("I1", str(2000 + i), "beaucoup", texte) for i, texte in enumerate(hostile)]
    recu = FichierRecu("mesure.csv", csv_bytes(MESURE, lignes))
    classeur = annotate(plan, recu)
    page = classeur["mesure"]
    for i, ((_, _, valeur, texte), cellules) in enumerate(zip(lignes, page.iter_rows(min_row=2, max_row=11), strict=True)):
        assert cellules[2].value == valeur and cellules[2].data_type == "s" and "C" in cellules[2].coordinate
        attendu = {5: "a\u2407b\ufffd", 8: "x" * 32_766 + "…"}.get(i, texte)
        assert (cellules[3].value, cellules[3].number_format) == (attendu, "@")
        assert cellules[3].data_type in ("s", "e") or i == 0
    bruts = zipfile.ZipFile(io.BytesIO(save(classeur)))
    assert bruts.testzip() is None
    assert "2\u00a0cellules portent des caractères de contrôle" in text(classeur)


def test_no_cell_of_the_twin_is_a_formula(plan: Store) -> None:
    recu = FichierRecu("mesure.csv", csv_bytes(MESURE, [("I1", "2022", "=1+1", "=HYPERLINK(\"http://x\")")]))
    bilan = check(plan, recu)
    (rendu,) = annotated.annotate([recu], bilan, LIMITES)
    with zipfile.ZipFile(io.BytesIO(rendu.contenu)) as archive:
        for nom in archive.namelist():
            assert b"<f>" not in archive.read(nom), nom


def test_a_line_of_the_wrong_length_is_still_refused_when_sent_again(plan: Store) -> None:
    recu = FichierRecu("mesure.csv", b"indicateur;valeur;periode;commentaire\nI1;12;2022\nI1;12;2021;a;b\nI1;3;2020;\n")
    bilan = check(plan, recu)
    assert bilan.rejetees == 2
    (rendu,) = annotated.annotate([recu], bilan, LIMITES)
    renvoi = check(plan, FichierRecu(rendu.nom, rendu.contenu))
    assert {a.ligne for a in renvoi.anomalies if a.gravite is Gravite.BLOQUANTE} == {2, 3} and renvoi.nouvelles == bilan.nouvelles
    contenu = recu.contenu
    for _ in range(3):  # as often as it is given back
        encore = FichierRecu("mesure.csv", contenu)
        (csv_rendu,) = annotated.reject([encore], check(plan, encore), LIMITES)
        contenu = csv_rendu.contenu
        renvoi = check(plan, FichierRecu("mesure.csv", contenu))
        assert [a.code for a in renvoi.anomalies] == ["ligne_irreguliere"] * 2


def test_a_long_text_gives_back_its_header_and_its_faulty_lines(plan: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin, "LIGNES", 5)
    lignes = [("I1", str(2000 + i), "abc" if i in (3, 8) else "1", "") for i in range(10)]
    classeur = annotate(plan, FichierRecu("mesure.csv", csv_bytes(MESURE, lignes)))
    assert [r[1] for r in classeur["mesure"].iter_rows(values_only=True)] == ["periode", "2003", "2008"]
    assert set(marked(classeur["mesure"])) == {"C2", "C3"}
    assert "3 lignes sur 11" in text(classeur) and "mesure!C3" in str([
        c.hyperlink.location.replace("'", "") for r in classeur["Anomalies"].iter_rows() for c in r if c.hyperlink])


def test_line_breaks_in_a_cell_keep_the_lines_of_the_file(plan: Store) -> None:
    contenu = b'indicateur;periode;valeur;commentaire\nI1;2021;1;"a\nb\nc"\nI1;2022;abc;\n'
    page = annotate(plan, FichierRecu("mesure.csv", contenu))["mesure"]
    assert list(marked(page)) == ["C5"] and page["A2"].value == "I1" and page["A3"].value is None


# -- rejected lines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sep", "encodage"), [(";", "cp1252"), (",", "utf-8"), ("\t", "utf-16")])
def test_rejected_lines_once_corrected_bring_exactly_what_was_missing(plan: Store, sep: str, encodage: str) -> None:
    lignes = [("I1", "2021", "11", "é;à"), ("I1", "2020", "beaucoup", "+ ou -"), ("I9", "2019", "12,5", "- tiret"),
              ("I1", "2018", "9", "")]
    recu = FichierRecu("mesure.csv", csv_bytes(MESURE, lignes, sep=sep, encodage=encodage))
    bilan = check(plan, recu, lignes_valides=True)
    plan.write(lambda cur: deposits.import_files(cur, [recu], VALIDES, plan.keep_file))
    (rendu,) = annotated.reject([recu], bilan, LIMITES)
    assert rendu.nom == "mesure_lignes_rejetees.csv" and rendu.contenu.startswith(b"\xef\xbb\xbfindicateur;periode;")
    lues = list(csv.reader(io.StringIO(rendu.contenu.decode("utf-8-sig")), delimiter=";"))
    assert lues[0] == [*MESURE, "anomalies"] and [tuple(x[:4]) for x in lues[1:]] == [lignes[1], lignes[2]]
    assert "« beaucoup » n’est pas un nombre" in lues[1][4] and "(indicateur)" in lues[2][4]
    intact = check(plan, FichierRecu(rendu.nom, rendu.contenu))
    assert sorted(a.code for a in intact.anomalies) == ["code_inconnu", "nombre_illisible"], "the added column is not told"
    corrige = rendu.contenu.decode("utf-8-sig").replace("beaucoup", "10").replace("I9", "I1").encode("utf-8-sig")
    ecrit = plan.write(lambda cur: deposits.import_files(cur, [FichierRecu(rendu.nom, corrige)], VALIDES, plan.keep_file))
    assert (ecrit.nouvelles, ecrit.modifiees, ecrit.inchangees, ecrit.anomalies) == (2, 0, 0, [])
    lus = plan.read().execute("select commentaire from mesure where depot_id = $1 order by fin", [ecrit.depot])
    assert sorted(lus.fetchall()) == [("+ ou -",), ("- tiret",)], "to the letter"


def test_a_wide_rejected_line_is_given_whole_once(plan: Store) -> None:
    recu = FichierRecu("mesure.csv", b"indicateur;2018;2019;2020\nI1;x;1;y\nI2;1;;\nTOTAL;1;2;3\n")
    bilan = check(plan, recu)
    (rendu,) = annotated.reject([recu], bilan, LIMITES)
    lues = list(csv.reader(io.StringIO(rendu.contenu.decode("utf-8-sig")), delimiter=";"))
    assert [x[:4] for x in lues] == [["indicateur", "2018", "2019", "2020"], ["I1", "x", "1", "y"], ["TOTAL", "1", "2", "3"]]
    assert "(2018)" in lues[1][4] and "(2020)" in lues[1][4]


def test_a_missing_column_rejects_every_line(plan: Store) -> None:
    recu = FichierRecu("mesure.csv", b"periode;valeur\n2020;1\n2021;2\n")
    bilan = check(plan, recu, table="mesure")
    (rendu,) = annotated.reject([recu], bilan, LIMITES)
    assert rendu.contenu.decode("utf-8-sig").count("Colonne manquante (indicateur)") == 2


# -- a workbook ----------------------------------------------------------------------------------------------------------


def build_workbook() -> openpyxl.Workbook:
    """What an office sends: a notice, a title, formulas, colours, a comment, widths, merged cells."""
    classeur = openpyxl.Workbook()
    page = classeur.active
    page.title = "mesure"
    page.append(["Suivi 2022"])
    page.merge_cells("A1:D1")
    page.append(["indicateur", "periode", "valeur", "commentaire"])
    page.append(["I1", 2021, "beaucoup", "=CONCATENATE(\"a\",\"b\")"])
    page.append(["I1", 2022, 12.5, None])
    page.append(["I9", 2020, 3, None])
    page["A2"].fill, page["A2"].font = PatternFill("solid", fgColor="FF112233"), Font(color="FFFFFFFF", bold=True)
    page["C3"].comment = Comment("vu avec Léa", "Ana")
    page.column_dimensions["D"].width = 41
    notice = classeur.create_sheet("Notice")
    notice["A1"] = "Mode d’emploi"
    return classeur


def with_results(contenu: bytes, avant: bytes, apres: bytes) -> bytes:
    """The workbook as a spreadsheet saves it, the result of its formula stored."""
    sortie = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(contenu)) as source, zipfile.ZipFile(sortie, "w") as cible:
        for nom in source.namelist():
            cible.writestr(nom, source.read(nom).replace(avant, apres))
    return sortie.getvalue()


def formula_stored() -> FichierRecu:
    """That workbook, the result of its formula stored."""
    contenu = save(build_workbook())
    contenu = with_results(contenu, b'<c r="D3">', b'<c r="D3" t="str">')
    return FichierRecu("suivi.xlsx", with_results(contenu, b"</f><v />", b"</f><v>ab</v>"))


def test_a_workbook_comes_back_as_it_was_with_its_cells_marked(plan: Store) -> None:
    recu = formula_stored()
    classeur = annotate(plan, recu)
    assert classeur.sheetnames == ["Anomalies", "mesure", "Notice"] and classeur.active.title == "Anomalies"
    assert [p.sheet_view.tabSelected for p in classeur.worksheets[1:]] == [False, False]
    origine, page = openpyxl.load_workbook(io.BytesIO(recu.contenu))["mesure"], classeur["mesure"]
    assert [[c.value for c in r] for r in page.iter_rows()] == [[c.value for c in r] for r in origine.iter_rows()]
    vus = marked(page)
    assert set(vus) == {"A2", "C3", "A5"}
    assert vus["C3"].startswith("vu avec Léa\n\nSuivi du schéma") and "BLOQUANTE – Nombre non compris" in vus["C3"]
    assert page["C3"].fill.fgColor.rgb == FONDS[Gravite.BLOQUANTE] and page["A2"].fill.fgColor.rgb == FONDS[Gravite.AVERTISSEMENT]
    assert (page["C3"].border.left.style, page["A2"].border.left.style) == ("medium", "dashed")
    assert page["A2"].font.b and page["A2"].font.color.rgb == "FF000000"
    assert page.column_dimensions["D"].width == 41 and "A1:D1" in page.merged_cells and page["D3"].value.startswith("=CONC")
    assert openpyxl.load_workbook(io.BytesIO(save(classeur)))["Notice"]["A1"].value == "Mode d’emploi"


def test_an_annotated_workbook_is_read_as_the_original(plan: Store) -> None:
    recu = formula_stored()
    bilan = check(plan, recu)
    (rendu,) = annotated.annotate([recu], bilan, LIMITES)
    assert rendu.nom == "suivi_annote.xlsx"
    renvoye = FichierRecu(rendu.nom, rendu.contenu)
    assert read_records(renvoye)[1:] == read_records(recu), "to the cell, results of formulas included"
    renvoi = check(plan, renvoye)
    assert [(a.ligne, a.colonne, a.code) for a in renvoi.anomalies] == [(a.ligne, a.colonne, a.code) for a in bilan.anomalies]
    assert (renvoi.lues, renvoi.nouvelles, renvoi.rejetees) == (bilan.lues, bilan.nouvelles, bilan.rejetees)


def test_marks_of_the_first_return_do_not_stay_in_the_second(plan: Store) -> None:
    recu = formula_stored()
    bilan = check(plan, recu)
    (rendu,) = annotated.annotate([recu], bilan, LIMITES)
    corrige = openpyxl.load_workbook(io.BytesIO(rendu.contenu))
    corrige["mesure"]["C3"] = 10
    corrige["mesure"]["D3"] = "ab"
    second = annotate(plan, FichierRecu("suivi_annote.xlsx", save(corrige)))
    assert second.sheetnames == ["Anomalies", "mesure", "Notice"]
    page = second["mesure"]
    assert set(marked(page)) == {"A2", "A5"}
    assert page["C3"].comment.text == "vu avec Léa" and page["C3"].fill.fill_type is None
    assert marked(page)["A5"].count("n’existe pas") == 1


def test_a_sheet_of_the_analyst_called_anomalies_is_read(plan: Store) -> None:
    classeur = build_workbook()
    classeur.create_sheet("Anomalies")["A1"] = "Mes notes"
    bilan = check(plan, FichierRecu("suivi.xlsx", with_results(save(classeur), b"</f><v />", b"</f><v>0</v>")))
    assert "Anomalies" in {a.valeur for a in bilan.anomalies if a.code == "feuille_ignoree"}


def test_what_a_copy_may_lose_is_said(plan: Store) -> None:
    classeur = build_workbook()
    graphique = BarChart()
    graphique.add_data(Reference(classeur["mesure"], min_col=3, min_row=4, max_row=5))
    classeur["Notice"].add_chart(graphique, "C3")
    dit = text(annotate(plan, FichierRecu("a.xlsx", save(classeur))))
    assert "Cette copie a pu perdre ou simplifier\u202f: graphiques" in dit


def test_a_workbook_too_big_to_be_held_comes_back_as_text(plan: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indicators.annotated.workbook.OCTETS", 10)
    classeur = annotate(plan, formula_stored())
    assert "rendues en texte" in text(classeur) and set(marked(classeur["mesure"])) == {"A2", "C3", "A5"}


@pytest.mark.parametrize("contenu", [b"PK\x03\x04zzz", b"\x00\x01", b'a;"b\n'])
def test_what_cannot_be_read_gives_its_list_alone(plan: Store, contenu: bytes) -> None:
    classeur = annotate(plan, FichierRecu("mesure.csv", contenu))
    assert classeur.sheetnames == ["Anomalies"] and "seule cette liste est rendue" in text(classeur)


# -- what is not given back, names, several files ------------------------------------------------------------------------


def test_personal_data_are_never_given_back(plan: Store) -> None:
    recu = FichierRecu("mesure.csv", csv_bytes(MESURE, [("I1", "2022", "abc", "Léo né le 3")]))
    bilan = check(plan, recu)
    refus = Anomalie("mesure.csv", 1, "Nom", None, annotated.PERSONNELLES, Gravite.BLOQUANTE, "Personnel.", "Retirez-la.")
    refuse = replace(bilan, anomalies=[*bilan.anomalies, refus])
    assert annotated.annotate([recu], refuse, LIMITES) == []
    assert annotated.reject([recu], refuse, LIMITES) == []


def test_names_are_safe_and_unique() -> None:
    noms = ["a/mesure.csv", "../../x/é t.xlsx", "mesure.csv", "mesure.txt", "mesure_annote.xlsx", "...", "C:\\t\\m.csv"]
    racines = annotated.list_stems([FichierRecu(n, b"") for n in noms])
    assert racines == ["a_mesure", "x_é t", "mesure", "mesure_2", "mesure_3", "fichier", "C_t_m"]


def test_several_files_come_in_a_zip(plan: Store) -> None:
    mauvais = csv_bytes(MESURE, [("I1", "2022", "abc", "")])
    recus = [FichierRecu("mesure_a.csv", mauvais), FichierRecu("mesure_b.csv", csv_bytes(MESURE, [("I1", "2021", "1", "")])),
             FichierRecu("mesure_c.csv", mauvais)]
    bilan = check(plan, *recus)
    with zipfile.ZipFile(io.BytesIO(annotated.pack(annotated.annotate(recus, bilan, LIMITES)))) as archive:
        assert archive.namelist() == ["mesure_a_annote.xlsx", "mesure_c_annote.xlsx"]


def test_thousands_of_faults_stay_within_what_a_spreadsheet_bears(plan: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("marks", "twin", "workbook"):
        monkeypatch.setattr(f"indicators.annotated.{module}.COMMENTAIRES", 3)
    lignes = [("I1", str(2000 + i), "abc", "") for i in range(9)]
    classeur = annotate(plan, FichierRecu("mesure.csv", csv_bytes(MESURE, lignes)))
    assert len(marked(classeur["mesure"])) == 3 and "la couleur seule" in text(classeur)
    assert classeur["mesure"]["C9"].fill.fgColor.rgb == FONDS[Gravite.BLOQUANTE]


def test_the_words_of_an_anomaly_never_break_the_list() -> None:
    recu = FichierRecu("mesure.csv", csv_bytes(MESURE, [("I1", "2022", "abc", "")]))
    hostile = build_anomalie("nombre_illisible", "mesure.csv", 2, "valeur", "=1+1\x00\x0b" + "z" * 50_000)
    lectures = [(0, tableau) for tableau in read_tableaux(recu)]
    (rendu,) = annotated.annotate([recu], BilanDepot(anomalies=[hostile], lectures=lectures), LIMITES)
    classeur = openpyxl.load_workbook(io.BytesIO(rendu.contenu))
    assert all(c.data_type != "f" for r in classeur["Anomalies"].iter_rows() for c in r)
    assert len(marked(classeur["mesure"])["C2"]) < 2_500


# -- command line and page -----------------------------------------------------------------------------------------------


def test_the_command_line_writes_the_annotated_file(plan: Store, cli: Callable[..., Any], tmp_path: Path) -> None:
    fichier = tmp_path / "mesure.csv"
    fichier.write_bytes(csv_bytes(MESURE, [("I1", "2022", "abc", "")]))
    for options in ((), ("--essai",)):
        sortie = tmp_path / f"rendu{len(options)}.xlsx"
        code, document, erreur = cli("import", fichier, "--plan", "essai", *options, "--annote", sortie)
        assert (code, erreur, document["annotes"]) == (2, "", [str(sortie)])
        assert "C2" in marked(openpyxl.load_workbook(sortie)["mesure"])
    code, document, _ = cli("import", fichier, "--plan", "essai", "--annote", tmp_path / "r.csv")
    assert code == 2 and (tmp_path / "r.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "annotes" not in cli("import", fichier, "--plan", "essai", "--essai")[1]


def test_several_inputs_go_into_a_folder(plan: Store, cli: Callable[..., Any], tmp_path: Path) -> None:
    dossier = ecrire(tmp_path / "lot", [FichierRecu(f"mesure_{x}.csv", csv_bytes(MESURE, [("I1", "2022", x, "")])) for x in "ab"])
    code, document, _ = cli("import", dossier, "--plan", "essai", "--annote", tmp_path / "rendus")
    assert code == 2 and {Path(c).name for c in document["annotes"]} == {
        f"mesure_{x}{fin}" for x in "ab" for fin in ("_annote.xlsx", "_lignes_rejetees.csv")}


@pytest.mark.parametrize("sortie", ["deja.xlsx", "x.txt", "nulle-part/x.xlsx"])
def test_a_place_that_cannot_take_it_is_refused_before_anything(plan: Store, cli: Callable[..., Any], tmp_path: Path,
                                                               sortie: str) -> None:
    (tmp_path / "deja.xlsx").write_bytes(b"a moi")
    (tmp_path / "mesure.csv").write_bytes(csv_bytes(MESURE, [("I1", "2022", "1", "")]))
    avant = plan.list_versions()
    code, document, _ = cli("import", tmp_path / "mesure.csv", "--plan", "essai", "--annote", tmp_path / sortie)
    assert code == 1 and document["erreur"]["message"] and plan.list_versions() == avant
    assert (tmp_path / "deja.xlsx").read_bytes() == b"a moi"


def test_the_page_offers_the_files_back(ecran: None) -> None:
    mauvais = csv_bytes(MESURE, [("I1", "2022", "abc", "")])

    def offered(*fichiers: tuple[str, bytes]) -> list[str]:
        return [b.proto.label for b in envoyer(*fichiers).get("download_button")][1:]

    assert offered(("mesure.csv", mauvais)) == ["Télécharger le fichier annoté (Excel)", "Télécharger les lignes rejetées (CSV)"]
    assert offered(("mesure_a.csv", mauvais), ("mesure_b.csv", mauvais)) == [
        "Télécharger les fichiers annotés (zip)", "Télécharger les lignes rejetées (zip)"]
    assert offered(("mesure.csv", mauvais), ("mesure.csv", mauvais)) == []
