"""One value by hand: the form says what is in place and what would change, and writes the dépôt that a file would have."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from indicators import deposits, queries
from indicators.correction import Correction, apply_correction, build_file, rehearse_correction
from indicators.errors import DemandeInvalide
from indicators.model import Etat, Provenance
from indicators.queries import Mesure
from indicators.store import Store
from tests.conftest import copier_base, deposer, plan_minimal
from tests.test_pages import dits, faits, lire, ouvrir, sain, tables

AN2024 = (date(2024, 1, 1), date(2024, 12, 31))
PLAN = {
    "territoire": [{"code": "T1", "nom": "Nord", "parent": "38"}],
    "indicateur": [{"code": "I1"}, {"code": "I2", "unite": "%", "nature": "taux", "borne_min": 0, "borne_max": 100},
                   {"code": "I3", "periodicite": "trimestrielle"}],
    "cible": [{"indicateur": i, "role": r, "date": d, "valeur": v} for i in ("I1", "I2")
              for r, d, v in (("reference", "2019-12-31", 10), ("finale", "2024-12-31", 60))],
    "mesure": [{"indicateur": "I1", "periode": "2024", "valeur": "12.123456789012345", "provenance": "publie", "source": "DREES",
                "millesime": "2024-07", "perimetre": "hors MNA", "commentaire": "relevé en juin"},
               {"indicateur": "I1", "periode": "2023", "valeur": 11, "provenance": "illustratif"},
               {"indicateur": "I2", "periode": "2024", "numerateur": 12, "denominateur": 100},
               {"indicateur": "I3", "periode": "T1 2024", "valeur": 5}],
}
BASE = Correction("essai", "I1", "38", "", AN2024, valeur="59")


def send_choice(liste: Selectbox) -> WidgetState:
    """What a browser sends for a list: its own text, which AppTest only knows for the options that the page gave."""
    choix = WidgetState(id=liste.id)
    if liste.value is not None:
        choix.string_value = str(liste.format_func(liste.value))
    return choix


@pytest.fixture(autouse=True)
def formulaire(cadre: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Choices of the form are sent as a browser does."""
    monkeypatch.setattr(Selectbox, "_widget_state", property(send_choice))


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


def corriger(store: Store, **champs: Any) -> deposits.BilanDepot:
    return store.write(lambda cur: apply_correction(cur, replace(BASE, **champs), "Léa", "faute de frappe", store.keep_file))


def essayer(store: Store, **champs: Any) -> deposits.BilanDepot:
    return store.rehearse(lambda cur: rehearse_correction(cur, replace(BASE, **champs)))


def mesures(store: Store, indicateur: str = "I1") -> dict[tuple[str, str, date], Mesure]:
    return {(m.territoire, m.ventilation, m.fin): m for m in queries.list_mesures(store.read(), "essai", indicateur)}


def statut(store: Store, indicateur: str) -> str:
    return dict(store.read().execute("select indicateur, statut from dernier_etat where principale").fetchall())[indicateur]


# -- the dépôt -----------------------------------------------------------------------------------------------------------


def test_what_is_kept_is_a_real_file_that_a_spreadsheet_opens(plan: Store) -> None:
    bilan = corriger(plan, valeur="1 059,5")
    depot, nom, sha, lignes = plan.read().execute("select depot, nom, sha256, lignes from fichier where depot = 2").fetchone()
    assert (depot, nom, lignes, bilan.depot) == (2, "correction_I1_2024.csv", 1, 2)
    texte = plan.read_received(sha).decode("utf-8-sig")
    (ligne,) = csv.DictReader(io.StringIO(texte), delimiter=";")
    assert ligne["valeur"] == "1 059,5" and ligne["source"] == "Saisie à la main" and ligne["provenance"] == "saisi"
    assert plan.read().execute("select auteur, motif from depot where id = 2").fetchone() == ("Léa", "faute de frappe")


@pytest.mark.parametrize(("tape", "lu"), [("12,5", 12.5), ("1 234", 1234), ("1\u202f234,25", 1234.25), ("−3", -3), ("0", 0)])
def test_numbers_are_typed_the_french_way(plan: Store, tape: str, lu: float) -> None:
    corriger(plan, valeur=tape)
    assert mesures(plan)["38", "", AN2024[1]].valeur == lu


