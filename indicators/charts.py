"""Charts as pure functions: typed rows in, one `go.Figure` out, drawn in a single constructor call.

A chart draws columns of the views and computes no progress: status of each point, expected value, trend and interval are read.
Times are decimal years: 31/12/2022 is 2023.0, as `mois` / 12 of the views. Every text that comes from data is escaped,
since plotly reads a small HTML. Labels are placed in pixels, hence fixed margins and one assumed width for each variant.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import pairwise
from textwrap import wrap

import plotly.graph_objects as go

from indicators.formats import FINE, decimales_utiles, format_date, format_ecart, format_nombre, format_periode, participe, titre
from indicators.model import Etat, Provenance, RoleCible, Statut, TypeCible
from indicators.queries import Cible, Ligne, Point
from indicators.theme import TONS, Ton, modele, style

SEUILS = (TypeCible.RESTER_AU_DESSUS, TypeCible.RESTER_EN_DESSOUS, TypeCible.RESTER_ENTRE)
INCERTAINS = (Etat.PROVISOIRE, Etat.ESTIME)
ABSENCES = {Etat.SECRET: "secret", Etat.SANS_OBJET: "s. o.", Etat.NON_REPONDU: "n. r."}
TAILLES_SIGNES = {"•": 17, "−": 15, "!": 13}  # px of the sign inlaid in a marker, 11 for the others
MAX_GRADUATIONS = 8  # yearly points whose values fit in the axis
MUETTE = dict(type="scatter", hoverinfo="skip")  # a trace without hover, and one whose hover is written in full
DITE = dict(type="scatter", hovertemplate="%{customdata}<extra></extra>", cliponaxis=False)
ELARGISSEMENT = 1.5  # how much context (earlier years, comparisons, trend band) may stretch the plan's own span


def annee(d: date) -> float:
    """Decimal year at the end of the day `d`: 31/12/2022 -> 2023.0, 30/06/2022 -> 2022.5."""
    return d.year + (d.month - 1 + d.day / monthrange(d.year, d.month)[1]) / 12


def _fini(x: float | None) -> bool:
    return x is not None and math.isfinite(x)


def _texte(x: str, maximum: int = 1000) -> str:
    return escape(x if len(x) <= maximum else x[: maximum - 1].rstrip() + "…")


def _nom_date(d: date) -> str:
    return str(d.year) if (d.month, d.day) == (12, 31) else f"{d.month:02}/{d.year}"


def _nom_point(p: Point) -> str:
    return format_periode(p.debut, p.fin).removeprefix("année scolaire ")


def _pouces(texte: str, taille: float) -> float:
    """Rough width in px of a text without tags."""
    return 0.53 * taille * len(texte)


@dataclass(frozen=True)
class _Plume:
    """How the numbers of one line are written on its chart."""

    decimales: int
    unite: str
    oui_non: bool

    @classmethod
    def de(cls, ligne: Ligne, points: Sequence[Point] = ()) -> _Plume:
        valeurs = [v for v in (ligne.realise, ligne.cible, *(p.valeur for p in points)) if v is not None]
        return cls(ligne.decimales, ligne.unite, ligne.type_cible is TypeCible.REALISER and set(valeurs) <= {0, 1})

    @property
    def courte(self) -> str:
        return self.unite if len(self.unite) <= 8 else ""

    def __call__(self, v: float | None, unite: str | None = None) -> str:
        if self.oui_non and v in (0, 1):
            return "Réalisé" if v else "Non réalisé"
        return escape(format_nombre(v, self.decimales, self.courte if unite is None else unite))

    def axe(self, v: float | None) -> str:
        """As in a tick: the unit only when it is one sign."""
        if self.oui_non and v in (0, 1):
            return "oui" if v else "non"
        return escape(format_nombre(v, self.decimales, self.unite if self.unite in ("%", "‰", "€") else ""))


def graduations(bas: float, haut: float, maximum: int = 5) -> list[float]:
    """Round values inside [bas, haut], at most `maximum`, in the steps 1, 2, 2.5 or 5."""
    etendue = haut - bas
    if not math.isfinite(etendue) or etendue <= 0:
        return []
    puissance = 10.0 ** math.floor(math.log10(etendue / maximum))
    for pas in (puissance * k for k in (1, 2, 2.5, 5, 10, 20)):
        premier, dernier = math.ceil(bas / pas - 1e-9), math.floor(haut / pas + 1e-9)
        if dernier - premier < maximum:
            return [k * pas for k in range(premier, dernier + 1)]
    return []


def ecarter(centres: Sequence[float], hauteurs: Sequence[float], bas: float, haut: float) -> list[float]:
    """Move labels (centres and heights, px) as little as possible so that none overlaps; kept in [bas, haut] when they fit."""
    blocs: list[tuple[float, float, list[int]]] = []  # centre, height, members from the bottom up
    for k in sorted(range(len(centres)), key=lambda k: centres[k]):
        c, h, membres = centres[k], hauteurs[k], [k]
        while True:
            c = min(max(c, bas + h / 2), max(haut - h / 2, bas + h / 2))
            if not blocs or blocs[-1][0] + blocs[-1][1] / 2 <= c - h / 2:
                break
            c0, h0, avant = blocs.pop()
            c, h, membres = (c0 * h0 + c * h) / (h0 + h), h0 + h, avant + membres
        blocs.append((c, h, membres))
    places = [0.0] * len(centres)
    for c, h, membres in blocs:
        pied = c - h / 2
        for k in membres:
            places[k] = pied + hauteurs[k] / 2
            pied += hauteurs[k]
    return places


def _infobulle(p: Point, plume: _Plume, ligne: Ligne) -> str:
    lignes = [f"<b>{titre(format_periode(p.debut, p.fin))}{FINE}: {plume(p.valeur, ligne.unite)}</b>"]
    if p.statut is not None:
        lignes.append(f"{style(p.statut).glyphe} {p.statut.label}")
    if _fini(p.attendu):
        ecart = "" if plume.oui_non else f" (écart {escape(format_ecart(p.valeur - p.attendu, ligne.decimales, ligne.unite))})"
        lignes.append(f"Attendu{FINE}: {plume(p.attendu, ligne.unite)}{ecart}")
    mentions = [p.etat.label] if p.etat in INCERTAINS else []
    mentions += [p.provenance.label] if p.provenance is Provenance.ILLUSTRATIF else []
    if mentions:
        lignes.append(" · ".join(mentions))
    if p.source:
        lignes.append(f"Source{FINE}: {_texte(p.source, 60)}")
    return "<br>".join(lignes)


def _marqueurs(points: Sequence[Point], t: Ton, mode: str, echelle: float, facteur: float = 1.0) -> dict:
    """Marker and inlaid sign of each point: shape and colour of its own status, hollow when provisional."""
    symboles, tailles, fonds, bords, traits, signes, encres = [], [], [], [], [], [], []
    for p in points:
        s = style(p.statut) if p.statut is not None else None
        symbole, taille = (s.symbole, s.taille) if s else ("circle", 9)
        teinte = s.teinte(mode) if s else None
        fond, bord, encre = (teinte.fond, teinte.bord, teinte.texte) if teinte else (t.reel, t.reel, t.fond)
        if s and s.taille < 10:  # a follow-up without target: a point of the line, not a judgement
            fond = bord = t.reel
        if p.etat in INCERTAINS:
            fond, encre = t.fond, bord
        symboles.append(symbole)
        tailles.append(round(taille * facteur * echelle))
        fonds.append(fond)
        bords.append(bord)
        traits.append(2.25 if p.etat in INCERTAINS else 1.5)
        signes.append(f"<b>{s.incruste}</b>" if s and s.incruste and facteur == 1 else "")
        encres.append(encre)
    return dict(
        marker=dict(symbol=symboles, size=tailles, color=fonds, opacity=1, line=dict(width=traits, color=bords)),
        text=signes, textposition="middle center",
        textfont=dict(size=[round(TAILLES_SIGNES.get(e[3:-4], 11) * echelle) for e in signes], color=encres),
    )  # fmt: skip


def _avec_trous(points: Sequence[Point]) -> tuple[list[float | None], list[float | None]]:
    """Line through the points, lifted where a period has no value or is not there at all."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    avant: Point | None = None
    for p in points:
        if avant is not None and xs[-1] is not None:
            duree = max((p.fin - p.debut).days, (avant.fin - avant.debut).days) + 1
            if (p.debut - avant.fin).days > 1 + 0.25 * duree:
                xs.append(None)
                ys.append(None)
        present = _fini(p.valeur)
        xs.append(annee(p.fin) if present else None)
        ys.append(p.valeur if present else None)
        avant = p
    return xs, ys


