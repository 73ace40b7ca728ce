"""The rules of progress through the real path: files deposited by the command line, `status --json` and the views read back.

Thirty situations come from `cases/progression.csv`. The others are written beside what they must give: `@situation` puts an
indicator, its targets and its values into one plan, deposited once for the module, and the test asks where it stands.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from indicators import cli as ligne_de_commande
from indicators import queries
from indicators.store import Store
from tests.conftest import copier_base, ecrire, plan_minimal

TRENTE = Path(__file__).parent / "cases" / "progression.csv"
CAS = {c["cas"]: c for c in csv.DictReader(TRENTE.read_text("utf-8").splitlines(), delimiter=";")}
FIGURES = ("attendu", "realise", "avancement", "rythme")
SITUATIONS: dict[str, dict[str, Any]] = {}

Lignes = list[dict[str, Any]]


def run(*mots: object) -> tuple[int, Any]:
    """The command line in process: exit code and JSON document."""
    sortie = io.StringIO()
    with contextlib.redirect_stdout(sortie):
        code = ligne_de_commande.main([*map(str, mots), "--json"])
    return code, json.loads(sortie.getvalue())


@pytest.fixture(scope="module", autouse=True)
def deposee(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A base holding both plans, known since 1 January 2020; INDICATORS_BASE points to it for the whole module."""
    dossier = tmp_path_factory.mktemp("progression")
    store = copier_base(modele_base, dossier / "base")
    with pytest.MonkeyPatch.context() as env:
        env.setenv("INDICATORS_BASE", str(dossier / "base"))
        for fichiers in (_golden_plan(), _situations_plan()):
            code, bilan = run("import", ecrire(dossier / str(len(fichiers)), fichiers), "--connu-le", "2020-01-01T00:00:00")
            assert code == 0, bilan["anomalies"]
            assert bilan["rejetees"] == 0
        yield store


def situation(code: str, cibles: Lignes | None = None, mesures: Lignes | None = None, **indicateur: Any) -> Callable[..., Any]:
    """Put an indicator of that code into the plan of this module."""
    assert code not in SITUATIONS, code
    SITUATIONS[code] = {"indicateur": indicateur, "cibles": cibles or [], "mesures": mesures or []}
    return lambda f: f


def reference(valeur: float, jour: str = "2019-12-31", **autres: Any) -> dict[str, Any]:
    return {"role": "reference", "date": jour, "valeur": valeur, **autres}


def jalon(jour: str, valeur: float | None = None, **autres: Any) -> dict[str, Any]:
    return {"role": "jalon", "date": jour, "valeur": valeur, **autres}


def finale(valeur: float | None = None, jour: str = "2024-12-31", **autres: Any) -> dict[str, Any]:
    return {"role": "finale", "date": jour, "valeur": valeur, **autres}


def valeurs(par_periode: Mapping[object, float], **autres: Any) -> Lignes:
    return [{"periode": p, "valeur": v, **autres} for p, v in par_periode.items()]


def vide(periode: object, etat: str) -> dict[str, Any]:
    return {"periode": periode, "etat": etat}


def etat(code: str, observe_au: str = "2024-12-31", connu_au: str = "2026-01-01") -> dict[str, Any]:
    """Where the ligne principale of this indicator stands, as `status --json` says it."""
    return _etats(observe_au, connu_au)[code]


@cache  # one reading of the plan per pair of dates: the base of this module never changes
def _etats(observe_au: str, connu_au: str) -> dict[str, dict[str, Any]]:
    retour, lignes = run("status", "--plan", "essai", "--observe-au", observe_au, "--connu-au", connu_au)
    assert retour == 0
    assert [x["indicateur"] for x in lignes] == sorted(SITUATIONS)
    return {x["indicateur"]: x for x in lignes}


def chiffres(ligne: Mapping[str, Any]) -> tuple[float | None, ...]:
    return tuple(ligne[c] for c in FIGURES)


def ligne_de(store: Store, code: str, observe_au: date) -> queries.Ligne:
    """The same line with the columns that `status` does not print (tendance, next period)."""
    cur = store.read()
    vue = queries.get_vue(cur, queries.get_plan(cur, "essai"), observe_au)
    return next(x for x in queries.list_lignes(cur, vue) if x.indicateur == code)


def environ(*attendues: float | None) -> Any:
    return pytest.approx(attendues, abs=1e-6)


# -- the thirty situations -----------------------------------------------------------------------------------------------