def test_a_typed_value_is_typed_and_the_rest_of_the_row_stays(plan: Store) -> None:
    avant = mesures(plan)["38", "", AN2024[1]]
    garde = {"perimetre": avant.perimetre, "millesime": avant.millesime, "commentaire": avant.commentaire}
    bilan = corriger(plan, **garde)
    apres = mesures(plan)["38", "", AN2024[1]]
    assert (apres.valeur, apres.provenance, apres.source) == (59, Provenance.SAISI, "Saisie à la main")
    assert (apres.perimetre, apres.millesime, apres.commentaire) == ("hors MNA", "2024-07", "relevé en juin")
    assert {c.colonne for c in bilan.changements} == {"valeur", "provenance", "source"} and bilan.publiees == 1


def test_it_takes_the_place_of_an_illustrative_value_and_a_later_illustrative_one_does_not_come_back(plan: Store) -> None:
    an = (date(2023, 1, 1), date(2023, 12, 31))
    corriger(plan, periode=an, valeur="33")
    assert mesures(plan)["38", "", an[1]].valeur == 33
    corriger(plan, periode=an, valeur="34", provenance=Provenance.ILLUSTRATIF)
    assert mesures(plan)["38", "", an[1]].valeur == 33


def test_withdrawn_then_taken_back_it_returns_as_it_was(plan: Store) -> None:
    avant = mesures(plan)
    bilan = corriger(plan, retire=True, valeur="")
    assert bilan.retirees == 1 and ("38", "", AN2024[1]) not in mesures(plan)
    plan.write(lambda cur: deposits.cancel(cur, bilan.depot, "erreur"))
    assert mesures(plan) == avant


@pytest.mark.parametrize("motif", ["", "   "])
def test_nothing_without_a_motif_even_for_a_new_value(plan: Store, motif: str) -> None:
    version = plan.list_versions()[0].name
    nouvelle = replace(BASE, periode=(date(2022, 1, 1), date(2022, 12, 31)))
    with pytest.raises(DemandeInvalide, match="demande un motif"):
        plan.write(lambda cur: apply_correction(cur, nouvelle, None, motif, plan.keep_file))
    assert plan.list_versions()[0].name == version


@pytest.mark.parametrize(("champs", "code"), [
    ({"valeur": "beaucoup"}, "nombre_illisible"), ({"periode": "un jour"}, "periode_impossible"),
    ({"indicateur": "I2", "valeur": "412"}, "hors_bornes"), ({"territoire": "ZZ"}, "code_inconnu"),
    ({"valeur": ""}, "mesure_sans_valeur"),
])
def test_what_a_file_may_not_say_a_person_may_not_type(plan: Store, champs: dict[str, Any], code: str) -> None:
    bilan = essayer(plan, **champs)
    assert bilan.bloque and code in {a.code for a in bilan.anomalies}


def test_a_state_without_value_is_a_correction_like_another(plan: Store) -> None:
    corriger(plan, valeur="", etat=Etat.SECRET)
    apres = mesures(plan)["38", "", AN2024[1]]
    assert (apres.valeur, apres.etat) == (None, Etat.SECRET)


@pytest.mark.parametrize("texte", [";", '"', "Total", "é\u00a0€", "a;b\"c", "T1 2024"])
def test_free_texts_come_through_whole(plan: Store, texte: str) -> None:
    corriger(plan, ventilation=texte, source=texte, commentaire=texte)
    m = mesures(plan)["38", texte, AN2024[1]]
    assert (m.source, m.commentaire) == (texte, texte)


def test_names_of_files_hold_no_path(plan: Store) -> None:
    assert build_file(replace(BASE, indicateur="A/../B", periode="31/12/2024")).nom == "correction_A-..-B_31-12-2024.csv"


@pytest.mark.parametrize(("texte", "periodicite", "attendu"), [
    ("2024", "annuelle", AN2024), (" 31/12/2024 ", "annuelle", AN2024),
    ("T1 2024", "annuelle", (date(2024, 1, 1), date(2024, 3, 31))),
    ("31/03/2024", "trimestrielle", (date(2024, 1, 1), date(2024, 3, 31))), ("hier", "annuelle", None),
])
def test_periods_are_read_as_in_a_file(plan: Store, texte: str, periodicite: str, attendu: tuple[date, date] | None) -> None:
    assert queries.read_periode(plan.read(), texte, periodicite) == attendu