def _seuils(ligne: Ligne, cibles: Sequence[Cible], debut: float, fin: float) -> list[tuple[str, list[float], list[float]]]:
    """Bounds in force as steps, ("bas" | "haut", xs, ys): a target rules from its date, the first one before it too.

    Same reading as the view `evaluation`: bound = coalesce(valeur_min or valeur_max, valeur).
    """
    resultat = []
    for cote in ("bas", "haut"):
        if ligne.type_cible is (TypeCible.RESTER_EN_DESSOUS if cote == "bas" else TypeCible.RESTER_AU_DESSUS):
            continue
        bornes = []
        for c in sorted((c for c in cibles if c.role is not RoleCible.REFERENCE), key=lambda c: c.date):
            borne = c.valeur_min if cote == "bas" else c.valeur_max
            if _fini(v := c.valeur if borne is None else borne):
                bornes.append((annee(c.date), v))
        if not bornes and _fini(v := ligne.cible_min if cote == "bas" else ligne.cible_max):
            bornes = [(fin, v)]
        if not bornes:
            continue
        xs, ys = [debut], [bornes[0][1]]
        for x, v in bornes[1:]:
            x = min(max(x, debut), fin)
            xs += [x, x]
            ys += [ys[-1], v]
        resultat.append((cote, [*xs, fin], [*ys, ys[-1]]))
    return resultat


def _etendre(bas: float, haut: float, valeurs: Sequence[float]) -> tuple[float, float, bool]:
    """Stretch [bas, haut] to context values, within `ELARGISSEMENT`; the flag says that some stay outside."""
    permis = (ELARGISSEMENT - 1) * ((haut - bas) or abs(haut) or 1)
    b, h = max(min((bas, *valeurs)), bas - permis), min(max((haut, *valeurs)), haut + permis)
    return b, h, any(not b <= v <= h for v in valeurs)


def _forme_ligne(ligne: Ligne) -> str:
    """A yes or no holds until the next date: steps; anything else is joined straight."""
    return "hv" if ligne.type_cible is TypeCible.REALISER else "linear"


def _traces_seuils(bornes, cadre: tuple[float, float], t: Ton, echelle: float) -> list[dict]:
    """Dashed bounds and the allowed side, lightly filled up to the edge of the frame (y0, y1)."""
    traces = []
    if len(bornes) == 2:
        (_, xb, yb), (_, xh, yh) = bornes
        traces.append(
            MUETTE | dict(mode="lines", x=xb + xh[::-1], y=yb + yh[::-1], fill="toself", fillcolor=t.bande, line_width=0)
        )
    elif bornes:
        cote, xs, ys = bornes[0]
        bord = cadre[1] if cote == "bas" else cadre[0]
        zone = dict(x=[*xs, xs[-1], xs[0]], y=[*ys, bord, bord], opacity=0.55)
        traces.append(MUETTE | dict(mode="lines", fill="toself", fillcolor=t.bande, line_width=0) | zone)
    tirets = dict(color=t.encre, width=1.75 * echelle, dash="6px,4px")
    return traces + [MUETTE | dict(mode="lines", x=xs, y=ys, line=tirets) for _, xs, ys in bornes]