def _golden_plan() -> list[Any]:
    indicateurs, cibles, mesures = [], [], []
    for c in CAS.values():
        indicateurs.append({"code": c["cas"], "intitule": c["intitule"], "decimales": 1,
                            **{k: c[k] for k in ("type_cible", "sens", "nature")}})
        if c["valeur_initiale"]:
            cibles.append({"indicateur": c["cas"], **reference(c["valeur_initiale"], c["date_reference"])})
        cibles += [{"indicateur": c["cas"], "role": "jalon", "date": jour, "valeur": v}
                   for jour, v in _paires(c["jalons"]) if jour != c["date_cible"]]
        cibles.append({"indicateur": c["cas"], "role": "finale", "date": c["date_cible"], "valeur": c["valeur_cible"],
                       "valeur_min": c["cible_min"], "valeur_max": c["cible_max"]})
        mesures += [{"indicateur": c["cas"], "periode": jour, "valeur": v} for jour, v in _paires(c["mesures"])]
    return plan_minimal("trente", indicateur=indicateurs, cible=cibles, mesure=mesures)


def _paires(texte: str) -> list[list[str]]:
    return [p.split(":") for p in texte.split("|") if p]


@pytest.fixture(scope="module")
def jugees(deposee: Store) -> dict[str, dict[str, Any]]:
    """Every situation on its own day of judgement."""
    lues = {}
    for jour in sorted({c["date_observation"] for c in CAS.values()}):
        code, lignes = run("status", "--plan", "trente", "--observe-au", jour)
        assert code == 0
        lues |= {x["indicateur"]: x for x in lignes if CAS[x["indicateur"]]["date_observation"] == jour}
    return lues


def test_trente_situations() -> None:
    assert len(CAS) == 30


@pytest.mark.parametrize("cas", CAS)
def test_situation(cas: str, jugees: dict[str, dict[str, Any]]) -> None:
    attendue, ligne = CAS[cas], jugees[cas]
    assert ligne["statut"] == attendue["statut_attendu"]
    assert chiffres(ligne) == environ(*(float(attendue[c]) if attendue[c] else None for c in FIGURES))
    assert bool(ligne["motif"]) == attendue["statut_attendu"].startswith("non_")


# -- which value counts --------------------------------------------------------------------------------------------------


@situation("TAUX", [reference(20), finale(50)], [{"periode": 2022, "numerateur": 87, "denominateur": 230, "valeur": 38}],
           nature="taux", unite="%", facteur=100)
def test_un_taux_est_recalcule_de_ses_deux_termes() -> None:
    part = 87 / 230 * 100
    assert chiffres(etat("TAUX", "2022-12-31")) == environ(38, part, (part - 20) / 30, (part - 20) / 30 / 0.6)


@situation("TAUX-0", [reference(20), finale(50)], [
    {"periode": 2021, "numerateur": 30, "denominateur": 100}, {"periode": 2022, "numerateur": 0, "denominateur": 0}],
           nature="taux", unite="%", facteur=100)
def test_un_denominateur_nul_ne_vaut_pas_zero() -> None:
    ligne = etat("TAUX-0", "2022-12-31")
    assert (ligne["realise"], ligne["date_realise"], ligne["a_actualiser"]) == (30, "2021-12-31", True)


@situation("TAUX-V", [reference(20), finale(50)], valeurs({2022: 35}), nature="taux", unite="%", facteur=100)
def test_un_taux_donne_seulement_par_sa_valeur() -> None:
    assert chiffres(etat("TAUX-V", "2022-12-31")) == environ(38, 35, 0.5, 0.5 / 0.6)


@situation("FLUX-T", [reference(40), finale(60)], valeurs({
    "T1 2021": 12, "T2 2021": 13, "T3 2021": 14, "T4 2021": 15, "T1 2022": 13, "T2 2022": 14, "T4 2022": 16}),
           nature="flux", periodicite="trimestrielle")
def test_un_flux_trimestriel_compte_par_annees_entieres() -> None:
    ligne = etat("FLUX-T", "2022-12-31")
    assert (ligne["realise"], ligne["date_realise"]) == (12 + 13 + 14 + 15, "2021-12-31")
    assert etat("FLUX-T", "2021-09-30")["statut"] == "non_renseigne"


@situation("FLUX-ETAT", [reference(40), finale(60)], [*valeurs({"T1 2021": 10, "T2 2021": 10, "T3 2021": 10}),
                                                      vide("T4 2021", "secret")], nature="flux", periodicite="trimestrielle")
def test_un_trimestre_secret_manque_a_son_annee() -> None:
    assert etat("FLUX-ETAT", "2021-12-31")["statut"] == "non_renseigne"


@situation("CUMUL-OK", [reference(0), finale(150)], valeurs({2020: 80, 2022: 110}), nature="cumul")
def test_un_cumul_qui_atteint_deja_la_cible_se_passe_de_l_annee_absente() -> None:
    ligne = etat("CUMUL-OK", "2022-12-31")
    assert (ligne["statut"], ligne["realise"]) == ("atteint", 190)