# -- the form ------------------------------------------------------------------------------------------------------------


def ouvrir_formulaire(code: str = "I1", **adresse: str) -> AppTest:
    at = ouvrir("indicateur", code=code, **adresse)
    at.session_state[f"corriger_{code}"] = True
    return sain(at.run())


def champ(liste: Any, debut: str) -> Any:
    """The widget whose label starts so."""
    return next(w for w in liste if w.label.startswith(debut))


def taper(at: AppTest, debut: str, texte: str) -> AppTest:
    champ(at.text_input, debut).set_value(texte)
    return sain(at.run())


def enregistrer(at: AppTest, motif: str) -> AppTest:
    champ(at.text_input, "Motif").set_value(motif)
    return sain(champ(at.button, "Enregistrer").click().run())


def test_the_form_shows_what_is_in_place_and_unchanged_it_changes_nothing(plan: Store) -> None:
    at = ouvrir_formulaire()
    assert "DREES" in faits(at) and "hors MNA" in faits(at) and champ(at.selectbox, "Période").value == "2024"
    assert champ(at.text_input, "Valeur").value == "12,123456789012"
    champ(at.checkbox, "La source publie").check()
    assert "Rien ne change" in dits(sain(at.run())) and not any(b.label.startswith("Enregistrer") for b in at.button)


def test_a_correction_is_seen_then_written_then_said(plan: Store) -> None:
    at = taper(ouvrir_formulaire(), "Valeur", "59")
    assert "La valeur serait modifiée." in dits(at)
    assert "Cette correction fait passer 1\u00a0indicateur de «\u00a0En retard\u00a0» à «\u00a0En bonne voie\u00a0»." in dits(at)
    assert {"Objet": "Valeur I1 · 38 · 2024", "Colonne": "provenance", "En place": "Donnée publiée",
            "Après": "Donnée saisie"} in tables(at)[1]
    assert statut(plan, "I1") == "retard_fort" and len(plan.list_versions()) == 2
    assert champ(at.text_input, "Motif").label == "Motif (obligatoire\u202f: 1\u00a0valeur publiée change)"
    at = enregistrer(at, "  ")
    assert "demande un motif" in lire(at.error[0].value) and len(plan.list_versions()) == 2
    at = enregistrer(at, "faute de frappe")
    assert "dépôt n°\u00a02" in lire(at.success[0].value) and statut(plan, "I1") == "dans_les_temps"
    assert champ(at.text_input, "Valeur").value == "59" and not sain(at.run()).success


def test_it_stays_published_only_when_the_person_says_so(plan: Store) -> None:
    at = ouvrir_formulaire()
    sain(champ(at.checkbox, "La source publie").check().run())
    assert champ(at.text_input, "Source").value == "DREES"
    enregistrer(taper(at, "Valeur", "13"), "DREES, édition corrigée")
    m = mesures(plan)["38", "", AN2024[1]]
    assert (m.valeur, m.provenance, m.source, m.millesime) == (13, Provenance.PUBLIE, "DREES", "2024-07")
    at = ouvrir_formulaire("I3")
    assert not any(x.label.startswith("La source publie") for x in at.checkbox)


def test_a_rate_is_corrected_by_its_terms_or_alone_never_both(plan: Store) -> None:
    at = ouvrir_formulaire("I2")
    assert champ(at.text_input, "Numérateur").value == "12"
    at = taper(at, "Numérateur", "58")
    assert "«\u00a0En bonne voie\u00a0»" in dits(at)
    sain(champ(at.radio, "Ce que vous tapez").set_value("Le taux").run())
    enregistrer(taper(at, "Valeur", "57,5"), "seul le taux est connu")
    m = mesures(plan, "I2")["38", "", AN2024[1]]
    assert (m.valeur, m.numerateur, m.denominateur) == (57.5, None, None)