def _traces_cible(ligne, chemin: Sequence[Cible], presents: Sequence[Point], x_ref, x_fin, t: Ton, echelle: float) -> list[dict]:
    """Dashed path; diamonds: solid at the final target, hollow at jalons, small where the view gives an expected value."""
    arrets = {annee(c.date): (c.valeur, 0 if c.role is RoleCible.REFERENCE else 10) for c in chemin}
    if chemin[-1].role is not RoleCible.REFERENCE:
        arrets[annee(chemin[-1].date)] = (chemin[-1].valeur, 14)
    if _fini(ligne.reference) and ligne.date_reference and chemin[0].role is not RoleCible.REFERENCE:
        arrets.setdefault(x_ref, (ligne.reference, 0))
    if ligne.type_cible is TypeCible.ATTEINDRE and len(presents) <= 12:
        for p in presents:
            if _fini(p.attendu) and x_ref + 1e-9 < annee(p.fin) < max(arrets):
                arrets.setdefault(annee(p.fin), (p.attendu, 7))
    if max(arrets) < x_fin - 1e-9:  # the last target still holds after its date
        arrets[x_fin] = (chemin[-1].valeur, 0)
    arrets = dict(sorted(arrets.items()))
    tailles = [taille for _, taille in arrets.values()]
    losanges = dict(
        symbol="diamond", opacity=1, size=[round(n * echelle) for n in tailles],
        color=[t.encre if n == 14 else t.fond for n in tailles],
        line=dict(width=[1.5 if n else 0 for n in tailles], color=t.encre),
    )  # fmt: skip
    tirets = dict(color=t.cible, width=1.75 * echelle, dash="6px,4px", shape=_forme_ligne(ligne))
    ys = [v for v, _ in arrets.values()]
    return [MUETTE | dict(mode="lines+markers", x=list(arrets), y=ys, cliponaxis=False, line=tirets, marker=losanges)]


def _traces_tendance(ligne: Ligne, dernier: Point, trend: float, x_fin: float, t: Ton, echelle: float) -> list[dict]:
    """Band of the interval when the view gives one, dotted line, hollow end."""
    x, y, traces = annee(dernier.fin), dernier.valeur, []
    if _fini(ligne.tendance_bas) and _fini(ligne.tendance_haut):
        zone = dict(x=[x, x_fin, x_fin, x], y=[y, ligne.tendance_haut, ligne.tendance_bas, y])
        traces.append(MUETTE | dict(mode="lines", fill="toself", fillcolor=t.bande, line_width=0) | zone)
    points = dict(color=t.reel, width=2.5 * echelle, dash="dot")
    rond = dict(size=round(10 * echelle), color=t.fond, opacity=1, line=dict(color=t.reel, width=2))
    traces.append(MUETTE | dict(mode="lines", x=[x, x_fin], y=[y, trend], line=points))
    return [*traces, MUETTE | dict(mode="markers", x=[x_fin], y=[trend], marker=rond, cliponaxis=False)]


def _traces_avant(ligne, avant: Sequence[Point], depart: Sequence[Point], plume: _Plume, t: Ton, echelle: float) -> list[dict]:
    """Years before the plan: thin, grey, tied to the first point of the plan."""
    xs, ys = _avec_trous([*avant, *depart[:1]])
    dits = [p for p in avant if _fini(p.valeur)]
    ronds = dict(size=round(7 * echelle), color=t.bord, opacity=1)
    return [
        MUETTE | dict(mode="lines", x=xs, y=ys, line=dict(color=t.bord, width=2 * echelle, shape=_forme_ligne(ligne))),
        DITE
        | dict(mode="markers", x=[annee(p.fin) for p in dits], y=[p.valeur for p in dits], marker=ronds, cliponaxis=True)
        | dict(customdata=[_infobulle(p, plume, ligne) for p in dits]),
    ]


def _traces_realise(
    ligne, pendant: Sequence[Point], depart, plume: _Plume, mode: str, largeur: float, echelle: float
) -> list[dict]:
    """One line that stops at holes, one shape per status; only the last mark keeps its full size in a dense series."""
    t, presents = TONS[mode], [p for p in pendant if _fini(p.valeur)]
    xs, ys = _avec_trous(pendant)
    if _fini(ligne.reference) and ligne.date_reference and not depart and (presents[0].fin - ligne.date_reference).days < 740:
        xs, ys = [annee(ligne.date_reference), *xs], [ligne.reference, *ys]
    traces = [MUETTE | dict(mode="lines", x=xs, y=ys, line=dict(color=t.reel, width=largeur, shape=_forme_ligne(ligne)))]
    juges = [p for p in presents if p not in depart or p.statut is not None or not _fini(ligne.reference)]
    for groupe, facteur in ((juges[:-1], 0.62 if len(juges) > 12 else 1), (juges[-1:], 1)):
        if groupe:
            places = dict(x=[annee(p.fin) for p in groupe], y=[p.valeur for p in groupe])
            bulles = dict(customdata=[_infobulle(p, plume, ligne) for p in groupe])
            traces.append(DITE | dict(mode="markers+text") | places | bulles | _marqueurs(groupe, t, mode, echelle, facteur))
    return traces


