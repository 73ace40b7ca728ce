"""Templates: what they ask for is what is missing, what people fill comes back clean, what they leave is left."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from streamlit.testing.v1 import AppTest

from indicators import deposits, queries, templates
from indicators.errors import DemandeInvalide
from indicators.formats import format_nombre
from indicators.model import Etat
from indicators.queries import modeles
from indicators.queries.modeles import Besoins, Destinataire
from indicators.reading import FichierRecu, normalize, read_tableaux
from indicators.reading.template import COLONNES_AIDE
from indicators.store import Store
from indicators.tables import RACCOURCIS, TABLES, TRACE
from tests.conftest import deposer, plan_minimal
from tests.test_pages import dits, ouvrir, sain

ISERE, REUNION = "isere-2020-2024", "la-reunion-2020-2024"
JOUR = date(2026, 3, 1)
MOIS = {"mensuelle": 1, "trimestrielle": 3, "semestrielle": 6, "annuelle": 12, "annee_scolaire": 12}


def besoins(store: Store, plan: str = ISERE, jour: date = JOUR, **qui: str) -> Besoins:
    cur = store.read()
    return modeles.get_besoins(cur, queries.get_plan(cur, plan), Destinataire(**qui), jour)


def ouvrir_classeur(contenu: bytes) -> Workbook:
    return load_workbook(io.BytesIO(contenu))


def lignes(page: Worksheet) -> Iterator[tuple[int, dict[str, Any]]]:
    """(row number, cells by the code of their column)."""
    titres = [normalize(str(c.value)) for c in page[1]]
    for rang, ligne in enumerate(page.iter_rows(min_row=2, values_only=True), 2):
        yield rang, dict(zip(titres, ligne, strict=True))


def remplir(contenu: bytes, feuille: str, cellules: dict[int, dict[str, Any]]) -> bytes:
    """The same workbook with these cells, by row and column, as a person saves it."""
    classeur = ouvrir_classeur(contenu)
    page = classeur[feuille]
    places = {normalize(str(c.value)): i for i, c in enumerate(page[1], 1)}
    for rang, valeurs in cellules.items():
        for colonne, valeur in valeurs.items():
            page.cell(rang, places[colonne]).value = valeur
    return enregistrer(classeur)


def enregistrer(classeur: Workbook) -> bytes:
    tampon = io.BytesIO()
    classeur.save(tampon)
    return tampon.getvalue()


def importer(store: Store, contenu: bytes, **demande: Any) -> deposits.BilanDepot:
    recus = [FichierRecu("retour.xlsx", contenu)]
    return store.write(lambda cur: deposits.import_files(cur, recus, deposits.Demande(**demande), store.keep_file))


def validation(page: Worksheet, cellule: str) -> Any:
    return next((v for v in page.data_validations.dataValidation if cellule in v.sqref), None)


def offre(classeur: Workbook, page: Worksheet, cellule: str) -> list[str]:
    """What the drop-down of a cell proposes."""
    feuille, _, plage = validation(page, cellule).formula1.partition("!")
    return [c.value for (c,) in classeur[feuille][plage.replace("$", "")]]


def expected_by_hand(store: Store, plan: str, jour: date) -> set[tuple[str, str, str, date]]:
    """Lines and ends of periods without an answer, counted month by month from the rows alone."""
    cur = store.read()
    p = queries.get_plan(cur, plan)
    vue = queries.get_vue(cur, p)
    parts = {t["code"] for t in queries.list_connues(cur, vue, "territoire") if t["parent"] == p.departement}
    mesures = [m for m in queries.list_connues(cur, vue, "mesure") if m["territoire"] in parts | {p.departement}]
    cibles = [c for c in queries.list_connues(cur, vue, "cible") if c["territoire"] in parts | {p.departement}]
    manques = set()
    for i in queries.list_connues(cur, vue, "indicateur"):
        suivies = {(x["territoire"], x["ventilation"]) for x in [*mesures, *cibles] if x["indicateur"] == i["code"]}
        suivies.add((p.departement, ""))
        for territoire, ventilation in suivies:
            if i["agregation"] == "somme" and territoire == p.departement and parts <= {t for t, _ in suivies}:
                continue
            faites = {m["fin"] for m in mesures if (m["indicateur"], m["territoire"], m["ventilation"])
                      == (i["code"], territoire, ventilation) and m["etat"] not in ("non_disponible", "non_repondu")}
            for annee in range(p.debut.year, p.fin.year + 1):
                for mois in range(1, 13):
                    fin_de_periode = mois == 8 if i["periodicite"] == "annee_scolaire" else mois % MOIS[i["periodicite"]] == 0
                    fin = last_day(annee, mois)
                    total = annee * 12 + mois - 1 + (i["delai_publication_mois"] or 0)
                    if fin_de_periode and last_day(total // 12, total % 12 + 1) < jour and fin not in faites:
                        manques.add((i["code"], territoire, ventilation, fin))
    return manques


def last_day(annee: int, mois: int) -> date:
    return date.fromordinal(date(annee + mois // 12, mois % 12 + 1, 1).toordinal() - 1)


# -- what is asked for ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", [ISERE, REUNION])
@pytest.mark.parametrize("jour", [date(2021, 2, 28), date(2022, 9, 1), JOUR])
def test_it_asks_for_every_period_still_missing_and_no_other(modele_livre: Store, plan: str, jour: date) -> None:
    b = besoins(modele_livre, plan, jour)
    attendu = expected_by_hand(modele_livre, plan, jour)
    assert {(a.indicateur, a.territoire, a.ventilation, a.fin) for a in b.attendues} == attendu
    page = ouvrir_classeur(templates.build_valeurs(b))["mesure"]
    assert len(list(lignes(page))) == len(attendu) == len(b.attendues) > 0


def test_a_figure_of_every_second_year_follows_the_years_already_given(base: Store) -> None:
    deposer(base, plan_minimal(indicateur=[{"code": "N", "periodicite": "tous_les_deux_ans"},
                                           {"code": "P", "periodicite": "tous_les_deux_ans"}],
                               mesure=[{"indicateur": "P", "debut": "2021-01-01", "fin": "2022-12-31", "valeur": 3}]))
    fins = [(a.indicateur, a.fin.year) for a in besoins(base, "essai").attendues]
    assert fins == [("N", 2021), ("N", 2023), ("P", 2020), ("P", 2024)]


def test_a_partner_sees_its_actions_and_a_responsable_its_indicators(modele_livre: Store) -> None:
    cur = modele_livre.read()
    vue = queries.get_vue(cur, queries.get_plan(cur, ISERE))
    actions = {x["action"] for x in queries.list_connues(cur, vue, "participation") if x["partenaire"] == "ARS"}
    liens = {i for a, i in queries.list_rattachements(cur, vue) if a in actions}
    ars = besoins(modele_livre, partenaire="ARS")
    assert {d.indicateur for d in ars.definitions} == liens and {s.action for s in ars.situations} == actions
    assert {a.indicateur for a in ars.attendues} <= liens
    pmi = besoins(modele_livre, responsable="Service de PMI")
    assert {d.indicateur for d in pmi.definitions} == {"PREV-01", "PREV-02"}
    with pytest.raises(DemandeInvalide, match="n’a ni action ni indicateur"):
        besoins(modele_livre, partenaire="inconnu")


def test_nothing_of_another_plan_is_inside(modele_livre: Store) -> None:
    autre = besoins(modele_livre, REUNION)
    for contenu in (templates.build_valeurs(besoins(modele_livre)), templates.build_suivi(besoins(modele_livre))):
        cellules = [c.value for page in ouvrir_classeur(contenu).worksheets for ligne in page.iter_rows() for c in ligne]
        assert ISERE in cellules
        assert not {REUNION, "974", "FR", autre.plan.intitule, *(s.intitule for s in autre.situations)} & set(cellules)
    valeurs = {d["code"]: d["derniere_valeur_connue"] for _, d in lignes(ouvrir_classeur(templates.build_valeurs(
        besoins(modele_livre)))["définitions"])}
    assert valeurs["PARC-01"] != format_nombre(next(d.valeur for d in autre.definitions if d.indicateur == "PARC-01"))


# -- the workbook --------------------------------------------------------------------------------------------------------


def test_the_lists_open_on_the_codes_of_the_plan(modele_livre: Store) -> None:
    b = besoins(modele_livre, REUNION)
    classeur = ouvrir_classeur(templates.build_valeurs(b))
    page = classeur["mesure"]
    places = {normalize(str(c.value)): c.column_letter for c in page[1]}
    assert offre(classeur, page, f"{places['indicateur']}2") == [d.indicateur for d in b.definitions]
    assert offre(classeur, page, f"{places['territoire']}2") == list(b.territoires) and "974" in b.territoires
    assert "FR" not in b.territoires and "38" not in b.territoires
    assert offre(classeur, page, f"{places['etat']}2") == [e.value for e in Etat]
    assert offre(classeur, page, f"{places['provenance']}2") == ["illustratif", "saisi", "publie"]
    assert validation(page, f"{places['etat']}{len(b.attendues) + 50}"), "rows that people add have the lists too"
    assert classeur["listes"].sheet_state == "hidden"
    assert page.freeze_panes == "B2" and page.auto_filter.ref.startswith("A1:") and page.print_title_rows == "$1:$1"
    assert (page.page_setup.orientation, int(page.page_setup.paperSize), page.sheet_properties.pageSetUpPr.fitToPage) == (
        "landscape", 9, True)


def test_a_number_outside_the_bounds_is_a_warning_and_a_word_goes_through(modele_livre: Store) -> None:
    b = besoins(modele_livre)
    page = ouvrir_classeur(templates.build_valeurs(b))["mesure"]
    lettre = next(c.column_letter for c in page[1] if c.value == "valeur")
    for rang, ligne in lignes(page):
        fiche = next(d for d in b.definitions if d.indicateur == ligne["indicateur"])
        v = validation(page, f"{lettre}{rang}")
        assert v.errorStyle == "warning" and v.formula1.startswith(f"OR(ISTEXT({lettre}")
        assert (">=0" in v.formula1, "<=100" in v.formula1) == (fiche.borne_min == 0, fiche.borne_max == 100)


def test_keys_are_grey_and_what_is_to_fill_stands_out(modele_livre: Store) -> None:
    b = besoins(modele_livre)
    page = ouvrir_classeur(templates.build_valeurs(b))["mesure"]
    fonds = {normalize(str(titre.value)): c.fill.fgColor.rgb[2:] for titre, c in zip(page[1], page[2], strict=True)}
    assert {fonds[c] for c in ("indicateur", "intitule", "territoire", "periode", "unite")} == {"E7E9ED"}
    assert fonds["valeur"] == "FFF6CC" and page["A2"].value == "CTX-01"
    assert fonds["numerateur"] == "000000", "a stock has no numerator"


def test_definitions_give_the_last_known_value_and_say_where_it_comes_from(modele_livre: Store) -> None:
    classeur = ouvrir_classeur(templates.build_valeurs(besoins(modele_livre)))
    fiches = {ligne["code"]: ligne for _, ligne in lignes(classeur["définitions"])}
    fiche = fiches["PARC-01"]
    assert (fiche["periode"], fiche["provenance_de_cette_valeur"]) == ("2022", "Donnée publiée")
    valeur = modele_livre.read().execute("""select realise from dernier_etat where plan = $p and indicateur = 'PARC-01'
        and principale""", {"p": ISERE}).fetchone()
    assert fiche["derniere_valeur_connue"] == format_nombre(valeur[0])
    notice = " ".join(str(c.value) for ligne in classeur["lisez-moi"].iter_rows() for c in ligne if c.value)
    assert "01/03/2026" in notice and "Isère" in notice and "illustratives" in notice
    assert all(mot in notice for mot in ("n.d.", "s.o.", "s.", "NR", "Renvoyez"))


def test_text_of_the_base_is_never_a_formula_nor_breaks_the_file(base: Store) -> None:
    deposer(base, plan_minimal(indicateur=[{"code": "I1"}]))
    hostile = {"intitule": "=HYPERLINK(\"http://x\")", "definition": "+1", "unite": "@places", "responsable": "-moi \x07\ufffe"}
    b = besoins(base, "essai")  # the check refuses such texts today; a base may hold older ones
    b = replace(b, definitions=tuple(replace(d, **hostile) for d in b.definitions))
    contenu = templates.build_valeurs(b)
    classeur = ouvrir_classeur(contenu)
    for page in classeur.worksheets:
        for ligne in page.iter_rows():
            assert all(c.data_type != "f" for c in ligne)
    intitule = classeur["mesure"]["B2"]
    assert intitule.value == "=HYPERLINK(\"http://x\")" and intitule.quotePrefix
    assert importer(base, remplir(contenu, "mesure", {2: {"valeur": 4}})).nouvelles == 1


def test_columns_of_help_are_no_column_of_a_table_to_fill() -> None:
    for nom in ("mesure", "suivi_action"):
        t = TABLES[nom]
        connues = {f for c in (*t.colonnes, *RACCOURCIS.get(nom, ()), *TRACE) for f in (c.nom, *c.synonymes)}
        assert not connues & {normalize(c) for c in COLONNES_AIDE}
    assert all(normalize(titre) == nom for nom, titre in templates.ACCENTS.items())


# -- coming back ---------------------------------------------------------------------------------------------------------


def test_filled_it_comes_back_with_no_mapping_and_no_anomaly(base_livree: Store, cli: Callable[..., Any], tmp_path: Path) -> None:
    b = besoins(base_livree)
    page = ouvrir_classeur(templates.build_valeurs(b))["mesure"]
    taux = {d.indicateur for d in b.definitions if d.nature == "taux"}
    vus: dict[str, dict[str, Any]] = {}
    cellules: dict[int, dict[str, Any]] = {}
    for rang, ligne in lignes(page):
        if ligne["indicateur"] not in vus:
            vus[ligne["indicateur"]] = ligne
            cellules[rang] = {"numerateur": 30, "denominateur": 60} if ligne["indicateur"] in taux else {"valeur": 1234}
    sortie = tmp_path / "retour ARS.xlsx"
    sortie.write_bytes(remplir(templates.build_valeurs(b), "mesure", cellules))
    code, bilan, _ = cli("import", sortie)  # two plans in the base: the workbook says its own
    assert code == 0 and {a["code"] for a in bilan["anomalies"]} <= {"saut_historique"}  # the invented values are odd, not wrong
    assert (bilan["lues"], bilan["nouvelles"] + bilan["modifiees"], bilan["rejetees"]) == (len(vus), len(vus), 0)
    ecrites = base_livree.read().execute("select indicateur, plan, valeur, numerateur, denominateur, provenance from mesure "
                                         "where depot_id = $d", {"d": bilan["depot"]}).fetchall()
    assert {i: reste for i, *reste in ecrites} == {
        i: [ISERE, None, 30.0, 60.0, "saisi"] if i in taux else [ISERE, 1234.0, None, None, "saisi"] for i in vus}
    apres = {(a.indicateur, a.fin) for a in besoins(base_livree).attendues}
    assert apres == {(a.indicateur, a.fin) for a in b.attendues} - {
        (a.indicateur, a.fin) for rang, a in enumerate(b.attendues, 2) if rang in cellules}


@pytest.mark.parametrize("periodicite", ["mensuelle", "trimestrielle", "semestrielle", "annuelle", "annee_scolaire",
                                         "tous_les_deux_ans"])
def test_every_period_is_read_back_as_it_was_asked(base: Store, periodicite: str) -> None:
    deposer(base, plan_minimal(indicateur=[{"code": "I1", "periodicite": periodicite, "delai_publication_mois": 1}]))
    b = besoins(base, "essai")
    contenu = remplir(templates.build_valeurs(b), "mesure", {n: {"valeur": n} for n in range(2, len(b.attendues) + 2)})
    assert importer(base, contenu).anomalies == []
    lues = base.read().execute("select debut, fin from mesure order by fin").fetchall()
    assert lues == [(a.debut, a.fin) for a in b.attendues] and besoins(base, "essai").attendues == ()


def test_territories_breakdowns_and_what_was_said_are_kept(base: Store) -> None:
    deposer(base, plan_minimal(
        territoire=[{"code": "N", "nom": "Nord", "parent": "38"}, {"code": "FR", "nom": "France"}], indicateur=[{"code": "I1"}],
        mesure=[{"indicateur": "I1", "territoire": t, "ventilation": v, "periode": "2020", "valeur": 1}
                for t, v in (("N", ""), ("38", "filles"), ("FR", ""))]
        + [{"indicateur": "I1", "periode": p, "etat": e} for p, e in (("2020", "non_repondu"), ("2021", "secret"))]))
    b = besoins(base, "essai")
    demandees = {(a.territoire, a.ventilation): [x.fin.year for x in b.attendues
                                                 if (x.territoire, x.ventilation) == (a.territoire, a.ventilation)]
                 for a in b.attendues}
    assert demandees == {("38", ""): [2020, 2022, 2023, 2024], ("38", "filles"): [2021, 2022, 2023, 2024],
                         ("N", ""): [2021, 2022, 2023, 2024]}
    contenu = templates.build_valeurs(b)
    page = ouvrir_classeur(contenu)["mesure"]
    assert [ligne["reponse_connue"] for _, ligne in lignes(page)][:2] == ["Non répondu", None]
    bilan = importer(base, remplir(contenu, "mesure", {n: {"valeur": "n.d." if n == 2 else 7} for n, _ in lignes(page)}))
    assert (bilan.anomalies, bilan.nouvelles, bilan.modifiees) == ([], 11, 1)


@pytest.mark.parametrize("construire", [templates.build_valeurs, templates.build_suivi])
def test_an_empty_template_brings_nothing_and_says_so(base_livree: Store, construire: Callable[[Besoins], bytes]) -> None:
    avant = base_livree.list_versions()
    bilan = importer(base_livree, construire(besoins(base_livree)))
    assert bilan.depot is None and not bilan.bloque and bilan.lues == 0
    assert [a.code for a in bilan.anomalies] == ["modele_vide"]
    assert base_livree.list_versions() == avant


def test_a_comment_without_a_value_is_not_lost_in_silence(base_livree: Store) -> None:
    contenu = remplir(templates.build_valeurs(besoins(base_livree)), "mesure", {3: {"commentaire": "attendu en juin"}})
    bilan = importer(base_livree, contenu)
    assert [(a.code, a.ligne) for a in bilan.anomalies] == [("mesure_sans_valeur", 3)] and bilan.bloque


def test_a_row_that_people_add_belongs_to_the_plan_of_the_template(base_livree: Store) -> None:
    b = besoins(base_livree)
    ajout = len(b.attendues) + 2
    contenu = remplir(templates.build_valeurs(b), "mesure", {ajout: {"indicateur": "PARC-01", "periode": 2019, "valeur": 3000}})
    bilan = importer(base_livree, contenu, plan=REUNION)  # the page Déposer open on the other plan
    assert bilan.anomalies == [] and bilan.lues == 1
    assert base_livree.read().execute("select plan, territoire from mesure where depot_id = $d",
                                      {"d": bilan.depot}).fetchall() == [(ISERE, "38")]


def test_what_people_add_to_a_template_is_read_as_in_any_workbook(base_livree: Store) -> None:
    classeur = ouvrir_classeur(remplir(templates.build_valeurs(besoins(base_livree)), "mesure", {2: {"valeur": 5}}))
    classeur["mesure"].cell(1, classeur["mesure"].max_column + 1, "remarque")
    classeur.create_sheet("brouillon").append(["tri", "trou"])
    tableaux = read_tableaux(FichierRecu("retour.xlsx", enregistrer(classeur)))
    assert sorted(a.code for t in tableaux for a in t.anomalies) == ["colonne_inconnue", "feuille_ignoree"]


def test_without_its_mark_a_workbook_is_no_template(base_livree: Store) -> None:
    classeur = ouvrir_classeur(templates.build_valeurs(besoins(base_livree)))
    del classeur.defined_names["modele_a_remplir"]
    codes = {a.code for t in read_tableaux(FichierRecu("retour.xlsx", enregistrer(classeur))) for a in t.anomalies}
    assert {"colonne_inconnue", "feuille_ignoree", "feuille_masquee"} <= codes


# -- follow-up and new plan ----------------------------------------------------------------------------------------------


def test_the_follow_up_shows_what_is_known_and_brings_back_what_is_new(base_livree: Store) -> None:
    b = besoins(base_livree)
    contenu = templates.build_suivi(b)
    classeur = ouvrir_classeur(contenu)
    page = classeur["suivi_action"]
    places = {normalize(str(c.value)): c.column_letter for c in page[1]}
    assert [x["action"] for _, x in lignes(page)] == [s.action for s in b.situations]
    assert "echeance_depassee" not in offre(classeur, page, f"{places['statut']}2")
    assert any("(15/12/2024)" in x["situation_connue"] for _, x in lignes(page))
    jour = date(2025, 1, 15)
    retour = remplir(contenu, "suivi_action", {2: {"date": jour, "statut": "realisee"}, 4: {"date": jour}})
    bilan = importer(base_livree, retour)
    assert bilan.anomalies == [] and (bilan.lues, bilan.nouvelles) == (1, 1)
    assert base_livree.read().execute("select plan, action, date, statut from suivi_action where depot_id = $d",
                                      {"d": bilan.depot}).fetchall() == [
        (ISERE, b.situations[0].action, jour, "realisee")]


NOUVEAU: dict[str, list[dict[str, Any]]] = {
    "plan": [{"plan": "drome-2026", "departement": "26", "intitule": "Schéma", "debut": date(2026, 1, 1),
              "fin": date(2030, 12, 31)}],
    "orientation": [{"code": "O1", "intitule": "Prévenir"}],
    "action": [{"code": "A1", "orientation": "O1", "intitule": "Agir", "pilote": "PMI"}],
    "partenaire": [{"code": "PMI", "nom": "Service de PMI"}],
    "participation": [{"action": "A1", "partenaire": "PMI", "role": "copilote"}],
    "indicateur": [{"code": "01", "intitule": "Visites", "unite": "visites", "type_cible": "atteindre", "nature": "flux"}],
    "action_indicateur": [{"action": "A1", "indicateur": "01"}],
    "cible": [{"indicateur": "01", "role": "finale", "date": date(2030, 12, 31), "valeur": 12}],
}


def remplir_plan(feuilles: Iterable[str]) -> bytes:
    contenu = templates.build_plan(JOUR)
    for nom in feuilles:
        contenu = remplir(contenu, nom, dict(enumerate(NOUVEAU[nom], 2)))
    return contenu


def test_a_new_departement_starts_from_one_workbook(base_livree: Store) -> None:
    bilan = importer(base_livree, remplir_plan(NOUVEAU), plan=ISERE)  # whatever plan the page shows
    assert bilan.anomalies == [] and bilan.nouvelles == 1 + sum(map(len, NOUVEAU.values()))  # and the pilote of the action
    cur = base_livree.read()
    assert "drome-2026" in [p.plan for p in queries.list_plans(cur)]
    for table in NOUVEAU:
        assert cur.execute(f"select distinct plan from {table} where depot_id = $d", {"d": bilan.depot}).fetchall() == [
            ("drome-2026",)], table
    assert [d.indicateur for d in besoins(base_livree, "drome-2026").definitions] == ["01"]


def test_a_new_plan_without_its_first_sheet_never_goes_to_the_plan_on_screen(base_livree: Store) -> None:
    bilan = importer(base_livree, remplir_plan(["orientation"]), plan=ISERE)
    assert bilan.depot is None and bilan.bloque
    assert ("fichier_vide", "retour.xlsx › plan") in {(a.code, a.fichier) for a in bilan.anomalies}


def test_the_blank_plan_has_every_sheet_its_help_and_its_lists() -> None:
    classeur = ouvrir_classeur(templates.build_plan(JOUR))
    structure = [t for t in TABLES.values() if t.structure]
    assert classeur.sheetnames == ["lisez-moi", *(t.nom for t in structure), "listes"]
    for t in structure:
        titres = [normalize(str(c.value)) for c in classeur[t.nom][1]]
        assert {c.nom for c in t.colonnes} - set(titres) <= {"plan"}
        requises = {normalize(str(c.value)) for c in classeur[t.nom][1] if str(c.value).endswith("*")}
        assert requises == {c.nom for c in t.colonnes if c.requise}
    page = classeur["participation"]
    assert "Obligatoire" in page["A1"].comment.text and validation(page, "A2").formula1 == "action!$A$2:$A$200"
    assert offre(classeur, page, "C2") == ["pilote", "copilote", "contributeur"]


# -- page and command line -----------------------------------------------------------------------------------------------


def deplier_modeles(**adresse: str) -> AppTest:
    at = ouvrir("depot", **adresse)
    assert not any(b.label.startswith("Télécharger le modèle") for b in at.get("download_button"))
    at.session_state["modeles"] = True
    return sain(at.run())


@pytest.mark.usefixtures("cadre")
def test_the_page_offers_the_template_of_each_person(base_livree: Store) -> None:
    at = deplier_modeles(plan=ISERE)
    genre, pour = (next(s for s in at.selectbox if s.label == nom) for nom in ("Modèle", "Pour"))
    assert "Partenaire\u202f: Caisse d’allocations familiales (CAF)" in pour.options and "Tout le plan" in pour.options
    n = len(besoins(base_livree, jour=date.today()).attendues)
    assert f"{n}\u00a0périodes attendues sans valeur" in dits(at)
    assert len(at.get("download_button")) == 1
    pour.set_value(next(i for i, o in enumerate(pour.options) if "CNFPT)" in o))
    assert "1\u00a0période attendue sans valeur, pour 1\u00a0indicateur" in dits(sain(at.run()))
    genre = next(s for s in at.selectbox if s.label == "Modèle")
    genre.set_value("Nouveau plan")
    assert "Toutes les feuilles d’un plan" in dits(sain(at.run())) and len(at.get("download_button")) == 1


def test_names_of_files_hold_the_plan_the_person_and_the_day() -> None:
    assert templates.name_file(ISERE, "Établissements (ESSMS)", JOUR) == (
        "modele_isere-2020-2024_etablissements-essms_2026-03-01.xlsx")


def test_the_command_line_writes_the_same_workbooks(base_livree: Store, cli: Callable[..., Any], tmp_path: Path) -> None:
    sortie = tmp_path / "m.xlsx"
    code, dit, _ = cli("modele", ISERE, "--responsable", "Service ASE, SIAO", "--sortie", sortie)
    assert code == 0 and dit == {"fichier": str(sortie)}
    assert {x["indicateur"] for _, x in lignes(load_workbook(sortie)["mesure"])} == {"MAJ-06"}
    assert cli("modele", ISERE, "--partenaire", "CAF", "--suivi", "--sortie", sortie)[0] == 0
    assert "suivi_action" in load_workbook(sortie).sheetnames
    assert cli("modele", "--sortie", sortie)[0] == 0 and "orientation" in load_workbook(sortie).sheetnames
    assert cli("modele", ISERE, "--partenaire", "inconnu")[0] == 1
    assert cli("modele", "--suivi")[0] == 1
    assert cli("modele", ISERE, "--sortie", tmp_path / "absent" / "m.xlsx")[0] == 1
