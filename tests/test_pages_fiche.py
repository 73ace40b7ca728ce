"""The fiche of an action and what leads to it: search, forms that make a dépôt, change since a séance, laws that it answers."""

from __future__ import annotations

import csv
import io
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from streamlit.testing.v1 import AppTest

from indicators import access, deposits, fiche, queries, suivi, synthese
from indicators.access import Personne
from indicators.charts import build_chronologie
from indicators.errors import AccesRefuse, DemandeInvalide
from indicators.formats import FINE, INSECABLE
from indicators.model import Attribution, EtatDecision, Habilitation, Meteo, Statut, StatutAction
from indicators.queries import Orientation
from indicators.queries.recherche import find_code, find_objets, list_objets
from indicators.queries.seances import Decision
from indicators.store import Store
from indicators.suivi import LienAction, Suivi
from indicators.ui.server import FRAME
from tests.conftest import copier_base, deposer, plan_minimal
from tests.test_charts import ligne
from tests.test_pages import ISERE, REUNION, dits, faits, lire, ouvrir, sain, tables, titre
from tests.test_pages_plan import PLAN, action

pytestmark = pytest.mark.usefixtures("cadre")

JOUR = date(2023, 6, 1)
PILOTE = Personne("a@exemple.fr", "Ana", attributions=(Attribution(Habilitation.PILOTAGE),))
LECTEUR = Personne("b@exemple.fr", "Bob", attributions=(Attribution(Habilitation.LECTURE),))