@situation("CUMUL-1", [reference(0), finale(500)], valeurs({2021: 80, 2022: 110}), nature="cumul")
@situation("CUMUL-S", [reference(0), finale(500)], [*valeurs({2020: 80, 2022: 110}), vide(2021, "secret")], nature="cumul")
def test_un_cumul_nomme_l_annee_qui_manque() -> None:
    assert (etat("CUMUL-1", "2022-12-31")["statut"], etat("CUMUL-1", "2022-12-31")["motif"]) == ("non_evaluable", "2020 manque")
    assert (etat("CUMUL-S", "2022-12-31")["statut"], etat("CUMUL-S", "2022-12-31")["motif"]) == ("non_evaluable", "2021 manque")


@situation("CUMUL-R", [reference(100), finale(500)], valeurs({2018: 30, 2019: 40, 2020: 80}), nature="cumul")
def test_un_cumul_part_de_sa_reference_et_n_y_ajoute_que_la_suite() -> None:
    assert chiffres(etat("CUMUL-R", "2020-12-31")) == environ(180, 180, 0.2, 1)


@situation("SECRET", [reference(40), finale(60)], [*valeurs({2021: 50}), vide(2022, "secret")])
@situation("ND", [reference(40), finale(60)], [*valeurs({2021: 50}), vide(2022, "non_disponible")])
@situation("NR", [reference(40), finale(60)], [*valeurs({2021: 50}), vide(2022, "non_repondu")])
@pytest.mark.parametrize("code", ["SECRET", "ND", "NR"])
def test_un_etat_sans_valeur_ne_cache_pas_la_derniere_connue(code: str) -> None:
    ligne = etat(code, "2022-12-31")
    assert (ligne["statut"], ligne["realise"], ligne["date_realise"]) == ("dans_les_temps", 50, "2021-12-31")
    assert ligne["a_actualiser"] is True
    assert etat(code, "2021-12-31")["a_actualiser"] is False


@situation("SO", [reference(40), finale(60)], [*valeurs({2021: 50}), vide(2022, "sans_objet"), *valeurs({2023: 56})])
@situation("SO-S", [finale(60)], [vide(2022, "sans_objet")], type_cible="suivre")
def test_sans_objet_en_dernier_est_non_evaluable() -> None:
    assert etat("SO", "2021-12-31")["statut"] == "dans_les_temps"
    ligne = etat("SO", "2022-12-31")
    assert (ligne["statut"], ligne["motif"]) == ("non_evaluable", "sans objet en 2022")
    assert etat("SO", "2023-12-31")["statut"] == "dans_les_temps"
    assert etat("SO-S", "2022-12-31")["statut"] == "suivi"


@situation("PROVISOIRE", [reference(40), finale(60)], [*valeurs({2021: 50}), *valeurs({2022: 52}, etat="provisoire"),
                                                       *valeurs({2023: 56}, etat="estime")])
def test_une_valeur_provisoire_ou_estimee_compte_et_le_dit() -> None:
    assert [(x["realise"], x["provisoire"]) for x in (etat("PROVISOIRE", f"{a}-12-31") for a in (2021, 2022, 2023))] == [
        (50, False), (52, True), (56, True)]


@situation("SCOLAIRE", [reference(40, "2019-08-31"), finale(60, "2024-08-31")],
           valeurs({"2020/2021": 46, "2021/2022": 52, "2022": 1}), periodicite="annee_scolaire")
def test_une_annee_scolaire_finit_le_31_aout_et_l_annee_civile_n_est_pas_jugee() -> None:
    ligne = etat("SCOLAIRE", "2022-12-31")
    assert ligne["date_realise"] == "2022-08-31"
    assert chiffres(ligne) == environ(52, 52, 0.6, 1)
    assert etat("SCOLAIRE", "2022-08-30")["date_realise"] == "2021-08-31"


@situation("BIENNAL", [reference(40), finale(60)], valeurs({"2020-2021": 45, "2022-2023": 56}), periodicite="tous_les_deux_ans")
def test_un_indicateur_connu_tous_les_deux_ans_n_est_pas_reclame_plus_tot() -> None:
    assert chiffres(etat("BIENNAL", "2022-12-31")) == environ(48, 45, 0.25, 0.25 / 0.4)
    assert etat("BIENNAL", "2022-12-31")["a_actualiser"] is False
    assert chiffres(etat("BIENNAL", "2024-12-31")) == environ(56, 56, 0.8, 1)
    assert etat("BIENNAL", "2024-12-31")["a_actualiser"] is False