def build_trajectoire(
    ligne: Ligne,
    points: Sequence[Point],
    cibles: Sequence[Cible],
    mode: str,
    etroit: bool = False,
    echelle: float = 1.0,
    comparaisons: Sequence[tuple[str, Sequence[Point]]] = (),
    ruptures: Sequence[tuple[date, str]] = (),
) -> go.Figure:
    """Trajectory of one line: reference, target path or threshold, realised values with their status, trend.

    Values in the line's unit. `mode` is "light" or "dark"; `etroit` is for phones (300 px high, about 340 wide), else 420 px;
    `echelle` multiplies texts and marks (COPIL). `comparaisons` are (name, points) of other territories, `ruptures` (date, text).
    """
    t = TONS[mode]

    def px(n: float) -> int:
        return round(n * echelle)

    points = sorted(points, key=lambda p: p.fin)
    plume = _Plume.de(ligne, points)
    seuil, jalonnee = ligne.type_cible in SEUILS, ligne.type_cible in (TypeCible.ATTEINDRE, TypeCible.REALISER)
    chemin = sorted((c for c in cibles if jalonnee and _fini(c.valeur)), key=lambda c: c.date)

    # -- time: the plan's window first, a few earlier years as context
    presents = [p for p in points if _fini(p.valeur)]
    x_ref = annee(ligne.date_reference) if ligne.date_reference else annee(presents[0].fin) if presents else None
    fins = [annee(d) for d in (ligne.date_cible, *(c.date for c in cibles)) if d is not None]
    x_fin = max([*fins, *(annee(p.fin) for p in presents[-1:])], default=None)
    if x_fin is None:
        x_ref = x_fin = annee(date(2000, 12, 31))
    x_ref = x_fin if x_ref is None else min(x_ref, x_fin)
    recul = max(1, 0.4 * (x_fin - x_ref)) if etroit else max(4, 0.8 * (x_fin - x_ref))
    points = [p for p in points if annee(p.fin) >= x_ref - recul - 1e-9]
    avant = [p for p in points if annee(p.fin) < x_ref - 1e-9]
    pendant = points[len(avant) :]
    presents = [p for p in pendant if _fini(p.valeur)]
    dernier = presents[-1] if presents else None
    x_der = annee(dernier.fin) if dernier else x_ref
    debuts = [annee(p.fin) for p in points if _fini(p.valeur)]
    gauche, droite = min([x_ref, *debuts]), x_fin
    marge_x = 0.055 * ((droite - gauche) or 2)

    # -- values: the plan's own span, then context within limits
    bornes = _seuils(ligne, cibles, x_ref, x_fin) if seuil else []
    trend = ligne.tendance if _fini(ligne.tendance) and dernier and x_fin > x_der + 1e-9 else None
    propres = [p.valeur for p in presents] + [c.valeur for c in chemin] + [v for _, _, ys in bornes for v in ys]
    propres += [v for v in (ligne.reference, trend) if _fini(v)]
    bas, haut = min(propres, default=0.0), max(propres, default=1.0)
    if bas == haut:
        bas, haut = bas - (abs(bas) * 0.1 or 1), haut + (abs(haut) * 0.1 or 1)
    remarques = []
    if trend is not None and _fini(ligne.tendance_bas) and _fini(ligne.tendance_haut):
        bas, haut, _ = _etendre(bas, haut, (ligne.tendance_bas, ligne.tendance_haut))
    bas, haut, dehors = _etendre(bas, haut, [p.valeur for p in avant if _fini(p.valeur)])
    if dehors:
        remarques.append(f"valeurs d’avant {_nom_date(ligne.date_reference)} en partie hors cadre")
    autres = []
    for nom, serie in comparaisons:
        serie = [p for p in sorted(serie, key=lambda p: p.fin) if gauche - 1e-9 <= annee(p.fin) <= droite + 1e-9]
        utiles = [p for p in serie if _fini(p.valeur)]
        if not utiles:
            continue
        b, h, dehors = _etendre(bas, haut, [p.valeur for p in utiles])
        if dehors:
            remarques.append(f"{_texte(nom, 24)} hors cadre ({plume(utiles[-1].valeur)})")
        else:
            bas, haut = b, h
            autres.append((nom, serie, utiles))
    positif = bas >= 0
    marge_y = 0.14 * (haut - bas)
    y0, y1 = bas - marge_y * 1.2, haut + marge_y
    if positif and y0 < 0 and bas > 0.25 * (haut - bas):
        y0 = 0.0
    plancher = y0 + 0.03 * (y1 - y0)  # a tick on the floor would touch the years
    crans = [0.0, 1.0] if plume.oui_non else [v for v in graduations(plancher, y1) if not positif or v >= 0]
    if ligne.unite == "%" and haut <= 100:
        crans = [v for v in crans if v <= 100]
    dec = decimales_utiles(crans[1] - crans[0]) if len(crans) > 1 else ligne.decimales
    ecrits = [plume(v) if plume.oui_non else escape(format_nombre(v, dec, "%" if ligne.unite == "%" else "")) for v in crans]

    # -- right-hand labels (text lines, size, colour, height): measured now, placed once the frame is known
    inconnu = dernier is not None and bool(fins) and max(fins) > x_der + 1e-9
    au_bord = dernier is not None and x_fin - x_der < 0.08 * (droite - gauche)
    colonne: list[tuple[float, str, str, int, str]] = []
    if chemin and (finale := chemin[-1]).role is not RoleCible.REFERENCE:
        colonne.append((finale.valeur, f"Cible {_nom_date(finale.date)}", plume(finale.valeur), 14, t.encre))
    if len(bornes) == 2:
        (_, _, ys_bas), (_, _, ys_haut) = bornes
        dedans = f"{escape(format_nombre(ys_bas[-1], ligne.decimales))} et {plume(ys_haut[-1])}"
        colonne.append(((ys_bas[-1] + ys_haut[-1]) / 2, "Entre", dedans, 14, t.encre))
    elif bornes:
        colonne.append(
            (bornes[0][2][-1], "Au moins" if bornes[0][0] == "bas" else "Au plus", plume(bornes[0][2][-1]), 14, t.encre)
        )
    if trend is not None:
        colonne.append((trend, "Tendance", plume(trend), 13, t.reel))
    grande = 18 if etroit else 20
    if au_bord:
        colonne.append((dernier.valeur, "", plume(dernier.valeur), grande, t.reel))
    for nom, _, utiles in autres:
        if x_fin - annee(utiles[-1].fin) < 0.08 * (droite - gauche):
            colonne.append((utiles[-1].valeur, _texte(nom, 14 if etroit else 22), plume(utiles[-1].valeur), 13, t.gris))
    larges = [max(_pouces(a, px(z)), 1.08 * _pouces(b, px(z))) for _, a, b, z, _ in colonne]
    entete = [] if ligne.unite in ("", "%", "‰") or plume.oui_non else [_texte(titre(ligne.unite), 40)]
    if etroit and inconnu:
        remarques.insert(0, f"dernière valeur{FINE}: {escape(_nom_point(dernier))}")
    double = etroit and len(" · ".join(entete + remarques)) > 46
    m = dict(
        l=px(10 + max((_pouces(e, 13) for e in ecrits), default=0)),
        r=max(px(84 if etroit else 96), round(px(22) + max(larges, default=0))) if colonne else px(40),
        t=px(10 + 18 * (len(entete + remarques) if double else 1)), pad=0,
    )  # fmt: skip
    cadre_l = px(340 if etroit else 900) - m["l"] - m["r"]
    px_par_an = cadre_l / (droite - gauche + 2 * marge_x)
    valeurs_x, textes_x, limites_x = _axe_du_temps(ligne, points, plume, t, (gauche, x_ref, x_der, x_fin), px_par_an, px, etroit)
    hauteur = px(300 if etroit else 420)
    m["b"] = px(52 if any("<br>" in e for e in textes_x) else 32) if not etroit else px(38)
    cadre_h = hauteur - m["t"] - m["b"]

    def vers_px(v: float) -> float:
        return (v - y0) / (y1 - y0) * cadre_h

    def note(x, y, texte, taille, couleur, **autres) -> dict:
        return dict(x=x, y=y, text=texte, showarrow=False, font=dict(size=px(taille), color=couleur)) | autres

    notes = []
    centres = [vers_px(v) for v, *_ in colonne]
    hautes = [px(z) * (1.3 if not a else 2.6) for _, a, _, z, _ in colonne]
    for (v, a, b, z, couleur), avant_px, apres_px in zip(
        colonne, centres, ecarter(centres, hautes, 0, cadre_h + px(20)), strict=True
    ):
        texte = f"{a}<br><b>{b}</b>" if a else f"<b>{b}</b>"
        notes.append(note(x_fin, v, texte, z, couleur, xshift=px(14), yshift=apres_px - avant_px, xanchor="left", align="left"))

    formes, traces = [], []

    # -- what is not known yet: a quiet zone that says where values stop
    if inconnu:
        formes.append(
            dict(type="rect", x0=x_der, x1=x_fin, y0=0, y1=1, yref="y domain", fillcolor=t.fond2, line_width=0, layer="below")
        )
        proches = [dernier.valeur, *(c.valeur for c in chemin[-1:]), *(ys[-1] for _, _, ys in bornes)]
        proches += [trend] if trend is not None else []
        en_bas = min(vers_px(v) for v in proches) >= cadre_h - max(vers_px(v) for v in proches)
        if not etroit:
            dite = f"Dernière valeur{FINE}: {escape(_nom_point(dernier))}"
            if (x_fin - x_der) * px_par_an < _pouces(dite, px(12)) + 8:
                dite = dite.replace(f"{FINE}: ", f"{FINE}:<br>")
            bord_bas = dict(yanchor="bottom", yshift=px(2)) if en_bas else dict(yanchor="top", yshift=-px(2))
            notes.append(note((x_der + x_fin) / 2, 0 if en_bas else 1, dite, 12, t.gris, yref="y domain", **bord_bas))

    traces += _traces_seuils(bornes, (y0, y1), t, echelle)

    # -- other territories, quiet
    milieux, fins_autres = [], []
    for nom, serie, utiles in autres:
        xs, ys = _avec_trous(serie)
        bulles = [None if x is None else f"{_texte(nom)}<br><b>{plume(y, ligne.unite)}</b>" for x, y in zip(xs, ys, strict=True)]
        traces.append(
            dict(type="scatter", mode="lines+markers", x=xs, y=ys, customdata=bulles,
                 hovertemplate="%{customdata}<extra></extra>",
                 line=dict(color=t.bord, width=1.75 * echelle), marker=dict(size=px(5), color=t.bord, opacity=1))
        )  # fmt: skip
        if x_fin - annee(utiles[-1].fin) >= 0.08 * (droite - gauche):
            milieux.append((annee(utiles[-1].fin), utiles[-1].valeur, f"{_texte(nom, 22)} {plume.axe(utiles[-1].valeur)}"))
            fins_autres.append(vers_px(utiles[-1].valeur))

    depart = [p for p in presents if abs(annee(p.fin) - x_ref) < 1e-9]
    if chemin:
        traces += _traces_cible(ligne, chemin, presents, x_ref, x_fin, t, echelle)
    if trend is not None:
        traces += _traces_tendance(ligne, dernier, trend, x_fin, t, echelle)
    if avant:
        traces += _traces_avant(ligne, avant, depart, plume, t, echelle)
    if presents:
        traces += _traces_realise(ligne, pendant, depart, plume, mode, (3 if etroit else 3.5) * echelle, echelle)
    if _fini(ligne.reference) and ligne.date_reference:
        bulle = f"<b>Référence {_nom_date(ligne.date_reference)}{FINE}: {plume(ligne.reference, ligne.unite)}</b>"
        carre = dict(symbol="square", size=px(11), color=t.bord, opacity=1, line=dict(width=2, color=t.fond))
        traces.append(DITE | dict(mode="markers", x=[x_ref], y=[ligne.reference], marker=carre, customdata=[bulle]))

    # -- current value beside its point: on the side away from the target, anchored off its own line
    if dernier and not au_bord:
        i = len(presents) - 1
        precedent = presents[i - 1].valeur if i else ligne.reference if _fini(ligne.reference) else dernier.valeur
        dessous = _fini(dernier.attendu) and dernier.valeur < dernier.attendu
        if not _fini(dernier.attendu) and (bornes or trend is not None):
            dessous = dernier.valeur < (bornes[0][2][-1] if bornes else trend)
        monte, baisse = dernier.valeur > precedent, dernier.valeur < precedent
        ancre = "left" if (dessous and monte) or (not dessous and baisse) else "right" if monte or baisse else "center"
        centre = vers_px(dernier.valeur) + px(-25 if dessous else 25)
        if not px(10) <= centre <= cadre_h + px(14):
            dessous, ancre = not dessous, "left" if ancre == "right" else "right" if ancre == "left" else ancre
        decale = dict(left=px(2), right=px(6), center=0)[ancre]
        milieux.insert(0, (x_der, dernier.valeur, f"<b>{plume(dernier.valeur)}</b>"))
        fins_autres.insert(0, vers_px(dernier.valeur) + px(-25 if dessous else 25))
    # comparison labels give way to the current value when they end at the same place
    if milieux:
        principal = bool(dernier and not au_bord)
        cote = [px(26) if principal and k == 0 else px(18) for k in range(len(milieux))]
        for k, ((x, y, texte), apres_px) in enumerate(zip(milieux, ecarter(fins_autres, cote, 0, cadre_h + px(16)), strict=True)):
            if principal and k == 0:
                notes.append(note(x, y, texte, grande, t.reel, yshift=apres_px - vers_px(y), xshift=decale, xanchor=ancre))
            else:
                notes.append(note(x, y, texte, 13, t.gris, yshift=apres_px - vers_px(y), xanchor="left", xshift=px(10)))

    for d, texte in ruptures:
        if gauche <= annee(d) <= droite:
            formes.append(
                dict(
                    type="line",
                    x0=annee(d),
                    x1=annee(d),
                    y0=0,
                    y1=1,
                    yref="y domain",
                    line=dict(color=t.bord, width=1.25, dash="dot"),
                )
            )
            notes.append(
                note(annee(d), 1, _texte(texte, 18 if etroit else 30), 12, t.gris, yref="y domain", yanchor="top", yshift=px(4),
                     xanchor="left", xshift=px(3), hovertext=f"{format_date(d)}{FINE}: {_texte(texte)}", captureevents=True)
            )  # fmt: skip

    if entete or remarques:
        haut_de_page = ("<br>" if double else " · ").join(
            titre(e) if k == 0 or double else e for k, e in enumerate(entete + remarques)
        )
        notes.append(
            note(0, 1, haut_de_page, 12, t.gris, xref="x domain", yref="y domain", xanchor="left", yanchor="bottom", align="left",
                 xshift=-m["l"] + px(8), yshift=px(10))
        )  # fmt: skip
    if not presents:
        descend = len(chemin) > 1 and chemin[-1].valeur < chemin[0].valeur  # the free corner is opposite to the target
        coin = dict(yanchor="top", y=1) if descend else dict(yanchor="bottom", y=0)
        notes.append(note(1, 0, "Aucune valeur renseignée", 14, t.gris, xref="x domain", yref="y domain", xanchor="right") | coin)

    formes += [
        dict(type="line", x0=x, x1=x, y0=0, y1=1, yref="y domain", line=dict(color=t.grille, width=1), layer="below")
        for x in limites_x
    ]
    return go.Figure(
        data=traces,
        layout=dict(
            template=modele(mode, echelle), height=hauteur, margin=m, annotations=notes, shapes=formes,
            xaxis=dict(range=[gauche - marge_x, droite + 0.4 * marge_x], tickvals=valeurs_x, ticktext=textes_x,
                       tickangle=0, showgrid=False, automargin=False,
                       tickfont=dict(size=px(12 if etroit else 14), color=t.encre)),
            yaxis=dict(range=[y0, y1], tickvals=crans, ticktext=ecrits, automargin=False),
        ),
    )  # fmt: skip


