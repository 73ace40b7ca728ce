"""Territoires: territories side by side, what is hidden among them, the outlines that a map is drawn from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indicators import contours, queries
from indicators.charts import build_carte
from indicators.contours import load_contours
from indicators.errors import ContoursInvalides
from indicators.formats import FINE, INSECABLE
from indicators.model import Nature, Sens
from indicators.queries import territoires
from indicators.queries.territoires import Place, Rang, Territoire, rank_territoires
from indicators.store import Store
from indicators.theme import NUANCES, TONS, contraste
from tests.conftest import copier_base, deposer, plan_minimal
from tests.test_charts import POISON, ligne, point
from tests.test_pages import PLANS, dits, ouvrir, tables, titre

pytestmark = pytest.mark.usefixtures("cadre")

TERRITOIRES = [{"code": "38", "nom": "Isère"}, {"code": "FR", "nom": "France"}, *(
    {"code": c, "nom": n, "type": t, "parent": p} for c, n, t, p in (
        ("N", "Nord", "bassin", "38"), ("S", "Sud", "bassin", "38"), ("E", "Est", "bassin", "38"),
        ("N1", "Ville", "commune", "N")))]


def carre(x: float, y: float, cote: float = 1) -> list[list[float]]:
    return [[x, y], [x + cote, y], [x + cote, y + cote], [x, y + cote], [x, y]]


EQUERRE = [[0, 0], [9, 0], [9, 9], [8, 9], [8, 1], [0, 1], [0, 0]]  # its centroid is outside
GEO: list[tuple[str, str, Any]] = [
    ("N", "Polygon", [carre(0, 0, 9), carre(4, 4)]), ("S", "MultiPolygon", [[carre(20, 0)], [carre(30, 0, 4)]]),
    ("E", "Polygon", [EQUERRE]), ("HORS", "Polygon", [carre(100, 50)])]


def write_geojson(fichier: Path, entites: list[tuple[str, str, Any]], **proprietes: Any) -> Path:
    fichier.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"code": c, **proprietes}, "geometry": {"type": t, "coordinates": x}}
        for c, t, x in entites]}), "utf-8")
    return fichier


@pytest.fixture(scope="module")
def modele_bassins(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A rate in three bassins, one of which has a target of its own, and in the département; a count of children."""
    base = copier_base(modele_base, tmp_path_factory.mktemp("bassins") / "base")
    taux = {"N": (30, 60), "S": (45, 60), "E": (15, 60), "38": (90, 180)}
    deposer(base, plan_minimal(
        territoire=TERRITOIRES,
        indicateur=[{"code": "I1", "unite": "%", "nature": "taux", "sens": "hausse", "decimales": 0},
                    {"code": "I2", "unite": "enfants", "seuil_secret": 5}, {"code": "I3"}],
        cible=[{"indicateur": "I1", "territoire": "N", "role": r, "date": d, "valeur": v}
               for r, d, v in (("reference", "2019-12-31", 20), ("finale", "2024-12-31", 60))],
        mesure=[*({"indicateur": "I1", "territoire": t, "periode": a, "numerateur": n, "denominateur": d}
                  for t, (n, d) in taux.items() for a in (2021, 2022)),
                {"indicateur": "I1", "territoire": "FR", "periode": 2022, "valeur": 48},
                {"indicateur": "I1", "territoire": "N1", "periode": 2022, "valeur": 12},
                *({"indicateur": "I2", "territoire": t, "periode": 2022, "valeur": v}
                  for t, v in (("N", 3), ("S", 40), ("E", 31), ("38", 74))),
                {"indicateur": "I3", "periode": 2022, "valeur": 5}]))
    return base