@situation("STOCK-T", [reference(40), finale(60)], valeurs({"31/03/2022": 48, "T2 2022": 49}), periodicite="trimestrielle")
def test_un_stock_trimestriel_se_juge_a_la_fin_du_trimestre() -> None:
    # between 31/12/2019 and 31/12/2024 there are 60 months; 27 have passed at the end of March 2022
    assert chiffres(etat("STOCK-T", "2022-05-31")) == environ(49, 48, 0.4, 0.4 / (27 / 60))
    assert etat("STOCK-T", "2022-06-30")["realise"] == 49


@situation("MENSUEL", [reference(40), finale(60)], valeurs({"2022-02": 47}), periodicite="mensuelle")
def test_le_temps_se_compte_en_mois() -> None:
    assert chiffres(etat("MENSUEL", "2022-03-15"))[0] == pytest.approx(40 + 20 * 26 / 60)


@situation("FIN-MESURE", [reference(40), finale(60)], [
    *valeurs({2021: 48}), {"debut": "2022-01-01", "fin": "2022-06-30", "valeur": 55}])
def test_une_periode_plus_fine_est_gardee_jamais_jugee(deposee: Store) -> None:
    assert etat("FIN-MESURE", "2022-12-31")["realise"] == 48
    cur = deposee.read()
    vue = queries.get_vue(cur, queries.get_plan(cur, "essai"), date(2022, 12, 31))
    assert [(v.valeur, v.conforme) for v in queries.list_valeurs(cur, vue, "FIN-MESURE")] == [(48, True), (55, False)]


# -- expected value and status -------------------------------------------------------------------------------------------


@situation("ESCALIER", [reference(0), jalon("2021-12-31", 1), finale(2, "2023-12-31")],
           valeurs({2020: 0, 2021: 0, 2022: 1, 2023: 1}), type_cible="realiser", unite="étapes")
def test_realiser_avance_par_marches() -> None:
    assert [etat("ESCALIER", f"{a}-12-31")["attendu"] for a in (2020, 2021, 2022, 2023)] == [0, 1, 1, 2]
    assert [etat("ESCALIER", f"{a}-12-31")["statut"] for a in (2020, 2021, 2022, 2023)] == [
        "dans_les_temps", "retard_fort", "dans_les_temps", "retard_fort"]


@situation("PLAFOND", [reference(130), jalon("2021-12-31", 120), finale(100)],
           valeurs({2020: 120, 2021: 120, 2022: 121, 2023: 110, 2024: 101}), type_cible="rester_en_dessous")
@situation("PLANCHER", [jalon("2021-12-31", valeur_min=80), finale(valeur_min=95)], valeurs({2021: 80, 2023: 79, 2024: 95}),
           type_cible="rester_au_dessus")
@situation("FOURCHETTE", [finale(valeur_min=90, valeur_max=95)], valeurs({2020: 90, 2021: 95, 2022: 89.9, 2023: 95.1}),
           type_cible="rester_entre", sens="neutre", decimales=1)
def test_les_seuils_montent_par_marches_bornes_comprises() -> None:
    assert [etat("PLAFOND", f"{a}-12-31")["statut"] for a in range(2020, 2025)] == [
        "seuil_respecte", "seuil_respecte", "seuil_franchi", "seuil_respecte", "seuil_franchi"]
    assert [etat("PLAFOND", f"{a}-12-31")["attendu"] for a in (2021, 2023, 2024)] == [120, 120, 100]
    assert [etat("PLANCHER", f"{a}-12-31")["statut"] for a in (2021, 2023, 2024)] == [
        "seuil_respecte", "seuil_franchi", "seuil_respecte"]
    assert [etat("FOURCHETTE", f"{a}-12-31")["statut"] for a in (2020, 2021, 2022, 2023)] == [
        "seuil_respecte", "seuil_respecte", "seuil_franchi", "seuil_franchi"]


@situation("BORNE-0", [finale(valeur_max=90)], valeurs({2022: 93}), type_cible="rester_entre")
@situation("CIBLE-0", [reference(40), jalon("2022-12-31", 50)], valeurs({2022: 50}))
@situation("VIDE", [reference(40), finale(60)])
def test_chaque_non_a_sa_raison() -> None:
    assert (etat("BORNE-0")["statut"], etat("BORNE-0")["motif"]) == ("non_evaluable", "borne de la cible absente")
    assert (etat("CIBLE-0")["statut"], etat("CIBLE-0")["motif"]) == ("non_evaluable", "cible absente")
    assert etat("CIBLE-0")["attendu"] is None
    assert (etat("VIDE")["statut"], etat("VIDE")["motif"]) == ("non_renseigne", "aucune valeur utilisable")


