"""What each slide of a deck shows: one message, then its chart, its tiles or its tables. Reads nothing but the deck."""

from __future__ import annotations

from contextlib import nullcontext
from html import escape

import plotly.graph_objects as go
import streamlit as st

from indicators.charts import build_trajectoire
from indicators.exports.contenu import list_presences
from indicators.formats import FINE, MASQUE, format_nombre, format_periode, pluriel
from indicators.meetings.deck import ActionMontree, Deck, Diapo, Grille, LigneMontree
from indicators.model import Sujet
from indicators.queries import Point
from indicators.queries.seances import Seance
from indicators.synthese import GROUPES
from indicators.theme import badge, style
from indicators.ui import components as c
from indicators.ui.copil.decision import list_prises, show_decision, show_prises
from indicators.ui.donnees import draw
from indicators.ui.state import get_contexte

ECHELLE = 1.45  # of the texts of a chart: 20 px where the room reads, on a screen of 1920 x 1080
EN_TABLEAUX = 10  # rows that a screen holds with their air, a title and its headings for two
EN_HAUTEUR = 8  # tiles of two lines that a screen holds one above the other


def show_diapo(deck: Deck, diapo: Diapo, seance: Seance) -> None:
    """One slide: its place in the agenda, its message, its body, then of what and from when it speaks."""
    st.html(f'<p class="surtitre" data-diapos="{len(deck.diapos)}">{escape(_write_surtitre(diapo))}</p>')
    with st.container(key="ouverture") if diapo.sujet is Sujet.OUVERTURE else nullcontext():
        st.title(c.sur(_write_titre(deck, diapo)), anchor=False)
        _show_corps(deck, diapo, seance)
    with st.container(key="pied"):
        st.caption(c.sur(" ".join(filter(None, (deck.entete.perimetre, deck.entete.avertissement)))))


def _show_corps(deck: Deck, diapo: Diapo, seance: Seance) -> None:
    match diapo.sujet:
        case Sujet.OUVERTURE:
            _show_ouverture(deck, diapo)
        case Sujet.SYNTHESE:
            _show_phrases(deck, diapo)
            st.html(build_mosaique(deck))
        case Sujet.ACTION if diapo.action in {a.action.action for a in deck.actions}:
            _show_action(deck, diapo, deck.action(diapo.action), seance)
        case Sujet.LIBRE | Sujet.RELEVE:
            _show_releve(deck, diapo, seance)
        case _:
            with st.container(gap="xsmall"):
                _show_phrases(deck, diapo)
            _show_grilles(diapo.grilles)


def _write_surtitre(diapo: Diapo) -> str:
    return f"{diapo.surtitre} · {diapo.phrases[0]}" if diapo.sujet is Sujet.ACTION and diapo.phrases else diapo.surtitre


def _write_titre(deck: Deck, diapo: Diapo) -> str:
    if diapo.sujet is Sujet.RELEVE and deck.decisions:
        return f"{pluriel(len(deck.decisions), 'décision prise', 'décisions prises')} en séance"
    return diapo.titre


def _show_phrases(deck: Deck, diapo: Diapo) -> None:
    for phrase in diapo.phrases:
        if phrase != deck.entete.avertissement:  # said at the foot of every slide
            st.markdown(c.sur(phrase))


def _show_ouverture(deck: Deck, diapo: Diapo) -> None:
    _show_phrases(deck, diapo)
    for presence, noms in list_presences(deck):
        st.markdown(f"**{presence}**{FINE}: {c.sur(', '.join(noms))}")
    st.caption(f"Au clavier{FINE}: flèches ou Page suivante et Page précédente, Début, Fin, ou le numéro d’une diapositive puis "
               "Entrée.")


def build_mosaique(deck: Deck) -> str:
    """HTML of the evaluated lines in columns, from the favourable to the late: each a tile with its glyph, its word, its name."""
    groupes = [(nom, [x for s in statuts for x in deck.lignes if x.ligne.statut is s]) for nom, statuts in GROUPES]
    dense = " dense" if max(len(lignes) for _, lignes in groupes) > EN_HAUTEUR else ""
    colonnes = (f'<section><h2><b>{len(lignes)}</b> {nom}</h2><ul>{"".join(map(_build_tuile, lignes))}</ul></section>'
                for nom, lignes in groupes)
    return f'<div class="mosaique{dense}">{"".join(colonnes)}</div>'


def _build_tuile(x: LigneMontree) -> str:
    statut = x.ligne.statut
    return (f'<li class="tu tu_{statut.value}"><span>{escape(x.ligne.libelle_court or x.ligne.intitule)}</span>'
            f'<b><span aria-hidden="true">{style(statut).glyphe}</span> {escape(x.mot)}</b></li>')