def _axe_du_temps(
    ligne, points, plume, t: Ton, reperes, px_par_an: float, px, etroit: bool
) -> tuple[list[float], list[str], list[float]]:
    """Ticks (positions, texts) and vertical year limits; the ticks of a short yearly series carry its data."""
    gauche, x_ref, x_der, x_fin = reperes
    longs = [p for p in points if (p.fin - p.debut).days > 330 or p.debut == p.fin]
    if any(_fini(p.valeur) and p not in longs for p in points):
        annees = range(math.floor(gauche), math.ceil(x_fin) + 1)
        visibles = [(max(a, gauche), min(a + 1, x_fin), a) for a in annees]
        visibles = [(g, d, a) for g, d, a in visibles if (d - g) * px_par_an > px(34)]
        return (
            [(g + d) / 2 for g, d, _ in visibles],
            [f"<b>{a}</b>" for *_, a in visibles],
            [float(a) for a in annees if gauche < a < x_fin],
        )

    ordre: dict[float, tuple[int, str, str]] = {}  # position -> rank (0 is kept first), year, data
    points = longs
    apres = [p for p in points if annee(p.fin) > x_ref + 1e-9]
    riche = not etroit and len(apres) <= MAX_GRADUATIONS
    tout = riche and len(points) <= MAX_GRADUATIONS
    for p in points:
        x = annee(p.fin)
        glyphe = (
            f"<span style='font-size:1.15em'>{style(p.statut).glyphe}</span> "
            if p.statut not in (None, Statut.SUIVI) and _fini(p.valeur)
            else ""
        )
        donnee = glyphe + (plume.axe(p.valeur) if _fini(p.valeur) else f"– {ABSENCES.get(p.etat, 'n. d.')}")
        avant = x < x_ref - 1e-9
        ordre[x] = (3 if avant else 2, _nom_point(p), donnee if (tout if avant else riche) else "")
    if points and all((p.fin.month, p.fin.day) == (12, 31) for p in points):
        ordre |= {float(a): ordre.get(float(a), (2, str(a - 1), "")) for a in range(math.ceil(gauche), math.floor(x_fin) + 1)}
    if ligne.date_cible:
        x = annee(ligne.date_cible)
        ordre[x] = (0, *ordre.get(x, (0, _nom_date(ligne.date_cible), ""))[1:])
    if points and x_der in ordre:
        ordre[x_der] = (1, *ordre[x_der][1:])
    if ligne.date_reference and _fini(ligne.reference):
        ordre[x_ref] = (0, f"Réf. {_nom_date(ligne.date_reference)}", plume.axe(ligne.reference) if riche else "")

    def large(texte: tuple[int, str, str]) -> float:
        donnee = texte[2].split("</span>")
        return max(_pouces(texte[1], px(14)), _pouces(donnee[-1], px(14)) + (px(17) if len(donnee) > 1 else 0))

    xs = sorted(ordre)
    ecarts = [(b - a) * px_par_an for a, b in pairwise(xs)]
    if any((large(ordre[a]) + large(ordre[b])) / 2 > e for (a, b), e in zip(pairwise(xs), ecarts, strict=True)):
        ordre = {x: (r, a, d if x >= x_ref - 1e-9 else "") for x, (r, a, d) in ordre.items()}
        if any((large(ordre[a]) + large(ordre[b])) / 2 > e for (a, b), e in zip(pairwise(xs), ecarts, strict=True)):
            ordre = {x: (r, a, "") for x, (r, a, _) in ordre.items()}

    def etiquette(x: float) -> float:
        nom = ordre[x][1]
        return _pouces(max(nom.split(" "), key=len) if etroit else nom, px(12 if etroit else 14))

    gardes: list[float] = []
    for x in sorted(ordre, key=lambda x: (ordre[x][0], -x)):
        if all(abs(x - g) * px_par_an > (etiquette(x) + etiquette(g)) / 2 + px(3) for g in gardes):
            gardes.append(x)
    gardes.sort()
    textes = []
    for x in gardes:
        _, nom, donnee = ordre[x]
        nom = escape(nom).replace(" ", "<br>", 1) if etroit and nom.startswith("Réf.") else escape(nom)
        nom = (
            nom
            if nom.startswith("Réf.")
            else f"<span style='color:{t.gris}'>{nom}</span>"
            if x < x_ref - 1e-9
            else f"<b>{nom}</b>"
        )
        textes.append(f"{nom}<br>{donnee}" if donnee else nom)
    return gardes, textes, []


