"""A meeting from its pages: prepared, frozen, closed, its documents; decisions followed. Refusals are said, nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from indicators import queries
from indicators.meetings import freezing
from indicators.meetings.decisions import Saisie, record_decision
from indicators.model import EtatDecision
from indicators.queries import seances
from indicators.store import Store
from tests.conftest import copier_base, deposer, fichier, plan_minimal
from tests.test_pages import dits, ouvrir, sain, tables, titre

pytestmark = pytest.mark.usefixtures("cadre")


@pytest.fixture(scope="module")
def modele_seance(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A small plan with one action past its deadline and one meeting to come."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("seances") / "base")
    deposer(store, plan_minimal(
        indicateur=[{"code": "I1"}], mesure=[{"indicateur": "I1", "periode": 2021, "valeur": 40}],
        action=[{"code": "A1", "orientation": "O1", "intitule": "Ouvrir une maison", "echeance": "2021-12-31"}],
        seance=[{"code": "COPIL-2022-1", "type": "COPIL", "date": "2022-06-30", "observe_au": "2021-12-31"}]))
    return store


@pytest.fixture
def store(modele_seance: Store, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_seance, tmp_path / "base")


def ouvrir_volet(at: AppTest, cle: str) -> AppTest:
    at.session_state[cle] = True
    return sain(at.run())


def presser(at: AppTest, libelle: str) -> AppTest:
    return next(b for b in at.button if b.label == libelle).click().run()


def test_a_meeting_is_created_prepared_frozen_and_closed(store: Store) -> None:
    at = ouvrir_volet(ouvrir("copil", plan="essai"), "nouvelle_seance")
    assert [x["Séance"] for x in tables(at)[0]] == ["COPIL du 30/06/2022"]
    next(t for t in at.text_input if t.label == "Intitulé").set_value("Bilan à mi-parcours")
    sain(presser(at, "Créer la séance"))
    code = next(s.code for s in seances.list_seances(store.read(), "essai") if s.intitule == "Bilan à mi-parcours")
    at = sain(ouvrir("copil", plan="essai", seance=code))
    assert "Non figée" in dits(at)
    sain(presser(at, "Enregistrer l’ordre du jour"))
    points = seances.list_ordre_du_jour(store.read(), "essai", code)
    assert [p.ordre for p in points] == list(range(1, len(points) + 1)) and any(p.action == "A1" for p in points)
    at = sain(presser(sain(ouvrir("copil", plan="essai", seance=code)), "Figer la séance"))
    assert "Figée" in dits(at) and "Figer la séance" not in [b.label for b in at.button]
    at = sain(presser(at, "Clore la séance"))
    assert "Close" in dits(at) and not [b for b in at.button if b.label.startswith(("Enregistrer", "Clore", "Figer"))]


def test_a_meeting_frozen_meanwhile_is_shown_frozen_and_keeps_its_agenda(store: Store) -> None:
    at = sain(ouvrir("copil", plan="essai", seance="COPIL-2022-1"))
    store.write(lambda cur: freezing.freeze(cur, "essai", "COPIL-2022-1", "Léa", store.keep_file))
    presser(at, "Enregistrer l’ordre du jour")
    assert "Figée" in dits(at) and "ne bouge plus" in dits(at)
    assert seances.list_ordre_du_jour(store.read(), "essai", "COPIL-2022-1") == []


def test_its_documents_are_those_of_the_deck(store: Store) -> None:
    at = sain(ouvrir("copil", plan="essai", seance="COPIL-2022-1"))
    noms = {b.proto.label for b in at.get("download_button")}
    assert {"Diaporama (PowerPoint)", "Rapport (PDF accessible)", "Compte rendu (Word)", "Tableau de suivi (Excel)"} <= noms


def test_a_frozen_meeting_says_what_would_be_otherwise_today(store: Store) -> None:
    store.write(lambda cur: freezing.freeze(cur, "essai", "COPIL-2022-1", "Léa", store.keep_file))
    at = ouvrir_volet(ouvrir("copil", plan="essai", seance="COPIL-2022-1"), "ecarts")
    assert "aucune valeur ni cible montrée n’a changé" in dits(at)
    deposer(store, [fichier("mesure", [{"indicateur": "I1", "periode": 2021, "valeur": 45}])], plan="essai", auteur="Paul")
    at = ouvrir_volet(ouvrir("copil", plan="essai", seance="COPIL-2022-1"), "ecarts")
    ecart = next(t for t in tables(at) if "Montré" in t[0])[0]
    assert (ecart["Montré"], ecart["Aujourd’hui"]) == ("40\u00a0places", "45\u00a0places")
    assert (ecart["Par"], ecart["Fichier"]) == ("Paul", "mesure.csv")


def test_an_unknown_meeting_is_said(store: Store) -> None:
    at = ouvrir("copil", plan="essai", seance="RIEN")
    assert any("RIEN" in e.value for e in at.error) and titre(at) == "Séances"


def test_decisions_are_listed_filtered_and_followed(store: Store) -> None:
    for texte, action in (("Renforcer l’équipe", "A1"), ("Réunir les partenaires", None)):
        store.write(lambda cur, t=texte, a=action: record_decision(
            cur, "essai", "COPIL-2022-1", Saisie(t, "DEF", None, a), "Léa", store.keep_file))
    at = sain(ouvrir("decisions", plan="essai"))
    textes = [x["Décision"] for x in tables(at)[0]]
    assert titre(at).startswith("2") and textes == ["Réunir les partenaires", "Renforcer l’équipe"]
    at = sain(ouvrir("decisions", plan="essai", action="A1"))
    assert [x["Décision"] for x in tables(at)[0]] == ["Renforcer l’équipe"]
    next(s for s in at.selectbox if s.label == "État" and s.value is not None).set_value(EtatDecision.FAITE)
    next(t for t in at.text_input if t.label == "Motif").set_value("Deux postes pourvus")
    at = sain(presser(at, "Enregistrer"))
    suivie = next(d for d in seances.list_decisions(store.read(), "essai", queries.get_plan(store.read(), "essai").fin)
                  if d.code == "D-2022-01")
    assert (suivie.etat, suivie.motif, suivie.texte) == (EtatDecision.FAITE, "Deux postes pourvus", "Renforcer l’équipe")
    histoire = seances.list_histoire(store.read(), "essai", "D-2022-01")
    assert [h.etat for h in histoire] == [EtatDecision.FAITE, EtatDecision.A_FAIRE]


def test_no_decision_yet_says_where_they_are_taken(store: Store) -> None:
    at = sain(ouvrir("decisions", plan="essai"))
    assert titre(at) == "Aucune décision n’est encore enregistrée"


def test_the_whole_plan_leaves_from_the_journal(store: Store) -> None:
    at = ouvrir_volet(ouvrir("journal", plan="essai"), "paquet")
    assert "Télécharger le plan (zip)" in {b.proto.label for b in at.get("download_button")}


