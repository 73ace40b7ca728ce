"""Charts and their reading notes: what is drawn, what is said, and nothing that data could inject or invent."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.charts import annee, build_cascade, build_chemin, build_mini, build_trajectoire, ecarter, graduations
from indicators.evolution import Deplacement, count_retards, describe_cascade
from indicators.model import (
    Etat,
    Nature,
    Periodicite,
    Provenance,
    RoleCible,
    Sens,
    Statut,
    TypeCible,
    TypeIndicateur,
)
from indicators.queries import Cible, Ligne, Point
from indicators.sentences import describe_chemin, describe_trajectoire
from indicators.theme import TONS, style

F, N = "\u202f", "\u00a0"
MODES = ("light", "dark")
POISON = '<b>x</b><a href="javascript:alert(1)">ici</a>'


def ligne(**autres) -> Ligne:
    champs = dict(
        plan="p", indicateur="1.2.a", intitule="Évaluations en moins de 3 mois", libelle_court="", unite="%", decimales=1,
        sens=Sens.HAUSSE, type_cible=TypeCible.ATTEINDRE, nature=Nature.TAUX, periodicite=Periodicite.ANNUELLE,
        type=TypeIndicateur.RESULTAT, territoire="38", ventilation="", statut=Statut.RETARD_LEGER, verdict=None, motif=None,
        reference=54.2, date_reference=date(2019, 12, 31), cible=90.0, cible_min=None, cible_max=None,
        date_cible=date(2024, 12, 31),
        attendu=75.7, realise=71.4, date_realise=date(2022, 12, 31), avancement=0.48, part_attendue=0.6, rythme=0.8, ecart=-4.3,
        a_actualiser=False, prochaine_fin=None, provisoire=False, provenance=Provenance.PUBLIE, tendance=None, tendance_bas=None,
        tendance_haut=None, tendance_motif=None, pas_annuel=None, gravite=2, seuil_bas=None, seuil_haut=None, tolerance=0.05,
        seuil_dans_les_temps=0.95, seuil_retard_leger=0.6, etat_suivant=None, source=None, depot_id=1, responsable=None,
    )  # fmt: skip
    return Ligne(**(champs | autres))


def point(an, valeur, statut=None, attendu=None, etat=Etat.DEFINITIF, mois=(1, 12), source=None) -> Point:
    fin = date(an, mois[1], 31 if mois[1] in (1, 3, 5, 7, 8, 10, 12) else 30)
    return Point(date(an, mois[0], 1), fin, valeur, None, None, etat, statut, attendu, Provenance.PUBLIE, source, 1)


def cible(role, an, valeur=None, mini=None, maxi=None) -> Cible:
    return Cible(role, date(an, 12, 31), valeur, mini, maxi, Provenance.SAISI, None)


CHEMIN = [cible(RoleCible.REFERENCE, 2019, 54.2), cible(RoleCible.JALON, 2022, 75.7), cible(RoleCible.FINALE, 2024, 90.0)]
SERIE = [
    *(point(a, v) for a, v in ((2015, 47.1), (2016, 48.8), (2017, 51.9), (2018, 52.6), (2019, 54.2))),
    point(2020, 51.4, Statut.RECUL, 61.4),
    point(2021, 61.3, Statut.RETARD_FORT, 68.5),
    point(2022, 71.4, Statut.RETARD_LEGER, 75.7),
]


def textes(fig: go.Figure) -> str:
    return " | ".join(a.text for a in fig.layout.annotations)


def bulles(fig: go.Figure) -> list[str]:
    return [b for t in fig.data if t.customdata is not None for b in t.customdata if b]


def juges(fig: go.Figure) -> list:
    return [t for t in fig.data if t.mode == "markers+text"]


@pytest.mark.parametrize("mode", MODES)
def test_each_point_wears_its_own_status(mode):
    fig = build_trajectoire(ligne(), SERIE, CHEMIN, mode)
    symboles = [s for t in juges(fig) for s in t.marker.symbol]
    fonds = [c for t in juges(fig) for c in t.marker.color]
    attendus = [style(p.statut) for p in SERIE if p.statut]
    assert symboles == [s.symbole for s in attendus]
    assert fonds == [s.teinte(mode).fond for s in attendus]
    assert all(t.marker.opacity == 1 for t in fig.data if t.marker.size is not None)
    assert fig.layout.template.layout.paper_bgcolor == TONS[mode].fond


def test_labels_ticks_and_hover_in_french():
    fig = build_trajectoire(ligne(tendance=82.4, tendance_bas=76.0, tendance_haut=88.8), SERIE, CHEMIN, "light")
    dits = textes(fig)
    assert f"Cible 2024<br><b>90,0{F}%</b>" in dits and f"Tendance<br><b>82,4{F}%</b>" in dits
    assert f"Dernière valeur{F}: 2022" in dits
    courant = next(a for a in fig.layout.annotations if a.text == f"<b>71,4{F}%</b>")
    assert courant.font.size == 20
    graduation = dict(zip(fig.layout.xaxis.tickvals, fig.layout.xaxis.ticktext, strict=True))
    assert graduation[2020.0] == f"Réf. 2019<br>54,2{F}%"  # end of 2019
    assert "▲" in graduation[2022.0] and f"61,3{F}%" in graduation[2022.0]
    assert graduation[2025.0] == "<b>2024</b>"
    bulle = next(b for b in bulles(fig) if "2021" in b)
    assert bulle == f"<b>2021{F}: 61,3{F}%</b><br>▲ En retard<br>Attendu{F}: 68,5{F}% (écart −7,2{N}points)"
    assert all(t.hoverinfo == "skip" or t.hovertemplate == "%{customdata}<extra></extra>" for t in fig.data)
    assert "." not in "".join(fig.layout.yaxis.ticktext)


def test_trend_only_when_the_view_gives_one():
    sans = build_trajectoire(ligne(), SERIE, CHEMIN, "light")
    seule = build_trajectoire(ligne(tendance=82.4), SERIE, CHEMIN, "light")
    bande = build_trajectoire(ligne(tendance=82.4, tendance_bas=76.0, tendance_haut=88.0), SERIE, CHEMIN, "light")
    assert "Tendance" not in textes(sans)
    assert (len(seule.data) - len(sans.data), len(bande.data) - len(sans.data)) == (2, 3)


def test_missing_year_lifts_the_line_and_is_named():
    serie = [point(2020, 60.0), point(2021, None, etat=Etat.SECRET), point(2022, 71.4)]
    for points in (serie, [serie[0], serie[2]]):  # said missing, or not there at all
        fig = build_trajectoire(ligne(), points, CHEMIN, "light")
        trait = next(t for t in fig.data if t.mode == "lines" and t.line.color == TONS["light"].reel)
        assert None in trait.y
    assert "– s." in " ".join(build_trajectoire(ligne(), serie, CHEMIN, "light").layout.xaxis.ticktext)


def test_provisional_points_are_hollow():
    serie = [point(2021, 60.0, Statut.RETARD_LEGER, 68.0), point(2022, 71.4, Statut.RETARD_LEGER, 75.7, Etat.PROVISOIRE)]
    fig = build_trajectoire(ligne(provisoire=True), serie, CHEMIN, "light")
    plein, creux = [c for t in juges(fig) for c in t.marker.color]
    assert plein != TONS["light"].fond and creux == TONS["light"].fond
    assert "Provisoire" in bulles(fig)[1]


def test_points_without_status_are_plain_circles():
    fig = build_trajectoire(
        ligne(type_cible=TypeCible.SUIVRE, reference=None, cible=None), [point(2021, 3.0), point(2022, 4.0)], [], "light"
    )
    assert {s for t in juges(fig) for s in t.marker.symbol} == {"circle"}
    assert "Cible" not in textes(fig)


@pytest.mark.parametrize(
    "type_cible, bornes, dit, traits",
    [
        (TypeCible.RESTER_ENTRE, (90, 95), f"Entre<br><b>90,0 et 95,0{F}%</b>", 2),
        (TypeCible.RESTER_AU_DESSUS, (65, None), f"Au moins<br><b>65,0{F}%</b>", 1),
        (TypeCible.RESTER_EN_DESSOUS, (None, 80), f"Au plus<br><b>80,0{F}%</b>", 1),
    ],
)
def test_thresholds(type_cible, bornes, dit, traits):
    li = ligne(type_cible=type_cible, cible=None, cible_min=bornes[0], cible_max=bornes[1], statut=Statut.SEUIL_FRANCHI)
    fig = build_trajectoire(li, SERIE, [cible(RoleCible.FINALE, 2024, None, *bornes)], "light")
    assert dit in textes(fig)
    assert sum(t.line.dash == "6px,4px" for t in fig.data) == traits
    assert sum(t.fill == "toself" for t in fig.data) == 1


def test_threshold_in_force_follows_its_jalons():
    li = ligne(type_cible=TypeCible.RESTER_AU_DESSUS, reference=None, cible=None, cible_min=90)
    cibles = [cible(RoleCible.JALON, 2021, None, 80), cible(RoleCible.FINALE, 2024, 90)]  # `valeur` stands for the bound too
    fig = build_trajectoire(li, SERIE, cibles, "light")
    trait = next(t for t in fig.data if t.line.dash == "6px,4px")
    assert (list(trait.x), list(trait.y)) == ([2020.0, 2025.0, 2025.0, 2025.0], [80, 80, 90, 90])


def test_yes_no_target_is_a_step():
    li = ligne(type_cible=TypeCible.REALISER, unite="", decimales=0, reference=0, cible=1, realise=1)
    serie = [point(2020, 0, Statut.DANS_LES_TEMPS, 0), point(2021, 1, Statut.ATTEINT, 0)]
    fig = build_trajectoire(li, serie, [cible(RoleCible.REFERENCE, 2019, 0), cible(RoleCible.FINALE, 2022, 1)], "light")
    assert list(fig.layout.yaxis.ticktext) == ["Non réalisé", "Réalisé"]
    assert {t.line.shape for t in fig.data if t.mode and "lines" in t.mode} == {"hv"}
    assert "réalisé" in describe_trajectoire(li, serie)


def test_quarterly_series_has_plain_years():
    serie = [
        point(a, 50.0 + k, Statut.RETARD_FORT, mois=m)
        for a in (2020, 2021, 2022)
        for k, m in enumerate(((1, 3), (4, 6), (7, 9), (10, 12)))
    ]
    fig = build_trajectoire(ligne(), serie, CHEMIN, "light")
    assert [re.sub("<.*?>", "", t) for t in fig.layout.xaxis.ticktext] == ["2020", "2021", "2022", "2023", "2024"]
    assert f"T1{N}2020" in bulles(fig)[0]


def test_a_plan_without_any_value_still_shows_its_years():
    fig = build_trajectoire(ligne(realise=None, date_realise=None), [], CHEMIN, "light")
    annees = [re.sub("<.*?>", "", t)[:9] for t in fig.layout.xaxis.ticktext]
    assert annees == ["Réf. 2019", "2020", "2021", "2022", "2023", "2024"]


def test_a_revised_value_is_marked_off_its_line():
    def side(suivante: float) -> float:
        serie = [point(2020, 60.0), point(2021, suivante)]
        fig = build_trajectoire(ligne(), serie, CHEMIN, "light", revisions=[(serie[0].debut, serie[0].fin, "révisée")])
        return next(a.yshift for a in fig.layout.annotations if a.text == "<i>r</i>")

    assert side(40.0) > 0 > side(80.0)


def test_earlier_years_do_not_crush_the_plan():
    fou = [point(1990, 10.0), point(2018, 9000.0), *SERIE[5:]]
    fig = build_trajectoire(ligne(unite="places"), fou, CHEMIN, "light")
    assert fig.layout.xaxis.range[0] > 2015 and fig.layout.yaxis.range[1] < 150
    assert "valeur de 2018 hors cadre" in textes(fig).lower()
    assert 9000 not in [y for trace in fig.data for y in trace.y or ()]  # a line cut by the frame would read as a plunge


def test_comparison_out_of_scale_is_said_not_drawn():
    fig = build_trajectoire(
        ligne(unite="places"), SERIE, CHEMIN, "light", comparaisons=[("France", [point(2022, 90000.0)]), ("974", SERIE)]
    )
    assert f"France hors cadre (90{F}000,0{N}places)" in textes(fig)
    assert any("974" in b for b in bulles(fig))


def test_narrow_has_years_only():
    fig = build_trajectoire(ligne(), SERIE, CHEMIN, "light", etroit=True)
    assert fig.layout.height == 300 and not any("%" in t for t in fig.layout.xaxis.ticktext)
    assert any(a.font.size == 18 for a in fig.layout.annotations)


def test_right_labels_never_overlap():
    fig = build_trajectoire(ligne(tendance=89.9, tendance_bas=89.0, tendance_haut=90.0), SERIE, CHEMIN, "light")
    y0, y1 = fig.layout.yaxis.range
    cadre = fig.layout.height - fig.layout.margin.t - fig.layout.margin.b
    hauteurs = sorted((a.y - y0) / (y1 - y0) * cadre + a.yshift for a in fig.layout.annotations if a.xshift == 14)
    assert len(hauteurs) == 2 and hauteurs[1] - hauteurs[0] >= 33


@pytest.mark.parametrize(
    "serie, cibles",
    [
        ([], []),
        ([], CHEMIN),
        ([point(2021, None, etat=Etat.NON_DISPONIBLE)], CHEMIN),
        ([point(2022, 71.4, Statut.NON_EVALUABLE)], []),
        ([point(2022, float("nan"))], CHEMIN),
        ([point(2021, -12.0, Statut.RECUL, 3.0), point(2022, -3.0, Statut.RECUL, 4.0)], CHEMIN),
        ([point(2021, 0.0), point(2022, 0.0)], [cible(RoleCible.FINALE, 2024, 0.0)]),
        ([point(2021, 1e15, Statut.ATTEINT), point(2022, 3e15, Statut.ATTEINT)], [cible(RoleCible.FINALE, 2024, 5e15)]),
    ],
)
@pytest.mark.parametrize("type_cible", list(TypeCible))
def test_hard_cases_are_drawn(serie, cibles, type_cible):
    for references in ((54.2, date(2019, 12, 31)), (None, None)):
        li = ligne(type_cible=type_cible, reference=references[0], date_reference=references[1], date_cible=None, unite="€")
        for fig in (
            build_trajectoire(li, serie, cibles, "light"),
            build_trajectoire(li, serie, cibles, "dark", True, 1.4),
            build_mini(li, serie, cibles, "dark"),
        ):
            dit = fig.to_json()
            assert "n. d." not in textes(fig) and "nan" not in textes(fig)
            json.loads(dit)
        assert describe_trajectoire(li, serie)
    if not any(p.valeur == p.valeur and p.valeur is not None for p in serie):
        assert "Aucune valeur renseignée" in textes(build_trajectoire(li, serie, cibles, "light"))


def test_data_never_becomes_markup():
    li = ligne(intitule=POISON, libelle_court=POISON, indicateur=POISON, unite=POISON)
    serie = [point(2021, 61.0, source=POISON), point(2022, 71.4, Statut.RETARD_LEGER, 75.7, source=POISON)]
    fig = build_trajectoire(li, serie, CHEMIN, "light", comparaisons=[(POISON, serie)], ruptures=[(date(2021, 6, 1), POISON)])
    for f in (fig, build_chemin([li], "light"), build_chemin([li], "light", True), build_mini(li, serie, CHEMIN, "light")):
        tous = [*(a.text for a in f.layout.annotations), *(a.hovertext or "" for a in f.layout.annotations), *bulles(f)]
        tous += [*(f.layout.xaxis.ticktext or ()), *(f.layout.yaxis.ticktext or ())]
        assert not any("<a" in t or "<b>x" in t for t in tous)


@pytest.mark.parametrize("unite, dit", [("professionnels", f"90{N}professionnels"), ("pour 100 nuits", "90")])
def test_a_path_says_the_unit_that_reads_as_a_noun(unite, dit):
    fig = build_chemin([ligne(unite=unite, decimales=0, realise=90, cible=100)], "light")
    assert f"<b>{dit}</b> pour 100 visés" in textes(fig)


def test_chemin():
    lignes = [
        ligne(
            indicateur="1.1", unite="places", decimales=0, realise=655, cible=800, avancement=0.82, statut=Statut.DANS_LES_TEMPS
        ),
        ligne(indicateur="1.2", unite="jours", decimales=0, realise=101, cible=90, avancement=-0.41, statut=Statut.RECUL),
        ligne(indicateur="1.3", avancement=1.6, statut=Statut.ATTEINT),
        ligne(indicateur="1.4", avancement=None, statut=Statut.SUIVI),
    ]
    fig = build_chemin(lignes, "light")
    _, barre, _, _, attendu = fig.data
    assert list(barre.x) == [0.82, -0.08, 1.08] and list(attendu.x) == [0.6] * 3
    assert list(barre.marker.color) == [style(li.statut).light.fond for li in lignes[:3]]
    dits = textes(fig)
    assert f"● <b>En bonne voie</b> · <b>655{N}places</b> pour 800 visées" in dits
    assert f"■ <b>En recul</b> · <b>101{N}jours</b> pour 90 visés" in dits
    assert f"◀ recul{F}: −41{F}%" in dits and f"160{F}% du chemin ▶" in dits
    assert list(fig.layout.xaxis.ticktext) == ["Réf. 2019", f"25{F}%", f"50{F}%", f"75{F}%", "Cible 2024"]
    assert len(build_chemin(lignes, "dark", True).layout.annotations) == 5  # one label of two lines, and two notes
    assert "Aucun chemin" in textes(build_chemin([], "light"))
    dit = describe_chemin(lignes)
    assert f"3{N}indicateurs" in dit and f"−41{F}% du chemin" in dit and f"1{N}indicateur sans chemin mesurable" in dit
    assert describe_chemin([]).startswith("Aucun indicateur")


def test_mini():
    fig = build_mini(ligne(), SERIE, CHEMIN, "light")
    assert fig.layout.height == 120 and list(fig.layout.xaxis.ticktext) == ["2019", "2024"]
    assert list(juges(fig)[0].marker.symbol) == [style(Statut.RETARD_LEGER).symbole]


def test_reading_note_says_numbers_once_and_nothing_of_the_missing():
    dit = describe_trajectoire(ligne(tendance=82.4, tendance_bas=76.0, tendance_haut=88.8), SERIE)
    for attendu in (f"54,2{F}%", f"71,4{F}%", f"75,7{F}%", f"90,0{F}%", f"82,4{F}%", "À surveiller", "de 2015 à 2022"):
        assert attendu in dit
    nue = ligne(reference=None, cible=None, realise=None, date_realise=None, attendu=None, statut=Statut.NON_RENSEIGNE)
    assert describe_trajectoire(nue, []) == f"Évaluations en moins de 3 mois. Statut{F}: Non renseigné."


def test_decimal_years():
    assert (
        annee(date(2022, 12, 31)) == 2023.0
        and annee(date(2022, 6, 30)) == 2022.5
        and annee(date(2024, 2, 29)) == pytest.approx(2024 + 2 / 12)
    )


@given(st.lists(st.tuples(st.floats(-50, 400), st.floats(10, 60)), min_size=1, max_size=8))
def test_pushed_apart_labels_keep_their_order_and_their_distance(etiquettes):
    centres, hauteurs = zip(*etiquettes, strict=True)
    places = ecarter(centres, hauteurs, 0, 350)
    ordre = sorted(range(len(centres)), key=lambda k: (places[k], centres[k]))
    for a, b in pairwise(ordre):
        assert places[b] - places[a] >= (hauteurs[a] + hauteurs[b]) / 2 - 1e-6
        assert centres[a] <= centres[b]
    if sum(hauteurs) <= 350:
        assert all(h / 2 - 1e-6 <= y <= 350 - h / 2 + 1e-6 for y, h in zip(places, hauteurs, strict=True))


@given(st.floats(-1e12, 1e12), st.floats(1e-3, 1e12))
def test_ticks_are_few_and_inside(bas, etendue):
    if etendue > 1e-9 * abs(bas) + 1e-9:  # else the span is lost in the rounding of its own bounds
        crans = graduations(bas, bas + etendue)
        assert len(crans) <= 5
        assert all(bas - 1e-6 * etendue <= v <= bas + etendue * (1 + 1e-6) for v in crans)


# -- cascade ---------------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from([*Statut, None]), st.sampled_from([*Statut, None])), max_size=20))
def test_the_waterfall_adds_up(paires):
    deplacements = [Deplacement(a and ligne(indicateur=f"I{k}", statut=a), b and ligne(indicateur=f"I{k}", statut=b))
                    for k, (a, b) in enumerate(paires) if a or b]
    x = count_retards(deplacements)
    assert x.avant - len(x.sortis) + len(x.entres) == x.apres
    figure = build_cascade(x, "light")
    (barres,) = figure.data
    assert list(barres.y) == [x.avant, len(x.sortis), len(x.entres), x.apres]
    assert list(barres.base) == [0, x.avant - len(x.sortis), x.avant - len(x.sortis), 0]
    assert re.findall(r"\d+", re.sub(r"\(.*?\)", "", describe_cascade(x)))[-1:] in ([], [str(x.apres)])