@situation("ARRONDI-0", [reference(0), finale(5)], valeurs({2020: 0.5, 2021: 1.4}), decimales=0)
@situation("ARRONDI-1", [reference(0), finale(5)], valeurs({2020: 0.94, 2021: 0.95}), decimales=1)
def test_une_demi_unite_de_la_derniere_decimale_n_est_pas_un_retard() -> None:
    # 1 expected at the end of 2020, 2 at the end of 2021
    assert [etat("ARRONDI-0", f"{a}-12-31")["statut"] for a in (2020, 2021)] == ["dans_les_temps", "retard_leger"]
    assert [etat("ARRONDI-1", f"{a}-12-31")["statut"] for a in (2020, 2021)] == ["retard_leger", "retard_fort"]


@situation("SIXIEME", [reference(0), jalon("2021-12-31", 20), finale(120)], valeurs({2021: 19}), decimales=1)
@situation("SIXIEME-B", [reference(0), jalon("2021-12-31", 20), finale(120)], valeurs({2021: 12}), decimales=1)
def test_le_rythme_pile_au_seuil_quand_la_part_attendue_ne_tombe_pas_juste() -> None:
    assert (etat("SIXIEME", "2021-12-31")["statut"], etat("SIXIEME", "2021-12-31")["rythme"]) == (
        "dans_les_temps", pytest.approx(0.95, abs=1e-12))
    assert etat("SIXIEME-B", "2021-12-31")["statut"] == "retard_leger"


@situation("RECUL-PEU", [reference(0), jalon("2021-12-31", 4), finale(100)], valeurs({2021: -2}), decimales=1)
@situation("RECUL-TROP", [reference(0), jalon("2021-12-31", 4), finale(100)], valeurs({2021: -2.1}), decimales=1)
def test_presque_rien_d_attendu_un_petit_recul_n_est_qu_un_retard() -> None:
    assert [etat(c, "2021-12-31")["statut"] for c in ("RECUL-PEU", "RECUL-TROP")] == ["retard_leger", "recul"]
    assert etat("RECUL-PEU", "2021-12-31")["rythme"] is None


# -- verdict -------------------------------------------------------------------------------------------------------------


@situation("V-ATTEINT", [reference(40), finale(60)], valeurs({2024: 60}))
@situation("V-PARTIEL", [reference(40), finale(60)], valeurs({2024: 52}))
@situation("V-NON", [reference(40), finale(60)], valeurs({2024: 51.9}), decimales=1)
@situation("V-SEUIL", [finale(valeur_max=100)], valeurs({2024: 100}), type_cible="rester_en_dessous")
@situation("V-FRANCHI", [finale(valeur_max=100)], valeurs({2024: 101}), type_cible="rester_en_dessous")
@situation("V-SUIVRE", [], valeurs({2024: 101}), type_cible="suivre")
@pytest.mark.parametrize(("code", "verdict"), [
    ("V-ATTEINT", "atteint"), ("V-PARTIEL", "partiellement_atteint"), ("V-NON", "non_atteint"), ("V-SEUIL", "atteint"),
    ("V-FRANCHI", "non_atteint"), ("V-SUIVRE", None), ("VIDE", "non_evaluable")])
def test_verdict_a_la_fin_du_plan(code: str, verdict: str | None) -> None:
    assert etat(code, "2024-12-31")["verdict"] == verdict
    assert etat(code, "2024-12-30")["verdict"] is None


@situation("V-VIEUX", [reference(40), finale(60)], valeurs({2022: 58}, source="DREES, enquête Aide sociale"))
@situation("V-REPORTE", [finale(valeur_max=100)], valeurs({2022: 99}), type_cible="rester_en_dessous")
@situation("V-SECRET", [reference(40), finale(60)], [*valeurs({2022: 61}), vide(2024, "secret")])
def test_sans_valeur_de_la_derniere_periode_le_verdict_nomme_la_derniere_connue() -> None:
    ligne = etat("V-VIEUX")
    assert (ligne["statut"], ligne["verdict"]) == ("dans_les_temps", "non_evaluable")
    assert ligne["motif"] == "dernière valeur connue : 31/12/2022 (DREES)"
    for code, statut in (("V-REPORTE", "seuil_respecte"), ("V-SECRET", "atteint")):
        assert (etat(code)["statut"], etat(code)["verdict"], etat(code)["motif"]) == (
            statut, "non_evaluable", "dernière valeur connue : 31/12/2022")


@situation("V-APRES", [reference(40), finale(60)], valeurs({2024: 52, 2025: 61}))
def test_le_verdict_reste_celui_de_la_derniere_periode_du_plan() -> None:
    ligne = etat("V-APRES", "2025-12-31")
    assert (ligne["statut"], ligne["realise"]) == ("atteint", 61)
    assert ligne["verdict"] == "partiellement_atteint"


