"""The pages Déposer and Journal: nothing is written before the confirmation, everything is explained, everything is undone."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from indicators import bilans
from indicators.errors import build_anomalie
from indicators.formats import format_csv
from indicators.reading import FichierRecu
from indicators.settings import RACINE, Connexion
from indicators.store import Store
from indicators.tables import TABLES
from indicators.ui import donnees, garde, state
from tests.conftest import copier_base, csv_bytes, deposer, plan_minimal
from tests.test_pages import COURT, MARKDOWN, POISON, dits, faits, lire, list_markdown, ouvrir, sain, tables, titre

PAGES = RACINE / "pages"
MESURE = ("indicateur", "periode", "valeur")
PLAN = {
    "indicateur": [{"code": "I1"}, {"code": "I2", "unite": "%", "nature": "taux", "borne_min": 0, "borne_max": 100}],
    "cible": [{"indicateur": i, "role": r, "date": d, "valeur": v} for i in ("I1", "I2")
              for r, d, v in (("reference", "2019-12-31", 10), ("finale", "2024-12-31", 60))],
    "mesure": [{"indicateur": "I1", "periode": "2024", "valeur": 12, "provenance": "publie", "source": "DREES"},
               {"indicateur": "I2", "periode": "2024", "valeur": 12}],
}
BON = csv_bytes(MESURE, [("I2", "2024", "58,5"), ("I2", "2023", "40")])
MAUVAIS = csv_bytes(MESURE, [("I2", "2024", "58,5"), ("I2", "2023", "beaucoup"), ("Ix", "2022", "3"), ("I2", "2021", "412")])


pytestmark = pytest.mark.usefixtures("cadre")


@pytest.fixture(scope="module")
def modele_plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The base that `plan` copies."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("modele-plan") / "base")
    deposer(store, plan_minimal(**PLAN), auteur="Ana", motif="mise en place")
    return store


@pytest.fixture
def plan(modele_plan: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A base that holds the plan « essai », as dépôt 1."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_plan, tmp_path / "base")


def envoyer(*fichiers: tuple[str, bytes]) -> AppTest:
    """The page Déposer after these files were sent."""
    at = ouvrir("depot")
    return renvoyer(at, *fichiers)


def renvoyer(at: AppTest, *fichiers: tuple[str, bytes]) -> AppTest:
    at.file_uploader[0].set_value([(nom, contenu, "text/csv") for nom, contenu in fichiers])
    return sain(at.run())


def confirmer(at: AppTest, motif: str = "", auteur: str = "Léa") -> AppTest:
    at.text_input(key="auteur").set_value(auteur)
    champ = next(t for t in at.text_input if t.label.startswith("Motif"))
    champ.set_value(motif)
    bouton = next(b for b in at.button if b.label in ("Déposer", "Annuler ce dépôt", "Reprendre cette annulation"))
    return sain(bouton.click().run())


def journal(depot: int, annuler: bool = False) -> AppTest:
    """The page Journal with one dépôt open; `annuler` opens what cancelling it would do."""
    at = ouvrir("journal", depot=str(depot))
    if annuler:
        at.session_state[f"annuler_{depot}"] = True
        sain(at.run())
    return at


def versions(store: Store) -> list[str]:
    """Everything that the base holds on disk."""
    return sorted(str(f.relative_to(store.settings.base)) for f in store.settings.base.rglob("*") if f.is_file()
                  and f.name != "verrou")


def statuts(store: Store) -> dict[str, str]:
    return dict(store.read().execute("select indicateur, statut from dernier_etat where principale").fetchall())


# -- déposer -------------------------------------------------------------------------------------------------------------


def test_nothing_is_written_before_the_confirmation(plan: Store) -> None:
    avant = versions(plan)
    at = envoyer(("mesure.csv", BON))
    assert "2\u00a0lignes lues\u202f: 1\u00a0nouvelle, 1\u00a0modifiée." in dits(at)
    assert "Cet envoi fait passer 1\u00a0indicateur de «\u00a0En retard\u00a0» à «\u00a0En bonne voie\u00a0»." in dits(at)
    effets, changees = tables(at)
    assert {"Objet": "Valeur I2 · 38 · 2024", "Colonne": "valeur", "En place": "12", "Après": "58,5"} in changees
    assert effets == [{"Indicateur": "I2 Indicateur I2", "Statut en place": "En retard", "Statut après": "En bonne voie"}]
    assert versions(plan) == avant and statuts(plan)["I2"] == "retard_fort"


def test_leaving_the_page_leaves_no_trace(plan: Store) -> None:
    avant = versions(plan)
    at = envoyer(("mesure.csv", BON))
    assert donnees.CLE_ESSAI in at.session_state
    sain(at.switch_page(str(PAGES / "contexte.py")).run())
    assert donnees.CLE_ESSAI not in at.session_state
    sain(at.switch_page(str(PAGES / "depot.py")).run())
    assert not at.file_uploader[0].value and not at.button and versions(plan) == avant


def test_confirmed_it_is_one_more_version_and_the_page_says_its_number(plan: Store) -> None:
    avant = len(plan.list_versions())
    at = confirmer(envoyer(("mesure.csv", BON)), "révision")
    assert "Dépôt n°\u00a02 enregistré" in lire(at.success[0].value) and len(plan.list_versions()) == avant + 1
    assert at.get("page_link")[0].proto.query_string == "plan=essai&depot=2"
    assert statuts(plan)["I2"] == "dans_les_temps"
    assert plan.read().execute("select auteur, motif from depot where id = 2").fetchall() == [("Léa", "révision")]
    assert not at.file_uploader[0].value
    assert "58,5" in " ".join(m.value for m in ouvrir("indicateur", code="I2").metric)


def test_every_anomaly_is_listed_blocking_ones_first(plan: Store) -> None:
    avant = versions(plan)
    at = envoyer(("mesure.csv", csv_bytes((*MESURE, "couleur"), [("I2", "2024", "abc", "bleu"), ("Ix", "2022", "3", "")])))
    (vues,) = tables(at)
    assert [v["Gravité"] for v in vues] == ["Bloquante", "Bloquante", "Avertissement"]
    assert {v["Ligne"] for v in vues[:2]} == {"2", "3"} and all(v["Message"] and v["Conseil"] for v in vues)
    assert "2\u00a0anomalies bloquantes et 1\u00a0avertissement" in lire(at.error[0].value)
    assert len(at.get("download_button")) == 3 and not at.button and not at.toggle
    assert versions(plan) == avant


def test_only_the_valid_lines_when_asked(plan: Store) -> None:
    at = envoyer(("mesure.csv", MAUVAIS))
    assert "4\u00a0lignes lues\u202f: 1\u00a0modifiée, 3\u00a0écartées." in dits(at)
    assert not at.button and len(tables(at)) == 2  # anomalies, old and new values: nothing to confirm yet
    sain(at.toggle[0].set_value(True).run())
    assert "1\u00a0indicateur de «\u00a0En retard\u00a0» à «\u00a0En bonne voie\u00a0»" in dits(at) and not at.error
    at = confirmer(at)
    assert "Dépôt n°\u00a02" in lire(at.success[0].value)
    assert plan.read().execute("select count(*) from mesure where depot_id = 2").fetchall() == [(1,)]


def test_same_file_twice_says_which_depot_holds_it(plan: Store) -> None:
    at = confirmer(envoyer(("mesure.csv", BON)))
    avant = versions(plan)
    renvoyer(at, ("mesure.csv", BON))
    assert "le dépôt n°\u00a02 contient déjà ces lignes" in lire(at.info[0].value)
    assert at.get("page_link")[0].proto.query_string.endswith("depot=2") and not at.button
    assert versions(plan) == avant


def test_a_faulty_file_sent_again_says_which_depot_holds_what_was_taken(plan: Store) -> None:
    at = sain(envoyer(("mesure.csv", MAUVAIS)).toggle[0].set_value(True).run())
    at = renvoyer(confirmer(at), ("mesure.csv", MAUVAIS))
    assert "le dépôt n°\u00a02 contient déjà les lignes valides" in lire(at.info[0].value)
    assert not at.button and len(plan.list_versions()) == 3


def test_a_published_value_changes_only_with_a_motif(plan: Store) -> None:
    avant = versions(plan)
    at = envoyer(("mesure.csv", csv_bytes(MESURE, [("I1", "2024", "59")])))
    assert any(t.label == "Motif (obligatoire\u202f: 1\u00a0valeur publiée change)" for t in at.text_input)
    at = confirmer(at, "   ")
    assert "demande un motif" in lire(at.error[0].value) and versions(plan) == avant
    at = confirmer(at, "série révisée")
    assert "Dépôt n°\u00a02" in lire(at.success[0].value) and statuts(plan)["I1"] == "dans_les_temps"


def test_a_base_that_moved_is_looked_at_again_before_writing(plan: Store) -> None:
    at = envoyer(("mesure.csv", BON))
    deposer(plan, [FichierRecu("mesure.csv", BON)])
    at = confirmer(at, "trop tard")
    assert "le dépôt n°\u00a02 contient déjà ces lignes" in lire(at.info[0].value) and not at.success


def test_table_is_asked_when_neither_name_nor_columns_say_it(plan: Store) -> None:
    at = envoyer(("export.csv", csv_bytes(("repere interne", "nombre"), [("I1", 42)])))
    assert "de quelle table" in tables(at)[0][0]["Message"]
    sain(next(s for s in at.selectbox if s.label == "Table").set_value("mesure").run())
    assert "« periode » est obligatoire" in " ".join(x["Message"] for x in tables(at)[0]).replace("\u00a0", " ")


def test_a_first_plan_is_deposited_from_the_screen(base: Store) -> None:
    at = envoyer(*((f.nom, f.contenu) for f in plan_minimal(indicateur=[{"code": "I1"}])))
    assert "plan.csv" in at.file_uploader[0].label and "fait apparaître 1\u00a0indicateur" in dits(at)
    at = confirmer(at)
    assert "Dépôt n°\u00a01 enregistré" in lire(at.success[0].value) and "Plan essai" in lire(at.caption[0].value)
    assert titre(ouvrir("synthese")) and statuts(base) == {"I1": "non_renseigne"}


def test_on_an_empty_base_a_file_of_values_says_that_its_plan_is_missing(base: Store) -> None:
    at = envoyer(("mesure.csv", BON))
    assert {"Le plan «\u00a0(vide)\u00a0» n’est pas connu."} == {v["Message"] for v in tables(at)[0]} and not at.button
    assert titre(ouvrir("journal")) == "Journal des dépôts"


def test_several_files_at_once(plan: Store) -> None:
    at = envoyer(("mesure_2024.csv", BON), ("indicateur.csv", csv_bytes(
        ("code", "intitule", "unite", "type_cible", "nature"), [("I9", "Neuf", "places", "suivre", "stock")])))
    assert "3\u00a0lignes lues" in dits(at)
    assert "fait apparaître 1\u00a0indicateur" in dits(at)


@pytest.mark.parametrize("contenu", [b"", b"\x00\x01\x02", b"PK\x03\x04zzz", "é;à\n\"".encode(), b"\xff\xfe\x00", b"a\n"],
                         ids=["vide", "nul", "zip", "guillemet", "utf16", "colonne"])
def test_what_cannot_be_read_is_said(plan: Store, contenu: bytes) -> None:
    avant = versions(plan)
    at = envoyer(("mesure.csv", contenu))
    assert tables(at)[0] and not at.button and versions(plan) == avant


def test_hostile_names_and_cells_stay_text(plan: Store) -> None:
    nom = f"mesure_{COURT.replace('/', '')}.csv"
    at = envoyer((nom, csv_bytes((*MESURE, "commentaire", POISON), [("I2", "2024", POISON, "", ""), (POISON, "2023", "1", "", ""),
                                                                     ("I2", "2022", "5", POISON, "")])))
    assert POISON in faits(at)
    plusieurs = envoyer((nom, MAUVAIS), ("mesure_b.csv", MAUVAIS))
    assert {v["Fichier"] for v in tables(plusieurs)[0]} == {nom, "mesure_b.csv"}
    sain(at.toggle[0].set_value(True).run())
    at_ecrit = confirmer(at, POISON, POISON)
    vu = journal(2, annuler=True)
    assert POISON in faits(vu) and nom in dits(vu)
    for page in (at, at_ecrit, vu, plusieurs):
        vivants = [(ou, t) for ou, t in list_markdown(page) if MARKDOWN.search(re.sub(r"\\.", "", t, flags=re.DOTALL))]
        assert vivants == []
        html = " ".join(h.proto.body for h in page.get("html"))
        assert "<b>" not in html and "<script" not in html and "<img" not in html


def test_the_file_of_anomalies_opens_in_a_french_spreadsheet() -> None:
    lignes = bilans.list_anomalies([build_anomalie("nombre_illisible", "=f.csv", 3, "valeur", "=1+1")])
    contenu = format_csv(list(lignes[0]), (x.values() for x in lignes))
    assert contenu.startswith(b"\xef\xbb\xbfFichier;Ligne;Colonne;Valeur;")
    (_, ligne) = csv.reader(io.StringIO(contenu.decode("utf-8-sig")), delimiter=";")
    assert ligne[:4] == ["'=f.csv", "3", "valeur", "'=1+1"]


# -- journal -------------------------------------------------------------------------------------------------------------


def test_the_journal_says_who_when_why_and_what(plan: Store) -> None:
    confirmer(envoyer(("mesure.csv", BON)), "révision")
    at = journal(2)
    assert "révision" in faits(at) and "Léa" in faits(at) and "2\u00a0valeurs" in faits(at)
    (liste,) = tables(at)
    assert {v["Plan"] for v in liste} == {"38"}
    assert [v["N°"] for v in liste] == ["2", "1"] and {v["État"] for v in liste} == {"En vigueur"}
    assert re.fullmatch(r"\d\d/\d\d/\d{4} à \d+\u00a0h\u00a0\d\d", liste[0]["Reçu le"])
    assert liste[1]["Apporte"].endswith("2\u00a0indicateurs, 4\u00a0cibles, 2\u00a0valeurs")
    assert "mesure.csv" in dits(at) and len(at.get("download_button")) == 1
    (empreinte,) = plan.read().execute("select sha256 from fichier where depot = 2").fetchone()
    assert donnees.open_store().read_received(empreinte) == BON


def test_cancelling_gives_the_status_back_and_so_does_taking_it_back(plan: Store) -> None:
    avant = statuts(plan)
    confirmer(envoyer(("mesure.csv", BON)))
    depose, disque = statuts(plan), versions(plan)
    at = journal(2, annuler=True)
    assert "Cette annulation fait passer 1\u00a0indicateur de «\u00a0En bonne voie\u00a0» à «\u00a0En retard\u00a0»." in dits(at)
    assert {"Objet": "Valeur I2 · 38 · 2024", "Colonne": "valeur", "En place": "58,5", "Après": "12"} in tables(at)[1]
    assert versions(plan) == disque and statuts(plan) == depose != avant
    at = confirmer(at)
    assert "demande un motif" in lire(at.error[0].value) and versions(plan) == disque
    at = confirmer(at, "mauvais fichier")
    assert "numéro 3" in lire(at.success[0].value) and statuts(plan) == avant
    etats = {v["N°"]: v["État"] for v in tables(at)[0]}
    assert etats == {"3": "En vigueur", "2": "Annulé par le n°\u00a03", "1": "En vigueur"}
    assert not any(e.label == "Annuler ce dépôt" for e in at.expander)
    at = confirmer(journal(3, annuler=True), "finalement bon")
    assert statuts(plan) == depose
    assert {v["N°"]: v["État"] for v in tables(at)[0]}["3"] == "Reprise"


def test_what_others_depend_on_is_refused_by_name_then_cancelled_with_them(plan: Store) -> None:
    deposer(plan, plan_minimal(orientation=[{"code": "O9", "intitule": "Neuve"}], action=[], plan="essai"))
    action = csv_bytes(("code", "orientation", "intitule"), [("A9", "O9", "Fille")])
    deposer(plan, [FichierRecu("action.csv", action)])
    at = journal(2, annuler=True)
    assert "dépendent d’autres dépôts\u202f: 3" in lire(at.error[0].value)
    assert not any(t.label.startswith("Motif") for t in at.text_input)
    sain(at.checkbox(key="suivants_2").check().run())
    assert not at.error and "2\u00a0dépôts seraient annulés" in dits(at)
    at = confirmer(at, "ménage")
    assert "numéros 4, 5" in lire(at.success[0].value)


def test_unknown_depot_is_dropped(plan: Store) -> None:
    for numero in ("99", "zz", "-1"):
        at = ouvrir("journal", depot=numero)
        assert titre(at) == "Journal des dépôts" and "depot" not in at.query_params


def test_without_sign_in_originals_are_for_this_machine_only(plan: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "is_local", lambda: False)  # over the fixture
    monkeypatch.setattr(garde, "get_connexion", lambda: Connexion(ouvert=True))
    at = journal(1)
    assert not at.get("download_button") and "se téléchargent depuis le poste" in dits(at)


def test_every_table_has_its_french_name() -> None:
    assert set(bilans.NOMS_TABLES) == set(TABLES)