@pytest.fixture
def bassins(modele_bassins: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy of it for one test."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_bassins, tmp_path / "base")


def rows(at) -> list[dict[str, str]]:
    return [{k: v.replace(FINE, " ").replace(INSECABLE, " ") for k, v in x.items()} for x in tables(at)[0]]


def test_territories_are_ranked_with_their_gap_and_their_own_status(bassins):
    at = ouvrir("territoires", plan="essai", decoupage="bassin")
    assert titre(at).replace(FINE, " ") == "Indicateur I1 : de 25 % (Est) à 75 % (Sud)"
    assert rows(at) == [
        {"Rang": "1", "Territoire": "Sud", "Valeur au 31/12/2022": "75 %", "Écart au département": "+25 points",
         "Classe": "Élevée", "Statut": ""},
        {"Rang": "2", "Territoire": "Nord", "Valeur au 31/12/2022": "50 %", "Écart au département": "0 point",
         "Classe": "Moyenne", "Statut": "En bonne voie"},
        {"Rang": "3", "Territoire": "Est", "Valeur au 31/12/2022": "25 %", "Écart au département": "−25 points",
         "Classe": "Faible", "Statut": ""}]
    assert [(x["Territoire"], x["Valeur au 31/12/2022"].replace(FINE, " ")) for x in tables(at)[1]] == [
        ("Isère", "50 %"), ("France", "48 %")]
    assert at.selectbox(key="code").options == ["I1 — Indicateur I1", "I2 — Indicateur I2"]  # I3: département only
    assert [x["Territoire"] for x in rows(ouvrir("territoires", plan="essai", decoupage="commune"))] == ["Ville"]


def test_a_hidden_value_has_no_place_and_takes_every_rank_away(bassins, monkeypatch):
    assert [x["Rang"] for x in rows(ouvrir("territoires", plan="essai", code="I2", decoupage="bassin"))] == ["1", "2", "3"]
    monkeypatch.setattr("indicators.access.Acces.voit_tout", lambda self, plan: False)
    write_geojson(bassins.settings.contours, GEO)
    at = ouvrir("territoires", plan="essai", code="I2", decoupage="bassin")
    lues = rows(at)
    caches = [x for x in lues if x["Valeur au 31/12/2022"] == "s."]
    assert "Nord" in {x["Territoire"] for x in caches} and len(caches) >= 2, "one alone would come back from the others"
    assert lues[-len(caches):] == caches and not any("Rang" in x or x["Classe"] for x in caches)
    page = dits(at) + titre(at) + at.get("plotly_chart")[0].proto.spec
    assert f"3{INSECABLE}enfants" not in page and "Aucun rang" in page and "rang 1" not in page


def test_without_any_territory_the_page_says_what_to_deposit(base):
    deposer(base, plan_minimal(indicateur=[{"code": "I1"}], mesure=[{"indicateur": "I1", "periode": 2022, "valeur": 5}]))
    at = ouvrir("territoires", plan="essai")
    assert titre(at) == "Aucune valeur sous le niveau du département à cette date"
    assert "colonne parent" in dits(at) and "Déposer des territoires et leurs valeurs" in [
        x.proto.label for x in at.get("page_link")]


@pytest.mark.parametrize("plan", PLANS)
def test_shipped_territories_say_that_they_are_invented(base_livree, plan):
    at = ouvrir("territoires", plan=plan)
    assert "illustratives" in dits(at) and rows(at)[0]["Rang"] == "1"


def test_a_map_is_drawn_from_supplied_outlines_and_their_trouble_is_said(bassins):
    ouvert = ouvrir("territoires", plan="essai", decoupage="bassin")
    assert not ouvert.get("plotly_chart") and not ouvert.warning
    write_geojson(bassins.settings.contours, GEO[:2])
    at = ouvrir("territoires", plan="essai", decoupage="bassin")
    assert len(at.get("plotly_chart")) == 1 and "Sans contour dans le fichier de la carte" in dits(at)
    bassins.settings.contours.write_text("{", "utf-8")
    at = ouvrir("territoires", plan="essai", decoupage="bassin")
    assert "La carte ne peut pas être dessinée" in at.warning[0].value and len(rows(at)) == 3


# -- ranks ---------------------------------------------------------------------------------------------------------------


def rank(valeurs: dict[str, float | None], **autres: Any) -> list[Rang]:
    siens = [Territoire(c, c, "", Place.DESSOUS) for c in valeurs]
    return rank_territoires(ligne(decimales=0, **autres), siens, {c: point(2022, v) for c, v in valeurs.items() if v is not None})


@pytest.mark.parametrize("sens, attendus", [
    (Sens.HAUSSE, "c1 b2 a3 d-"), (Sens.NEUTRE, "c1 b2 a3 d-"), (Sens.BAISSE, "a1 b2 c3 d-")])
def test_ranks_follow_the_favourable_direction(sens, attendus):
    rangs = rank({"a": 1, "b": 2, "c": 3, "d": None}, sens=sens)
    assert " ".join(f"{r.territoire.code}{r.rang or '-'}" for r in rangs) == attendus


def test_values_written_alike_share_their_rank_and_their_shade():
    rangs = rank({"a": 10.1, "b": 9.9, "c": 4, "d": 1, "e": 0, "f": -3})
    assert [(r.territoire.code, r.rang) for r in rangs] == [("a", 1), ("b", 1), ("c", 3), ("d", 4), ("e", 5), ("f", 6)]
    assert rangs[0].classe == rangs[1].classe == 3 and rangs[-1].classe == 0


def test_a_count_has_no_gap_to_its_total():
    siens = [Territoire("N", "Nord", "", Place.DESSOUS)]
    points = {"N": point(2022, 4), "38": point(2022, 400)}
    assert rank_territoires(ligne(nature=Nature.STOCK), siens, points)[0].ecart is None
    assert rank_territoires(ligne(nature=Nature.TAUX), siens, points)[0].ecart == -396


# -- outlines and map ----------------------------------------------------------------------------------------------------


def test_outlines_keep_their_holes_and_their_labels_inside(tmp_path):
    lus = {c.code: c for c in load_contours(write_geojson(tmp_path / "t.geojson", GEO))}
    dehors, trou = lus["N"].anneaux
    assert contours._surface(dehors) > 0 > contours._surface(trou), "a hole that turns as its outline would be filled"
    x, y = lus["E"].repere
    assert 0 < x < 9 and 0 < y < 9 and (y < 1 or x > 8), "inside the L, not at its centroid"
    assert 30 < lus["S"].repere[0] < 34 and lus["S"].largeur == 4, "in the larger of the two"
    assert load_contours(write_geojson(tmp_path / "t.geojson", GEO[:1], point=[1, 1]))[0].repere == (1, 1)
    assert load_contours(tmp_path / "absent.geojson") is None


@pytest.mark.parametrize("texte, dit", [
    ("", "JSON"), ("[" * 100_000, "JSON"), ('{"type": "Polygon"}', "FeatureCollection"),
    ('{"type": "FeatureCollection", "features": []}', "FeatureCollection"),
    ('{"type": "FeatureCollection", "features": [{"properties": {"code": 38}}]}', "code"),
    ('{"type": "FeatureCollection", "features": [{"properties": {"code": "a"}, "geometry": null}]}', "Polygon"),
])
def test_a_file_that_is_no_outline_is_refused_in_french(tmp_path, texte, dit):
    fichier = tmp_path / "t.geojson"
    fichier.write_text(texte, "utf-8")
    with pytest.raises(ContoursInvalides, match=dit):
        load_contours(fichier)


@pytest.mark.parametrize("anneau, dit", [
    ([[0, 0], [1, 0], [1, 1], [0, 1]], "fermé"), ([[0, 0], [0, 0]], "fermé"), ("x", "fermé"),
    ([["a", 0]] * 4, "couple de nombres"), ([[float("nan"), 0]] * 4, "couple de nombres"), (carre(913_000, 6_458_000), "WGS 84")])
def test_a_ring_that_cannot_be_drawn_is_refused(tmp_path, anneau, dit):
    with pytest.raises(ContoursInvalides, match=dit):
        load_contours(write_geojson(tmp_path / "t.geojson", [("N", "Polygon", [anneau])]))


@pytest.mark.parametrize("mode", TONS)
def test_shades_are_told_from_each_other_and_read_in_both_modes(mode):
    assert all(contraste(t.fond, t.texte) >= 4.5 and contraste(t.bord, TONS[mode].fond) >= 3 for t in NUANCES[mode])
    assert all(contraste(a.fond, b.fond) >= 1.4 for a, b in zip(NUANCES[mode], NUANCES[mode][1:], strict=False))


@pytest.mark.parametrize("etroit", [False, True])
def test_a_map_asks_nothing_of_the_network_and_takes_no_markup_from_data(tmp_path, etroit):
    lus = load_contours(write_geojson(tmp_path / "t.geojson", GEO))
    rangs = [replace(r, territoire=replace(r.territoire, nom=POISON)) for r in rank({"N": 1, "S": 2, "E": None}, unite=POISON)]
    fig = build_carte(lus, ligne(unite=POISON, decimales=0), rangs, "dark", etroit)
    assert {t.type for t in fig.data} == {"scatter"} and len(fig.data) == 3, "HORS is not of this plan"
    dits = " ".join([t.text for t in fig.data] + [t.name for t in fig.data] + [a.text for a in fig.layout.annotations])
    assert "<a " not in dits and "Sans valeur" in dits
    assert None in fig.data[0].x, "the pen is lifted between two rings"


def test_a_period_is_that_of_the_judged_values(bassins):
    cur = bassins.snapshot().cursor()
    vue = queries.get_vue(cur, queries.get_plan(cur, "essai"))
    series = territoires.list_series(queries.get_detail(cur, vue, "I1"))
    siens = [t for t in territoires.list_territoires(cur, vue) if t.type == "bassin"]
    assert [f.year for _, f in territoires.list_periodes(series, siens)] == [2022, 2021]
    assert [t.place for t in territoires.list_territoires(cur, vue)] == [
        Place.DEPARTEMENT, *[Place.DESSOUS] * 4, Place.COMPARAISON]