def _show_grilles(grilles: tuple[Grille, ...]) -> None:
    """One table under the other; tighter when they are long, and the last ones beside the first from three on."""
    hauteurs = [len(g.lignes) + 2 for g in grilles]
    dense = sum(hauteurs) > EN_TABLEAUX
    with st.container(key="dense") if dense else nullcontext():
        places = st.columns(2, gap="medium") if dense and len(grilles) > 2 else [nullcontext()]
        for k, g in enumerate(grilles):
            with places[-1 if 2 * sum(hauteurs[: k + 1]) > sum(hauteurs) + hauteurs[k] else 0]:
                if len(grilles) > 1:
                    st.header(c.sur(g.titre), anchor=False)
                c.show_rows([dict(zip(g.colonnes, ligne, strict=True)) for ligne in g.lignes], g.titre)


def _show_action(deck: Deck, diapo: Diapo, a: ActionMontree, seance: Seance) -> None:
    """The chart on two thirds; on the other its status in words, who leads it, the form, what was decided before."""
    lignes = [deck.ligne(i) for i in diapo.indicateurs]
    gauche, droite = st.columns([2, 1], gap="medium")
    with gauche:
        if lignes:
            _show_trajectoire(lignes[0])
        else:
            st.markdown("Aucun indicateur ne suit cette action\u202f: rien à dessiner.")
        with st.container(key="prises", gap="xsmall"):
            show_prises(list_prises(deck, seance, a.action.action))
    with droite:
        with st.container(gap="xsmall"):
            st.markdown(f"{badge(a.action.cellule, c.sur(a.mot))} {c.sur(a.action.cellule_raison)}")
            for phrase in diapo.phrases[2:]:  # its name is above the title, its status just here
                st.markdown(c.sur(phrase))
            if autres := [f"{x.ligne.libelle_court or x.ligne.intitule} ({x.mot.lower()})" for x in lignes[1:]]:
                st.markdown(f"Aussi suivis{FINE}: {c.sur(', '.join(autres))}.")
        show_decision(deck, seance, a.action.action)


def draw_trajectoire(x: LigneMontree) -> go.Figure:
    """The chart of a slide, at the scale of its screen."""
    mode, etroit = get_contexte().mode, get_contexte().etroit
    return draw(build_trajectoire, x.ligne, x.points, x.cibles, mode, etroit, 1.0 if etroit else ECHELLE)


def _show_trajectoire(x: LigneMontree) -> None:
    with nullcontext() if get_contexte().etroit else st.container(key="grand"):  # a phone has its own drawing, at its own scale
        c.show_chart(draw_trajectoire(x), "diapo", x.lecture, fixe=True)
    with st.expander("Valeurs et calcul en tableau", icon=":material/table:", key=f"calcul_{x.ligne.indicateur}",
                     on_change="rerun") as volet:
        if volet.open:
            c.show_rows([{"Période": format_periode(p.debut, p.fin), "Valeur": _write_valeur(x, p),
                          "Statut": p.statut.label if p.statut else ""} for p in x.points], "Valeurs de la trajectoire")
            c.show_facts(x.calcul, f"Pourquoi le statut «\u00a0{x.mot}\u00a0»")
            if x.ligne.source:
                st.caption(f"Source{FINE}: {c.sur(x.ligne.source)}")


def _write_valeur(x: LigneMontree, p: Point) -> str:
    if p.valeur is None:
        return MASQUE if p.masque else p.etat.label
    return format_nombre(p.valeur, x.ligne.decimales, x.ligne.unite)


def _show_releve(deck: Deck, diapo: Diapo, seance: Seance) -> None:
    """A point without action: for the closing one every decision of the meeting; a decision on the whole plan in both."""
    gauche, droite = st.columns([2, 1], gap="medium")
    with gauche:
        _show_phrases(deck, diapo)
        _show_grilles(diapo.grilles)
        montrees = deck.decisions if diapo.sujet is Sujet.RELEVE else tuple(d for d in deck.decisions if not d.action)
        if montrees:
            c.show_rows([{"N°": d.code.replace("-", "\u2011"), "Décision": d.texte, "Action": d.action or "Tout le plan",
                          "Responsable": d.qui, "Échéance": d.echeance.strftime("%d/%m/%Y") if d.echeance else ""}
                         for d in montrees], "Décisions de la séance")
        else:
            st.markdown("Aucune décision n’est encore enregistrée. Elles s’écrivent sur la diapositive de chaque action\u202f; "
                        "celles qui portent sur tout le plan, ici.")
    with droite:
        show_decision(deck, seance, None)
