"""What waits for a second person: said on the synthèse, then shown first in the journal, with its effect and the two answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from indicators import bilans, propositions, queries
from indicators.errors import ErreurMetier
from indicators.formats import FINE, INSECABLE, format_horodatage
from indicators.model import EtatDepot
from indicators.queries import Depot
from indicators.ui import components as c
from indicators.ui import donnees
from indicators.ui.acces import ask_auteur, get_acces
from indicators.ui.server import report_error
from indicators.ui.state import get_contexte

DECIDE = "_decide"


def show_notice() -> None:
    """One line with a link to the journal while a dépôt of this plan waits; nothing of its figures."""
    contexte = get_contexte()
    if n := donnees.read(queries.count_attente, contexte.plan.plan):
        c.link_page("journal", f"{bilans.write_attente(n)}{FINE}: voir le journal")


def show_waiting(depots: Sequence[Depot], plans: Mapping[int, Sequence[str]]) -> None:
    """Every dépôt that waits, the oldest first, and what was decided a moment ago; `plans` names those that each one touches."""
    if fait := st.session_state.pop(DECIDE, None):
        st.success(fait, icon=":material/check_circle:")
    attente = [d for d in reversed(depots) if d.etat is EtatDepot.PROPOSE]
    if not attente:
        return
    st.header(bilans.write_attente(len(attente)), anchor=False)
    st.markdown("Rien n’en compte avant. L’effet montré est celui d’une acceptation maintenant.")
    fuseau = get_contexte().plan.fuseau
    for d in attente:
        qui = f"{c.sur(d.auteur or 'non précisé')}, {format_horodatage(d.recu_le, fuseau)}"
        titre = f"Dépôt n°{INSECABLE}{d.id} proposé par {qui} · {c.sur(', '.join(plans.get(d.id, [])))}"
        with st.expander(titre, icon=":material/how_to_reg:", key=f"propose_{d.id}", on_change="rerun") as volet:
            if volet.open:
                _show_proposal(d)


def _show_proposal(d: Depot) -> None:
    st.markdown(f"Motif{FINE}: {c.sur(d.motif or 'non précisé')}")
    c.link_depot(d.id)
    if not get_acces().peut_ecrire:
        st.caption("Accepter ou refuser demande un rôle de dépôt dans ce plan.")
        return
    acceptable = False
    try:
        with st.spinner("Calcul de l’effet…"):
            bilan = donnees.rehearse(get_acces(), propositions.rehearse_acceptance, d.id)
        _show_effect(bilan)
        acceptable = not bilan.bloque
    except ErreurMetier as erreur:
        report_error(erreur)
    _decide(d, acceptable)


def _show_effect(bilan: propositions.BilanDepot) -> None:
    st.markdown(f"**{bilans.write_bilan(bilan)}**")
    if bilan.bloque:
        st.error(f"La base a changé{FINE}: des lignes ne passent plus la vérification, le dépôt ne peut plus être accepté.",
                 icon=":material/block:")
    elif bilan.anomalies:
        st.warning(f"{bilans.write_anomalies(bilan.anomalies)}.", icon=":material/info:")
    etroit = get_contexte().etroit
    if bilan.anomalies:
        anomalies = bilans.list_anomalies(bilan.anomalies)
        c.show_part(bilans.shorten_anomalies(anomalies, True, etroit), "Anomalies", len(anomalies), 50)
    if not bilan.bloque:
        phrases = bilans.write_effets(bilan.effets, "l’acceptation", bilan.masquees)
        st.markdown("\n\n".join(phrases) if phrases else "Aucun statut d’indicateur ne change.")
    if bilan.effets:
        lignes = donnees.read(queries.get_etat_plan, get_contexte().vue).lignes
        c.show_part(bilans.list_effets(bilan.effets, lignes), "Statuts qui changent", len(bilan.effets), 50)
    if bilan.changements:
        st.markdown("**Ancienne et nouvelle valeur**")
        changements = bilans.list_changements(bilan.changements, etroit)
        c.show_part(changements, "Ancienne et nouvelle valeur", bilan.cellules_changees, 50)


def _decide(d: Depot, acceptable: bool) -> None:
    """The form with the two answers; it is drawn again, and emptied, when the base has moved."""
    with st.form(f"decider_{d.id}_{donnees.begin_run().version}", border=False):
        auteur = ask_auteur(obligatoire=True)
        st.caption(f"Une autre personne que celle qui a proposé{FINE}; la même peut seulement refuser.")
        motif = st.text_input("Motif (obligatoire pour refuser)", key=f"motif_decision_{d.id}", max_chars=1000)
        with st.container(horizontal=True):
            accepte = acceptable and st.form_submit_button("Accepter", type="primary", icon=":material/check:")
            refuse = st.form_submit_button("Refuser", icon=":material/close:")
    if not (accepte or refuse):
        return
    try:
        with st.spinner("Écriture…"):
            if refuse:
                donnees.write(get_acces(), propositions.refuse, d.id, auteur, motif)
            else:
                bilan = donnees.write(get_acces(), propositions.accept, d.id, auteur, motif.strip() or None)
    except ErreurMetier as erreur:
        report_error(erreur)
        return
    if refuse or bilan.depot:
        st.session_state[DECIDE] = f"Dépôt n°{INSECABLE}{d.id} {'refusé' if refuse else 'accepté'}."
    st.rerun()
