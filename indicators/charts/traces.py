"""Traces of a trajectory, each from what the window and the values say: bounds, comparisons, target, trend, realised values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from indicators.charts.marks import (
    BULLE,
    DITE,
    MUETTE,
    Borne,
    Ecran,
    Plume,
    annee,
    avec_trous,
    fini,
    forme_ligne,
    infobulle,
    marqueurs,
    nom_date,
    texte_sur,
)
from indicators.charts.temps import Fenetre
from indicators.charts.valeurs import Comparaison, Valeurs
from indicators.formats import FINE
from indicators.model import RoleCible, TypeCible
from indicators.queries import Cible, Ligne, Point

Trace = dict[str, Any]
TIRETS = "6px,4px"
DENSE = 12  # values beyond which marks are smaller and the expected value of each is not drawn


def build_traces(
    ligne: Ligne, plume: Plume, ecran: Ecran, fenetre: Fenetre, valeurs: Valeurs, revisees: Mapping[Point, str]
) -> list[Trace]:
    """Every trace, from the bottom to the top; `revisees` says how a point was revised."""
    traces = _tracer_seuils(valeurs.bornes, valeurs.y0, valeurs.y1, ecran)
    traces += [_tracer_comparaison(c, ligne, plume, ecran) for c in valeurs.autres]
    if any(c.role is not RoleCible.REFERENCE for c in valeurs.chemin):  # a reference alone is no path
        traces.append(_tracer_cible(ligne, valeurs.chemin, fenetre, ecran))
    if valeurs.tendance is not None:
        traces += _tracer_tendance(ligne, valeurs.tendance, fenetre, ecran)
    if fenetre.avant:
        traces += _tracer_avant(ligne, plume, fenetre, ecran, revisees)
    if fenetre.presents:
        traces += _tracer_realise(ligne, plume, fenetre, ecran, revisees)
    if ligne.date_reference and fini(ligne.reference):
        traces.append(_tracer_reference(ligne, plume, fenetre, ecran))
    return traces


def _tracer_seuils(bornes: Sequence[Borne], y0: float, y1: float, ecran: Ecran) -> list[Trace]:
    """Dashed bounds and the allowed side, lightly filled up to the edge of the frame."""
    traces = []
    if len(bornes) == 2:
        basse, haute = bornes
        traces.append(_remplir(basse.xs + haute.xs[::-1], basse.ys + haute.ys[::-1], ecran))
    elif bornes:
        cote, xs, ys = bornes[0]
        bord = y1 if cote == "bas" else y0
        traces.append(_remplir([*xs, xs[-1], xs[0]], [*ys, bord, bord], ecran) | dict(opacity=0.55))
    tirets = dict(color=ecran.ton.encre, width=1.75 * ecran.echelle, dash=TIRETS)
    return traces + [MUETTE | dict(mode="lines", x=b.xs, y=b.ys, line=tirets) for b in bornes]


def _remplir(xs: Sequence[float], ys: Sequence[float], ecran: Ecran) -> Trace:
    return MUETTE | dict(mode="lines", x=xs, y=ys, fill="toself", fillcolor=ecran.ton.bande, line_width=0)


def _tracer_comparaison(c: Comparaison, ligne: Ligne, plume: Plume, ecran: Ecran) -> Trace:
    """Another territory, quiet."""
    xs, ys = avec_trous(c.serie)
    bulles = [None if x is None else f"{texte_sur(c.nom)}<br><b>{plume(y, ligne.unite)}</b>" for x, y in zip(xs, ys, strict=True)]
    return dict(
        type="scatter", mode="lines+markers", x=xs, y=ys, customdata=bulles, hovertemplate=BULLE,
        line=dict(color=ecran.ton.bord, width=1.75 * ecran.echelle),
        marker=dict(size=ecran.px(5), color=ecran.ton.bord, opacity=1),
    )  # fmt: skip


def _tracer_cible(ligne: Ligne, chemin: Sequence[Cible], fenetre: Fenetre, ecran: Ecran) -> Trace:
    """Dashed path; diamonds: solid at the final target, hollow at jalons, small where the view gives an expected value."""
    t, x_ref, x_fin = ecran.ton, fenetre.x_ref, fenetre.x_fin
    arrets = {annee(c.date): (c.valeur, 0 if c.role is RoleCible.REFERENCE else 10) for c in chemin}  # value, size
    if chemin[-1].role is not RoleCible.REFERENCE:
        arrets[annee(chemin[-1].date)] = (chemin[-1].valeur, 14)
    if fini(ligne.reference) and ligne.date_reference and chemin[0].role is not RoleCible.REFERENCE:
        arrets.setdefault(x_ref, (ligne.reference, 0))
    if ligne.type_cible is TypeCible.ATTEINDRE and len(fenetre.presents) <= DENSE:
        for p in fenetre.presents:
            if fini(p.attendu) and x_ref + 1e-9 < annee(p.fin) < max(arrets):
                arrets.setdefault(annee(p.fin), (p.attendu, 7))
    if max(arrets) < x_fin - 1e-9:  # the last target still holds after its date
        arrets[x_fin] = (chemin[-1].valeur, 0)
    arrets = dict(sorted(arrets.items()))
    tailles = [taille for _, taille in arrets.values()]
    return MUETTE | dict(
        mode="lines+markers", x=list(arrets), y=[v for v, _ in arrets.values()], cliponaxis=False,
        line=dict(color=t.cible, width=1.75 * ecran.echelle, dash=TIRETS, shape=forme_ligne(ligne)),
        marker=dict(
            symbol="diamond", opacity=1, size=[ecran.px(n) for n in tailles],
            color=[t.encre if n == 14 else t.fond for n in tailles],
            line=dict(width=[1.5 if n else 0 for n in tailles], color=t.encre),
        ),
    )  # fmt: skip


def _tracer_tendance(ligne: Ligne, tendance: float, fenetre: Fenetre, ecran: Ecran) -> list[Trace]:
    """Band of the interval when the view gives one, dotted line, hollow end."""
    t, x, x_fin, y = ecran.ton, fenetre.x_der, fenetre.x_fin, fenetre.presents[-1].valeur
    traces = []
    if fini(ligne.tendance_bas) and fini(ligne.tendance_haut):
        traces.append(_remplir([x, x_fin, x_fin, x], [y, ligne.tendance_haut, ligne.tendance_bas, y], ecran))
    points = dict(color=t.reel, width=2.5 * ecran.echelle, dash="dot")
    rond = dict(size=ecran.px(10), color=t.fond, opacity=1, line=dict(color=t.reel, width=2))
    traces.append(MUETTE | dict(mode="lines", x=[x, x_fin], y=[y, tendance], line=points))
    return [*traces, MUETTE | dict(mode="markers", x=[x_fin], y=[tendance], marker=rond, cliponaxis=False)]


def _tracer_avant(ligne: Ligne, plume: Plume, fenetre: Fenetre, ecran: Ecran, revisees: Mapping[Point, str]) -> list[Trace]:
    """Years before the plan: thin, grey, tied to the first point of the plan."""
    gris = ecran.ton.bord
    xs, ys = avec_trous([*fenetre.avant, *fenetre.depart[:1]])
    dits = [p for p in fenetre.avant if fini(p.valeur)]
    ronds = dict(size=ecran.px(7), color=gris, opacity=1)
    return [
        MUETTE | dict(mode="lines", x=xs, y=ys, line=dict(color=gris, width=2 * ecran.echelle, shape=forme_ligne(ligne))),
        DITE
        | dict(mode="markers", x=[annee(p.fin) for p in dits], y=[p.valeur for p in dits], marker=ronds, cliponaxis=True)
        | dict(customdata=[infobulle(p, plume, ligne, revisees.get(p, "")) for p in dits]),
    ]


def _tracer_realise(ligne: Ligne, plume: Plume, fenetre: Fenetre, ecran: Ecran, revisees: Mapping[Point, str]) -> list[Trace]:
    """One line that stops at holes, one shape per status; only the last mark keeps its full size in a dense series."""
    presents, depart = fenetre.presents, fenetre.depart
    xs, ys = avec_trous(fenetre.pendant)
    if fini(ligne.reference) and ligne.date_reference and not depart and (presents[0].fin - ligne.date_reference).days < 740:
        xs, ys = [annee(ligne.date_reference), *xs], [ligne.reference, *ys]
    trait = dict(color=ecran.ton.reel, width=(3 if ecran.etroit else 3.5) * ecran.echelle, shape=forme_ligne(ligne))
    traces = [MUETTE | dict(mode="lines", x=xs, y=ys, line=trait)]
    juges = [p for p in presents if p not in depart or p.statut is not None or not fini(ligne.reference)]
    for groupe, facteur in ((juges[:-1], 0.62 if len(juges) > DENSE else 1), (juges[-1:], 1)):
        if groupe:
            places = dict(x=[annee(p.fin) for p in groupe], y=[p.valeur for p in groupe])
            bulles = dict(customdata=[infobulle(p, plume, ligne, revisees.get(p, "")) for p in groupe])
            traces.append(DITE | dict(mode="markers+text") | places | bulles | marqueurs(groupe, ecran, facteur))
    return traces


def _tracer_reference(ligne: Ligne, plume: Plume, fenetre: Fenetre, ecran: Ecran) -> Trace:
    bulle = f"<b>Référence {nom_date(ligne.date_reference)}{FINE}: {plume(ligne.reference, ligne.unite)}</b>"
    carre = dict(symbol="square", size=ecran.px(11), color=ecran.ton.bord, opacity=1, line=dict(width=2, color=ecran.ton.fond))
    return DITE | dict(mode="markers", x=[fenetre.x_ref], y=[ligne.reference], marker=carre, customdata=[bulle])
