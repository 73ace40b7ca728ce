"""Trajectory of one line: the figure put together, its margins, and every label placed in pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import Any, NamedTuple

import plotly.graph_objects as go

from indicators.charts.marks import Ecran, Plume, annee, ecarter, fini, nom_date, nom_point, noter_secrets, pouces, texte_sur
from indicators.charts.temps import Fenetre, cadrer_temps, graduer_temps
from indicators.charts.traces import build_traces
from indicators.charts.valeurs import Valeurs, cadrer_valeurs
from indicators.formats import FINE, format_date, format_nombre, titre
from indicators.model import RoleCible
from indicators.queries import Cible, Ligne, Point
from indicators.theme import modele

Note = dict[str, Any]
A_GAUCHE = dict(xanchor="left", align="left")


@dataclass(frozen=True)
class _Cadre:
    """From values and years to pixels, inside of the axes."""

    y0: float
    y1: float
    hauteur: float
    px_par_an: float

    def vers_px(self, v: float) -> float:
        return (v - self.y0) / (self.y1 - self.y0) * self.hauteur


@dataclass(frozen=True)
class _Etiquette:
    """One label of the right-hand column: a name above a value."""

    valeur: float
    nom: str
    nombre: str
    taille: int
    couleur: str

    def largeur(self, ecran: Ecran) -> float:
        taille = ecran.corps(self.taille)
        return max(pouces(self.nom, taille), 1.08 * pouces(self.nombre, taille))

    def hauteur(self, ecran: Ecran) -> float:
        return ecran.corps(self.taille) * (2.6 if self.nom else 1.3)


class _Repere(NamedTuple):
    """One remark in the window: its number in the list of the page, where it stands."""

    numero: int
    x: float
    jour: date
    texte: str


@dataclass(frozen=True)
class _Entete:
    """What is written above the frame, on one line or one line each."""

    mots: tuple[str, ...]
    double: bool

    @property
    def texte(self) -> str:
        return "<br>".join(map(titre, self.mots)) if self.double else titre(" · ".join(self.mots))


def build_trajectoire(
    ligne: Ligne,
    points: Sequence[Point],
    cibles: Sequence[Cible],
    mode: str,
    etroit: bool = False,
    echelle: float = 1.0,
    comparaisons: Sequence[tuple[str, Sequence[Point]]] = (),
    ruptures: Sequence[tuple[date, str]] = (),
    revisions: Sequence[tuple[date, date, str]] = (),
) -> go.Figure:
    """Trajectory of one line: reference, target path or threshold, realised values with their status, trend.

    Values in the line's unit. `mode` is "light" or "dark"; `etroit` is for phones (300 px high, about 340 wide), else 420 px;
    `echelle` multiplies texts and marks (COPIL). `comparaisons` are (name, points) of other territories, `ruptures` (date, text),
    numbered in that order, `revisions` (début, fin, text) of values that were revised.
    """
    ecran, plume = Ecran(mode, etroit, echelle), Plume.de(ligne, points)
    fenetre = cadrer_temps(ligne, points, cibles, etroit)
    valeurs = cadrer_valeurs(ligne, plume, fenetre, cibles, comparaisons)
    if valeurs.dehors:  # a line that the frame cuts reads as a plunge: these years leave together, and it is said
        points = [p for p in points if p.fin > valeurs.dehors[-1].fin]
        laissees = [p for p in fenetre.avant if p.fin <= valeurs.dehors[-1].fin]
        fenetre = cadrer_temps(ligne, points, cibles, etroit)
        valeurs = cadrer_valeurs(ligne, plume, fenetre, cibles, comparaisons)
        valeurs = replace(valeurs, remarques=(_name_laissees(laissees), *valeurs.remarques))
    colonne = _list_etiquettes(ligne, plume, ecran, fenetre, valeurs)
    entete = _list_entete(ligne, plume, ecran, fenetre, valeurs)

    hauteur, marges = ecran.px(300 if etroit else 420), _measure_marges(ecran, valeurs, colonne, entete)
    largeur = ecran.px(340 if etroit else 900) - marges["l"] - marges["r"]
    px_par_an = largeur / (fenetre.x_fin - fenetre.gauche + 2 * fenetre.marge)
    axe = graduer_temps(fenetre, ligne, plume, ecran, px_par_an)
    marges["b"] = ecran.px(38 if etroit else 52 if any("<br>" in e for e in axe.textes) else 32)
    cadre = _Cadre(valeurs.y0, valeurs.y1, hauteur - marges["t"] - marges["b"], px_par_an)

    visibles = [_Repere(k, annee(d), d, texte) for k, (d, texte) in enumerate(ruptures, 1)
                if fenetre.gauche <= annee(d) <= fenetre.x_fin]
    revisees = {p: texte for p in fenetre.points for debut, fin, texte in revisions if p.debut <= debut and fin <= p.fin}
    notes = _place_colonne(colonne, fenetre.x_fin, ecran, cadre)
    notes += _note_attente(ecran, fenetre, valeurs, cadre)
    notes += _place_milieux(ligne, plume, ecran, fenetre, valeurs, cadre)
    notes += _note_ruptures(visibles, fenetre, ecran, cadre)
    notes += [_note_revision(p, texte, fenetre.points, ecran) for p, texte in revisees.items() if fini(p.valeur)]
    notes += noter_secrets(fenetre.points, ecran)
    notes += _note_entete(entete, ecran, marges["l"])
    notes += _note_vide(ecran, fenetre, valeurs)
    return go.Figure(
        data=build_traces(ligne, plume, ecran, fenetre, valeurs, revisees),
        layout=dict(
            template=modele(mode, echelle), height=hauteur, margin=marges, annotations=notes,
            shapes=_draw_formes(ecran, fenetre, [r.x for r in visibles], axe.limites),
            xaxis=dict(range=[fenetre.gauche - fenetre.marge, fenetre.x_fin + 0.4 * fenetre.marge],
                       tickvals=axe.xs, ticktext=axe.textes, tickangle=0, showgrid=False, automargin=False,
                       tickfont=dict(size=ecran.corps(12 if etroit else 14), color=ecran.ton.encre)),
            yaxis=dict(range=[valeurs.y0, valeurs.y1], tickvals=valeurs.crans, ticktext=valeurs.ecrits, automargin=False,
                       tickfont=dict(size=ecran.corps(13))),
        ),
    )  # fmt: skip


# -- what is to be written: measured first, placed once the frame is known -----------------------------------------------


def _list_etiquettes(ligne: Ligne, plume: Plume, ecran: Ecran, fenetre: Fenetre, valeurs: Valeurs) -> list[_Etiquette]:
    """Right-hand column: target or bounds, trend, then the values whose last point is at the edge."""
    t, colonne = ecran.ton, []
    if valeurs.chemin and (finale := valeurs.chemin[-1]).role is not RoleCible.REFERENCE:
        colonne.append(_Etiquette(finale.valeur, f"Cible {nom_date(finale.date)}", plume(finale.valeur), 14, t.encre))
    if len(valeurs.bornes) == 2:
        bas, haut = (b.ys[-1] for b in valeurs.bornes)
        nombre = f"{escape(format_nombre(bas, ligne.decimales))} et {plume(haut)}"
        colonne.append(_Etiquette((bas + haut) / 2, "Entre", nombre, 14, t.encre))
    elif valeurs.bornes:
        cote, _, ys = valeurs.bornes[0]
        colonne.append(_Etiquette(ys[-1], "Au moins" if cote == "bas" else "Au plus", plume(ys[-1]), 14, t.encre))
    if valeurs.tendance is not None:
        colonne.append(_Etiquette(valeurs.tendance, "Tendance", plume(valeurs.tendance), 13, t.reel))
    if (dernier := fenetre.dernier) and fenetre.est_au_bord(dernier):
        colonne.append(_Etiquette(dernier.valeur, "", plume(dernier.valeur), _taille_courante(ecran), t.reel))
    for c in valeurs.autres:
        if fenetre.est_au_bord(c.dernier):
            colonne.append(_Etiquette(c.valeur, texte_sur(c.nom, 14 if ecran.etroit else 22), plume(c.valeur), 13, t.gris))
    return colonne


def _taille_courante(ecran: Ecran) -> int:
    return 18 if ecran.etroit else 20


def _list_entete(ligne: Ligne, plume: Plume, ecran: Ecran, fenetre: Fenetre, valeurs: Valeurs) -> _Entete:
    """A unit too long for the ticks, the last known period on a phone, what stays out of the frame."""
    mots = [] if ligne.unite in ("", "%", "‰") or plume.oui_non else [texte_sur(titre(ligne.unite), 40)]
    if ecran.etroit and fenetre.attente:
        mots.append(f"dernière valeur{FINE}: {escape(nom_point(fenetre.dernier))}")
    mots += valeurs.remarques
    return _Entete(tuple(mots), ecran.etroit and len(" · ".join(mots)) > 46)


def _name_laissees(laissees: Sequence[Point]) -> str:
    premiere, derniere = nom_point(laissees[0]), nom_point(laissees[-1])
    return escape(f"valeur de {derniere} hors cadre" if len(laissees) == 1 else f"valeurs de {premiere} à {derniere} hors cadre")


def _measure_marges(ecran: Ecran, valeurs: Valeurs, colonne: Sequence[_Etiquette], entete: _Entete) -> dict[str, int]:
    """Margins for the ticks, the right-hand column and the header; the bottom one waits for the time axis."""
    droite = ecran.px(40)
    if colonne:
        droite = max(ecran.px(84 if ecran.etroit else 96), round(ecran.px(22) + max(e.largeur(ecran) for e in colonne)))
    return dict(
        l=round(ecran.px(10) + max((pouces(e, ecran.corps(13)) for e in valeurs.ecrits), default=0)),
        r=droite,
        t=ecran.px(10 + 18 * (len(entete.mots) if entete.double else 1)),
        pad=0,
    )


# -- labels, placed --------------------------------------------------------------------------------------------------------


def _place_colonne(colonne: Sequence[_Etiquette], x_fin: float, ecran: Ecran, cadre: _Cadre) -> list[Note]:
    centres = [cadre.vers_px(e.valeur) for e in colonne]
    places = ecarter(centres, [e.hauteur(ecran) for e in colonne], 0, cadre.hauteur + ecran.px(20))
    return [
        ecran.note(x_fin, e.valeur, f"{e.nom}<br><b>{e.nombre}</b>" if e.nom else f"<b>{e.nombre}</b>", e.taille, e.couleur,
                   xshift=ecran.px(14), yshift=place - centre, **A_GAUCHE)
        for e, centre, place in zip(colonne, centres, places, strict=True)
    ]  # fmt: skip


def _note_attente(ecran: Ecran, fenetre: Fenetre, valeurs: Valeurs, cadre: _Cadre) -> list[Note]:
    """Where values stop, said in the quiet zone on the side that its marks leave free; a phone says it above the frame."""
    if not fenetre.attente or ecran.etroit:
        return []
    dernier = fenetre.presents[-1]
    proches = [dernier.valeur, *(c.valeur for c in valeurs.chemin[-1:]), *(b.ys[-1] for b in valeurs.bornes)]
    proches += [valeurs.tendance] if valeurs.tendance is not None else []
    hauteurs = [cadre.vers_px(v) for v in proches]
    en_bas = min(hauteurs) >= cadre.hauteur - max(hauteurs)
    dite = f"Dernière valeur{FINE}: {escape(nom_point(dernier))}"
    if (fenetre.x_fin - fenetre.x_der) * cadre.px_par_an < pouces(dite, ecran.corps(12)) + 8:
        dite = dite.replace(f"{FINE}: ", f"{FINE}:<br>")
    bord = dict(yanchor="bottom", yshift=ecran.px(2)) if en_bas else dict(yanchor="top", yshift=-ecran.px(2))
    milieu = (fenetre.x_der + fenetre.x_fin) / 2
    return [ecran.note(milieu, 0 if en_bas else 1, dite, 12, ecran.ton.gris, yref="y domain", **bord)]


def _place_milieux(ligne: Ligne, plume: Plume, ecran: Ecran, fenetre: Fenetre, valeurs: Valeurs, cadre: _Cadre) -> list[Note]:
    """Values written inside the frame; comparisons give way to the current value when they end at the same place."""
    notes, centres, hauteurs = [], [], []
    dernier = fenetre.dernier
    if dernier and not fenetre.est_au_bord(dernier):
        dessous, ancre = _choose_cote(ligne, ecran, fenetre, valeurs, cadre)
        place = (fenetre.x_der - fenetre.gauche + fenetre.marge) * cadre.px_par_an + ecran.px(6)
        if ancre == "right" and place < 1.08 * pouces(plume(dernier.valeur), ecran.corps(_taille_courante(ecran))):
            ancre = "left"  # it would run over the ticks
        notes.append(
            ecran.note(fenetre.x_der, dernier.valeur, f"<b>{plume(dernier.valeur)}</b>", _taille_courante(ecran), ecran.ton.reel,
                       xanchor=ancre, xshift=dict(left=ecran.px(2), right=ecran.px(6), center=0)[ancre])
        )  # fmt: skip
        centres.append(cadre.vers_px(dernier.valeur) + ecran.px(-25 if dessous else 25))
        hauteurs.append(ecran.px(26))
    for c in valeurs.autres:
        if not fenetre.est_au_bord(c.dernier):
            texte = f"{texte_sur(c.nom, 22)} {plume.axe(c.valeur)}"
            notes.append(
                ecran.note(annee(c.dernier.fin), c.valeur, texte, 13, ecran.ton.gris, xanchor="left", xshift=ecran.px(10))
            )
            centres.append(cadre.vers_px(c.valeur))
            hauteurs.append(ecran.px(18))
    places = ecarter(centres, hauteurs, 0, cadre.hauteur + ecran.px(16))
    return [note | dict(yshift=place - cadre.vers_px(note["y"])) for note, place in zip(notes, places, strict=True)]


def _choose_cote(ligne: Ligne, ecran: Ecran, fenetre: Fenetre, valeurs: Valeurs, cadre: _Cadre) -> tuple[bool, str]:
    """Side of the current value: below its point or not, and its anchor: away from the target, off its own line."""
    *avant, dernier = fenetre.presents
    precedent = avant[-1].valeur if avant else ligne.reference if fini(ligne.reference) else dernier.valeur
    but = dernier.attendu
    if not fini(but):
        but = valeurs.bornes[0].ys[-1] if valeurs.bornes else valeurs.tendance
    dessous = fini(but) and dernier.valeur < but
    monte, baisse = dernier.valeur > precedent, dernier.valeur < precedent
    ancre = "left" if (dessous and monte) or (not dessous and baisse) else "right" if monte or baisse else "center"
    if not ecran.px(10) <= cadre.vers_px(dernier.valeur) + ecran.px(-25 if dessous else 25) <= cadre.hauteur + ecran.px(14):
        return not dessous, {"left": "right", "right": "left"}.get(ancre, ancre)
    return dessous, ancre


def _note_ruptures(visibles: Sequence[_Repere], fenetre: Fenetre, ecran: Ecran, cadre: _Cadre) -> list[Note]:
    """At the top of its line, the number of each remark and its first words where they fit; the page lists them in full."""
    ordre = sorted(visibles, key=lambda r: r.x)
    suivants = [*(r.x for r in ordre[1:]), fenetre.x_fin]
    notes, fin, rang = [], -math.inf, 0
    for r, suivant in zip(ordre, suivants, strict=False):
        gauche = (r.x - fenetre.gauche) * cadre.px_par_an
        rang = rang + 1 if gauche < fin else 0  # numbers that would touch go down one below the other
        place = (suivant - r.x) * cadre.px_par_an - ecran.px(22)
        court = texte_sur(r.texte, 30)
        seul = ecran.etroit or pouces(court, ecran.corps(12)) > place
        dite = f"<b>{r.numero}</b>" if seul else f"<b>{r.numero}</b>{FINE} {court}"
        fin = gauche + ecran.px(16)
        notes.append(
            ecran.note(r.x, 1, dite, 12, ecran.ton.gris, yref="y domain", yanchor="top", yshift=ecran.px(4 - 18 * rang),
                       xanchor="left", xshift=ecran.px(2), bgcolor=ecran.ton.fond, borderpad=1, captureevents=True,
                       hovertext=f"{format_date(r.jour)}{FINE}: {texte_sur(r.texte)}")
        )  # fmt: skip
    return notes


def _note_revision(p: Point, texte: str, points: Sequence[Point], ecran: Ecran) -> Note:
    """« r », as statistical tables mark a revised figure, on the side that the line to the next value leaves free."""
    suivant = next((q.valeur for q in points if q.fin > p.fin and fini(q.valeur)), p.valeur)
    place = dict(xshift=ecran.px(11), yshift=ecran.px(9 if suivant < p.valeur else -9), hovertext=texte_sur(texte),
                 captureevents=True)
    return ecran.note(annee(p.fin), p.valeur, "<i>r</i>", 13, ecran.ton.gris, **place)


def _note_entete(entete: _Entete, ecran: Ecran, marge: int) -> list[Note]:
    if not entete.mots:
        return []
    place = dict(xref="x domain", yref="y domain", yanchor="bottom", xshift=-marge + ecran.px(8), yshift=ecran.px(10))
    return [ecran.note(0, 1, entete.texte, 12, ecran.ton.gris, **place, **A_GAUCHE)]


def _note_vide(ecran: Ecran, fenetre: Fenetre, valeurs: Valeurs) -> list[Note]:
    """Said in the free corner, opposite to the target, when no value is known."""
    if fenetre.presents:
        return []
    chemin = valeurs.chemin
    coin = dict(yanchor="top", y=1) if chemin and chemin[-1].valeur < chemin[0].valeur else dict(yanchor="bottom", y=0)
    place = dict(xref="x domain", yref="y domain", xanchor="right")
    return [ecran.note(1, 0, "Aucune valeur renseignée", 14, ecran.ton.gris, **place) | coin]


def _draw_formes(ecran: Ecran, fenetre: Fenetre, ruptures: Sequence[float], limites: Sequence[float]) -> list[dict[str, Any]]:
    """A quiet zone where nothing is known yet, breaks of series, limits between years."""
    t, formes = ecran.ton, []
    if fenetre.attente:
        zone = dict(type="rect", x0=fenetre.x_der, x1=fenetre.x_fin, y0=0, y1=1, yref="y domain")
        formes.append(zone | dict(fillcolor=t.fond2, line_width=0, layer="below"))
    trait = dict(type="line", y0=0, y1=1, yref="y domain")
    formes += [trait | dict(x0=x, x1=x, line=dict(color=t.bord, width=1.25, dash="dot")) for x in ruptures]
    return formes + [trait | dict(x0=x, x1=x, line=dict(color=t.grille, width=1), layer="below") for x in limites]
