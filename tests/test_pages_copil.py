"""The slides of a meeting through the frame: the one asked for, the decision written at once, who may write it, the clock."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from streamlit.testing.v1 import AppTest

from indicators.model import Attribution, Habilitation
from indicators.queries import INFINI
from indicators.queries.seances import Decision, list_decisions
from indicators.store import Store
from indicators.ui import acces as porte
from indicators.ui.copil import horloge, presentation
from tests.conftest import copier_base, deposer, fichier, plan_minimal
from tests.test_access import someone
from tests.test_pages import dits, lire, ouvrir, sain, tables, titre

pytestmark = pytest.mark.usefixtures("cadre")

PLAN = {
    "indicateur": [{"code": "I1", "intitule": "Enfants suivis"}],
    "action_indicateur": [{"action": "A1", "indicateur": "I1"}],
    "cible": [{"indicateur": "I1", "role": r, "date": d, "valeur": v}
              for r, d, v in (("reference", "2019-12-31", 10), ("finale", "2024-12-31", 60))],
    "mesure": [{"indicateur": "I1", "periode": "2023", "valeur": 12}],
    "seance": [{"code": "S1", "type": "COPIL", "date": "2023-06-01"},
               {"code": "S2", "type": "COPIL", "date": "2024-06-03", "connu_au": "2024-06-03 10:00:00"}],
    "decision": [{"code": "D-2023-01", "seance": "S1", "action": "A1", "texte": "Relancer le <b>service</b>", "etat": "faite"}],
}
APRES = [  # the meeting looks at what was known before
    fichier("action", [{"code": "A2", "orientation": "O1", "intitule": "Nouvelle"}]),
    fichier("ordre_du_jour", [{"seance": "S2", "ordre": n, "sujet": s, "minutes": 10, "action": a} for n, (s, a) in enumerate(
        (("synthese", ""), ("action", "A1"), ("action", "A2"), ("libre", ""), ("releve", "")), 1)])]
ACTION, ABSENTE, LIBRE, RELEVE = "4", "5", "6", "7"
CLOSE = fichier("seance", [{"code": "S2", "type": "COPIL", "date": "2024-06-03", "close_le": "2024-06-03 10:00:00"}])


@pytest.fixture(scope="module")
def modele_seance(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The plan « essai » and its two meetings."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("copil") / "base")
    deposer(store, plan_minimal(**PLAN), connu_le=datetime(2023, 7, 1))
    deposer(store, APRES, plan="essai")
    return store


@pytest.fixture(autouse=True)
def store(modele_seance: Store, tmp_path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy of it for one test."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_seance, tmp_path / "base")


def montrer(d: str, **adresse: str) -> AppTest:
    return ouvrir("copil", plan="essai", **{"seance": "S2", "d": d} | adresse)


def decider(at: AppTest, texte: str, responsable: str = "", echeance: str = "") -> AppTest:
    next(t for t in at.text_area if t.label.startswith("Décision")).set_value(texte)
    for libelle, mot in (("Responsable", responsable), ("Échéance", echeance)):
        next(t for t in at.text_input if t.label == libelle).set_value(mot)
    return sain(next(b for b in at.button if b.label == "Enregistrer la décision").click().run())


def decisions(store: Store) -> list[Decision]:
    return list_decisions(store.snapshot().cursor(), "essai", date(2024, 6, 3), INFINI, "S2")


def lire_adresse(at: AppTest, cle: str) -> str:
    valeur = at.query_params[cle]
    return valeur if isinstance(valeur, str) else valeur[0]


@pytest.mark.parametrize(("demande", "vue"), [("1", 1), ("4", 4), ("99", 7), ("-3", 1), ("", 1), (None, 1), ("trois", 1)])
def test_the_slide_asked_for_or_the_nearest(demande: str | None, vue: int) -> None:
    assert presentation.read_rang(demande, 7) == vue


def test_past_the_last_slide_is_the_last_one() -> None:
    at = montrer("99")
    assert "**7** / 7 · Relevé de décisions" in dits(at) and "situation au" not in dits(at)
    assert lire_adresse(at, "d") == "7"
    assert [b.disabled for b in at.button if b.label in ("Précédent", "Suivant")] == [False, True]
    sain(next(b for b in at.button if b.label == "Précédent").click().run())
    assert "**6** / 7 · Point libre" in dits(at)


def test_an_unknown_meeting_is_said(store: Store) -> None:
    at = montrer("2", seance="S9")
    assert "S9" in at.error[0].value and "S1" in at.error[0].value and titre(at) == "Séances"


def test_a_slide_of_an_action_says_what_is_late_and_what_was_decided() -> None:
    at = montrer(ACTION)
    assert titre(at).startswith("Enfants suivis\u202f: 12\xa0places pour 50\xa0places attendues")
    assert "D-2023-01 Relancer le <b>service</b> (faite, S1)" in lire(dits(at)).replace("**", "")
    assert len(at.get("plotly_chart")) == 1


def test_an_action_that_left_the_plan_keeps_its_slide() -> None:
    at = montrer(ABSENTE)
    assert titre(at) == "L’action A2 n’est plus au plan à cette date" and not at.text_area


def test_a_decision_is_written_at_once_and_once(store: Store) -> None:
    at = montrer(ACTION)
    for _ in range(2):  # the same sent again, after a cut for example
        decider(at, " Renforcer *l’équipe* ", "DEF", "30/06/2025")
        assert at.success[0].value == "Décision D-2024-01 enregistrée."
        assert at.text_area[0].value == ""
    assert [(d.code, d.action, d.texte, d.responsable, d.echeance) for d in decisions(store)] == [
        ("D-2024-01", "A1", "Renforcer *l’équipe*", "DEF", date(2025, 6, 30))]
    assert "Renforcer *l’équipe* (DEF, 30/06/2025, à faire, cette séance)" in lire(dits(at))
    at = montrer(RELEVE)
    assert titre(at) == "1\xa0décision prise en séance"
    assert tables(at)[0][0]["Décision"] == "Renforcer *l’équipe*" and tables(at)[0][0]["Action"] == "A1"


def test_what_cannot_be_written_is_said_and_stays(store: Store) -> None:
    at = montrer(ACTION)
    for texte, echeance, dit in (("Renforcer", "31/02/2025", "«\u00a031/02/2025\u00a0» n’est pas une date"),
                                 ("Renforcer", "fin juin", "«\u00a0fin juin\u00a0» n’est pas une date"), ("  ", "", "est vide")):
        decider(at, texte, "DEF", echeance)
        assert dit in lire(at.error[0].value) and at.text_area[0].value == texte
    assert decisions(store) == []


def test_a_point_without_action_decides_for_the_whole_plan(store: Store) -> None:
    at = decider(montrer(LIBRE), "Réunir le comité")
    assert decisions(store)[0].action is None and tables(at)[0][0]["Action"] == "Tout le plan"


@pytest.mark.parametrize(("role", "ecrit"), [(Habilitation.LECTURE, False), (Habilitation.PILOTAGE, True)])
def test_who_may_not_write_has_no_form_and_is_told(monkeypatch: pytest.MonkeyPatch, role: Habilitation, ecrit: bool) -> None:
    monkeypatch.setattr(porte, "_find_personne", lambda: someone(Attribution(role)))
    at = montrer(ACTION)
    assert bool(at.text_area) == ecrit and ("rôle de pilotage" in dits(at)) != ecrit


def test_a_closed_meeting_takes_no_decision(store: Store) -> None:
    deposer(store, [CLOSE], plan="essai")
    at = montrer(ACTION)
    assert not at.text_area and "est close" in at.info[0].value


@pytest.mark.parametrize(("ecoulees", "avant", "duree", "dit"), [
    (0, 0, 10, "0 min écoulée sur 10 prévues ici · dans les temps"),
    (12, 20, 10, "12 min écoulées sur 30 prévues ici · 8 min d’avance"),
    (30, 20, 10, "30 min écoulées sur 30 prévues ici · dans les temps"),
    (31, 20, 10, "31 min écoulées sur 30 prévues ici · 1 min de retard"),
    (5, 0, 0, "5 min écoulées"),
])
def test_the_clock_is_held_against_the_agenda(ecoulees: int, avant: int, duree: int, dit: str) -> None:
    assert horloge.write_rythme(ecoulees, avant, duree) == dit


def test_the_clock_lives_in_the_address() -> None:
    at = montrer(ACTION)
    at.button(key="horloge_demarrer").click()
    sain(at.run())
    assert horloge.read_debut(lire_adresse(at, "debut")) and "0 min écoulée sur 20 prévues ici · 10 min d’avance" in dits(at)
    assert horloge.read_debut("25:99") is None
