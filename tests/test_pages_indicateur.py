"""The page of one indicator: control chart against an independent judge, remarks, revised values, comparison, breakdowns."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from indicators import access, deposits, queries
from indicators.access import Acces
from indicators.charts import Rangee, build_repartition, build_trajectoire, build_xmr
from indicators.formats import FINE, INSECABLE
from indicators.lecture import describe_carte, list_carte, write_carte, write_passage, write_suite
from indicators.model import Attribution, Capacite, Etat, Habilitation, Lecture, Periodicite, Provenance, Sens, Statut
from indicators.queries import Vue
from indicators.queries import indicateur as details
from indicators.queries.indicateur import Carte, PointControle, Revision
from indicators.queries.series import get_etat_et_series
from indicators.store import Store
from indicators.ui import acces as porte
from tests.conftest import copier_base, deposer, fichier, plan_minimal
from tests.test_charts import CHEMIN, POISON, SERIE, bulles, ligne, textes
from tests.test_pages import dits, faits, ouvrir, sain, tables

pytestmark = pytest.mark.usefixtures("cadre")

TRIMESTRES = [f"T{q} {a}" for a in range(2019, 2025) for q in range(1, 5)]
TERRITOIRES = [{"code": "38", "nom": "Isère"}, {"code": "FR", "nom": "France"},
               *({"code": c, "nom": n, "parent": "38"} for c, n in (("NORD", "Nord"), ("SUD", "Sud"), ("EST", "Est")))]


def look(store: Store, code: str = "essai", **autres: Any) -> tuple[Any, Vue]:
    """A cursor and the default view of a plan."""
    cur = store.snapshot().cursor()
    return cur, replace(queries.get_vue(cur, queries.get_plan(cur, code)), **autres)


def cacher(store: Store, plan: str, territoire: str, annee: int) -> None:
    """Hide the periods of that year of I1, as if the secret asked for it: the rules of today always show a département."""
    store.write(lambda cur: cur.execute("""insert into secret select distinct plan, indicateur, territoire, ventilation, debut,
        fin, timestamp '2000-01-01', false from mesure
        where plan = ? and indicateur = 'I1' and territoire = ? and year(fin) = ?""",
        [plan, territoire, annee]))


def graphiques(at: AppTest) -> dict[str, dict[str, Any]]:
    """Figures of the page by the first word of their key."""
    return {g.proto.id.rpartition("graphique_")[2].rpartition("_")[0]: json.loads(g.proto.spec) for g in at.get("plotly_chart")}


# -- the control chart, judged again -------------------------------------------------------------------------------------


def judge(valeurs: list[int]) -> tuple[Fraction, Fraction, Fraction, list[tuple[bool, bool, int, int]]]:
    """Centre, limits, then for each value: out, in a run of 8, direction of a run of 6, direction of the signal: by windows."""
    base = [Fraction(v) for v in valeurs[:12]]
    centre = sum(base) / 12
    portee = Fraction(266, 100) * sum(abs(b - a) for a, b in pairwise(base)) / 11
    bas, haut = centre - portee, centre + portee
    suites, allures = set(), {}
    for k in range(len(valeurs) - 7):
        cotes = {(v > centre) - (v < centre) for v in valeurs[k:k + 8]}
        if len(cotes) == 1 and 0 not in cotes:
            suites |= set(range(k, k + 8))
    for k in range(len(valeurs) - 5):
        pas = {(b > a) - (b < a) for a, b in zip(valeurs[k:k + 5], valeurs[k + 1:k + 6], strict=True)}
        if len(pas) == 1 and 0 not in pas:
            for rang in range(k, k + 6):
                allures.setdefault(rang, pas.copy().pop())  # a summit ends the rise before it starts the fall
    juges = []
    for k, v in enumerate(valeurs):
        sortie = (v > haut) - (v < bas)
        juges.append((sortie != 0, k in suites, allures.get(k, 0),
                      sortie or (((v > centre) - (v < centre)) if k in suites else allures.get(k, 0))))
    return centre, bas, haut, juges


LECTURES = {"hausse": {1: "amelioration", -1: "degradation"}, "baisse": {1: "degradation", -1: "amelioration"},
            "neutre": {1: "changement", -1: "changement"}}


@pytest.fixture(scope="module")
def curseur(modele_base: Store) -> Any:
    return modele_base.snapshot().cursor()


paliers = st.tuples(st.integers(0, 9), st.integers(1, 9), st.integers(-2, 2))  # level, how long, step
series = st.lists(paliers, min_size=2, max_size=9).map(
    lambda morceaux: [n + k * pas for n, duree, pas in morceaux for k in range(duree)][:40])


@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(series, st.sampled_from(sorted(LECTURES)))
def test_the_chart_finds_what_windows_find(curseur, valeurs, sens):
    lignes = ", ".join(f"(date '2000-01-01' + {31 * k}, {v}::double)" for k, v in enumerate(valeurs))
    curseur.execute(f"""create or replace temp table serie_essai as select fin, valeur, '{sens}' as sens,
        null::double as borne_min, null::double as borne_max from (values {lignes}) v(fin, valeur)""")
    vus = curseur.execute("""select valeur, centre, limite_basse, limite_haute, sortie, suite, allure, lecture
        from carte_controle_de('serie_essai') order by fin""").fetchall()
    if len(valeurs) < 12:
        assert vus == []
        return
    centre, bas, haut, juges = judge(valeurs)
    assert [v for v, *_ in vus] == valeurs
    for (_, c, b, h, *regles, lecture), (sortie, suite, allure, direction) in zip(vus, juges, strict=True):
        assert (c, b, h) == pytest.approx((float(centre), float(bas), float(haut)))
        assert regles == [sortie, suite, allure != 0]
        assert lecture == LECTURES[sens].get(direction, "habituelle")


BASE_12 = [20, 22, 20, 22, 20, 22, 20, 22, 20, 22, 20, 22]  # centre 21, limits 21 ± 5.32


def deposer_serie(store: Store, valeurs: list[Any], absents: tuple[int, ...] = (), **fiche: Any) -> None:
    """A plan whose I1 is known quarter after quarter; `absents` are the ranks of those that are not."""
    deposer(store, plan_minimal(
        territoire=TERRITOIRES, indicateur=[{"code": "I1", "periodicite": "trimestrielle", "sens": "baisse", "unite": "jours",
                                             "decimales": 1} | fiche],
        cible=[{"indicateur": "I1", "role": r, "date": d, "valeur": v}
               for r, d, v in (("reference", "2018-12-31", 30), ("finale", "2024-12-31", 10))],
        mesure=[{"indicateur": "I1", "periode": t, "valeur": v} for k, (t, v) in
                enumerate(zip(TRIMESTRES, valeurs, strict=False)) if k not in absents]), connu_le=datetime(2025, 1, 5))


def test_a_series_with_a_hole_is_read_through_and_the_hole_is_said(base):
    deposer_serie(base, [*BASE_12, 0, *[14] * 3], absents=(12,))
    cur, vue = look(base)
    carte = details.get_carte(cur, vue, "I1")
    assert (carte.centre, carte.manquantes, carte.capacite) == (21, (date(2022, 3, 31),), Capacite.JAMAIS)
    assert [p.lecture for p in carte.points[12:]] == [Lecture.AMELIORATION] * 3
    at = ouvrir("indicateur", deplie=True, code="I1", plan="essai")
    texte = dits(at)
    assert f"Signal d’amélioration depuis le T2{INSECABLE}2022" in texte
    assert f"15{INSECABLE}valeurs trimestrielles" in texte and f"de 15,7 à 26,3{INSECABLE}jours" in texte
    assert "La cible ne serait jamais atteinte avec la variation des 12 premières valeurs" in texte
    assert f"1{INSECABLE}période sans valeur est laissée de côté" in texte
    (table,) = [t for t in tables(at) if "Lecture" in t[0]]
    assert [r["Règles"] for r in table[-4:]] == ["", *["Hors des limites".lower()] * 3]


@pytest.mark.parametrize("valeurs, fiche", [(BASE_12[:11], {}), (BASE_12 + BASE_12, {"periodicite": "semestrielle"})])
def test_no_chart_without_twelve_months_or_quarters(base, valeurs, fiche):
    if fiche:
        deposer(base, plan_minimal(indicateur=[{"code": "I1", **fiche}], mesure=[
            {"indicateur": "I1", "periode": f"S{s} {a}", "valeur": 5} for a in range(2015, 2025) for s in (1, 2)]))
    else:
        deposer_serie(base, valeurs)
    at = ouvrir("indicateur", code="I1", plan="essai")
    assert [h.value for h in at.header if h.value == "Carte de contrôle"] == []
    assert set(graphiques(at)) == {"trajectoire"}


def test_a_chart_that_rests_on_a_hidden_value_gives_nothing(base, monkeypatch):
    deposer_serie(base, [*BASE_12, 3, 21], unite="enfants")
    cacher(base, "essai", "38", 2022)
    cur, vue = look(base, voit_tout=False)
    assert details.get_carte(cur, vue, "I1") == Carte(masque=True)
    assert len(details.get_carte(cur, replace(vue, voit_tout=True), "I1").points) == 14
    monkeypatch.setattr(Acces, "voit_tout", lambda self, plan: False)
    at = ouvrir("indicateur", deplie=True, code="I1", plan="essai")
    assert "La carte de contrôle n’est pas montrée" in dits(at) and "controle" not in graphiques(at)


def carte(*lectures: Lecture, **autres: Any) -> Carte:
    points = tuple(PointControle(date(2020 + k // 4, 3 * (k % 4) + 1, 1), date(2020 + k // 4, 3 * (k % 4) + 3, 30), 20.0 + k,
                                 Etat.PROVISOIRE if k == 1 else Etat.DEFINITIF, v is not Lecture.HABITUELLE, False, False, v)
                   for k, v in enumerate(lectures))
    return Carte(points, **{"centre": 21.0, "limite_basse": 18.0, "limite_haute": 24.0} | autres)


@pytest.mark.parametrize("suite, dit", [
    ("hhh", "Rien ne dépasse la variation habituelle"), ("hah", f"Retour à la variation habituelle depuis le T3{INSECABLE}2020"),
    ("ahaa", f"Signal d’amélioration depuis le T3{INSECABLE}2020"), ("hd", f"Signal de dégradation depuis le T2{INSECABLE}2020")])
def test_what_a_manager_keeps_of_the_chart(suite, dit):
    mots = {"h": Lecture.HABITUELLE, "a": Lecture.AMELIORATION, "d": Lecture.DEGRADATION}
    assert write_carte(carte(*(mots[s] for s in suite))) == dit


def test_each_reading_has_its_own_shape_and_no_text_of_data_is_markup():
    lue = carte(*Lecture, plancher=20.0, plafond=90.0)
    x = ligne(periodicite=Periodicite.TRIMESTRIELLE, unite=POISON, sens=Sens.HAUSSE)
    for mode in ("light", "dark"):
        fig = build_xmr(x, lue, mode, etroit=mode == "dark")
        points = [t for t in fig.data if t.mode == "markers"]
        assert len({t.marker.symbol for t in points}) == len(Lecture) == len(points)
        assert [t.marker.color[0] == t.marker.line.color for t in points] == [True, False, True, True], "provisional: hollow"
        assert "Cible" in textes(fig) and "cible 90,0" in textes(fig).lower() and "hors cadre" in textes(fig)
        tous = [*(a.text for a in fig.layout.annotations), *bulles(fig)]
        assert not any("<a" in t or "<b>x" in t for t in tous)
    assert len(list_carte(x, lue)) == 4 and "2\u00a0signaux" not in describe_carte(x, lue)


# -- remarks -------------------------------------------------------------------------------------------------------------


def champ(liste: Any, debut: str) -> Any:
    """The widget whose label starts so."""
    return next(w for w in liste if w.label.startswith(debut))


def annoter(at: AppTest, quand: str, texte: str) -> AppTest:
    at.session_state["remarquer_I1"] = True
    sain(at.run())
    champ(at.text_input, "Date ou période").set_value(quand)
    champ(at.text_input, "Remarque").set_value(texte)
    champ(at.button, "Enregistrer la remarque").click()
    return sain(at.run())


@pytest.fixture(scope="module")
def modele_simple(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A plan with one yearly indicator, revised once by dépôt 2."""
    base = copier_base(modele_base, tmp_path_factory.mktemp("simple") / "base")
    deposer(base, plan_minimal(
        territoire=TERRITOIRES, indicateur=[{"code": "I1", "sens": "hausse", "responsable": "ASE"}],
        cible=[{"indicateur": "I1", "role": r, "date": d, "valeur": v}
               for r, d, v in (("reference", "2019-12-31", 10), ("finale", "2024-12-31", 20))],
        mesure=[{"indicateur": "I1", "periode": a, "valeur": v} for a, v in ((2020, 12), (2021, 15))]),
        connu_le=datetime(2022, 3, 1), motif="mise en place")
    deposer(base, [fichier("mesure", [{"indicateur": "I1", "periode": 2021, "valeur": 16},
                                      {"indicateur": "I1", "periode": 2020, "valeur": 12}])],
            plan="essai", connu_le=datetime(2023, 3, 1, 9), motif="chiffres consolidés")
    return base