@situation("V-SCOLAIRE", [reference(40, "2019-08-31"), finale(60, "2024-08-31")], valeurs({"2023/2024": 54}),
           periodicite="annee_scolaire")
def test_la_derniere_annee_scolaire_du_plan_finit_avant_lui() -> None:
    assert etat("V-SCOLAIRE")["verdict"] == "partiellement_atteint"


# -- à actualiser, provenance, territories -------------------------------------------------------------------------------


@situation("DELAI", [reference(40), finale(60)], valeurs({2021: 48}), delai_publication_mois=6)
def test_a_actualiser_attend_le_delai_de_publication() -> None:
    assert [etat("DELAI", "2022-12-31", connu_au=c)["a_actualiser"] for c in ("2022-12-31", "2023-06-30", "2023-07-01")] == [
        False, False, True]
    assert etat("DELAI", "2022-12-30", connu_au="2023-07-01")["a_actualiser"] is False


@situation("PROV", [reference(40, provenance="publie"), finale(60, provenance="illustratif")],
           valeurs({2022: 52}, provenance="publie"))
@situation("PROV-2", [reference(40, provenance="publie"), finale(60, provenance="publie")],
           valeurs({2022: 52}, provenance="saisi"))
@situation("PROV-3", [reference(40, provenance="publie"), finale(60, provenance="publie")],
           valeurs({2022: 52}, provenance="publie"))
@situation("PROV-4", [reference(0, provenance="publie"), finale(200, provenance="publie")], [
    *valeurs({2020: 40}, provenance="illustratif"), *valeurs({2021: 40}, provenance="publie")], nature="cumul")
@pytest.mark.parametrize(("code", "provenance"), [("PROV", "illustratif"), ("PROV-2", "saisi"), ("PROV-3", "publie"),
                                                  ("PROV-4", "illustratif")])
def test_la_provenance_est_la_plus_faible(code: str, provenance: str) -> None:
    assert etat(code, "2022-12-31")["provenance"] == provenance


def _parties(**par_territoire: float | dict[str, Any]) -> Lignes:
    return [{"periode": 2022, "territoire": t.upper(), **(v if isinstance(v, dict) else {"valeur": v})}
            for t, v in par_territoire.items()]


@situation("SOMME", [reference(40), finale(60)], _parties(n=20, s=32), agregation="somme")
@situation("SOMME-1", [reference(40), finale(60)], _parties(n=20), agregation="somme")
@situation("SOMME-S", [reference(40), finale(60)], _parties(n=20, s={"etat": "secret"}), agregation="somme")
@situation("SOMME-0", [reference(40), finale(60)], _parties(n=20, s=32))
@situation("SOMME-D", [reference(40), finale(60)], [*_parties(n=20, s=32), *valeurs({2022: 50})], agregation="somme")
@situation("SOMME-T", [reference(20), finale(50)], _parties(
    n={"numerateur": 10, "denominateur": 100}, s={"numerateur": 90, "denominateur": 150}),
           agregation="somme", nature="taux", unite="%", facteur=100)
@situation("SOMME-V", [reference(20), finale(50)], _parties(n=10, s=60), agregation="somme", nature="taux", unite="%")
def test_le_departement_se_somme_seulement_quand_rien_ne_manque() -> None:
    assert (etat("SOMME")["realise"], etat("SOMME")["statut"]) == (52, "dans_les_temps")
    for code in ("SOMME-1", "SOMME-S", "SOMME-0", "SOMME-V"):
        assert etat(code)["statut"] == "non_renseigne", code
    assert etat("SOMME-D")["realise"] == 50
    assert etat("SOMME-T")["realise"] == pytest.approx(40)


@situation("TERRITOIRE", [reference(40), finale(60), finale(30, territoire="N"), reference(10, territoire="N"),
                          finale(5, ventilation="0-5 ans"), finale(5, territoire="FR")],
           [*valeurs({2022: 52}), *valeurs({2022: 20}, territoire="N"), *valeurs({2022: 9}, territoire="S"),
            *valeurs({2022: 4}, ventilation="0-5 ans"), *valeurs({2022: 8}, territoire="FR")])
def test_les_autres_lignes_n_ont_de_statut_qu_avec_une_cible_propre() -> None:
    assert etat("TERRITOIRE")["realise"] == 52
    _, lignes = run("status", "--plan", "essai", "--observe-au", "2022-12-31", "--indicateur", "TERRITOIRE", "--territoires")
    assert [(x["territoire"], x["ventilation"], x["statut"]) for x in lignes] == [
        ("38", "", "dans_les_temps"), ("38", "0-5 ans", "non_evaluable"), ("N", "", "retard_leger")]


