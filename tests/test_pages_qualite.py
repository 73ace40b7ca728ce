"""Qualité des données and Comparaison: the answer of each period, targets to check, what moved; the pages and their queries."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from indicators import completude, evolution, queries
from indicators.charts import build_haltere
from indicators.derived import rebuild_derived
from indicators.formats import FINE, INSECABLE
from indicators.meetings import freezing
from indicators.model import DefautCible, Mouvement, Presence, Provenance, Statut
from indicators.queries import Plan, Vue, comparaison, modeles, qualite
from indicators.store import Store
from tests.conftest import copier_base, deposer, fichier, plan_minimal
from tests.test_charts import POISON, bulles, ligne, textes
from tests.test_pages import ISERE, PLANS, VUES, dits, ouvrir, tables, titre

pytestmark = pytest.mark.usefixtures("cadre")


def look(store: Store, code: str = "essai", observe: str = "2024-12-31", connu: str | None = None) -> tuple[Any, Plan, Vue]:
    """A cursor, the plan and a view of it."""
    cur = store.snapshot().cursor()
    plan = queries.get_plan(cur, code)
    return cur, plan, queries.get_vue(cur, plan, date.fromisoformat(observe), connu and date.fromisoformat(connu))


def chemin(code: str, reference: float | None, finale: float | None, *jalons: tuple[str, float], **finales: Any) -> list[dict]:
    """Rows of `cible`: a reference at the end of 2019, jalons, a target at the end of 2024."""
    lignes = [{"indicateur": code, "role": "jalon", "date": jour, "valeur": v} for jour, v in jalons]
    if reference is not None:
        lignes.append({"indicateur": code, "role": "reference", "date": "2019-12-31", "valeur": reference})
    return [*lignes, {"indicateur": code, "role": "finale", "date": "2024-12-31", "valeur": finale, **finales}]


# -- what is known of each period ----------------------------------------------------------------------------------------


def presences(store: Store, indicateur: dict[str, Any], mesures: list[dict[str, Any]], **vue: str) -> dict[str, str]:
    """Answer of each period of one indicator, by its last day; « + » when it is still waited for."""
    deposer(store, plan_minimal(indicateur=[{"code": "I1", **indicateur}], mesure=[{"indicateur": "I1", **m} for m in mesures]),
            connu_le=datetime(2021, 1, 1))
    cur, _, v = look(store, **{"connu": "2026-01-01"} | vue)
    return {str(p.fin): p.presence.value + "+" * p.en_attente for p in qualite.list_calendrier(cur, v)}


def test_each_answer_has_its_own_word(base):
    mesures = [{"periode": "2020", "valeur": 5}, {"periode": "2021", "valeur": 5, "etat": "provisoire"},
               {"periode": "2022", "etat": "non_disponible"}, {"periode": "2023", "etat": "secret"}]
    assert presences(base, {}, mesures) == {
        "2020-12-31": "valeur", "2021-12-31": "provisoire", "2022-12-31": "non_disponible+", "2023-12-31": "secret",
        "2024-12-31": "manquante+"}


@pytest.mark.parametrize("connu, attendu", [("2024-03-30", "pas_attendue"), ("2024-03-31", "pas_attendue"),
                                            ("2024-04-01", "manquante+")])
def test_a_period_is_late_from_the_day_after_its_delay(base, connu, attendu):
    vues = presences(base, {"delai_publication_mois": 3}, [{"periode": "2022", "valeur": 5}], connu=connu)
    assert vues["2023-12-31"] == attendu and vues["2024-12-31"] == "pas_attendue"


def test_a_period_that_ends_after_the_day_looked_at_is_not_expected(base):
    vues = presences(base, {}, [{"periode": "2020", "valeur": 5}], observe="2022-12-30")
    assert (vues["2021-12-31"], vues["2022-12-31"]) == ("manquante+", "pas_attendue")


def test_periods_follow_the_periodicite(base):
    vues = presences(base, {"periodicite": "tous_les_deux_ans"}, [{"periode": "2020-2021", "valeur": 5}])
    assert vues == {"2021-12-31": "valeur", "2023-12-31": "manquante+"}


def test_quarters_and_a_value_of_another_length(base):
    vues = presences(base, {"periodicite": "trimestrielle"}, [{"periode": "T2 2020", "valeur": 5}])
    assert len(vues) == 20 and [k for k, v in vues.items() if v == "valeur"] == ["2020-06-30"]


@pytest.mark.parametrize("plan", PLANS)
def test_what_is_late_is_what_the_template_asks_for(base_livree, plan):
    cur = base_livree.snapshot().cursor()
    p = queries.get_plan(cur, plan)
    vue = queries.get_vue(cur, p)
    besoins = modeles.get_besoins(cur, p, modeles.Destinataire(), vue.connu_au.date())
    demandees = {(a.indicateur, a.fin) for a in besoins.attendues if a.territoire == p.departement and not a.ventilation}
    assert {(x.indicateur, x.fin) for x in qualite.list_calendrier(cur, vue) if x.en_attente} == demandees != set()


@pytest.mark.parametrize("vue", VUES)
@pytest.mark.parametrize("plan", PLANS)
def test_a_line_to_update_has_a_period_in_waiting(base_livree, plan, vue):
    cur = base_livree.snapshot().cursor()
    v = queries.get_vue(cur, queries.get_plan(cur, plan), *(date.fromisoformat(d) for d in VUES[vue].values()))
    attentes = {(p.indicateur, p.fin) for p in qualite.list_calendrier(cur, v) if p.en_attente}
    lignes = [x for x in queries.list_lignes(cur, v) if x.a_actualiser and x.etat_suivant is None]
    assert all((x.indicateur, x.prochaine_fin) in attentes for x in lignes)


# -- targets to check ----------------------------------------------------------------------------------------------------

TERRITOIRES = [{"code": "38", "nom": "Isère"}, {"code": "NORD", "nom": "Nord", "parent": "38"},
               {"code": "SUD", "nom": "Sud", "parent": "38"}]
HAUSSE, BAISSE = {"sens": "hausse"}, {"sens": "baisse"}
SEUIL = {"type_cible": "rester_au_dessus"}
CIBLES = {
    "sain": (HAUSSE, chemin("I1", 10, 20, ("2022-12-31", 15)), []),
    "sain_baisse": (BAISSE, chemin("I1", 4, 2, ("2022-12-31", 3)), []),
    "contraire": (HAUSSE, chemin("I1", 20, 10), ["sens_contraire"]),
    "contraire_seuil": (SEUIL | BAISSE, chemin("I1", None, None, valeur_min=5), ["sens_contraire"]),
    "seuil_sain": (SEUIL | HAUSSE, chemin("I1", None, None, valeur_min=5), []),
    "deguise": (HAUSSE, chemin("I1", 10, 10), ["seuil_deguise"]),
    "deguise_bornes": (HAUSSE, chemin("I1", 10, None, valeur_min=10, valeur_max=12), ["seuil_deguise"]),
    "deja": (HAUSSE, chemin("I1", 2, 4), ["deja_atteinte"]),  # 5 was known at the end of 2019
    "sans_reference": (HAUSSE, chemin("I1", None, 20), ["sans_reference"]),
    "jalon_en_arriere": (HAUSSE, chemin("I1", 10, 20, ("2021-12-31", 16), ("2022-12-31", 14)), ["jalons_desordonnes"]),
    "jalon_trop_tard": (HAUSSE, chemin("I1", 10, 20, ("2025-12-31", 21)), ["jalons_desordonnes"]),
    "suivi": ({"type_cible": "suivre"}, [], []),
}


def test_each_doubtful_target_is_named_and_no_sound_one(base):
    deposer(base, plan_minimal(indicateur=[{"code": cas, **fiche} for cas, (fiche, _, _) in CIBLES.items()],
                               cible=[x | {"indicateur": cas} for cas, (_, cibles, _) in CIBLES.items() for x in cibles],
                               mesure=[{"indicateur": cas, "periode": "2019", "valeur": 5} for cas in CIBLES]))
    attendus = sorted((cas, defaut) for cas, (_, _, defauts) in CIBLES.items() for defaut in defauts)
    cur, _, vue = look(base)
    assert sorted((d.indicateur, d.defaut.value) for d in qualite.list_cibles_douteuses(cur, vue)) == attendus
    at = ouvrir("qualite", plan="essai")
    vus = [(r["Indicateur"].split(" ")[0], r["À vérifier"]) for t in tables_simples(at) if "À vérifier" in t[0] for r in t]
    assert sorted(vus) == sorted((cas, DefautCible(d).label) for cas, d in attendus)


def test_a_hidden_reference_is_not_told_by_its_target(base):
    nord = {"territoire": "NORD"}
    deposer(base, plan_minimal(
        territoire=TERRITOIRES, indicateur=[{"code": "I1", "unite": "enfants", "seuil_secret": 5}],
        cible=[x | nord for x in chemin("I1", 3, 3)],
        mesure=[{"indicateur": "I1", "periode": a, "valeur": 3, **nord} for a in (2019, 2020)]))
    cur, _, vue = look(base)
    assert [d.defaut for d in qualite.list_cibles_douteuses(cur, vue)] == [DefautCible.SEUIL_DEGUISE]
    assert qualite.list_cibles_douteuses(cur, replace(vue, voit_tout=False)) == []


# -- the page Qualité ----------------------------------------------------------------------------------------------------


def test_quality_of_a_small_plan(base):
    deposer(base, plan_minimal(
        action=[{"code": c, "orientation": "O1", "intitule": f"Action {c}"} for c in ("A1", "A2")],
        indicateur=[{"code": "I1", "responsable": "Service ASE"}, {"code": "I2", "intitule": "Orphelin", "type_cible": "suivre"}],
        action_indicateur=[{"action": "A1", "indicateur": "I1"}], cible=chemin("I1", 10, 20),
        mesure=[{"indicateur": "I1", "periode": a, "valeur": 12} for a in (2020, 2022)]), connu_le=datetime(2025, 6, 1))
    at = ouvrir("qualite", plan="essai")
    assert titre(at) == "Aucun indicateur sur 1 évalué sur une donnée à jour"
    assert f"1{INSECABLE}indicateur évalué sur une donnée à actualiser" in dits(at)
    assert {m.label: m.value for m in at.metric} == {
        "Périodes en attente": "8", "Anomalies ouvertes": "0", "Indicateurs sans action": "1", "Actions sans indicateur": "1",
        "Points de cible à vérifier": "0"}
    dus, retards = (t for t in tables_simples(at))
    assert dus == [{"Attendu de": "Responsable à désigner", "Périodes": "5", "Indicateurs": "1"},
                   {"Attendu de": "Service ASE", "Périodes": "3", "Indicateurs": "1"}]
    assert [(r["Indicateur"], r["Périodes"], r["Depuis le"]) for r in retards] == [
        ("I2 Orphelin", "2020, 2021, 2022, 2023, 2024", "31/12/2020"), ("I1 Indicateur I1", "2021, 2023, 2024", "31/12/2021")]
    assert retards[1]["Dernière valeur"] == f"12{INSECABLE}places (31/12/2022)"
    liens = [lien.proto.label for lien in at.get("page_link")]
    assert "A2 Action A2" in liens and "I2 Orphelin" in liens and "A1 Action A1" not in liens


def tables_simples(at) -> list[list[dict[str, str]]]:
    """Tables of rows of the page, its matrix left out."""
    for e in at.get("html"):
        if "lignes completude" in e.proto.body:
            e.proto.body = ""
    return tables(at)


@pytest.mark.parametrize("plan", PLANS)
def test_the_matrix_says_each_period_in_words(base_livree, plan):
    at = ouvrir("qualite", plan=plan)
    (matrice,) = [e.proto.body for e in at.get("html") if "lignes completude" in e.proto.body]
    cur = base_livree.snapshot().cursor()
    periodes = qualite.list_calendrier(cur, queries.get_vue(cur, queries.get_plan(cur, plan)))
    for presence in Presence:
        n = sum(p.presence is presence for p in periodes)
        mots = re.findall(rf"{FINE}: {presence.label.lower()}(?= ?{FINE};|<)", re.sub(r'title="[^"]*"', "", matrice))
        assert len(mots) == n, presence
        assert matrice.count(f">{completude.MARQUES[presence]}<") == n, presence
    assert len(set(completude.MARQUES.values())) == len(Presence), "each mark is told from the others without colour"


def test_coverage_counts_what_is_judged_on_a_fresh_value():
    fraiche, vieille, muette = ligne(gravite=2), ligne(gravite=4, a_actualiser=True), ligne(gravite=0)
    suivie = ligne(statut=Statut.SUIVI, gravite=0)
    dit = completude.write_couverture([fraiche, fraiche, vieille, muette, suivie])
    assert dit == f"2{INSECABLE}indicateurs sur 4 évalués sur une donnée à jour"
    assert completude.write_couverture([suivie]) == "Aucun indicateur n’a encore de cible à évaluer"


# -- anomalies still open ------------------------------------------------------------------------------------------------

SUSPECTS = {
    "saut": ({"unite": "places"}, [{"periode": 2020, "valeur": 100}, {"periode": 2021, "valeur": 900}], ["saut_historique"]),
    "saut_et_retour": ({}, [{"periode": 2020, "valeur": 100}, {"periode": 2021, "valeur": 900}, {"periode": 2022, "valeur": 110}],
                       ["saut_historique"]),
    "petits_nombres": ({}, [{"periode": 2020, "valeur": 3}, {"periode": 2021, "valeur": 19}], []),
    "points": ({"unite": "%"}, [{"periode": 2015 + n, "valeur": v} for n, v in enumerate((50, 51, 50, 51, 90))],
               ["saut_historique"]),
    "petit_effectif": ({"unite": "enfants", "seuil_secret": 5}, [{"periode": 2020, "valeur": 3, "ventilation": "filles"}],
                       ["sous_seuil_secret"]),
    "petit_numerateur": ({"unite": "%", "nature": "taux", "numerateur": "enfants suivis", "denominateur": "mesures",
                          "seuil_secret": 5},
                         [{"periode": 2020, "numerateur": 3, "denominateur": 40, "territoire": "NORD"}], ["sous_seuil_secret"]),
    "perimetres": ({}, [{"periode": 2020, "valeur": 5, "perimetre": "hors mineurs isolés"},
                        {"periode": 2021, "valeur": 5, "perimetre": "tous"}], ["perimetres_melanges"]),
    "denominateur": ({"unite": "%", "nature": "taux"}, [{"periode": 2020, "numerateur": 0, "denominateur": 0}],
                     ["denominateur_nul"]),
    "sain": ({"unite": "%", "nature": "taux"}, [{"periode": a, "valeur": 47.1, "numerateur": 425, "denominateur": 902}
                                                for a in (2020, 2021)], []),
}


@pytest.mark.parametrize("cas", SUSPECTS)
def test_an_open_anomaly_says_what_the_import_said(base, cas):
    fiche, mesures, codes = SUSPECTS[cas]
    bilan = deposer(base, plan_minimal(territoire=TERRITOIRES, indicateur=[{"code": "I1", **fiche}],
                                       mesure=[{"indicateur": "I1", **m} for m in mesures]))
    cur, _, vue = look(base)
    ouvertes = qualite.list_anomalies(cur, vue)
    assert [a.code for a in ouvertes] == codes == [a.code for a in bilan.anomalies]
    lignes = {x.indicateur: x for x in queries.list_lignes(cur, vue)}
    assert [x["Constat"] for x in completude.list_anomalies(ouvertes, lignes)] == [a.message for a in bilan.anomalies]


def test_an_anomaly_closes_once_it_is_corrected_or_explained(base):
    deposer(base, plan_minimal(indicateur=[{"code": "I1", "borne_max": 1000}],
                               mesure=[{"indicateur": "I1", "periode": a, "valeur": v} for a, v in ((2020, 100), (2021, 900))]),
            connu_le=datetime(2022, 2, 1))
    at = ouvrir("qualite", plan="essai")
    (vue,) = [t for t in tables_simples(at) if "Constat" in t[0]]
    assert vue[0]["Indicateur"] == "I1 Indicateur I1" and vue[0]["Dépôt"] == f"n°{INSECABLE}1" and vue[0]["Période"] == "2021"
    deposer(base, [fichier("rupture", [{"indicateur": "I1", "date": "2021-03-01", "texte": "Nouvelle enquête"}])], plan="essai")
    assert qualite.list_anomalies(*look(base)[::2]) == []
    assert [a.code for a in qualite.list_anomalies(*look(base, connu="2022-12-31")[::2])] == ["saut_historique"]
    borne = {"code": "I1", "intitule": "Indicateur I1", "unite": "places", "type_cible": "atteindre", "nature": "stock"}
    deposer(base, [fichier("indicateur", [borne | {"borne_max": 500}])], plan="essai")
    assert [a.code for a in qualite.list_anomalies(*look(base)[::2])] == ["hors_bornes"], "known once the bounds are"
    page = dits(ouvrir("qualite", plan="essai"))
    assert "Valeur hors des bornes 1" in page and "Aucune ligne orpheline" in page


def test_an_open_anomaly_tells_no_hidden_value(base):
    fiche, mesures, _ = SUSPECTS["petit_effectif"]
    deposer(base, plan_minimal(indicateur=[{"code": "I1", **fiche}], mesure=[{"indicateur": "I1", **m} for m in mesures]))
    cur, _, vue = look(base)
    assert qualite.list_anomalies(cur, vue) and qualite.list_anomalies(cur, replace(vue, voit_tout=False)) == []


def test_a_target_against_its_direction_is_told_at_the_import(base):
    fiches = {"I1": HAUSSE, "I2": BAISSE, "I3": BAISSE, "I4": HAUSSE, "I5": SEUIL | BAISSE, "I6": {"sens": "neutre"}}
    cibles = [*chemin("I1", 20, 10), *chemin("I2", 20, 10), *chemin("I3", 10, 20), *chemin("I4", 10, 20),
              *chemin("I5", None, None, valeur_min=5), *chemin("I6", 20, 10)]
    bilan = deposer(base, plan_minimal(indicateur=[{"code": c, **fiche} for c, fiche in fiches.items()], cible=cibles))
    assert {a.code for a in bilan.anomalies} == {"cible_contre_sens"}
    contraires = [cibles[a.ligne - 2]["indicateur"] if a.fichier == "cible.csv" else list(fiches)[a.ligne - 2]
                  for a in bilan.anomalies]
    assert sorted(contraires) == ["I1", "I1", "I3", "I3", "I5"]


def test_a_target_alone_is_held_against_the_reference_in_place(base):
    deposer(base, plan_minimal(indicateur=[{"code": "I1", **HAUSSE}], cible=chemin("I1", 10, 20)))
    bilan = deposer(base, [fichier("cible", chemin("I1", None, 8))], plan="essai")
    assert [(a.ligne, a.message) for a in bilan.anomalies] == [
        (2, "La cible va contre le sens favorable de l’indicateur : référence 10, cible 8, sens hausse.")]


# -- what moved ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def modele_evolue(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two years of a plan: I1 moves and is revised, I2 has a new target, I3 loses a value; then A1 is done."""
    base = copier_base(modele_base, tmp_path_factory.mktemp("evolue") / "base")
    codes = ("I1", "I2", "I3")
    deposer(base, plan_minimal(
        indicateur=[{"code": c, "sens": "hausse"} for c in codes], cible=[x for c in codes for x in chemin(c, 10, 20)],
        mesure=[{"indicateur": c, "periode": 2021, "valeur": 11} for c in codes],
        suivi_action=[{"action": "A1", "date": "2021-12-31", "statut": "en_cours"}],
        seance=[{"code": "S1", "type": "COPIL", "date": "2022-06-30", "observe_au": "2021-12-31",
                 "connu_au": "2022-06-30 08:00:00"}],
    ), connu_le=datetime(2022, 2, 1))
    suite = [
        fichier("mesure", [{"indicateur": "I1", "periode": 2021, "valeur": 12},
                           {"indicateur": "I1", "periode": 2022, "valeur": 17},
                           {"indicateur": "I2", "periode": 2022, "valeur": 12},
                           {"indicateur": "I3", "periode": 2021, "supprimer": "oui"}]),
        fichier("cible", [{"indicateur": "I2", "role": "finale", "date": "2024-12-31", "valeur": 40}]),
        fichier("suivi_action", [{"action": "A1", "date": "2022-12-31", "statut": "realisee"}]),
    ]
    deposer(base, suite, plan="essai", connu_le=datetime(2023, 2, 1))
    return base


