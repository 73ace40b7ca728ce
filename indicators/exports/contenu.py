"""What every export says in the same words: decisions, attendance, values, arithmetic, the annex of all indicators."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TypeVar

from indicators.formats import FINE, INSECABLE, MASQUE, format_date, format_periode, titre
from indicators.meetings.deck import Deck, Diapo, Entete, Grille, LigneMontree
from indicators.model import INCERTAINS, Etat, PresenceSeance, Provenance, Statut, Sujet
from indicators.queries import Point
from indicators.sentences import write_valeur
from indicators.theme import style

T = TypeVar("T")
_INTERDITS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
CHEMINS_MONTRES = 40  # five slides: the follow-up table holds them all
AUCUNE_DECISION = "Aucune décision n’est enregistrée pour cette séance."


def clean(texte: str) -> str:
    """The text without the characters that no XML document may hold."""
    return _INTERDITS.sub("\ufffd", texte).replace("\r\n", "\n").replace("\r", "\n")


def name_document(entete: Entete) -> str:
    """« COPIL du 05/12/2024, La Réunion »: title of every document."""
    return clean(f"{entete.seance.nom}, {entete.plan.nom}")


def write_statut(x: LigneMontree) -> str:
    """Shape and word of the status of a line."""
    return f"{style(x.ligne.statut).glyphe} {x.mot}"


def list_decisions(deck: Deck, action: str | None = None) -> Grille:
    """The decisions of the séance, or those taken on one action."""
    codes = {a.action.action: a.action.intitule for a in deck.actions}
    return Grille("Décisions prises", ("N°", "Décision", "Action", "Responsable", "Échéance", "État"), tuple(
        (d.code, d.texte, f"{d.action} {codes.get(d.action, '')}".strip() if d.action else "Tout le plan", d.qui,
         format_date(d.echeance) if d.echeance else "", d.avancement)
        for d in deck.decisions if action is None or d.action == action))


def list_comptes(deck: Deck) -> Grille:
    """How many indicators have each status, and which."""
    codes = {s: [x.ligne.indicateur for x in deck.lignes if x.ligne.statut is s] for s in Statut}
    return Grille("Indicateurs par statut", ("Statut", "Nombre", "Indicateurs"), tuple(
        (f"{style(s).glyphe} {s.label}", str(len(ici)), ", ".join(ici)) for s, ici in codes.items() if ici))


def split_groupes(x: Sequence[T], maximum: int) -> list[Sequence[T]]:
    """As few groups of at most `maximum` as can be, of nearly the same size."""
    n = math.ceil(len(x) / maximum)
    return [x[k * len(x) // n : (k + 1) * len(x) // n] for k in range(n)]


def list_presences(deck: Deck) -> list[tuple[str, list[str]]]:
    """Members by presence (« Présents »), each with their function; a presence that nobody has is left out."""
    groupes = []
    for presence in PresenceSeance:
        noms = [f"{p.nom} ({p.fonction})" if p.fonction else p.nom for p in deck.participants if p.presence is presence]
        if noms:
            groupes.append((presence.label + ("s" if len(noms) > 1 else ""), noms))
    return groupes


def write_point(x: LigneMontree, p: Point) -> str:
    """The value of one period in the words of its line, or why there is none."""
    if p.valeur is not None:
        incertain = f" ({p.etat.label.lower()})" if p.etat in INCERTAINS else ""
        return write_valeur(x.ligne, p.valeur) + incertain
    return MASQUE if p.masque or p.etat is Etat.SECRET else p.etat.label


def list_valeurs(x: LigneMontree) -> Grille:
    """The table twin of a trajectory: every period, what was awaited, its status, its source (in the title when there is one)."""
    points = sorted(x.points, key=lambda p: p.fin)
    sources = [write_source(p.source, p.provenance) for p in points]
    seule = len(set(sources)) == 1
    lignes = ((titre(format_periode(p.debut, p.fin)), write_point(x, p),
               write_valeur(x.ligne, p.attendu) if p.attendu is not None else "",
               f"{style(p.statut).glyphe} {p.statut.label}" if p.statut else "", *(() if seule else (source,)))
              for p, source in zip(points, sources, strict=True))
    nom = f"Valeurs de {x.ligne.indicateur}" + (f" (source{FINE}: {sources[0]})" if seule and sources[0] else "")
    return Grille(nom, ("Période", "Réalisé", "Attendu", "Statut", *(() if seule else ("Source",))), tuple(lignes))


def write_source(source: str | None, provenance: Provenance | None) -> str:
    """A source, and that it is illustrative when it is."""
    dite = [source] if source else []
    if provenance is Provenance.ILLUSTRATIF and "illustrati" not in (source or "").lower():
        dite.append(provenance.label.lower())
    return titre(", ".join(dite))


def write_cible(x: LigneMontree) -> str:
    """The target of a line, or its bounds; empty when it has none."""
    li = x.ligne
    if li.cible is not None:
        return write_valeur(li, li.cible)
    bornes = [f"au moins {write_valeur(li, li.cible_min)}"] if li.cible_min is not None else []
    bornes += [f"au plus {write_valeur(li, li.cible_max)}"] if li.cible_max is not None else []
    return ", ".join(bornes)


def write_nombre(x: LigneMontree, v: float | None) -> str:
    """A figure of a line: written, « s. » when it is hidden, empty when there is none."""
    return write_valeur(x.ligne, v) if v is not None or x.ligne.masque else ""


def list_lignes(montrees: tuple[LigneMontree, ...], titre_grille: str) -> Grille:
    """Indicators one a row: what is reached, what was awaited, the target, the status in words and shape."""
    return Grille(titre_grille, ("Indicateur", "Réalisé", "Attendu", "Cible", "Statut"), tuple(
        (f"{x.ligne.indicateur} {x.ligne.intitule}", *(dit.replace(INSECABLE, " ") for dit in  # a narrow cell may part a unit
         (write_realise(x), write_nombre(x, x.ligne.attendu), write_cible(x))), write_statut(x)) for x in montrees))


def write_realise(x: LigneMontree) -> str:
    """What is reached and at which date."""
    dit = write_nombre(x, x.ligne.realise) or "Aucune valeur"
    if x.ligne.realise is None or x.ligne.date_realise is None:
        return dit
    return f"{dit} ({format_date(x.ligne.date_realise)}{', provisoire' if x.ligne.provisoire else ''})"


def list_montrees(deck: Deck, diapo: Diapo) -> tuple[LigneMontree, ...]:
    """The lines that a slide draws."""
    montrees = {x.ligne.indicateur: x for x in deck.lignes}
    return tuple(montrees[i] for i in diapo.indicateurs if i in montrees)


def list_chemins(deck: Deck, diapo: Diapo) -> tuple[str, list[LigneMontree]]:
    """The title of the paths that a slide draws, and their lines: of a large plan, those that are furthest behind."""
    lignes = [x for x in list_montrees(deck, diapo) if x.ligne.avancement is not None]
    if len(lignes) <= CHEMINS_MONTRES:
        return "Chemin parcouru de la référence à la cible", lignes
    pires = sorted(lignes, key=lambda x: (-x.ligne.gravite, x.ligne.avancement, x.ligne.indicateur))[:CHEMINS_MONTRES]
    return f"Chemin parcouru{FINE}: les {CHEMINS_MONTRES} indicateurs les plus en retard sur {len(lignes)}", pires


def write_rang(titre: str, k: int, n: int) -> str:
    """« Titre (2/3) » when it goes on."""
    return f"{titre} ({k}/{n})" if n > 1 else titre


def write_releve(deck: Deck) -> list[str]:
    """That what was decided may still change, until the meeting is closed."""
    seance = deck.entete.seance
    return [f"Relevé provisoire{FINE}: la séance n’est pas close."] if seance.code and not seance.close_le else []


def write_notes(deck: Deck, diapo: Diapo) -> str:
    """For the presenter: what the slide adds, the arithmetic and source of each figure, the dates and the perimeter."""
    blocs = [diapo.notes] if diapo.notes and diapo.sujet is not Sujet.ACTION else []
    for x in list_montrees(deck, diapo) if diapo.sujet is Sujet.ACTION else ():
        calcul = "\n".join(f"– {nom}{FINE}: {dit}" for nom, dit in x.calcul)
        blocs.append(f"{x.ligne.indicateur} {x.ligne.intitule}\n{x.position}\n{calcul}\n"
                     f"Source{FINE}: {write_source(x.ligne.source, x.ligne.provenance) or 'non indiquée'}.")
    if diapo.minutes:
        blocs.append(f"Durée prévue{FINE}: {diapo.minutes}\u00a0minutes.")
    e = deck.entete
    return clean("\n\n".join(b for b in (*blocs, e.perimetre, e.sources, e.avertissement) if b))
