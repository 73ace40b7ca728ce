"""What the three charts share: the screen they are drawn for, how a number is written, marks, hover, lines with holes, bounds."""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any, NamedTuple, TypeGuard

from indicators.formats import FINE, MASQUE, format_ecart, format_nombre, format_periode, titre
from indicators.model import INCERTAINS, Etat, Provenance, RoleCible, Statut, TypeCible
from indicators.queries import Cible, Ligne, Point
from indicators.theme import TONS, Ton, style

SEUILS = (TypeCible.RESTER_AU_DESSUS, TypeCible.RESTER_EN_DESSOUS, TypeCible.RESTER_ENTRE)
LISIBLE = 20  # px on a screen of 1920 x 1080, from the end of a room
TAILLES_SIGNES = {"•": 17, "−": 15, "!": 13}  # px of the sign inlaid in a marker, 11 for the others
BULLE = "%{customdata}<extra></extra>"  # hover text written in full by us
MUETTE: dict[str, Any] = dict(type="scatter", hoverinfo="skip")
DITE: dict[str, Any] = dict(type="scatter", hovertemplate=BULLE, cliponaxis=False)


class Borne(NamedTuple):
    """One bound as steps in time: `cote` is "bas" or "haut"."""

    cote: str
    xs: list[float]
    ys: list[float]


@dataclass(frozen=True)
class Ecran:
    """What a chart is drawn for: `mode` "light" or "dark", a phone when `etroit`, texts and marks times `echelle`."""

    mode: str
    etroit: bool = False
    echelle: float = 1.0

    @property
    def ton(self) -> Ton:
        """Tokens of the mode."""
        return TONS[self.mode]

    def px(self, n: float) -> int:
        """Pixels at this scale."""
        return round(n * self.echelle)

    def corps(self, n: float) -> int:
        """Pixels of a text at this scale; enlarged for a room, none is too small to be read there."""
        return self.px(n) if self.echelle <= 1 else max(self.px(n), LISIBLE)

    def note(self, x: float, y: float, texte: str, taille: float, couleur: str, **autres: Any) -> dict[str, Any]:
        """An annotation without arrow."""
        return dict(x=x, y=y, text=texte, showarrow=False, font=dict(size=self.corps(taille), color=couleur)) | autres


@dataclass(frozen=True)
class Plume:
    """How the numbers of one line are written on its chart."""

    decimales: int
    unite: str
    oui_non: bool

    @classmethod
    def de(cls, ligne: Ligne, points: Sequence[Point] = ()) -> Plume:
        """The pen of a line: its decimals, its unit, words instead of 0 and 1 when it is done or not."""
        valeurs = {v for v in (ligne.realise, ligne.cible, *(p.valeur for p in points)) if v is not None}
        return cls(ligne.decimales, ligne.unite, ligne.type_cible is TypeCible.REALISER and valeurs <= {0, 1})

    @property
    def courte(self) -> str:
        """The unit when it fits beside a number, else nothing."""
        return self.unite if len(self.unite) <= 8 else ""

    @property
    def longue(self) -> str:
        """The unit when it is a noun that fits in a line of text: « pour 100 accueils » is none."""
        return self.unite if len(self.unite) <= 14 and not self.unite.startswith(("pour ", "par ")) else ""

    @property
    def signe(self) -> str:
        """The unit only when it is one sign."""
        return self.unite if self.unite in ("%", "‰", "€") else ""

    def __call__(self, v: float | None, unite: str | None = None) -> str:
        if self.oui_non and v in (0, 1):
            return "Réalisé" if v else "Non réalisé"
        return escape(format_nombre(v, self.decimales, self.courte if unite is None else unite))

    def axe(self, v: float | None) -> str:
        """As in a tick."""
        if self.oui_non and v in (0, 1):
            return "oui" if v else "non"
        return escape(format_nombre(v, self.decimales, self.signe))


def annee(d: date) -> float:
    """Decimal year at the end of the day `d`: 31/12/2022 -> 2023.0, 30/06/2022 -> 2022.5."""
    return d.year + (d.month - 1 + d.day / monthrange(d.year, d.month)[1]) / 12


def fini(x: float | None) -> TypeGuard[float]:
    """Is there a number to draw?"""
    return x is not None and math.isfinite(x)


def texte_sur(x: str, maximum: int = 1000) -> str:
    """Text of the data, cut and escaped: plotly reads a small HTML."""
    return escape(x if len(x) <= maximum else x[: maximum - 1].rstrip() + "…")


def nom_date(d: date) -> str:
    """A date on an axis: the year alone at its end, else month and year."""
    return str(d.year) if (d.month, d.day) == (12, 31) else f"{d.month:02}/{d.year}"


def nom_point(p: Point) -> str:
    """The period of a point, short enough for an axis."""
    return format_periode(p.debut, p.fin).removeprefix("année scolaire ")


def pouces(texte: str, taille: float) -> float:
    """Rough width in px of a text without tags."""
    return 0.53 * taille * len(texte)


def forme_ligne(ligne: Ligne) -> str:
    """A yes or no holds until the next date: steps; anything else is joined straight."""
    return "hv" if ligne.type_cible is TypeCible.REALISER else "linear"


