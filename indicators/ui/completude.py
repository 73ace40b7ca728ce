"""The completeness matrix: one row per indicator, one column per year, one mark per period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from indicators.completude import MARQUES, write_cellule
from indicators.model import Presence
from indicators.queries import Ligne
from indicators.queries.qualite import Periode
from indicators.ui.components import build_link


def show_matrice(periodes: Sequence[Periode], lignes: Mapping[str, Ligne], titre: str) -> None:
    """The marks of each year side by side; each cell says in words what its marks show."""
    cellules: dict[tuple[str, int], list[Periode]] = defaultdict(list)
    for p in periodes:
        cellules[p.indicateur, p.fin.year].append(p)
    annees = sorted({annee for _, annee in cellules})
    entetes = "".join(f'<th scope="col">{annee}</th>' for annee in annees)
    corps = "".join(f'<tr><th scope="row">{_write_indicateur(x)}</th>'
                    + "".join(f"<td>{_write_cellule(cellules[code, annee])}</td>" for annee in annees) + "</tr>"
                    for code, x in lignes.items())
    st.html(f'<div class="defile" tabindex="0" role="region" aria-label="{escape(titre)}"><table class="lignes completude">'
            f'<thead><tr><th scope="col">Indicateur</th>{entetes}</tr></thead><tbody>{corps}</tbody></table></div>')


def _write_indicateur(x: Ligne) -> str:
    lien = build_link("indicateur", x.indicateur, f"{x.indicateur} {x.libelle_court}")
    return f'<a href="{escape(lien.adresse)}" target="_self">{escape(lien.texte)}</a>'


def _write_cellule(periodes: Sequence[Periode]) -> str:
    """Marks for the eye, their meaning in the tooltip and for a screen reader; nothing where the year has no period."""
    if not periodes:
        return ""
    mots = escape(write_cellule(periodes))
    marques = "".join(f'<span class="{_classe(p)}">{escape(MARQUES[p.presence])}</span>' for p in periodes)
    return f'<span aria-hidden="true" title="{mots}">{marques}</span><span class="cache">{mots}</span>'


def _classe(p: Periode) -> str:
    """A period that is missing is filled; the mark alone says the same."""
    return "marque tu tu_retard_fort" if p.presence is Presence.MANQUANTE else "marque"
