"""What moved between two dates: each line beside itself, and the sentences that say it.

A move towards the target is counted in whole points of the path, as the two ends are written, so that a reader finds it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from indicators.explanations import EN_RETARD
from indicators.formats import FINE, INSECABLE, accord, format_date, format_ecart, format_horodatage, format_nombre, pluriel
from indicators.model import Provenance, Statut
from indicators.queries import Action, EtatPlan, Ligne, Plan, Vue
from indicators.sentences import write_valeur

CHEMIN = ("type_cible", "reference", "date_reference", "cible", "cible_min", "cible_max", "date_cible")
NOMMES = 12  # codes that a sentence bears


@dataclass(frozen=True)
class Deplacement:
    """One ligne principale at both dates; None where the plan did not have it."""

    avant: Ligne | None
    apres: Ligne | None

    @property
    def ligne(self) -> Ligne:
        """Its latest form."""
        return self.apres or self.avant

    @property
    def cible_revue(self) -> bool:
        """Did its reference or its target change? The two shares of the path are then not on one scale.

        Nothing is said of a line that hides a figure from this reader.
        """
        if self.avant is None or self.apres is None or self.avant.masque or self.apres.masque:
            return False
        return any(getattr(self.avant, c) != getattr(self.apres, c) for c in CHEMIN)

    @property
    def points(self) -> int | None:
        """Whole points of the path between the two dates; None when one of the two, or their common scale, is missing."""
        if self.avant is None or self.apres is None or self.cible_revue:
            return None
        if self.avant.avancement is None or self.apres.avancement is None:
            return None
        return round_part(self.apres.avancement) - round_part(self.avant.avancement)

    @property
    def change_statut(self) -> bool:
        """Is its status another one?"""
        return self.statuts[0] is not self.statuts[1]

    @property
    def statuts(self) -> tuple[Statut | None, Statut | None]:
        """Its status at both dates."""
        return self.avant and self.avant.statut, self.apres and self.apres.statut

    @property
    def bouge(self) -> bool:
        """Is its value, the date of it, its status or its target another one?"""
        if self.avant is None or self.apres is None or self.cible_revue or self.change_statut:
            return True
        return (self.avant.realise, self.avant.date_realise) != (self.apres.realise, self.apres.date_realise)


def round_part(part: float) -> int:
    """A share as whole percents, rounded as `format_nombre` writes it."""
    return int(Decimal(repr(part * 100)).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True)
class Cascade:
    """Lines late or going back (a crossed threshold too) at both dates; codes of those that got out and of those that came in."""

    avant: int
    sortis: tuple[str, ...]
    entres: tuple[str, ...]
    apres: int


def count_retards(deplacements: Sequence[Deplacement]) -> Cascade:
    """From the late lines of before to those of after: `apres` is always `avant` less those out plus those in."""
    retards = [tuple(x is not None and x.statut in EN_RETARD for x in (d.avant, d.apres)) for d in deplacements]
    codes = [d.ligne.indicateur for d in deplacements]
    sortis = tuple(c for c, (a, b) in zip(codes, retards, strict=True) if a and not b)
    entres = tuple(c for c, (a, b) in zip(codes, retards, strict=True) if b and not a)
    return Cascade(sum(a for a, _ in retards), sortis, entres, sum(b for _, b in retards))


def pair_lignes(avant: EtatPlan, apres: EtatPlan) -> tuple[Deplacement, ...]:
    """Every ligne principale of either state, beside itself, by code."""
    gauche, droite = ({x.indicateur: x for x in etat.lignes} for etat in (avant, apres))
    return tuple(Deplacement(gauche.get(code), droite.get(code)) for code in sorted(gauche | droite))


def pair_actions(avant: EtatPlan, apres: EtatPlan) -> list[tuple[Action | None, Action | None]]:
    """Actions whose status, deadline or presence differ, by code."""
    gauche, droite = ({x.action: x for x in etat.actions} for etat in (avant, apres))
    paires = ((gauche.get(code), droite.get(code)) for code in sorted(gauche | droite))
    return [(a, b) for a, b in paires if _situation(a) != _situation(b)]


def _situation(a: Action | None) -> tuple[object, ...]:
    return () if a is None else (a.statut, a.echeance, a.echeance_depassee)


def list_mesurables(deplacements: Sequence[Deplacement]) -> list[Deplacement]:
    """Those that moved on one scale, the largest progress first."""
    return sorted((d for d in deplacements if d.points), key=lambda d: -d.points)


# -- sentences -----------------------------------------------------------------------------------------------------------


def write_titre(deplacements: Sequence[Deplacement]) -> str:
    """« 11 indicateurs avancent vers leur cible, 2 reculent »."""
    points = [d.points for d in deplacements if d.points]
    avancent, reculent = sum(p > 0 for p in points), sum(p < 0 for p in points)
    if not points:
        return "Aucun indicateur ne s’est déplacé vers sa cible"
    if not avancent:
        return f"{pluriel(reculent, 'indicateur')} {accord(reculent, 'recule', 'reculent')}, aucun n’avance"
    suite = f"{reculent} {accord(reculent, 'recule', 'reculent')}" if reculent else "aucun ne recule"
    vers = accord(avancent, "avance vers sa cible", "avancent vers leur cible")
    return f"{pluriel(avancent, 'indicateur')} {vers}, {suite}"


def write_statuts(deplacements: Sequence[Deplacement]) -> str:
    """How many statuses changed, and which way; what cannot be ranked is said apart."""
    changes = [d for d in deplacements if d.change_statut]
    if not changes:
        return "Aucun statut n’a changé."
    comptes = Counter(_sens(d) for d in changes)
    faits = [f"{n}{INSECABLE}{accord(n, *mots)}" for cle, mots in SENS.items() if (n := comptes[cle])]
    quoi = accord(len(changes), "statut a changé", "statuts ont changé")
    return f"{len(changes)}{INSECABLE}{quoi}{FINE}: {', '.join(faits)}."


SENS = {
    "mieux": ("s’améliore", "s’améliorent"), "moins_bien": ("se dégrade", "se dégradent"),
    "equivalent": ("reste au même niveau", "restent au même niveau"), "evalue": ("devient évalué", "deviennent évalués"),
    "perdu": ("n’est plus évalué", "ne sont plus évalués"), "sans_jugement": ("reste sans évaluation", "restent sans évaluation"),
    "ajoute": ("est nouveau dans le plan", "sont nouveaux dans le plan"), "parti": ("n’est plus au plan", "ne sont plus au plan"),
}


def _sens(d: Deplacement) -> str:
    if d.avant is None:
        return "ajoute"
    if d.apres is None:
        return "parti"
    avant, apres = d.avant.gravite, d.apres.gravite
    if not avant or not apres:
        return "sans_jugement" if avant == apres else "perdu" if avant else "evalue"
    return "equivalent" if avant == apres else "mieux" if apres < avant else "moins_bien"


def describe_haltere(deplacements: Sequence[Deplacement]) -> str:
    """Reading note and alternative text of the dumbbell chart."""
    bouges = list_mesurables(deplacements)
    revues = sum(d.cible_revue for d in deplacements)
    fixes = sum(d.points == 0 for d in deplacements)
    phrases = []
    if bouges:
        phrases.append(f"Déplacement sur le chemin de la référence à la cible, {pluriel(len(bouges), 'indicateur')}")
        phrases.append(f"La plus forte avancée{FINE}: {_write_bout(bouges[0])}" if bouges[0].points > 0 else "")
        phrases.append(f"Le plus fort recul{FINE}: {_write_bout(bouges[-1])}" if bouges[-1].points < 0 else "")
    else:
        phrases.append("Aucun déplacement mesurable entre les deux dates")
    if fixes:
        phrases.append(f"{pluriel(fixes, 'indicateur')} au même point")
    if revues:
        ont = accord(revues, "dont la référence ou la cible a changé n’est pas placé", "dont la référence ou la cible a changé "
                     "ne sont pas placés")
        phrases.append(f"{pluriel(revues, 'indicateur')} {ont}")
    illustratifs = sum(d.apres.provenance is Provenance.ILLUSTRATIF for d in bouges)
    if illustratifs:
        phrases.append(f"Dont {illustratifs} sur une cible ou une valeur illustrative")
    return ". ".join(p for p in phrases if p) + "."


def _write_bout(d: Deplacement) -> str:
    x = d.ligne
    return (f"{x.indicateur}{INSECABLE}{x.libelle_court}, de {write_part(d.avant)} à {write_part(d.apres)} du chemin, "
            f"soit {format_ecart(d.points, 0, '%')}")


def write_part(x: Ligne | None) -> str:
    """Share of the path as it is shown; empty when there is none."""
    return "" if x is None or x.avancement is None else format_nombre(x.avancement * 100, 0, "%")


def write_realise(x: Ligne | None) -> str:
    """A value and its date, « 41,2 % (31/12/2022) »."""
    if x is None:
        return "pas encore au plan"
    if x.realise is None and not x.masque:
        return "aucune valeur"
    return f"{write_valeur(x, x.realise)} ({format_date(x.date_realise)})"


def write_situation(nom: str, vue: Vue, plan: Plan) -> str:
    """« COPIL du 20/06/2024 : périodes jusqu’au 31/12/2023, données connues au 20/06/2024 à 8 h 00 »."""
    return (f"{nom}{FINE}: périodes terminées au {format_date(vue.observe_au)}, "
            f"données connues au {format_horodatage(vue.connu_au, plan.fuseau)}")


def describe_cascade(x: Cascade) -> str:
    """Reading note of the waterfall: « 6 indicateurs en retard ou en recul avant, 3 sortis (A, B, C), 1 entré (D), 4 après ».

    Past `NOMMES` codes, they are only counted: the list beside says them.
    """
    if not x.avant and not x.apres:
        return "Aucun indicateur en retard ou en recul, ni avant ni après."
    faits = [f"{pluriel(x.avant, 'indicateur')} en retard ou en recul avant"]
    for codes, un, plusieurs in ((x.sortis, "sorti", "sortis"), (x.entres, "entré", "entrés")):
        nommes = f" ({', '.join(codes)})" if len(codes) <= NOMMES else ""
        faits.append(pluriel(len(codes), un, plusieurs) + nommes if codes else f"aucun {un}")
    return f"{', '.join(faits)}, {format_nombre(x.apres)} après."


def list_deplacements(deplacements: Sequence[Deplacement]) -> list[dict[str, str]]:
    """Twin of the dumbbell: every line that moved, as rows with French headings."""
    return [{
        "Indicateur": f"{d.ligne.indicateur} {d.ligne.intitule}", "Valeur avant": write_realise(d.avant),
        "Valeur après": write_realise(d.apres), "Chemin avant": write_part(d.avant), "Chemin après": write_part(d.apres),
        "Déplacement": "" if d.points is None else format_ecart(d.points, 0, "%"),
        "Statut avant": d.avant.statut.label if d.avant else "", "Statut après": d.apres.statut.label if d.apres else "",
        "Remarque": "Référence ou cible modifiée" if d.cible_revue else "",
    } for d in deplacements if d.bouge]


def count_statuts(deplacements: Sequence[Deplacement]) -> list[dict[str, object]]:
    """How many lines have each status at both dates, as rows with French headings; a status that nobody has is left out."""
    avant, apres = (Counter(d.statuts[k] for d in deplacements) for k in (0, 1))
    return [{"Statut": s.label, "Avant": avant[s], "Après": apres[s], "Écart": format_nombre(apres[s] - avant[s], signe=True)}
            for s in Statut if avant[s] or apres[s]]


def list_actions(avant: EtatPlan, apres: EtatPlan) -> list[dict[str, str]]:
    """Actions whose status, deadline or presence changed, as rows with French headings."""
    return [{"Action": f"{(b or a).action} {(b or a).intitule}", "Avant": _write_action(a), "Après": _write_action(b)}
            for a, b in pair_actions(avant, apres)]


def _write_action(a: Action | None) -> str:
    if a is None:
        return "absente du plan"
    retard = ", échéance dépassée" if a.echeance_depassee else ""
    return a.statut.label + (f", échéance au {format_date(a.echeance)}" if a.echeance and not retard else retard)


def write_illustratif(deplacements: Sequence[Deplacement]) -> str:
    """How many of the lines shown rest on an invented figure; empty when none does."""
    n = sum(d.ligne.provenance is Provenance.ILLUSTRATIF for d in deplacements if d.bouge)
    return f"{pluriel(n, 'indicateur')} {accord(n, 'repose', 'reposent')} sur une cible ou une valeur illustrative." if n else ""
