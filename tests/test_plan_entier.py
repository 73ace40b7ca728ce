"""Whole plans in one go: a folder, a workbook with a sheet per table, an action plan as départements keep them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import MAC_EPOCH

from indicators import bilans, deposits
from indicators.deposits import BilanDepot, Demande
from indicators.reading import FichierRecu, read_tableau
from indicators.store import Store
from tests.conftest import copier_base, csv_bytes, deposer, ecrire, plan_minimal

Cli = Callable[..., tuple[int, Any, str]]
AXE, ACTION, PILOTE = "Axe (x)", "Titre de l'action", "Structure pilote"


def classeur(nom: str, epoque: datetime | None = None, **feuilles: Sequence[Sequence[Any]]) -> FichierRecu:
    """A workbook with these sheets, each a list of rows."""
    ecrit = openpyxl.Workbook()
    ecrit.remove(ecrit.worksheets[0])
    if epoque:
        ecrit.epoch = epoque
    for titre, lignes in feuilles.items():
        feuille = ecrit.create_sheet(titre)
        for ligne in lignes:
            feuille.append(ligne)
    tampon = io.BytesIO()
    ecrit.save(tampon)
    return FichierRecu(nom, tampon.getvalue())


def feuille(colonnes: Sequence[str], *lignes: Sequence[Any], nom: str = "plan.xlsx") -> FichierRecu:
    """An action plan on a sheet whose name says nothing."""
    return classeur(nom, Feuille=[colonnes, *lignes])


def essayer(base: Store, *recus: FichierRecu, **demande: Any) -> BilanDepot:
    """What depositing would do."""
    return base.rehearse(lambda cur: deposits.import_files(cur, recus, Demande(**demande), deposits.keep_nothing))


def rangees(base: Store, table: str, *colonnes: str) -> list[tuple[Any, ...]]:
    """Rows that stand now, sorted."""
    lus = base.read().execute(f"select {', '.join(colonnes)} from {table}_connu(timestamp '9999-12-31') order by all")
    return lus.fetchall()


def codes(bilan: BilanDepot) -> set[str]:
    """Codes of the anomalies, but the one that says that a plan was recognised."""
    return {a.code for a in bilan.anomalies} - {"plan_reconnu"}


@pytest.fixture(scope="module")
def modele_plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The base that `plan` copies."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("modele-plan") / "base")
    deposer(store, plan_minimal()[:1])
    return store


@pytest.fixture
def plan(modele_plan: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A base that holds a plan and nothing in it."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_plan, tmp_path / "base")


# -- a workbook or a folder that holds every table -------------------------------------------------------------------------


PLAN_ENTIER: dict[str, list[list[Any]]] = {
    "mesure": [["indicateur", "periode", "valeur"], ["I1", "2021", 12], ["I1", "2022", 15.5]],
    "cible": [["indicateur", "role", "date", "valeur"], ["I1", "reference", date(2019, 12, 31), 10],
              ["I1", "finale", date(2024, 12, 31), 20]],
    "indicateur": [["code", "intitule", "unite", "type_cible", "nature"], ["I1", "Places", "places", "atteindre", "stock"]],
    "action_indicateur": [["action", "indicateur"], ["A1", "I1"]],
    "action": [["code", "orientation", "intitule"], ["A1", "O1", "Ouvrir des places"]],
    "orientation": [["code", "intitule"], ["O1", "Protéger"]],
    "plan": [["plan", "departement", "intitule", "debut", "fin"], ["essai", "38", "Essai", date(2020, 1, 1), date(2024, 12, 31)]],
}


def test_a_workbook_with_a_sheet_per_table_makes_a_plan_in_one_depot(base: Store, cli: Cli, tmp_path: Path) -> None:
    recu = classeur("envoi.xlsx", **PLAN_ENTIER)
    dossier = ecrire(tmp_path / "envoi", [recu])
    sortie, document, erreur = cli("import", dossier / "envoi.xlsx")
    assert (sortie, erreur, document["depot"], document["nouvelles"], document["lues"]) == (0, "", 1, 9, 9)
    assert document["anomalies"] == []
    (etat,) = cli("status", "--plan", "essai")[1]
    assert (etat["indicateur"], etat["realise"], etat["reference"], etat["cible"]) == ("I1", 15.5, 10, 20)
    assert essayer(base, recu).inchangees == 9


def test_a_sheet_in_error_refuses_the_whole_workbook(base: Store) -> None:
    fautif = classeur("envoi.xlsx", **PLAN_ENTIER | {"cible": [["indicateur", "role", "date", "valeur"],
                                                              ["I1", "finale", date(2024, 12, 31), "beaucoup"]]})
    bilan = base.write(lambda cur: deposits.import_files(cur, [fautif], Demande(), base.keep_file))
    assert bilan.bloque and bilan.depot is None
    assert ("envoi.xlsx › cible", 2, "valeur", "nombre_illisible") in [
        (a.fichier, a.ligne, a.colonne, a.code) for a in bilan.anomalies]
    assert rangees(base, "plan", "plan") == []


def test_a_folder_is_taken_with_its_sub_folders(base: Store, cli: Cli, tmp_path: Path) -> None:
    dossier = ecrire(tmp_path / "plan", plan_minimal(indicateur=[{"code": "I1"}]))
    valeurs = csv_bytes(["indicateur", "periode", "valeur"], [["I1", 2021, 3]])
    ecrire(dossier / "mesures", [FichierRecu("mesure_2021.CSV", valeurs),
                                 FichierRecu("~$mesure_2021.xlsx", b"verrou"), FichierRecu("lisez-moi.txt", b"note")])
    sortie, document, _ = cli("import", dossier)
    assert sortie == 0
    assert sorted(f["fichier"] for f in document["fichiers"]) == [
        "action.csv", "indicateur.csv", "mesure_2021.CSV", "orientation.csv", "plan.csv"]
    assert rangees(base, "mesure", "indicateur", "valeur") == [("I1", 3.0)]


def test_the_later_deliveries_of_a_plan_with_a_history_are_left_aside(base: Store, cli: Cli, tmp_path: Path) -> None:
    dossier = ecrire(tmp_path / "plan", plan_minimal())
    (dossier / "depots.csv").write_text("ordre;type\n1;depot\n", "utf-8")
    ecrire(dossier / "revisions", [FichierRecu("action_2022.csv", csv_bytes(
        ["code", "orientation", "intitule"], [["A1", "O1", "Action révisée"]]))])
    assert cli("import", dossier)[0] == 0
    assert rangees(base, "action", "code", "intitule") == [("A1", "Première action")]
    assert cli("import", dossier / "revisions")[0] == 0
    assert rangees(base, "action", "code", "intitule") == [("A1", "Action révisée")]


def test_an_empty_folder_says_so(base: Store, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    sortie, document, _ = cli("import", tmp_path / "vide")
    assert sortie == 1 and "aucun fichier" in document["erreur"]["message"]


# -- an action plan ----------------------------------------------------------------------------------------------------------


TET = (AXE, "Sous-axe (x.x)", ACTION, "Titre de la sous-action", "Descriptif", PILOTE, "Direction ou service pilote",
       "Personne pilote", "Partenaires ", "Statut ", "Niveau de priorité", "Date de début", "Date de fin", "Notes",
       "Budget prévisionnel total € HT", "Financeur 1")


def test_an_action_plan_becomes_orientations_actions_partners_and_steps(plan: Store) -> None:
    recu = classeur("plan.xlsx", **{"Fichier d’import": [
        ["Présentation de l’action", None, None, None, "Objectifs"], TET, ["Champ texte"] * 10,
        ["Axe 1 : Prévenir", "1.1 Repérer", "Former les équipes", None, "Deux sessions", "DEF, PMI", "DEF", "Ada L.",
         "CAF + ARS", "En cours", "Élevé", date(2020, 3, 1), date(2022, 6, 30), "À relire", 1000, "État"],
        ["2. Accompagner", None, "Loger à 18 ans", "Signer une convention", None, "Bailleurs"],
        ["2. Accompagner", None, "Loger à 18 ans", "Ouvrir dix logements", "Avec un bailleur", None, None, None, None, None, None,
         None, date(2023, 1, 31)]]})
    bilan = deposer(plan, [recu])
    assert rangees(plan, "orientation", "code", "intitule") == [("O1", "Prévenir"), ("O2", "Accompagner")]
    assert rangees(plan, "action", "code", "orientation", "intitule", "description", "debut", "echeance", "priorite") == [
        ("O1-A1", "O1", "Former les équipes", "1.1 Repérer\nDeux sessions", date(2020, 3, 1), date(2022, 6, 30), "Élevé"),
        ("O2-A1", "O2", "Loger à 18 ans", None, None, None, None)]
    assert rangees(plan, "participation", "action", "partenaire", "role") == [
        ("O1-A1", "ARS", "contributeur"), ("O1-A1", "CAF", "contributeur"), ("O1-A1", "DEF", "pilote"),
        ("O1-A1", "PMI", "pilote"), ("O2-A1", "BAILLEURS", "contributeur")]
    assert rangees(plan, "etape", "action", "ordre", "intitule", "prevu_le") == [
        ("O2-A1", 1, "Signer une convention", None), ("O2-A1", 2, "Ouvrir dix logements", date(2023, 1, 31))]
    assert rangees(plan, "suivi_action", "action") == []
    assert bilan.lues == bilan.nouvelles + bilan.rejetees == 2 + 2 + 5 + 5 + 2 + 1
    dites = {(a.code, a.colonne) for a in bilan.anomalies}
    assert dites >= {("colonne_inconnue", "Notes"), ("colonne_non_reprise", "Personne pilote"), ("ligne_aide", None),
                     ("colonne_non_reprise", "Statut"), ("colonne_non_reprise", "Budget prévisionnel total € HT"),
                     ("colonne_non_reprise", "Financeur 1"), ("colonne_non_reprise", "Descriptif")}
    assert "Ada" not in str(rangees(plan, "partenaire", "nom"))


def test_the_same_plan_sent_again_changes_nothing(plan: Store) -> None:
    recu = feuille((AXE, ACTION, PILOTE, "Budget 2021"), ("Prévenir", "Former", "DEF", 1000), ("Loger", "Ouvrir", "ARS", 5.5))
    deposer(plan, [recu])
    encore = plan.write(lambda cur: deposits.import_files(cur, [recu], Demande(), plan.keep_file))
    assert (encore.depot, encore.nouvelles, encore.modifiees, encore.inchangees) == (None, 0, 0, 10)


def test_an_axis_added_in_the_middle_takes_the_code_of_no_other(plan: Store) -> None:
    deposer(plan, [feuille((AXE, ACTION, PILOTE), ("Prévenir", "Former", "DEF"), ("Loger", "Ouvrir", "DEF"))])
    deposer(plan, [feuille((AXE, ACTION, PILOTE), ("Prévenir", "Former", "DEF"), ("Soigner", "Consulter", "DEF"),
                           ("LOGER", "Meubler", "DEF"), ("Loger", "Ouvrir", "DEF"))])
    assert rangees(plan, "orientation", "code", "intitule") == [("O1", "Prévenir"), ("O2", "Loger"), ("O3", "Soigner")]
    assert rangees(plan, "action", "code", "intitule") == [
        ("O1-A1", "Former"), ("O2-A1", "Ouvrir"), ("O2-A2", "Meubler"), ("O3-A1", "Consulter")]


def test_a_plan_deposited_otherwise_keeps_its_codes_and_what_the_sheet_does_not_have(base: Store) -> None:
    deposer(base, plan_minimal(
        orientation=[{"code": "R1", "intitule": "Mieux prévenir", "libelle_court": "Prévention", "ordre": 4}],
        action=[{"code": "R1.1", "orientation": "R1", "intitule": "Former", "publics": "Parents", "echeance": "2022-12-31",
                 "provenance": "publie", "source": "Délibération"}],
        partenaire=[{"code": "DEF", "nom": "Direction enfance-famille"}],
        participation=[{"action": "R1.1", "partenaire": "DEF", "role": "pilote", "convention": "CDPPE"}]))
    envoi = feuille((AXE, ACTION, "Pilote", "Échéance"), ("1. MIEUX PRÉVENIR", "Former", "DEF", date(2023, 12, 31)))
    bilan = deposer(base, [envoi])
    assert (bilan.nouvelles, bilan.modifiees) == (0, 1)
    assert rangees(base, "action", "code", "publics", "echeance", "provenance", "source") == [
        ("R1.1", "Parents", date(2023, 12, 31), "saisi", None)]
    assert rangees(base, "orientation", "code", "intitule", "libelle_court", "ordre") == [
        ("R1", "Mieux prévenir", "Prévention", 4)]
    assert rangees(base, "partenaire", "code", "nom") == [("DEF", "Direction enfance-famille")]
    assert rangees(base, "participation", "partenaire", "convention") == [("DEF", "CDPPE")]


def test_an_axis_named_by_its_number_or_its_code_alone_keeps_its_title(base: Store) -> None:
    orientations = [{"code": "O1", "intitule": "Prévenir"}, {"code": "R2", "intitule": "Loger"}]
    deposer(base, plan_minimal(orientation=orientations, action=[]))
    deposer(base, [feuille((AXE, ACTION, PILOTE), ("Axe 1", "Former", "DEF"), ("R2", "Ouvrir", "DEF"))])
    assert rangees(base, "orientation", "code", "intitule") == [("O1", "Prévenir"), ("R2", "Loger")]
    assert rangees(base, "action", "code") == [("O1-A1",), ("R2-A1",)]


def test_codes_of_the_file_are_kept(plan: Store) -> None:
    deposer(plan, [feuille(("Code axe", AXE, "N°", ACTION, PILOTE), ("I4", "Accompagner", "I4.1", "Loger", "DEF"),
                           ("I4", "Accompagner", 7, "Nourrir", "DEF"), ("I5", "Soigner", None, "I5.3 - Consulter", "DEF"))])
    assert rangees(plan, "action", "code", "orientation", "intitule") == [
        ("I4-A7", "I4", "Nourrir"), ("I4.1", "I4", "Loger"), ("I5.3", "I5", "Consulter")]


def test_empty_cells_under_a_merged_one_take_what_is_above_and_it_is_told(plan: Store) -> None:
    bilan = deposer(plan, [feuille((AXE, "Objectif opérationnel", ACTION, PILOTE),
                                   ("Prévenir", "Repérer", "Former", "DEF"), (None, None, None, "PMI"),
                                   (None, None, "Outiller", "DEF"),
                                   ("Loger", None, "Ouvrir", "DEF"))])
    assert rangees(plan, "action", "orientation", "intitule", "description") == [
        ("O1", "Former", "Repérer"), ("O1", "Outiller", "Repérer"), ("O2", "Ouvrir", None)]
    assert rangees(plan, "participation", "action", "partenaire") == [
        ("O1-A1", "DEF"), ("O1-A1", "PMI"), ("O1-A2", "DEF"), ("O2-A1", "DEF")]
    assert [(a.colonne, a.message.rsplit(" ", 1)[1]) for a in bilan.anomalies if a.code == "cellules_recopiees"] == [
        (AXE, "2."), ("Objectif opérationnel", "2."), (ACTION, "1.")]


def test_a_line_that_holds_only_an_axis_titles_the_next_ones(plan: Store) -> None:
    bilan = deposer(plan, [feuille((AXE, ACTION, PILOTE), ("Prévenir",), (None, "Former", "DEF"), ("Vide",))])
    assert rangees(plan, "orientation", "intitule") == [("Prévenir",)]
    assert [(a.ligne, a.valeur) for a in bilan.anomalies if a.code == "ligne_sans_action"] == [(2, "Prévenir"), (4, "Vide")]


@pytest.mark.parametrize(("ecrit", "statut", "commentaire"), [
    ("À venir", "non_demarree", None), ("Réalisées", "realisee", None), ("EN COURS", "en_cours", None),
    ("Terminé", "realisee", None),
    ("En retard", "en_cours", "Statut du fichier : « En retard »"), ("Bloqué ", "suspendue", "Statut du fichier : « Bloqué »"),
    ("60 %", None, "Avancement du fichier : 60 %"), ("abandonnee", "abandonnee", None)])
def test_a_dated_status_becomes_a_follow_up(plan: Store, ecrit: str, statut: str | None, commentaire: str | None) -> None:
    deposer(plan, [feuille((AXE, ACTION, "Statut", "Date du suivi"), ("Prévenir", "Former", ecrit, date(2022, 5, 4)))])
    assert rangees(plan, "suivi_action", "action", "date", "statut", "commentaire") == [
        ("O1-A1", date(2022, 5, 4), statut, commentaire)]


def test_the_title_of_the_column_may_date_the_statuses(plan: Store) -> None:
    deposer(plan, [feuille((AXE, ACTION, "État d’avancement au 31/12/2023"), ("Prévenir", "Former", "Fait"))])
    assert rangees(plan, "suivi_action", "date", "statut") == [(date(2023, 12, 31), "realisee")]


def test_a_budget_of_a_year_is_taken(plan: Store) -> None:
    deposer(plan, [feuille((AXE, ACTION, "Budget 2021", "Dépensé 2021", "Budget investissement 2022", "Financeurs"),
                           ("Prévenir", "Former", "1 200,50 €", 900, 3000, "CAF, État"))])
    assert rangees(plan, "budget", "annee", "nature", "prevu", "depense", "financeur") == [
        (2021, "non précisée", 1200.5, 900.0, "CAF, État"), (2022, "investissement", 3000.0, None, "CAF, État")]


def test_anomalies_name_the_line_and_the_title_of_the_column(plan: Store) -> None:
    bilan = essayer(plan, feuille((AXE, ACTION, PILOTE, "Date de début", "Date de fin", "Budget 2021", "Statut", "Date du point"),
                                  ("Prévenir", "Former", "DEF", "12/14/20", 2022, "Entre 200 et 500", "Peut-être", None),
                                  ("Prévenir", None, "DEF", None, None, None, None, None),
                                  ("Prévenir", "Former", "PMI", None, None, None, None, None)))
    assert {(a.ligne, a.colonne, a.code) for a in bilan.anomalies if a.code != "plan_reconnu"} == {
        (2, "Date de début", "date_impossible"), (2, "Budget 2021", "nombre_illisible"), (2, "Statut", "choix_inconnu"),
        (2, "Date du point", "valeur_manquante"), (2, "Date de fin", "date_en_nombre"), (3, ACTION, "valeur_manquante"),
        (2, "Date de fin", "valeurs_contradictoires"), (4, "Date de fin", "valeurs_contradictoires")}
    premiere, seconde = (a for a in bilan.anomalies if a.code == "valeurs_contradictoires")
    assert "ligne 4" in premiere.message and "ligne 2" in seconde.message


def test_an_action_refused_does_not_accuse_its_pilots(plan: Store) -> None:
    bilan = essayer(plan, feuille((AXE, ACTION, PILOTE, "Début"), ("Prévenir", "Former", "DEF", "jadis")), lignes_valides=True)
    assert codes(bilan) == {"date_impossible"}
    assert bilan.lues == bilan.nouvelles + bilan.rejetees == 4


def test_lines_without_an_axis_are_refused_one_by_one_and_a_plan_without_the_column_once(plan: Store) -> None:
    vide = essayer(plan, feuille((AXE, ACTION, PILOTE), (None, "Former", "DEF"), (None, "Loger", "DEF")))
    assert [(a.ligne, a.colonne) for a in vide.anomalies if a.code == "valeur_manquante"] == [(2, AXE), (3, AXE)]
    sans = essayer(plan, feuille((ACTION, PILOTE, "Échéance"), ("Former", "DEF", None)))
    assert codes(sans) == {"colonne_manquante"} and sans.rejetees == 1


def test_a_plan_that_is_not_known_is_asked_for_once_a_line(base: Store) -> None:
    bilan = essayer(base, feuille((AXE, ACTION, PILOTE), ("Prévenir", "Former", "DEF")), plan="ailleurs")
    assert [(a.ligne, a.code, a.valeur) for a in bilan.anomalies if a.code != "plan_reconnu"] == [(2, "plan_inconnu", "ailleurs")]
    assert bilan.bloque


def test_the_plan_may_come_in_the_same_depot(base: Store) -> None:
    deposer(base, [feuille((AXE, ACTION, PILOTE), ("Prévenir", "Former", "DEF")), plan_minimal()[0]])
    assert rangees(base, "action", "plan", "code") == [("essai", "O1-A1")]


def test_two_sheets_of_one_plan_share_their_partners_and_not_their_codes(plan: Store) -> None:
    entete = [AXE, ACTION, PILOTE]
    deposer(plan, [classeur("plan.xlsx", Un=[entete, ["Prévenir", "Former", "DEF"]], Deux=[entete, ["Loger", "Ouvrir", "DEF"]],
                            Listes=[["Statut", "Niveau de priorité"], ["En cours", "Bas"]])])
    assert rangees(plan, "orientation", "code", "intitule") == [("O1", "Prévenir"), ("O2", "Loger")]
    assert rangees(plan, "action", "code", "orientation") == [("O1-A1", "O1"), ("O2-A1", "O2")]
    assert rangees(plan, "partenaire", "code") == [("DEF",)]


def test_an_action_plan_may_be_a_csv(plan: Store) -> None:
    recu = FichierRecu("Fiches actions 2020.csv", csv_bytes(["Orientation", "Action", "Pilote(s)", "Échéance"], [
        ["Prévenir", "Former", "Cellule de recueil (CRIP)\nPMI", "31/12/2022"]], encodage="cp1252"))
    deposer(plan, [recu])
    assert rangees(plan, "partenaire", "code", "nom") == [("CRIP", "Cellule de recueil (CRIP)"), ("PMI", "PMI")]
    assert rangees(plan, "action", "echeance") == [(date(2022, 12, 31),)]


def test_a_file_of_our_own_tables_is_never_taken_for_an_action_plan(plan: Store) -> None:
    recu = FichierRecu("participation.csv", csv_bytes(["plan", "action", "partenaire"], [["essai", "A1", "DEF"]]))
    assert codes(essayer(plan, recu)) == {"colonne_manquante"}


def test_every_line_of_an_action_plan_is_accounted_for(plan: Store) -> None:
    recu = feuille((AXE, ACTION, PILOTE, "Notes"), ("Prévenir", "Former", "DEF", None), (AXE, ACTION, PILOTE, "Notes"),
                   ("Total", "2 actions", None, None), ("Loger", "Ouvrir", "DEF", "x" * 20_000))
    bilan = essayer(plan, recu, lignes_valides=True)
    assert codes(bilan) == {"entete_repetee", "ligne_total", "cellule_trop_longue"}
    assert (bilan.lues, bilan.nouvelles, bilan.rejetees) == (7, 4, 3)


# -- around -------------------------------------------------------------------------------------------------------------------


def test_days_of_a_workbook_counted_from_1904_are_read_as_it_counts_them() -> None:
    lignes = [["action", "date", "statut"], ["A1", 43464, "en_cours"]]
    tableau = read_tableau(classeur("suivi_action.xlsx", MAC_EPOCH, suivi_action=lignes))
    assert tableau.lignes[0][1][1] == "2022-12-31"
    assert read_tableau(classeur("suivi_action.xlsx", suivi_action=lignes)).lignes[0][1][1] == "2018-12-30"


def test_pilots_named_by_actions_are_counted_beside_the_lines_read(base: Store, cli: Cli, tmp_path: Path) -> None:
    recus = plan_minimal(partenaire=[{"code": "DEF", "nom": "Direction"}],
                         action=[{"code": "A1", "orientation": "O1", "intitule": "Une", "pilote": "DEF"}])
    bilan = essayer(base, *recus)
    assert (bilan.lues, bilan.pilotes, bilan.nouvelles) == (4, 1, 5)
    dit = cli("import", ecrire(tmp_path / "p", recus), "--essai", texte=True)[1]
    for phrase in (bilans.write_bilan(bilan), dit):
        assert "4 lignes lues et 1 pilote nommé : 5 nouvelles" in phrase.replace("\u00a0", " ").replace("\u202f", " ")