@pytest.fixture(scope="module")
def modele_plan(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The base that `plan` copies."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("modele-plan") / "base")
    deposer(store, plan_minimal(
        suivi_action=[{"action": "A1", "date": "2023-06-01", "statut": "en_cours", "commentaire": "Premier mot"}],
        repere=[{"code": "LOI-2022", "date": "2022-02-07", "intitule": "Loi « Taquet »", "type": "loi"}]))
    return store


@pytest.fixture
def plan(modele_plan: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """One action with a dated word, one national repère."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_plan, tmp_path / "base")


# -- search --------------------------------------------------------------------------------------------------------------


TROUVES = {"i3.2": ["I3.2"], "HANDICAP unite": ["I3.2"], "unité handicap": ["I3.2"], "maternelle bilan": ["I1.2", "PREV-04"],
           "prefet isere": ["PREF"], "zzz": [], "   ": []}


def test_words_are_found_in_any_order_without_accents_and_a_code_comes_first(base_livree):
    cur = base_livree.snapshot().cursor()
    objets = list_objets(cur, queries.get_vue(cur, queries.get_plan(cur, ISERE)))
    for texte, premiers in TROUVES.items():
        assert [x.code for x in find_objets(objets, texte)][:len(premiers) or None] == premiers
    assert {x.page for x in objets} == {"action", "indicateur", "partenaires"}
    assert find_objets(objets, "ase")[0].code == "ASE" and find_code(objets, " maj-03 ").page == "indicateur"
    assert find_code(objets, "MAJ") is None


def test_the_box_of_the_menu_links_to_what_it_finds_and_a_code_opens_its_page(base_livree):
    at = sain(AppTest.from_file(str(FRAME), default_timeout=60).run())
    at.text_input(key="recherche").set_value("bilan maternelle")
    sain(at.run())
    liens = [(x.proto.page, x.proto.query_string) for x in at.sidebar.get("page_link")]
    assert [x for x in liens if "code=I1.2" in x[1]] and len(liens) == 2
    at.text_input(key="recherche").set_value("maj-03")
    assert titre(sain(at.run())) == "Entretiens des 17 ans réalisés" and at.query_params["code"] == "MAJ-03"
    at.text_input(key="recherche").set_value("zzz")
    assert "Rien dans ce plan" in dits(sain(at.run()))


# -- a word, a link ------------------------------------------------------------------------------------------------------


def connues(store: Store, table: str) -> list[dict[str, Any]]:
    cur = store.snapshot().cursor()
    return queries.list_connues(cur, queries.get_vue(cur, queries.get_plan(cur, "essai")), table, "A1")


def ecrire(store: Store, qui: Personne, quoi: Suivi | LienAction) -> deposits.BilanDepot:
    ecriture = suivi.apply_suivi if isinstance(quoi, Suivi) else suivi.apply_lien
    return store.write(lambda cur: access.run_as(cur, qui, ecriture, quoi, "Ana", store.keep_file))


def test_each_addition_is_a_depot_of_a_real_file(plan):
    dit = "Réunion tenue ;\n« trois » maternités"
    ecrire(plan, PILOTE, Suivi("essai", "A1", date(2024, 3, 1), StatutAction.REALISEE, Meteo.SOLEIL, commentaire=dit))
    mots = {s["date"]: s for s in connues(plan, "suivi_action")}
    assert mots[JOUR]["commentaire"] == "Premier mot"
    nouveau = mots[date(2024, 3, 1)]
    assert (nouveau["statut"], nouveau["commentaire"], nouveau["provenance"]) == ("realisee", dit, "saisi")
    auteur, motif, sha = plan.read().execute(
        "select d.auteur, d.motif, f.sha256 from depot d join fichier f on f.depot = d.id where d.id = 2").fetchone()
    assert auteur == "Ana (a@exemple.fr)" and motif == "Point de suivi de l’action A1 au 01/03/2024"
    assert next(csv.DictReader(io.StringIO(plan.read_received(sha).decode("utf-8-sig")), delimiter=";"))["commentaire"] == dit
    plan.write(lambda cur: deposits.cancel(cur, 2, "erreur"))
    assert [s["date"] for s in connues(plan, "suivi_action")] == [JOUR]


def test_who_only_reads_writes_nothing_and_an_empty_word_is_refused(plan):
    with pytest.raises(AccesRefuse):
        ecrire(plan, LECTEUR, LienAction("essai", "A1", "https://exemple.fr/d.pdf"))
    with pytest.raises(DemandeInvalide, match="ne dit rien"):
        ecrire(plan, PILOTE, Suivi("essai", "A1", JOUR, commentaire="  "))
    assert len(plan.list_versions()) == 2


def test_a_link_leads_to_the_web_or_to_a_repere(plan):
    for adresse in ("javascript:alert(1)", "LOI-1999", "exemple.fr", "https://", "https://a b.fr", "file:///etc", ""):
        with pytest.raises(DemandeInvalide, match="n’ouvre rien"):
            ecrire(plan, PILOTE, LienAction("essai", "A1", adresse))
    assert ecrire(plan, PILOTE, LienAction("essai", "A1", "LOI-2022")).depot == 2


def champ(liste: Any, debut: str) -> Any:
    return next(w for w in liste if w.label.startswith(debut))


def test_a_word_then_a_link_are_added_from_the_page(plan):
    at = ouvrir("action", code="A1", observe_au="2024-06-30")
    at.session_state["saisir_A1"] = True
    sain(at.run())
    sain(champ(at.date_input, "Date du point").set_value(JOUR).run())
    assert champ(at.text_area, "Commentaire").value == "Premier mot" and "vous le corrigez" in dits(at)
    champ(at.text_area, "Commentaire").set_value("Mot corrigé")
    sain(champ(at.button, "Enregistrer").click().run())
    assert f"Dépôt n°{INSECABLE}2" in lire(at.success[0].value) and "Mot corrigé" in dits(at)
    assert [s["statut"] for s in connues(plan, "suivi_action")] == ["en_cours"]
    sain(champ(at.radio, "Ajouter").set_value("Un lien").run())
    champ(at.text_input, "Adresse").set_value("https://exemple.fr/deliberation.pdf")
    champ(at.text_input, "Ce que c’est").set_value("Délibération du 12 juin")
    sain(champ(at.button, "Enregistrer").click().run())
    (lien,) = next(t for t in tables(at) if "Vers" in t[0])
    assert lien["Vers"] == "Délibération du 12 juin" and "noopener" in " ".join(h.proto.body for h in at.get("html"))


def test_the_past_takes_no_addition(plan):
    at = ouvrir("action", code="A1", connu_au=date.today().isoformat())
    at.session_state["saisir_A1"] = True
    assert "«\u00a0Dernier dépôt\u00a0»" in lire(sain(at.run()).info[0].value) and not at.text_area


# -- the fiche -----------------------------------------------------------------------------------------------------------


def test_the_fiche_holds_everything_and_says_what_is_missing(base_livree):
    at = ouvrir("action", plan=ISERE, code="I1.1")
    assert [h.value for h in at.header] == ["Qui et quand", "Étapes", "Ses indicateurs", "Budget", "Décisions",
                                            "Historique du suivi", "Documents et textes"]
    depense, prevu = (f"1{FINE}{reste}{INSECABLE}€" for reste in (f"151{FINE}700", f"220{FINE}000"))
    assert "[SDSF]" in faits(at) and f"{depense} dépensés sur {prevu} prévus" in dits(at)
    budget, decisions, histoire, _ = tables(at)
    assert budget[-1]["Année"] == "Total" and (budget[-1]["Prévu"], budget[-1]["Dépensé"]) == (prevu, depense)
    assert [d["Séance"] for d in decisions] == ["Concertation territoriale du 12/10/2023", "COPIL du 14/10/2021"]
    assert [x["Date"][-4:] for x in histoire] == ["2024", "2023", "2022", "2021", "2020"]
    assert "Aucun montant" in dits(ouvrir("action", plan=ISERE, code="I2.3"))


def test_a_missing_amount_is_never_a_zero():
    ans = [{"annee": a, "nature": "f", "prevu": p, "depense": d, "financeur": None}
           for a, p, d in ((2022, 100.0, 40.0), (2023, 300.0, None))]
    assert fiche.write_budget(ans).startswith(f"40{INSECABLE}€ dépensés sur 100{INSECABLE}€ prévus, soit 40{FINE}%{FINE}; 1")
    assert fiche.list_budget(ans)[-1]["Dépensé"] == f"40{INSECABLE}€ (1{INSECABLE}montant manquant)"
    assert "Aucune année" in fiche.write_budget(ans[1:])


# -- synthèse ------------------------------------------------------------------------------------------------------------


def test_the_counters_say_what_changed_since_the_last_seance(base_livree, cli):
    at = ouvrir("synthese", plan=ISERE)
    _, avant, _ = cli("status", "--plan", ISERE, "--observe-au", "2024-09-30", "--connu-au", "2024-11-28T07:00:00")
    bons = sum(x["statut"] in ("atteint", "dans_les_temps", "seuil_respecte") for x in avant)
    assert lire(at.metric[0].delta) == f"+{int(at.metric[0].value) - bons} depuis le COPIL du 28/11/2024"
    assert lire(at.metric[3].delta) == "inchangé depuis le COPIL du 28/11/2024"
    jauge = " ".join(h.proto.body for h in at.get("html"))
    assert "13\u00a0indicateurs sur 19 évalués sur une donnée à jour." in jauge
    avant_tout = ouvrir("synthese", plan=ISERE, observe_au="2020-06-30", connu_au="2021-01-31")
    assert [m.delta for m in avant_tout.metric] == [""] * 4


def test_an_orientation_that_measures_no_effect_is_named():
    orientations = [Orientation(c, c, None, ligne().provenance, None) for c in ("O1", "O2")]
    lignes = [ligne(indicateur="I1"), ligne(indicateur="I2", type=ligne().type.__class__.REALISATION)]
    rangs, muettes = synthese.count_types(orientations, [action("A1"), action("A2", orientation="O2")],
                                          [("A1", "I1"), ("A1", "I2"), ("A2", "I2")], lignes, "Orientation")
    assert [r["Réalisation"] for r in rangs] == [1, 1] and muettes == ["O2"]
    assert "orientation O2" in synthese.write_types(muettes, 2, "orientation")


def test_what_is_asked_is_the_open_decision_else_the_rule():
    porteuse = action("A1", pilotes="PMI")
    faite, ouverte = (Decision("D-2023-01", "S1", "A1", "Signer.", "DEF", JOUR, e, None)
                      for e in (EtatDecision.FAITE, EtatDecision.EN_COURS))
    retard = ligne(statut=Statut.RETARD_FORT, a_actualiser=False)
    assert synthese.write_demande(retard, [porteuse], [ouverte, faite], JOUR) == (
        f"Déjà décidé{FINE}: Signer (DEF, avant le 01/06/2023).")
    assert "passée" in synthese.write_demande(retard, [porteuse], [ouverte], date(2024, 1, 1))
    assert synthese.write_demande(retard, [porteuse], [faite], JOUR).startswith(f"Demandé à{FINE}: PMI — la cause")
    assert "un pilote pour A1" in synthese.write_demande(retard, [action("A1", pilotes=None)], [], JOUR)
    assert "nouvelle échéance" in synthese.write_demande(porteuse, [], [], JOUR)
    assert "une action qui porte" in synthese.write_demande(retard, [], [], JOUR)


# -- contexte, méthode -----------------------------------------------------------------------------------------------------


def test_reperes_are_numbered_at_their_date_and_never_touch():
    dates = [date(2007, 3, 5), date(2020, 3, 17), date(2020, 4, 1), date(2024, 12, 31), date(2026, 12, 31)]
    html = ElementTree.fromstring(build_chronologie(dates, PLAN, JOUR, "note"))
    rangs = [[(e.text, float(e.get("style")[5:-1])) for e in r] for r in html.iterfind("div[@class='rang']")]
    assert sorted(n for r in rangs for n, _ in r) == ["2", "3", "4", "5"] and len(rangs) == 2
    assert all(b - a >= 6.8 for r in rangs for (_, a), (_, b) in pairwise(r))
    assert all(0 <= x <= 100 for r in rangs for _, x in r)


def test_an_action_answers_a_repere_only_when_a_link_says_so(base_livree):
    at = ouvrir("contexte", plan=REUNION)
    assert f"3{INSECABLE}actions du plan répondent à 3{INSECABLE}repères" in dits(at)
    assert {x.proto.query_string.rpartition("=")[2] for x in at.main.get("page_link")} == {"R1.1", "R4.1", "R4.2"}
    assert "donnée illustrative" in dits(at)
    assert "Répond à (07/02/2022)" in faits(ouvrir("action", plan=REUNION, code="R4.2"))


def test_worked_examples_are_those_of_the_plan(base_livree, cli):
    _, lignes, _ = cli("status", "--plan", ISERE)
    at = ouvrir("methode", plan=ISERE)
    at.session_state["chapitre"] = "Exemples calculés"
    sain(at.run())
    liens = [x.proto.query_string.rpartition("=")[2] for x in at.main.get("page_link")]
    premiers = {}
    for x in lignes:
        premiers.setdefault(x["statut"], x["indicateur"])
    assert sorted(liens) == sorted(premiers.values()) and "÷" in faits(at)