def _phrase(ligne: Ligne) -> str:
    """« 655 pour 800 visés »: for a falling line too, where « sur » would be false."""
    plume = _Plume.de(ligne)
    if plume.oui_non:
        return plume(ligne.realise)
    unite = ligne.unite if len(ligne.unite) <= 8 else ""
    seule = unite if unite in ("%", "‰", "€") else ""
    vise = participe(ligne.cible, "visé", ligne.unite)
    realise, but = (escape(format_nombre(v, ligne.decimales, u)) for v, u in ((ligne.realise, unite), (ligne.cible, seule)))
    return f"<b>{realise}</b> pour {but} {vise}"


def build_chemin(lignes: Sequence[Ligne], mode: str, etroit: bool = False) -> go.Figure:
    """Path covered by each line whose `avancement` is known: 0 the reference, 1 the target, a tick at `part_attendue`.

    Bars are clipped at -8 % and +108 % and say what is hidden. Lines without avancement are left out: the caller counts them.
    """
    t, lignes = TONS[mode], [li for li in lignes if _fini(li.avancement)]
    n, pas = len(lignes), 92 if etroit else 66
    gauche, droite = -0.085, 1.085
    ys = list(range(n))[::-1]
    notes, barres, fonds, bords, motifs, bulles = [], [], [], [], [], []
    for y, li in zip(ys, lignes, strict=True):
        s = style(li.statut)
        teinte = s.teinte(mode)
        phrase = f"{s.glyphe} <b>{li.statut.label}</b> · {_phrase(li)}"
        nom = li.libelle_court or li.intitule
        code = f"<span style='color:{t.gris}'>{_texte(li.indicateur, 12)}</span>{FINE} "
        commun = dict(y=y, xref="x", showarrow=False, yanchor="bottom", align="left")
        if etroit:
            coupe = wrap(nom, 38, max_lines=2, placeholder="…") or [""]
            texte = f"{code}{'<br>'.join(map(escape, coupe))}<br>{phrase}"
            notes.append(commun | dict(x=gauche, xanchor="left", yshift=11, text=texte, font_size=13))
        else:
            libre = 104 - len(li.statut.label) - len(_phrase(li).replace("<b>", "").replace("</b>", ""))
            notes.append(commun | dict(x=0, xanchor="left", yshift=11, text=code + _texte(nom, max(24, libre))))
            notes.append(commun | dict(x=1, xanchor="right", yshift=11, text=phrase))
        pct = escape(format_nombre(li.avancement * 100, 0, "%"))
        dessous = dict(y=y, xref="x", showarrow=False, yanchor="top", yshift=-9, font=dict(size=12, color=t.gris))
        if li.avancement < -0.08:
            notes.append(dessous | dict(x=gauche, xanchor="left", text=f"◀ recul{FINE}: {pct}"))
        elif li.avancement > 1.08:
            notes.append(dessous | dict(x=droite, xanchor="right", text=f"{pct} du chemin ▶"))
        barres.append(max(-0.08, min(1.08, li.avancement)))
        fonds.append(teinte.fond)
        bords.append(teinte.bord)
        motifs.append("/" if li.provisoire else "")
        bulle = [
            f"<b>{_texte(li.indicateur)} {'<br>'.join(map(escape, wrap(li.intitule, 60)))}</b>",
            phrase,
            f"{pct} du chemin parcouru",
        ]
        if _fini(li.part_attendue):
            bulle[-1] += f", {escape(format_nombre(li.part_attendue * 100, 0, '%'))} attendus"
        if li.date_realise:
            bulle.append(f"Valeur au {format_date(li.date_realise)}" + (" (provisoire)" if li.provisoire else ""))
        if li.provenance is Provenance.ILLUSTRATIF:
            bulle.append(li.provenance.label)
        bulles.append("<br>".join(bulle))
    epaisseur = 14 / pas
    piste = dict(
        type="bar", orientation="h", y=ys, x=[1] * n, width=epaisseur, marker=dict(color=t.grille, line_width=0), hoverinfo="skip"
    )
    barre = dict(
        type="bar", orientation="h", y=ys, x=barres, width=epaisseur,
        customdata=bulles, hovertemplate="%{customdata}<extra></extra>",
        marker=dict(color=fonds, line=dict(width=1, color=bords),
                    pattern=dict(shape=motifs, fgcolor=t.fond, fillmode="overlay", size=7, solidity=0.3)),
    )  # fmt: skip
    depasse = [y for y, b in zip(ys, barres, strict=True) if b > 1.004]
    trait = dict(type="scatter", mode="markers", hoverinfo="skip")
    cran = trait | dict(
        x=[1] * len(depasse), y=depasse, marker=dict(symbol="line-ns", size=10, opacity=1, line=dict(color=t.fond, width=2))
    )
    dus = [(li.part_attendue, y) for y, li in zip(ys, lignes, strict=True) if _fini(li.part_attendue)]
    attendu = trait | dict(
        x=[max(-0.08, min(1.08, p)) for p, _ in dus], y=[y for _, y in dus],
        marker=dict(symbol="line-ns", size=15, opacity=1, line=dict(color=t.encre, width=3)),
    )  # fmt: skip
    halo = attendu | dict(marker=dict(symbol="line-ns", size=15, opacity=1, line=dict(color=t.fond, width=6)))
    refs, fins = {li.date_reference for li in lignes}, {li.date_cible for li in lignes}
    debut = f"Réf. {_nom_date(d)}" if len(refs) == 1 and (d := next(iter(refs))) else "Référence"
    fin = f"Cible {_nom_date(d)}" if len(fins) == 1 and (d := next(iter(fins))) else "Cible"
    if etroit:
        debut, fin = debut.replace(" ", "<br>"), fin.replace(" ", "<br>")
    parts = (0, 0.5, 1) if etroit else (0, 0.25, 0.5, 0.75, 1)
    if not lignes:
        notes = [
            dict(x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, text="Aucun chemin à mesurer", font_color=t.gris)
        ]
    return go.Figure(
        data=[piste, barre, cran, halo, attendu] if lignes else [],
        layout=dict(
            template=modele(mode), height=pas * max(n, 1) + (54 if etroit else 40), barmode="overlay", annotations=notes,
            margin=dict(l=6, r=6, t=4, b=44 if etroit else 30),
            xaxis=dict(range=[gauche, droite], tickvals=parts, automargin=False, ticklabeloverflow="allow",
                       ticktext=[debut, *(format_nombre(100 * p, 0, "%") for p in parts[1:-1]), fin]),
            yaxis=dict(visible=False, range=[-0.45, max(n, 1) - (0.1 if etroit else 0.3)]),
        ),
    )  # fmt: skip