@pytest.fixture
def evolue(modele_evolue: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy of it for one test."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_evolue, tmp_path / "base")


def test_new_periods_are_told_from_revised_and_withdrawn_values(evolue):
    cur, plan, apres = look(evolue, observe="2022-12-31")
    avant = queries.get_vue(cur, plan, date(2021, 12, 31), date(2022, 6, 30))
    vus = {(p.indicateur, p.fin.year): p.mouvement for p in comparaison.list_passages(cur, avant, apres)}
    assert vus == {("I1", 2021): Mouvement.REVISEE, ("I1", 2022): Mouvement.NOUVELLE, ("I2", 2022): Mouvement.NOUVELLE,
                   ("I3", 2021): Mouvement.RETIREE}
    assert comparaison.list_passages(cur, apres, apres) == []


@pytest.mark.parametrize("plan", PLANS)
def test_values_between_two_views_add_up(base_livree, plan):
    cur = base_livree.snapshot().cursor()
    p = queries.get_plan(cur, plan)
    avant, apres = queries.get_vue(cur, p, date(2021, 12, 31), date(2022, 6, 30)), queries.get_vue(cur, p)
    passages = comparaison.list_passages(cur, avant, apres)
    for x in queries.list_lignes(cur, apres):
        gauche, droite = ({(v.territoire, v.ventilation, v.debut, v.fin): (v.valeur, v.numerateur, v.denominateur, v.etat)
                           for v in queries.list_valeurs(cur, vue, x.indicateur) if v.fichier} for vue in (avant, apres))
        siens = {(q.territoire, q.ventilation, q.debut, q.fin): q.mouvement for q in passages if q.indicateur == x.indicateur}
        assert {k for k, m in siens.items() if m is Mouvement.NOUVELLE} == droite.keys() - gauche.keys()
        assert {k for k, m in siens.items() if m is Mouvement.RETIREE} == gauche.keys() - droite.keys()
        assert {k for k, m in siens.items() if m is Mouvement.REVISEE} == {k for k in gauche.keys() & droite.keys()
                                                                          if gauche[k] != droite[k]}


def test_comparison_of_a_small_plan(evolue):
    at = ouvrir("comparaison", deplie=True, plan="essai", observe_au="2022-12-31")
    assert at.selectbox(key="depart").value == "S1"
    assert titre(at) == f"1{INSECABLE}indicateur avance vers sa cible, aucun ne recule"
    assert {m.label: m.value for m in at.metric} == {
        "Indicateurs qui avancent": "1", "Indicateurs qui reculent": "0", "Statuts changés": "2", "Valeurs révisées": "1"}
    bouges, statuts, changes, revisees, nouvelles, actions = tables(at)
    i1 = next(r for r in bouges if r["Indicateur"].startswith("I1"))
    assert (i1["Valeur avant"], i1["Valeur après"]) == (f"11{INSECABLE}places (31/12/2021)", f"17{INSECABLE}places (31/12/2022)")
    assert (i1["Chemin avant"], i1["Chemin après"], i1["Déplacement"]) == (f"10{FINE}%", f"70{FINE}%", f"+60{INSECABLE}points")
    i2 = next(r for r in bouges if r["Indicateur"].startswith("I2"))
    assert (i2["Déplacement"], i2["Remarque"]) == ("", "Référence ou cible modifiée")
    assert {r["Statut"]: (r["Avant"], r["Après"]) for r in statuts} == {
        "En bonne voie": ("0", "1"), "En retard": ("3", "1"), "Non renseigné": ("0", "1")}
    assert [(r["Indicateur"][:2], r["Avant"], r["Après"]) for r in changes] == [
        ("I1", "En retard", "En bonne voie"), ("I3", "En retard", "Non renseigné")]
    assert [(r["Indicateur"][:2], r["Période"], r["Avant"], r["Après"]) for r in revisees] == [
        ("I1", "2021", f"11{INSECABLE}places", f"12{INSECABLE}places"), ("I3", "2021", f"11{INSECABLE}places", "retirée")]
    assert [(r["Indicateur"][:2], r["Périodes nouvelles"]) for r in nouvelles] == [("I1", "2022"), ("I2", "2022")]
    assert actions == [{"Action": "A1 Première action", "Avant": "En cours", "Après": "Réalisée"}]
    graphique, cascade = at.get("plotly_chart")
    assert cascade.proto.alt == (f"3{INSECABLE}indicateurs en retard ou en recul avant, 2{INSECABLE}sortis (I1, I3), "
                                 "aucun entré, 1 après.")
    assert f"de 10{FINE}% à 70{FINE}% du chemin, soit +60{INSECABLE}points" in graphique.proto.alt
    assert f"1{INSECABLE}indicateur dont la référence ou la cible a changé n’est pas placé" in graphique.proto.alt


def test_a_frozen_seance_is_compared_as_it_was_shown(evolue):
    evolue.write(lambda cur: freezing.freeze(cur, "essai", "S1", None, evolue.keep_file))

    def change_the_past(cur):
        cur.execute("create or replace macro statut_rythme(a, b, c, d, e, f, g) as 'dans_les_temps'")
        rebuild_derived(cur, None)

    evolue.write(change_the_past)
    at = ouvrir("comparaison", deplie=True, plan="essai", observe_au="2022-12-31")
    statuts = {r["Statut"]: r["Avant"] for r in tables(at)[1]}
    assert statuts["En retard"] == "3", "the pages of the séance, not what today's rule would say of that time"


def test_any_day_can_be_the_start_and_the_address_keeps_it(evolue):
    at = ouvrir("comparaison", plan="essai", observe_au="2022-12-31", depart="jour", depart_au="2020-12-31")
    assert "Situation du 31/12/2020" in dits(at) and titre(at).startswith("Aucun indicateur")
    assert at.query_params["depart"] == "jour" and at.query_params["depart_au"] == "2020-12-31"
    apres = ouvrir("comparaison", plan="essai", arrivee="S1")
    assert apres.selectbox(key="depart").options == ["Un autre jour"]


def test_nothing_moves_between_a_date_and_itself(base_livree):
    cur = base_livree.snapshot().cursor()
    etat = queries.get_etat_plan(cur, queries.get_vue(cur, queries.get_plan(cur, ISERE)))
    deplacements = evolution.pair_lignes(etat, etat)
    assert evolution.write_titre(deplacements) == "Aucun indicateur ne s’est déplacé vers sa cible"
    assert evolution.write_statuts(deplacements) == "Aucun statut n’a changé."
    assert evolution.list_deplacements(deplacements) == [] and evolution.pair_actions(etat, etat) == []
    assert "Aucun déplacement" in textes(build_haltere(deplacements, "light"))


def test_compared_situations_hide_what_the_reader_may_not_see(base, monkeypatch):
    monkeypatch.setattr("indicators.access.Acces.voit_tout", lambda self, plan: False)
    nord = {"indicateur": "I1", "territoire": "NORD", "periode": 2021}
    deposer(base, plan_minimal(territoire=TERRITOIRES, indicateur=[{"code": "I1", "unite": "enfants", "seuil_secret": 5}],
                               mesure=[nord | {"valeur": 3}]), connu_le=datetime(2022, 2, 1))
    deposer(base, [fichier("mesure", [nord | {"valeur": 4}])], plan="essai", connu_le=datetime(2023, 2, 1))
    at = ouvrir("comparaison", deplie=True, plan="essai", observe_au="2022-12-31", depart="jour", depart_au="2022-06-30")
    page = dits(at) + repr(tables(at))
    assert [(r["Avant"], r["Après"]) for t in tables(at) for r in t if "Dépôt" in r] == [("s.", "s.")]
    assert "ses termes" not in page and not re.search(rf"\b[34]{INSECABLE}enfants", page)


# -- sentences and chart -------------------------------------------------------------------------------------------------


def pair(avant: float | None, apres: float | None, **autres: Any) -> evolution.Deplacement:
    return evolution.Deplacement(ligne(avancement=avant, **autres), ligne(avancement=apres, **autres))


def test_points_are_the_difference_of_what_is_written():
    d = pair(0.414, 0.556)
    assert (evolution.write_part(d.avant), evolution.write_part(d.apres), d.points) == (f"41{FINE}%", f"56{FINE}%", 15)
    assert pair(None, 0.5).points is None and evolution.Deplacement(None, ligne()).points is None


@pytest.mark.parametrize("moves, dit", [
    ((0.1, 0.2), "2 indicateurs avancent vers leur cible, aucun ne recule"),
    ((0.1, -0.2), "1 indicateur avance vers sa cible, 1 recule"), ((-0.1,), "1 indicateur recule, aucun n’avance"),
    ((0.001,), "Aucun indicateur ne s’est déplacé vers sa cible")])
def test_headline_agrees(moves, dit):
    assert evolution.write_titre([pair(0.5, 0.5 + m) for m in moves]).replace(INSECABLE, " ") == dit


def test_statuses_are_ranked_only_where_both_were_judged():
    def change(avant: int, apres: int) -> evolution.Deplacement:
        return evolution.Deplacement(ligne(statut=Statut.RECUL, gravite=avant), ligne(statut=Statut.ATTEINT, gravite=apres))

    dit = evolution.write_statuts([change(4, 2), change(2, 4), change(0, 3), change(3, 0), evolution.Deplacement(None, ligne())])
    assert dit.replace(INSECABLE, " ").replace(FINE, " ") == (
        "5 statuts ont changé : 1 s’améliore, 1 se dégrade, 1 devient évalué, 1 n’est plus évalué, 1 est nouveau dans le plan.")


@pytest.mark.parametrize("etroit", [False, True])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_dumbbell(mode, etroit):
    fig = build_haltere([pair(0.9, 0.2), pair(-2, 3, provenance=Provenance.ILLUSTRATIF), pair(0.5, 0.5)], mode, etroit)
    avant, apres = (t for t in fig.data if "markers" in t.mode)
    assert list(avant.x) == [-0.3, 0.9] and list(apres.x) == [1.16, 0.2], "brought back to the edges, the largest progress first"
    assert list(avant.marker.symbol) if isinstance(avant.marker.symbol, tuple) else avant.marker.symbol == "circle"
    dit = textes(fig)
    assert f"↗ +500{INSECABLE}points" in dit and f"↘ −70{INSECABLE}points" in dit and f"−200{FINE}% → 300{FINE}%" in dit
    assert "À surveiller" in dit and len(bulles(fig)) == 4


@pytest.mark.parametrize("etroit", [False, True])
def test_dumbbell_takes_no_markup_from_data(etroit):
    fig = build_haltere([pair(0.1, 0.2, indicateur=POISON, intitule=POISON, libelle_court=POISON, unite=POISON)], "light", etroit)
    assert "javascript:alert" not in re.sub(r"&lt;.*?&gt;", "", textes(fig) + " ".join(bulles(fig)))