@pytest.fixture
def simple(modele_simple: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy of it for one test."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_simple, tmp_path / "base")


def test_a_remark_is_written_drawn_listed_and_withdrawn(simple):
    at = annoter(ouvrir("indicateur", code="I1"), "2020", "  Covid  ")
    assert f"Dépôt n°{INSECABLE}3 enregistré." in [s.value for s in at.success]
    (table,) = [t for t in tables(at) if "Remarque" in t[0]]
    assert table == [{"N°": "1", "Date": "31/12/2020", "Remarque": "Covid", "Écrite par": "", "Origine": f"dépôt n°{INSECABLE}3",
                      "Provenance": "Donnée saisie"}]
    notes = [a["text"] for a in graphiques(at)["trajectoire"]["layout"]["annotations"]]
    assert f"<b>1</b>{FINE} Covid" in notes
    assert queries.list_depots(simple.read())[0].motif == "Remarque écrite sur I1, au 31/12/2020"
    assert champ(at.text_input, "Remarque").value == "", "the form starts again"

    champ(at.selectbox, "Remarque à retirer").select_index(0)
    champ(at.button, "Retirer la remarque").click()
    sain(at.run())
    assert not [t for t in tables(at) if "Remarque" in t[0]]
    cur, vue = look(simple)
    assert details.list_remarques(cur, vue) == {}
    avant = details.list_remarques(cur, replace(vue, connu_au=queries.list_depots(cur)[1].connu_le))
    assert [r.texte for r in avant["I1", "38"]] == ["Covid"], "the past keeps it"


def test_a_remark_needs_a_date_and_words(simple):
    for quand, texte, dit in (("un jour", "Covid", "Donnez une date"), ("2020", " ", "Écrivez la remarque")):
        at = annoter(ouvrir("indicateur", code="I1"), quand, texte)
        assert dit in at.error[0].value
    assert len(queries.list_depots(simple.read())) == 2


@pytest.mark.parametrize("attribution, ouvert", [
    (Attribution(Habilitation.DEPOT, "essai"), True), (Attribution(Habilitation.DEPOT, "essai", "ASE"), False),
    (Attribution(Habilitation.PILOTAGE), False), (Attribution(Habilitation.LECTURE), False)])
def test_the_form_is_for_those_whom_the_write_accepts(simple, monkeypatch, attribution, ouvert):
    personne = access.Personne("lea@exemple.fr", "Léa", attributions=(attribution,))
    monkeypatch.setattr(porte, "_find_personne", lambda: personne)
    at = ouvrir("indicateur", code="I1")
    assert any("remarque" in e.label for e in at.expander) is ouvert
    if ouvert:
        at = annoter(at, "T1 2021", "Nouveau logiciel")
        cur, vue = look(simple)
        (remarque,) = details.list_remarques(cur, vue)["I1", "38"]
        assert (remarque.date, remarque.auteur) == (date(2021, 3, 31), "Léa (lea@exemple.fr)")


@pytest.mark.parametrize("etroit", [False, True])
def test_remarks_keep_the_numbers_of_the_list(etroit):
    ruptures = [(date(2010, 1, 1), "Trop tôt"), (date(2020, 12, 31), "Crise sanitaire de l’année"),
                (date(2021, 1, 31), "Logiciel")]
    notes = textes(build_trajectoire(ligne(), SERIE, CHEMIN, "light", etroit, ruptures=ruptures))
    assert "<b>1</b>" not in notes and "<b>2</b>" in notes and "<b>3</b>" in notes
    assert "Crise" not in notes, "its words would run over the third"
    assert ("Logiciel" in notes) is not etroit


# -- what is read --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("observe_au", [None, date(2022, 12, 31)])
def test_the_page_draws_the_series_of_the_slides(modele_livre, observe_au):
    cur = modele_livre.read()
    plan = queries.get_plan(cur, "isere-2020-2024")
    vue = replace(queries.get_vue(cur, plan, observe_au), voit_tout=False)
    _, series = get_etat_et_series(cur, vue)
    codes = sorted(series) if vue.stockee else sorted(series)[:2]
    vus = {i: queries.get_detail(cur, vue, i).points.get((plan.departement, ""), ()) for i in codes}
    assert vus == {i: series[i].points for i in codes} and any(p.valeur is None for x in series.values() for p in x.points)


# -- revised values ------------------------------------------------------------------------------------------------------


def test_a_revised_value_says_before_after_and_why(simple):
    at = ouvrir("indicateur", deplie=True, code="I1")
    (table,) = [t for t in tables(at) if "Avant → après" in t[0]]
    (r,) = table
    assert (r["Période"], r["Avant → après"], r["Origine"], r["Motif"]) == (
        "2021", f"15{INSECABLE}places → 16{INSECABLE}places", f"dépôt n°{INSECABLE}2", "chiffres consolidés")
    assert any(e.label == f"1{INSECABLE}valeur révisée" for e in at.expander)
    figure = graphiques(at)["trajectoire"]
    marques = [a for a in figure["layout"]["annotations"] if a["text"] == "<i>r</i>"]
    assert [a["y"] for a in marques] == [16]
    assert "15" in marques[0]["hovertext"]
    assert sum("Valeur révisée le 01/03/2023" in b for t in figure["data"] for b in t.get("customdata") or ()) == 1


def test_a_cancellation_and_a_withdrawal_are_revisions_too(simple):
    deposer(simple, [fichier("mesure", [{"indicateur": "I1", "periode": 2020, "valeur": "", "supprimer": "oui"}])], plan="essai",
            motif="erreur")
    simple.write(lambda cur: deposits.cancel(cur, 2, "mauvais fichier"))
    cur, vue = look(simple)
    vus = [(r.fin.year, r.avant, r.apres, r.depot_id, r.motif) for r in details.list_revisions(cur, vue, "I1", "38")]
    assert vus == [(2021, 15, 16, 2, "chiffres consolidés"), (2021, 16, 15, 4, "mauvais fichier"), (2020, 12, None, 3, "erreur")]
    assert details.list_revisions(cur, replace(vue, connu_au=datetime(2022, 12, 31)), "I1", "38") == []
    assert details.list_revisions(cur, replace(vue, observe_au=date(2020, 12, 31)), "I1", "38")[0].etat_apres is None


def test_a_value_hidden_before_it_was_published_stays_hidden(base):
    mesure = {"indicateur": "I1", "periode": 2021, "valeur": 3}
    deposer(base, plan_minimal(territoire=TERRITOIRES, indicateur=[{"code": "I1", "unite": "enfants"}], mesure=[mesure]),
            connu_le=datetime(2022, 3, 1))
    deposer(base, [fichier("mesure", [mesure | {"valeur": 12, "provenance": "publie", "source": "DREES"}])], plan="essai",
            connu_le=datetime(2023, 3, 1))
    cacher(base, "essai", "38", 2021)
    cur, vue = look(base, voit_tout=False)
    (r,) = details.list_revisions(cur, vue, "I1", "38")
    assert write_passage(ligne(unite="enfants", decimales=0), r) == f"s. → 12{INSECABLE}enfants"
    assert details.list_revisions(cur, replace(vue, voit_tout=True), "I1", "38")[0].avant == 3


def test_terms_that_change_without_the_rate_are_said():
    r = Revision(date(2021, 1, 1), date(2021, 12, 31), datetime(2023, 1, 1), 50.0, 50.0, Etat.PROVISOIRE, Etat.PROVISOIRE,
                 False, False, 2, None, None)
    assert write_passage(ligne(), r).endswith(", ses termes ont changé")
    assert write_passage(ligne(), replace(r, avant_secrete=True, apres_secrete=True)) == "s. → s."


# -- comparison ----------------------------------------------------------------------------------------------------------


def test_a_rate_stands_beside_france_and_the_same_rate_of_another_plan(base, monkeypatch):
    taux = {"code": "I1", "nature": "taux", "unite": "%", "sens": "hausse"}
    deposer(base, plan_minimal(territoire=TERRITOIRES, indicateur=[taux, {**taux, "code": "I2"}], mesure=[
        {"indicateur": "I1", "periode": 2022, "valeur": 40, "perimetre": "hors MNA"},
        {"indicateur": "I1", "periode": 2021, "territoire": "FR", "valeur": 50, "perimetre": "France hors Mayotte"},
        {"indicateur": "I2", "periode": 2022, "valeur": 40}]))
    deposer(base, plan_minimal(plan="autre", plan_champs={"departement": "974"},
                               territoire=[{"code": "974", "nom": "La Réunion"}],
                               indicateur=[{**taux, "intitule": "Autre nom"}, {**taux, "code": "I2", "unite": "‰"}],
                               mesure=[{"indicateur": "I1", "periode": 2022, "numerateur": 2, "denominateur": 9},
                                       {"indicateur": "I2", "periode": 2022, "valeur": 40}]))
    at = ouvrir("indicateur", deplie=True, plan="essai", code="I1")
    (table,) = [t for t in tables(at) if "Périmètre" in t[0]]
    assert [(r["Territoire"], r["Dernière valeur"], r["Période"], r["Périmètre"]) for r in table] == [
        ("Isère", f"40,0{FINE}%", "2022", "hors MNA"), ("France", f"50,0{FINE}%", "2021", "France hors Mayotte"),
        ("La Réunion", f"22,2{FINE}%", "2022", "non précisé")]
    assert "sous le nom" in table[2]["Remarque"] and "Statut" not in table[0]
    assert not any("Comparer" in e.label for e in ouvrir("indicateur", plan="essai", code="I2").expander), "another unit"

    cacher(base, "autre", "974", 2022)
    monkeypatch.setattr(Acces, "voit_tout", lambda self, plan: plan != "autre")  # what one may see here says nothing of there
    at = ouvrir("indicateur", deplie=True, plan="essai", code="I1")
    (table,) = [t for t in tables(at) if "Périmètre" in t[0]]
    assert [r["Dernière valeur"] for r in table] == [f"40,0{FINE}%", f"50,0{FINE}%", "s."]


# -- territories and breakdowns ------------------------------------------------------------------------------------------


def test_territories_are_sorted_hidden_ones_last_and_judged_on_their_own_target(base, monkeypatch):
    deposer(base, plan_minimal(
        territoire=TERRITOIRES, indicateur=[{"code": "I1", "unite": "enfants", "seuil_secret": 5, "sens": "hausse"}],
        cible=[{"indicateur": "I1", "territoire": "SUD", "role": r, "date": d, "valeur": v}
               for r, d, v in (("reference", "2019-12-31", 10), ("finale", "2024-12-31", 40))],
        mesure=[{"indicateur": "I1", "periode": 2022, "territoire": t, "valeur": v}
                for t, v in (("NORD", 3), ("SUD", 50), ("EST", 60))]
        + [{"indicateur": "I1", "periode": 2021, "territoire": "SUD", "valeur": 99},
           {"indicateur": "I1", "periode": 2022, "ventilation": "filles", "valeur": 70}]))
    monkeypatch.setattr(Acces, "voit_tout", lambda self, plan: False)
    at = ouvrir("indicateur", code="I1")
    assert not graphiques(at) and not tables(at), "a closed block draws nothing"
    at.session_state["tableau_repartition_I1"] = True
    sain(at.run())
    territoires, lignes_details = (t for t in tables(at) if "Dernière valeur" in t[0])
    assert [(r["Territoire"], r["Dernière valeur"], r["Statut"]) for r in territoires] == [
        ("Est", f"60{INSECABLE}enfants", ""), ("Sud", f"50{INSECABLE}enfants", "Atteint"), ("Nord", "s.", "")]
    assert [r["Détail"] for r in lignes_details] == ["filles"]
    figure = graphiques(at)["Territoires"]
    assert [v for t in figure["data"] for v in t["x"] if t["mode"] == "markers"] == [60, 50]
    assert ">s.</abbr>" in "".join(e.proto.body for e in at.get("html")) and "3 enfants" not in faits(at)


def test_a_dot_says_its_status_by_its_shape():
    rangees = [Rangee(POISON, "2022", 12.0, Etat.PROVISOIRE, Statut.RETARD_FORT), Rangee("B", "2022", None, Etat.SECRET)]
    for mode in ("light", "dark"):
        fig = build_repartition(ligne(), rangees, mode, etroit=True)
        (points,) = [t for t in fig.data if t.mode == "markers"]
        assert list(points.marker.symbol) == ["triangle-up"] and points.marker.color[0] != points.marker.line.color[0]
        assert "s." in textes(fig) and "<a" not in " ".join([*fig.layout.yaxis.ticktext, *bulles(fig)])


# -- the pace still needed -----------------------------------------------------------------------------------------------


@given(st.floats(-500, 500).filter(lambda p: abs(p) > 0.06), st.sampled_from(["%", "places", "jours"]), st.integers(0, 2))
def test_the_pace_is_the_one_of_the_view(pas, unite, decimales):
    x = ligne(pas_annuel=pas, unite=unite, decimales=decimales, provenance=Provenance.PUBLIE)
    dit = write_suite(x, date(2022, 12, 31))
    nombre = dit.split("gagner " if pas > 0 else "baisser de ")[1].split(INSECABLE)[0]
    assert float(nombre.replace(FINE, "").replace(",", ".")) == pytest.approx(abs(pas), abs=0.5001 * 10 ** -max(decimales, 1))
    assert "il faudrait" in dit and "il aurait fallu" in write_suite(x, date(2025, 1, 1))
    assert write_suite(replace(x, pas_annuel=None), date(2022, 12, 31)) == ""