def build_mini(ligne: Ligne, points: Sequence[Point], cibles: Sequence[Cible], mode: str) -> go.Figure:
    """Small multiple, 120 px high: target dashed, realised line, last point with its status; each card has its own y scale."""
    t = TONS[mode]
    debut = annee(ligne.date_reference) if ligne.date_reference else -math.inf
    points = [p for p in sorted(points, key=lambda p: p.fin) if annee(p.fin) >= debut - 1e-9]
    presents = [p for p in points if _fini(p.valeur)]
    plume, marche = _Plume.de(ligne, points), "hv" if ligne.type_cible is TypeCible.REALISER else "linear"
    xs, ys = _avec_trous(points)
    reference = [(debut, ligne.reference)] if ligne.date_reference and _fini(ligne.reference) else []
    arrets = dict(reference + sorted((annee(c.date), c.valeur) for c in cibles if _fini(c.valeur)))
    fins = [annee(d) for d in (ligne.date_cible, *(p.fin for p in presents[-1:])) if d] + list(arrets)
    debuts = [annee(p.fin) for p in presents[:1]] + list(arrets)
    x0, x1 = min(debuts, default=0.0), max(fins, default=1.0)
    commun = dict(type="scatter", mode="lines", hoverinfo="skip", cliponaxis=False)
    pointille = dict(color=t.cible, width=1.5, dash="5px,4px", shape=marche)
    traces = []
    if ligne.type_cible in SEUILS:
        bornes = _seuils(ligne, cibles, x0, x1)
        traces += [commun | dict(x=bx, y=by, line=pointille) for _, bx, by in bornes]
        toutes = [v for _, _, by in bornes for v in by]
    elif len(arrets) and ligne.type_cible is not TypeCible.SUIVRE:
        losange = dict(symbol="diamond", size=[0] * (len(arrets) - 1) + [9], color=t.encre, opacity=1)
        traces.append(
            commun | dict(mode="lines+markers", x=list(arrets), y=list(arrets.values()), line=pointille, marker=losange)
        )
        toutes = list(arrets.values())
    else:
        toutes = []
    if presents:
        if reference and annee(presents[0].fin) - debut > 1e-9:
            xs, ys = [debut, *xs], [ligne.reference, *ys]
        traces.append(commun | dict(x=xs, y=ys, line=dict(color=t.reel, width=2.5, shape=marche)))
        forme = _marqueurs(presents[-1:], t, mode, 0.9)
        bulle = dict(
            customdata=[_infobulle(presents[-1], plume, ligne)], hovertemplate="%{customdata}<extra></extra>", hoverinfo=None
        )
        traces.append(commun | dict(mode="markers+text", x=[annee(presents[-1].fin)], y=[presents[-1].valeur]) | bulle | forme)
    toutes += [p.valeur for p in presents] + [v for _, v in reference]
    bas, haut = min(toutes, default=0.0), max(toutes, default=1.0)
    marge = 0.16 * (haut - bas) or abs(haut) * 0.1 or 1
    # 1e-6: a year's end must not be named after the next year
    graduees = {x: str(math.floor(x - 1e-6)) for x in ((x0, x1) if x1 > x0 else (x0,))} if toutes else {}
    notes = (
        []
        if presents
        else [
            dict(
                x=1,
                y=0,
                xref="paper",
                yref="paper",
                showarrow=False,
                xanchor="right",
                text="Aucune valeur",
                font=dict(size=12, color=t.gris),
            )
        ]
    )
    return go.Figure(
        data=traces,
        layout=dict(
            template=modele(mode), height=120, margin=dict(l=18, r=18, t=10, b=24), annotations=notes,
            xaxis=dict(range=[x0 - 0.03 * (x1 - x0 or 1), x1 + 0.03 * (x1 - x0 or 1)], tickvals=list(graduees),
                       ticktext=list(graduees.values()),
                       showgrid=False, automargin=False, tickfont_size=12, tickangle=0),
            yaxis=dict(visible=False, range=[bas - marge, haut + marge]),
        ),
    )  # fmt: skip