def test_withdrawing_shows_what_goes_and_asks_for_nothing_else(plan: Store) -> None:
    at = ouvrir_formulaire()
    sain(champ(at.radio, "Que faire").set_value("Retirer cette valeur").run())
    assert "La valeur serait retirée." in dits(at) and not any(t.label.startswith(("Valeur", "Source")) for t in at.text_input)
    enregistrer(at, "publiée par erreur")
    assert ("38", "", AN2024[1]) not in mesures(plan)


def test_a_new_period_and_a_new_breakdown_are_typed(plan: Store) -> None:
    at = ouvrir_formulaire("I3")
    sain(champ(at.selectbox, "Détail").set_value("filles").run())
    assert champ(at.selectbox, "Période").value is None and "Choisissez une période" in dits(at)
    sain(champ(at.selectbox, "Période").set_value("30/06/2024").run())
    at = taper(at, "Valeur", "7")
    assert "La valeur serait ajoutée." in dits(at)
    enregistrer(at, "relevé oublié")
    assert mesures(plan, "I3")["38", "filles", date(2024, 6, 30)].debut == date(2024, 4, 1)


def test_a_period_typed_another_way_is_the_one_in_place(plan: Store) -> None:
    at = ouvrir_formulaire()
    sain(champ(at.selectbox, "Période").set_value("31/12/2024").run())
    assert champ(at.text_input, "Valeur").value == "12,123456789012"


def test_what_is_not_understood_is_said_and_cannot_be_written(plan: Store) -> None:
    at = taper(ouvrir_formulaire(), "Valeur", "une douzaine")
    assert "1\u00a0anomalie bloquante" in lire(at.error[0].value)
    assert "«\u00a0une douzaine\u00a0» n’est pas un nombre." in tables(at)[0][0]["Message"]
    assert not any(b.label.startswith("Enregistrer") for b in at.button)


def test_a_state_hides_the_number(plan: Store) -> None:
    at = ouvrir_formulaire()
    sain(champ(at.selectbox, "État").set_value(Etat.NON_DISPONIBLE).run())
    assert not any(t.label.startswith("Valeur") for t in at.text_input) and "La valeur serait modifiée." in dits(at)


def test_the_past_is_not_corrected(plan: Store) -> None:
    jour = date.today().isoformat()
    at = ouvrir_formulaire(connu_au=jour)
    assert "«\u00a0Dernier dépôt\u00a0»" in lire(at.info[0].value) and not any(t.label == "Période" for t in at.selectbox)


# -- where a figure was read ---------------------------------------------------------------------------------------------


def test_each_value_leads_to_its_depot_file_and_line(plan: Store) -> None:
    corriger(plan, valeur="59")
    at = ouvrir("indicateur", deplie=True, code="I1")
    (table,) = [t for t in tables(at) if "Déposée par" in t[0]]
    origines = {v["Période"]: (v["Origine"], v["Déposée par"], v["Provenance"]) for v in table}
    assert origines == {"2023": ("dépôt n°\u00a01 · mesure.csv, ligne\u00a03", "Ana", "Donnée illustrative"),
                        "2024": ("dépôt n°\u00a02 · correction_I1_2024.csv, ligne\u00a02", "Léa", "Donnée saisie")}
    liens = re.findall(r'<a href="([^"]+)"', " ".join(h.proto.body for h in at.get("html")))
    assert liens[-2:] == ["journal?plan=essai&amp;depot=1", "journal?plan=essai&amp;depot=2"]


def test_a_sum_of_territories_says_that_it_is_one(base: Store) -> None:
    deposer(base, plan_minimal(
        territoire=[{"code": t, "nom": t, "parent": "38"} for t in ("T1", "T2")],
        indicateur=[{"code": "I1", "agregation": "somme"}],
        mesure=[{"indicateur": "I1", "territoire": t, "periode": "2024", "valeur": 5} for t in ("T1", "T2")]))
    (table,) = [t for t in tables(ouvrir("indicateur", deplie=True, code="I1")) if "Déposée par" in t[0]]
    assert {v["Territoire"]: v["Origine"] for v in table} == {
        "38": "somme des territoires, jusqu’au dépôt n°\u00a01", "T1": "dépôt n°\u00a01 · mesure.csv, ligne\u00a02",
        "T2": "dépôt n°\u00a01 · mesure.csv, ligne\u00a03"}
