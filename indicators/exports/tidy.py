"""The figures of a deck as one CSV that a French spreadsheet opens right: one row for each indicator and period."""

from __future__ import annotations

from collections.abc import Iterator

from indicators.formats import MASQUE, format_csv, format_date, format_horodatage
from indicators.meetings.deck import Deck

COLONNES = ("plan", "indicateur", "intitulé", "unité", "territoire", "début", "fin", "réalisé", "attendu", "état", "statut",
            "référence", "date de la référence", "cible", "date de la cible", "provenance", "source", "situation au", "connu au")


def build_csv(deck: Deck) -> bytes:
    """Every period of every ligne principale; an empty cell is a figure that does not exist, « s. » one that is hidden."""
    return format_csv(COLONNES, _rows(deck))


def _rows(deck: Deck) -> Iterator[tuple[object, ...]]:
    e = deck.entete
    for x in deck.lignes:
        li = x.ligne
        jalons = (_write(li.reference), format_date(li.date_reference) if li.date_reference else "", _write(li.cible),
                  format_date(li.date_cible) if li.date_cible else "")
        for p in x.points:
            yield (li.plan, li.indicateur, li.intitule, li.unite, li.territoire, format_date(p.debut), format_date(p.fin),
                   MASQUE if p.masque else _write(p.valeur), _write(p.attendu), p.etat.label, p.statut.label if p.statut else "",
                   *jalons, p.provenance.label, p.source or "", format_date(e.observe_au),
                   format_horodatage(e.connu_au, e.plan.fuseau))


def _write(valeur: float | None) -> str:
    return "" if valeur is None else repr(valeur).removesuffix(".0").replace(".", ",")