# -- tendance ------------------------------------------------------------------------------------------------------------


@situation("TENDANCE", [reference(40), finale(60)], valeurs({2019: 40, 2020: 43, 2021: 45, 2022: 50}))
def test_tendance_et_intervalle_de_student(deposee: Store) -> None:
    # By hand. x = 0..3, mean 1.5, Sxx = 5; y mean 44.5, Sxy = 16, Syy = 53: slope 3.2, origin 39.7; at x = 5 (end of 2024), 55.7.
    # Residual sum 53 - 16 x 16 / 5 = 1.8, s = sqrt(1.8 / 2); half = 1.886 x s x sqrt(1 + 1/4 + 3.5 x 3.5 / 5) = 3.4416
    ligne = ligne_de(deposee, "TENDANCE", date(2022, 12, 31))
    assert ligne.tendance == pytest.approx(55.7)
    demi = 1.886 * 0.9**0.5 * 3.7**0.5
    assert demi == pytest.approx(3.44162, abs=1e-5)
    assert (ligne.tendance_bas, ligne.tendance_haut) == pytest.approx((55.7 - demi, 55.7 + demi))
    assert ligne.tendance_motif is None
    assert ligne.pas_annuel == pytest.approx((60 - 50) / 2)


@situation("T-BORNEE", [reference(70), finale(88)], valeurs({2019: 70, 2020: 84, 2021: 80, 2022: 90}), borne_min=0, borne_max=100)
def test_la_tendance_reste_dans_les_bornes_de_l_indicateur(deposee: Store) -> None:
    ligne = ligne_de(deposee, "T-BORNEE", date(2022, 12, 31))
    assert ligne.tendance == ligne.tendance_haut == 100  # slope 5.6, mean 81: the line gives 100.6
    assert ligne.tendance_bas == pytest.approx(100.6 - 1.886 * (55.2 / 2) ** 0.5 * 3.7**0.5)


@situation("T3-LARGE", [reference(40), finale(60)], valeurs({2020: 43, 2021: 41, 2022: 50}))
@situation("T3-ETROIT", [reference(40), finale(60)], valeurs({2020: 44, 2021: 48.1, 2022: 52}))
@situation("T2", [reference(40), finale(60)], valeurs({2021: 48, 2022: 52}))
def test_trois_points_n_ont_d_intervalle_que_s_il_est_etroit(deposee: Store) -> None:
    large, etroit, deux = (ligne_de(deposee, c, date(2022, 12, 31)) for c in ("T3-LARGE", "T3-ETROIT", "T2"))
    # 43, 41, 50: slope 3.5, mean 134/3 in 2021: 134/3 + 3 x 3.5
    assert large.tendance == pytest.approx(134 / 3 + 10.5)
    assert (large.tendance_bas, large.tendance_haut) == (None, None)
    assert large.tendance_motif == "trop peu de points pour un intervalle"
    # 44, 48.1, 52: slope 4, residual sum 2/300; half = 3.078 x sqrt(2/300) x sqrt(1 + 1/3 + 9/2)
    demi = 3.078 * (2 / 300) ** 0.5 * (1 + 1 / 3 + 9 / 2) ** 0.5
    assert (etroit.tendance, etroit.tendance_bas) == pytest.approx((144.1 / 3 + 12, 144.1 / 3 + 12 - demi))
    assert (deux.tendance, deux.tendance_motif) == (None, "trop peu de points")


def test_pas_de_tendance_une_fois_la_derniere_periode_connue(deposee: Store) -> None:
    assert ligne_de(deposee, "V-PARTIEL", date(2024, 12, 31)).tendance is None


# -- actions -------------------------------------------------------------------------------------------------------------

ACTIONS: dict[str, dict[str, Any]] = {
    "A1": {"echeance": "2024-12-31", "pilote": "P", "indicateurs": ["R-RETARD", "R-BON", "I-RECUL", "C-RETARD"]},
    "A2": {"echeance": "2022-06-30", "pilote": "P", "indicateurs": ["R-BON"], "suivi": {"2021-12-31": "en_cours"}},
    "A3": {"echeance": "2022-06-30", "pilote": "P", "indicateurs": ["R-BON"],
           "suivi": {"2021-12-31": "en_cours", "2022-06-30": "realisee"}},
    "A4": {"echeance": "2024-12-31", "indicateurs": ["R-RETARD"], "suivi": {"2021-12-31": "suspendue"}},
    "A5": {"indicateurs": ["I-RECUL", "C-RETARD", "NU"], "suivi": {"2021-12-31": "en_cours"}},
    "A6": {"suivi": {"2021-12-31": "en_cours", "2023-01-01": "realisee"}},
    "A7": {"echeance": "2024-06-30", "pilote": "P", "indicateurs": ["C-RETARD", "NU"]},
}