def infobulle(p: Point, plume: Plume, ligne: Ligne, revisee: str = "") -> str:
    """Hover of one value: itself, its status, what was expected, how it was revised, where it comes from."""
    lignes = [f"<b>{titre(format_periode(p.debut, p.fin))}{FINE}: {plume(p.valeur, ligne.unite)}</b>"]
    if p.statut is not None:
        lignes.append(f"{style(p.statut).glyphe} {p.statut.label}")
    if fini(p.attendu) and fini(p.valeur):
        ecart = "" if plume.oui_non else f" (écart {escape(format_ecart(p.valeur - p.attendu, ligne.decimales, ligne.unite))})"
        lignes.append(f"Attendu{FINE}: {plume(p.attendu, ligne.unite)}{ecart}")
    mentions = [p.etat.label] if p.etat in INCERTAINS else []
    mentions += [p.provenance.label] if p.provenance is Provenance.ILLUSTRATIF else []
    if mentions:
        lignes.append(" · ".join(mentions))
    if revisee:
        lignes.append(texte_sur(revisee, 90))
    if p.source:
        lignes.append(f"Source{FINE}: {texte_sur(p.source, 60)}")
    return "<br>".join(lignes)


def noter_secrets(points: Sequence[Point], ecran: Ecran) -> list[dict[str, Any]]:
    """« s. » on the floor of the frame, where a value is kept secret: nothing of its height."""
    place = dict(yref="y domain", yanchor="bottom", hovertext="Secret statistique", captureevents=True)
    return [ecran.note(annee(p.fin), 0, MASQUE, 13, ecran.ton.gris, **place)
            for p in points if p.etat is Etat.SECRET and not fini(p.valeur)]


def marqueurs(points: Sequence[Point], ecran: Ecran, facteur: float = 1.0) -> dict[str, Any]:
    """Marker and inlaid sign of each point: shape and colour of its own status, hollow when provisional."""
    signes = [_signe(p, facteur) for p in points]
    apparences = [_apparence(p, ecran) for p in points]
    return dict(
        marker=dict(
            symbol=[a.symbole for a in apparences], size=[ecran.px(a.taille * facteur) for a in apparences],
            color=[a.fond for a in apparences], opacity=1,
            line=dict(width=[a.trait for a in apparences], color=[a.bord for a in apparences]),
        ),
        text=[f"<b>{s}</b>" if s else "" for s in signes], textposition="middle center",
        textfont=dict(size=[ecran.px(TAILLES_SIGNES.get(s, 11)) for s in signes], color=[a.encre for a in apparences]),
    )  # fmt: skip


class _Apparence(NamedTuple):
    symbole: str
    taille: int
    fond: str
    bord: str
    encre: str
    trait: float


def _apparence(p: Point, ecran: Ecran) -> _Apparence:
    t = ecran.ton
    symbole, taille, fond, bord, encre = "circle", 9, t.reel, t.reel, t.fond
    if p.statut is not None:
        s, teinte = style(p.statut), style(p.statut).teinte(ecran.mode)
        symbole, taille, encre = s.symbole, s.taille, teinte.texte
        if p.statut is not Statut.SUIVI:  # a follow-up without target: a point of the line, not a judgement
            fond, bord = teinte.fond, teinte.bord
    if p.etat in INCERTAINS:
        return _Apparence(symbole, taille, t.fond, bord, bord, 2.25)
    return _Apparence(symbole, taille, fond, bord, encre, 1.5)


def _signe(p: Point, facteur: float) -> str:
    return style(p.statut).incruste if p.statut is not None and facteur == 1 else ""


def avec_trous(points: Sequence[Point]) -> tuple[list[float | None], list[float | None]]:
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
        present = fini(p.valeur)
        xs.append(annee(p.fin) if present else None)
        ys.append(p.valeur if present else None)
        avant = p
    return xs, ys


def bornes_en_vigueur(ligne: Ligne, cibles: Sequence[Cible], debut: float, fin: float) -> list[Borne]:
    """Bounds of a threshold as steps between two times: a target rules from its date, the first one before it too.

    Same reading as the view `evaluation`: bound = coalesce(valeur_min or valeur_max, valeur).
    """
    resultat = []
    for cote in ("bas", "haut"):
        if ligne.type_cible is (TypeCible.RESTER_EN_DESSOUS if cote == "bas" else TypeCible.RESTER_AU_DESSUS):
            continue
        bornes = []
        for c in sorted((c for c in cibles if c.role is not RoleCible.REFERENCE), key=lambda c: c.date):
            borne = c.valeur_min if cote == "bas" else c.valeur_max
            if fini(v := c.valeur if borne is None else borne):
                bornes.append((annee(c.date), v))
        if not bornes and fini(v := ligne.cible_min if cote == "bas" else ligne.cible_max):
            bornes = [(fin, v)]
        if not bornes:
            continue
        xs, ys = [debut], [bornes[0][1]]
        for x, v in bornes[1:]:
            x = min(max(x, debut), fin)
            xs += [x, x]
            ys += [ys[-1], v]
        resultat.append(Borne(cote, [*xs, fin], [*ys, ys[-1]]))
    return resultat


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
