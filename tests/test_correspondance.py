"""The mapping of received columns: recognised by titles and contents, shown, corrected by hand, remembered with the dépôt."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from indicators import aide, deposits, migrations
from indicators.deposits import BilanDepot, Demande
from indicators.reading import Aide, Choix, FichierRecu, Indices, Tableau, read_json, read_tableau, read_tableaux, write_json
from indicators.reading.mapping import Correspondance, Origine
from indicators.settings import Settings
from indicators.store import Store
from indicators.tables import TABLES
from indicators.ui.correspondance import CLE, write_correction
from tests.conftest import copier_base, deposer, plan_minimal
from tests.test_pages import dits, sain, tables
from tests.test_pages import lire as vu
from tests.test_pages_depot import confirmer, envoyer, journal, renvoyer
from tests.test_reading import workbook

INDICES = Indices({"indicateur": frozenset({"I1", "I2"}), "territoire": frozenset({"38", "NOI", "FR"}),
                   "partenaire": frozenset({"CD", "ARS"}), "action": frozenset({"A1"})},
                  {"territoire": {"isere": "38", "nord_isere": "NOI"}, "partenaire": {"departement": "CD"}})
REF = "Réf;Secteur;Quand;Combien\n"
LIGNES = "I1;38;2021;12,5\nI2;NOI;2022;n.d.\nI1;38;2023;1 400\n"


pytestmark = pytest.mark.usefixtures("cadre")


@pytest.fixture(scope="module")
def modele_plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The base that `plan` copies."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("modele-plan") / "base")
    deposer(store, plan_minimal(indicateur=[{"code": "I1"}, {"code": "I2"}],
                                territoire=[{"code": "38", "nom": "Isère"}, {"code": "NOI", "nom": "Nord-Isère"}]))
    return store


@pytest.fixture
def plan(modele_plan: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A base that holds the plan « essai », as dépôt 1."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_plan, tmp_path / "base")


def lire(texte: str, nom: str = "export.csv", indices: Indices = INDICES, table: str | None = None, **aide: object) -> Tableau:
    """One file read with what the base knows."""
    return read_tableau_aide(nom, texte, table, Aide(indices, **aide))


def read_tableau_aide(nom: str, texte: str, table: str | None, aide: Aide) -> Tableau:
    (lu,) = read_tableaux(FichierRecu(nom, texte.encode()), table, aide=aide)
    return lu


def lues(t: Tableau) -> dict[str, tuple[str, str]]:
    """Title -> (our column, why)."""
    assert t.correspondance is not None
    return {c.titre: (c.colonne, c.raison.value) for c in t.correspondance.colonnes}


def essayer(store: Store, nom: str, texte: str, **demande: object) -> BilanDepot:
    """What this file would do."""
    recus = [FichierRecu(nom, texte.encode())]
    return store.rehearse(lambda cur: deposits.import_files(cur, recus, Demande(**demande), deposits.keep_nothing))


def apporter(store: Store, nom: str, texte: str, choix: Choix | None = None) -> BilanDepot:
    """Deposit this file, with what a person chose for it."""
    return deposer(store, [FichierRecu(nom, texte.encode())], correspondances={(0, nom): choix} if choix else {})


# -- by titles and by contents -------------------------------------------------------------------------------------------


def test_each_column_says_why_it_is_read() -> None:
    t = lire("indicateur;Année;Valeur;;Couleur\nI1;2021;4;;bleu\nI2;2022;5;;vert\n", indices=Indices())
    assert lues(t) == {"indicateur": ("indicateur", "exacte"), "Année": ("periode", "synonyme"), "Valeur": ("valeur", "exacte"),
                       "": ("", "vide"), "Couleur": ("", "inconnue")}
    assert t.correspondance.colonnes[4].exemples == ("bleu", "vert") and t.correspondance.a_revoir
    large = lire("Code;2021;2022;Cible 2024\nI1;4;5;9\n", "mesure.csv", Indices())
    assert lues(large) == {"Code": ("indicateur", "synonyme"), "2021": ("valeur", "periode"), "2022": ("valeur", "periode"),
                           "Cible 2024": ("", "cible")}


def test_contents_speak_when_titles_do_not() -> None:
    t = lire(REF + LIGNES)
    assert t.table is TABLES["mesure"] and t.colonnes == ("indicateur", "territoire", "periode", "valeur")
    assert {a.code for a in t.anomalies} == {"colonne_devinee"} and len(t.anomalies) == 4
    assert {raison for _, raison in lues(t).values()} == {"contenu"}
    assert [x for _, x in t.lignes][1] == ["I2", "NOI", "2022", "n.d."]
    assert lire(REF + LIGNES, indices=Indices()).table is None, "without what the base knows, nothing says it"


def test_names_of_territories_are_read_as_their_codes() -> None:
    t = lire(REF + "I1;Isère;2021;12\nI1;NORD-ISÈRE;2022;13\nI1;Ailleurs;2023;14\nI1;38;2020;14\n")
    assert [x[1] for _, x in t.lignes] == ["38", "NOI", "Ailleurs", "38"]
    assert any("« Isère » = 38" in a.message for a in t.anomalies)


@pytest.mark.parametrize("texte", [
    "Réf;Quand;Combien;Autre\nI1;2021;12;3\nI2;2022;14;4\n",
    "Réf;Quand;Objectif\nI1;2021;12\nI2;2022;14\n",
    "Réf;Quand;Numérateur;Combien\nI1;2021;12;3\nI2;2022;14;4\n",
    "Réf;Quand;Depuis;Combien\nI1;2021;2020;x\nI2;2022;2021;y\n",
    "Réf;Combien;Quand\nI1;38;2021\n".replace("Quand", "Lieu").replace("2021", "FR"),
], ids=["two-numbers", "target", "numerator", "two-years", "no-period"])
def test_what_is_not_clear_is_not_guessed(texte: str) -> None:
    t = lire(texte, "mesure.csv")
    assert {"valeur", "periode"} - set(t.colonnes) and ("numerateur" in t.colonnes or t.correspondance.manquantes)


def test_a_value_that_looks_like_a_territory_is_not_taken_for_one() -> None:
    assert lire("Réf;Quand;Combien\nI1;2021;38\n").table is None, "38 may be either"
    assert lues(lire("Réf;Quand;Combien\nI1;2021;38\nI1;2022;41\n"))["Combien"] == ("valeur", "contenu")


def test_without_a_header_the_first_row_is_not_swallowed() -> None:
    t = lire("I1;38;2021;12\nI1;38;2022;13\n", "mesure.csv")
    assert "indicateur" not in t.colonnes and any(a.code == "colonne_manquante" for a in t.anomalies)
    assert lire("I1;38;2021;12\nI1;38;2022;13\n").table is None


def test_titles_win_over_contents() -> None:
    t = lire("indicateur;periode;valeur;Repère\nI1;2021;4;I2\n", "mesure.csv")
    assert lues(t)["Repère"] == ("", "inconnue"), "our column is already given"


def test_states_and_partners_are_recognised() -> None:
    t = lire("indicateur;periode;valeur;Qualité\nI1;2021;4;provisoire\nI2;2021;5;definitif\n", "mesure.csv")
    assert lues(t)["Qualité"] == ("etat", "contenu")
    p = lire("action;Qui;role\nA1;Département;pilote\nA1;ARS;contributeur\n", "participation.csv")
    assert lues(p)["Qui"] == ("partenaire", "contenu") and [x[1] for _, x in p.lignes] == ["CD", "ARS"]


@pytest.mark.parametrize(("titre", "cellule"), [("janvier 2021", "x"), ("Janv. 2021", "x"), ("Valeur déc. 2021", "x")])
def test_month_names_are_titles_of_periods(titre: str, cellule: str) -> None:
    t = read_tableau(FichierRecu("mesure.csv", f"indicateur;{titre}\nI1;{cellule}\n".encode()))
    assert t.lignes[0][1] == ["I1", titre.removeprefix("Valeur "), cellule]


@pytest.mark.parametrize(("ecrit", "lu"), [
    ("janvier 2021", "2021-01-31"), ("Févr. 2021", "2021-02-28"), ("AOÛT 2021", "2021-08-31"), ("déc. 2021", "2021-12-31"),
    ("sept 2021", "2021-09-30"), ("jui 2021", None), ("printemps 2021", None), ("ma 2021", None)])
def test_month_names_are_periods(plan: Store, ecrit: str, lu: str | None) -> None:
    (fin,) = plan.read().execute("select periode_lue($1, 'mensuelle').fin::varchar", [ecrit]).fetchone()
    assert fin == lu


# -- decided by a person -------------------------------------------------------------------------------------------------


def test_what_is_chosen_replaces_what_was_recognised() -> None:
    titres = ("ref", "quand", "combien", "autre")
    texte = "Réf;Quand;Combien;Autre\nI1;2021;12;3\n"
    t = lire(texte, choix={"export.csv": Choix("mesure", titres, ("indicateur", "periode", "", "valeur"))})
    assert [x for _, x in t.lignes] == [["I1", "2021", "12", "3"]] and t.colonnes == ("indicateur", "periode", "", "valeur")
    assert [(a.code, a.colonne) for a in t.anomalies] == [("colonne_devinee", "Réf"), ("colonne_devinee", "Quand"),
                                                          ("colonne_inconnue", "Combien")], "what was chosen is not told again"
    assert t.correspondance.origine is Origine.CHOISIE and lues(t)["Autre"] == ("valeur", "choisie")
    choix = Choix("mesure", titres, ("indicateur", "periode", "", "valeur"))
    autres = lire("A;B;C;D\nI1;2021;12;3\n", choix={"export.csv": choix})
    assert lues(autres)["D"] == ("", "inconnue"), "the choice was made for other titles"


def test_a_period_column_may_be_left_out_and_a_double_settled() -> None:
    large = lire("indicateur;2021;2022\nI1;4;5\n", "mesure.csv",
                 choix={"mesure.csv": Choix("mesure", ("indicateur", "2021", "2022"), ("indicateur", "valeur", ""))})
    assert [x for _, x in large.lignes] == [["I1", "2021", "4"]]
    double = "indicateur;periode;Valeur;Résultat\nI1;2021;4;5\n"
    assert "colonne_double" in {a.code for a in lire(double, "mesure.csv").anomalies}
    t = lire(double, "mesure.csv", choix={"mesure.csv": Choix("mesure", ("indicateur", "periode", "valeur", "resultat"),
                                                              ("indicateur", "periode", "", "valeur"))})
    assert t.anomalies == [] and t.lignes[0][1][3] == "5"
    pire = lire(double, "mesure.csv", choix={"mesure.csv": Choix("mesure", ("indicateur", "periode", "valeur", "resultat"),
                                                                 ("indicateur", "indicateur", "", "valeur"))})
    assert {"colonne_double", "colonne_manquante"} == {a.code for a in pire.anomalies}


def test_a_mapping_is_kept_as_json_without_any_value() -> None:
    t = lire('Réf"\\;Quand;Combien\nI1;2021;12\nI2;2022;13\n', "mesure.csv")
    texte = write_json(t.correspondance)
    assert "I1" not in texte and "2021" not in texte
    relue = read_json("mesure.csv", texte)
    assert relue.titres == t.correspondance.titres and [c.colonne for c in relue.colonnes] == ["indicateur", "periode", "valeur"]


# -- remembered ----------------------------------------------------------------------------------------------------------

AMBIGU = "Réf;Quand;Combien;Autre\nI1;{};12;3\n"
CHOIX = Choix("mesure", ("ref", "quand", "combien", "autre"), ("indicateur", "periode", "valeur", ""))


def test_a_corrected_mapping_is_proposed_again(plan: Store) -> None:
    assert essayer(plan, "export.csv", AMBIGU.format(2021)).bloque
    assert apporter(plan, "export.csv", AMBIGU.format(2021), CHOIX).depot == 2
    bilan = essayer(plan, "autre nom.csv", AMBIGU.format(2022).replace("Réf", "  RÉF "))
    assert (bilan.bloque, bilan.nouvelles) == (False, 1)
    (c,) = bilan.correspondances
    assert (c.origine, c.depot, c.table) == (Origine.RETENUE, 2, "mesure")
    assert any("dépôt n°\u00a02" in a.message for a in bilan.anomalies), "told on the command line too"
    assert essayer(plan, "export.csv", "Quand;Réf;Combien;Autre\n2022;I1;12;3\n").bloque, "another order"


def test_a_cancelled_depot_remembers_nothing(plan: Store) -> None:
    apporter(plan, "export.csv", AMBIGU.format(2021), CHOIX)
    plan.write(lambda cur: deposits.cancel(cur, 2, "erreur"))
    assert essayer(plan, "export.csv", AMBIGU.format(2022)).bloque
    plan.write(lambda cur: deposits.cancel(cur, 3, "finalement bon"))
    assert not essayer(plan, "export.csv", AMBIGU.format(2022)).bloque


def test_only_what_a_person_corrected_is_remembered_the_latest_first(plan: Store) -> None:
    apporter(plan, "export.csv", REF + "I1;38;2021;12\n")
    assert essayer(plan, "export.csv", REF + "I1;38;2022;12\n").correspondances[0].origine is Origine.AUTOMATIQUE
    apporter(plan, "export.csv", AMBIGU.format(2020), CHOIX)
    autre = Choix("mesure", CHOIX.titres, ("indicateur", "periode", "", "valeur"))
    apporter(plan, "export.csv", AMBIGU.format(2022), autre)
    (c,) = essayer(plan, "export.csv", AMBIGU.format(2023)).correspondances
    assert c.depot == 4 and c.colonnes[3].colonne == "valeur"


def test_a_remembered_table_gives_way_to_the_one_announced(plan: Store) -> None:
    apporter(plan, "export.csv", AMBIGU.format(2021), CHOIX)
    assert essayer(plan, "cible.csv", AMBIGU.format(2022)).correspondances[0].table == "cible"
    assert essayer(plan, "export.csv", AMBIGU.format(2022), table="cible").correspondances[0].table == "cible"


def test_a_base_of_before_keeps_its_files(tmp_path) -> None:
    ancienne = tmp_path / "migrations"
    shutil.copytree(migrations.SQL / "migrations", ancienne, ignore=shutil.ignore_patterns("002_*"))
    vieux = Store(Settings(base=tmp_path / "base"), ancienne)
    vieux.prepare()
    vieux.write(lambda cur: cur.execute("insert into fichier values (1, 0, 'plan.csv', 'ab', 'plan', 1)"))
    neuf = Store(Settings(base=tmp_path / "base"))
    assert neuf.prepare() == ["002_correspondance"]
    assert neuf.read().execute("select nom, correspondance from fichier").fetchall() == [("plan.csv", None)]
    assert aide.list_memory(neuf.read()) == []


# -- on the page ---------------------------------------------------------------------------------------------------------


def colonne(at: AppTest, titre: str):
    """The list where the column of that title is mapped."""
    return next(s for s in at.selectbox if vu(s.label).startswith(f"«\u00a0{titre}\u00a0»"))


def volets(at: AppTest) -> list[tuple[str, bool]]:
    return [(vu(e.label), e.proto.expanded) for e in at.expander if e.label.startswith("Correspondance")]


def test_the_page_shows_the_mapping_and_a_choice_shows_its_effect(plan: Store) -> None:
    at = envoyer(("mesure.csv", AMBIGU.format(2021).encode()))
    assert volets(at) == [("Correspondance des colonnes · mesure.csv", True)]
    assert "À désigner\u202f: valeur." in dits(at) and not at.button
    assert colonne(at, "Réf").value == "indicateur" and colonne(at, "Combien").value == ""
    assert "Devinée d’après son contenu · par exemple I1" in dits(at)
    assert "Titre inconnu\u202f: pas lue · par exemple 12" in dits(at)
    sain(colonne(at, "Combien").set_value("valeur").run())
    assert colonne(at, "Combien").value == "valeur" and "Choisie à la main" in dits(at) and "1\u00a0nouvelle" in dits(at)
    sain(colonne(at, "Autre").set_value("numerateur").run())
    sain(colonne(at, "Autre").set_value("").run())
    assert colonne(at, "Combien").value == "valeur" and colonne(at, "Autre").value == ""
    at = confirmer(at)
    assert plan.read().execute("select valeur from mesure where depot_id = 2").fetchall() == [(12.0,)]
    assert "Correspondance corrigée à la main\u202f: «\u00a0Combien\u00a0» lue comme valeur" in dits(journal(2))
    at = renvoyer(at, ("export.csv", AMBIGU.format(2022).encode()))
    assert "Correspondance reprise du dépôt n°\u00a02" in dits(at) and colonne(at, "Combien").value == "valeur"
    confirmer(at)
    assert "Correspondance reprise du dépôt n°\u00a02\u202f: " in dits(journal(3))


def test_a_file_read_as_named_stays_closed(plan: Store) -> None:
    at = envoyer(("mesure.csv", b"indicateur;periode;valeur\nI1;2021;4\n"))
    assert volets(at) == [("Correspondance des colonnes · mesure.csv", False)] and not any(
        s.label.startswith("«") for s in at.selectbox)


def test_each_sheet_has_its_table(plan: Store) -> None:
    contenu = workbook(Saisie=[["Lieu", "Montant"], ["38", 4]], mesure=[["indicateur", "periode", "valeur"], ["I1", 2021, 4]])
    at = envoyer(("x.xlsx", contenu))
    assert volets(at) == [("Correspondance des colonnes · x.xlsx › Saisie", True),
                          ("Correspondance des colonnes · x.xlsx › mesure", False)]
    (choix,) = [s for s in at.selectbox if s.label == "Table"]
    assert choix.value is None and "« Saisie »" in " ".join(x["Message"] for x in tables(at)[0]).replace("\u00a0", " ")
    sain(choix.set_value("cible").run())
    assert "« indicateur » est obligatoire" in " ".join(x["Message"] for x in tables(at)[0]).replace("\u00a0", " ")
    assert colonne(at, "Lieu").value in ("", "territoire")


def test_choices_leave_with_their_file(plan: Store) -> None:
    at = envoyer(("mesure.csv", AMBIGU.format(2021).encode()))
    sain(colonne(at, "Combien").set_value("valeur").run())
    assert len(at.session_state[CLE]) == 1
    renvoyer(at, ("mesure.csv", AMBIGU.format(2021).encode()))
    assert len(at.session_state[CLE]) == 0 and colonne(at, "Combien").value == ""


def test_many_columns_are_drawn_up_to_a_limit(plan: Store) -> None:
    titres = ";".join(f"c{i}" for i in range(100))
    at = envoyer(("mesure.csv", f"{titres}\n{';'.join(['x'] * 100)}\n".encode()))
    assert "Les 60 premières colonnes sur 100." in dits(at)


def test_a_mapping_that_nobody_corrected_says_nothing() -> None:
    assert write_correction(Correspondance("f.csv", "mesure", ())) == ""