@situation("R-RETARD", [reference(40), finale(60)], valeurs({2022: 44}), type="resultat")
@situation("R-BON", [reference(40), finale(60)], valeurs({2022: 53}), type="impact")
@situation("I-RECUL", [reference(40), finale(60)], valeurs({2022: 30}), type="realisation")
@situation("C-RETARD", [reference(40), finale(60)], valeurs({2022: 44}), type="contexte")
@situation("NU", [reference(40), finale(60)], type="resultat")
@pytest.mark.parametrize(("action", "cellule", "comptes", "alertes"), [
    ("A1", "retard_fort", (4, 4, 1), ()),
    ("A2", "echeance_depassee", (1, 1, 1), ()),
    ("A3", "dans_les_temps", (1, 1, 1), ()),
    ("A4", "suspendue", (1, 1, 0), ("sans pilote",)),
    ("A5", "recul", (3, 2, 0), ("sans pilote", "sans échéance")),
    ("A6", "en_cours", (0, 0, 0), ("sans pilote", "sans indicateur", "sans échéance")),
    ("A7", "non_renseignee", (2, 1, 0), ()),
])
def test_une_action_montre_sa_parole_et_ses_indicateurs(
        deposee: Store, action: str, cellule: str, comptes: tuple[int, ...], alertes: tuple[str, ...]) -> None:
    lue = next(a for a in _actions(deposee, date(2022, 12, 31)) if a.action == action)
    assert (lue.cellule, (lue.indicateurs, lue.evalues, lue.dans_le_rythme), lue.alertes) == (cellule, comptes, alertes)


def test_une_echeance_du_jour_n_est_pas_encore_depassee(deposee: Store) -> None:
    depassees = {jour: [a.action for a in _actions(deposee, jour) if a.echeance_depassee]
                 for jour in (date(2022, 6, 30), date(2022, 7, 1), date(2024, 12, 31), date(2025, 6, 30))}
    assert depassees == {date(2022, 6, 30): [], date(2022, 7, 1): ["A2"], date(2024, 12, 31): ["A2", "A7"],
                         date(2025, 6, 30): ["A2", "A7"]}


def _actions(store: Store, jour: date) -> list[queries.Action]:
    cur = store.read()
    return queries.list_actions(cur, queries.get_vue(cur, queries.get_plan(cur, "essai"), jour))


# -- default dates -------------------------------------------------------------------------------------------------------


def test_un_plan_fini_s_ouvre_sur_sa_fin_un_plan_en_cours_sur_aujourd_hui(deposee: Store) -> None:
    def realise(aujourdhui: str) -> Any:
        return run("status", "--plan", "essai", "--indicateur", "V-APRES", "--aujourdhui", aujourdhui)[1][0]["realise"]

    assert (realise("2026-06-01"), realise("2024-12-30")) == (52, None)


def test_rien_n_est_connu_avant_le_premier_depot(deposee: Store) -> None:
    cur = deposee.read()
    plan = queries.get_plan(cur, "essai")
    for moment, lignes in ((datetime(2019, 12, 31, 23, 59, 59), 0), (datetime(2020, 1, 1), len(SITUATIONS))):
        vue = queries.get_vue(cur, plan, date(2022, 12, 31), moment)
        assert len(queries.list_lignes(cur, vue)) == lignes


def _situations_plan() -> list[Any]:
    """Files of the plan « essai »: every situation, its targets, its values, and the actions."""
    return plan_minimal(
        "essai",
        territoire=[{"code": c, "nom": n, "parent": p} for c, n, p in (
            ("38", "Isère", None), ("N", "Nord", "38"), ("S", "Sud", "38"), ("FR", "France", None))],
        partenaire=[{"code": "P", "nom": "Partenaire"}],
        action=[{"code": a, "orientation": "O1", "intitule": f"Action {a}"} | {c: x.get(c) for c in ("echeance", "pilote")}
                for a, x in ACTIONS.items()],
        indicateur=[{"code": c, **x["indicateur"]} for c, x in SITUATIONS.items()],
        action_indicateur=[{"action": a, "indicateur": i} for a, x in ACTIONS.items() for i in x.get("indicateurs", ())],
        cible=[{"indicateur": c, **x_} for c, x in SITUATIONS.items() for x_ in x["cibles"]],
        mesure=[{"indicateur": c, **x_} for c, x in SITUATIONS.items() for x_ in x["mesures"]],
        suivi_action=[{"action": a, "date": j, "statut": s} for a, x in ACTIONS.items() for j, s in x.get("suivi", {}).items()])
