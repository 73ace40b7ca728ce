"""The meetings of the plan: those held, the one being prepared, a new one."""

from __future__ import annotations

from datetime import date

import streamlit as st

from indicators.errors import ErreurMetier
from indicators.formats import titre
from indicators.meetings import preparation
from indicators.queries import seances
from indicators.queries.seances import Seance
from indicators.ui import acces, donnees
from indicators.ui import components as c
from indicators.ui.server import report_error
from indicators.ui.state import get_contexte


def show_liste() -> None:
    """Every meeting with its state and how many decisions it took; below, how to prepare one."""
    plan = get_contexte().plan
    toutes = donnees.read(seances.list_seances, plan.plan)
    decisions = donnees.read(seances.list_decisions, plan.plan, date.today())
    st.title("Séances", anchor=False)
    if not toutes:
        st.markdown("Aucune séance n’est enregistrée pour ce plan\u202f: préparez la première ci-dessous.")
    else:
        c.show_rows([{
            "Séance": c.Lien(titre(s.nom), c.write_address("copil", seance=s.code)),
            "Intitulé": s.intitule, "Présidence": s.presidence, "État": s.etat.label,
            "Décisions": sum(d.seance == s.code for d in decisions),
        } for s in toutes], "Séances du plan")
        c.link_page("decisions", "Suivre toutes les décisions")
    if acces.get_acces().peut_piloter:
        with st.expander("Préparer une nouvelle séance", icon=":material/add:", expanded=not toutes, key="nouvelle_seance",
                         on_change="rerun") as volet:
            if volet.open:
                show_fiche(None)
    else:
        st.caption("Préparer une séance demande le rôle de pilotage.")


def show_fiche(s: Seance | None) -> None:
    """The card of a meeting to fill or to change; a new one opens once it is written."""
    plan = get_contexte().plan
    with st.form(f"fiche_seance_{s.code if s else 'nouvelle'}", border=False):
        types = list(dict.fromkeys((*preparation.TYPES, *([s.type] if s else []))))
        gauche, droite = st.columns(2)
        genre = gauche.selectbox("Type de séance", types, index=types.index(s.type) if s else 0, accept_new_options=True)
        jour = droite.date_input("Date", s.date if s else date.today(), format="DD/MM/YYYY")
        intitule = gauche.text_input("Intitulé", (s and s.intitule) or "", max_chars=200)
        presidence = droite.text_input("Présidence", (s and s.presidence) or "", max_chars=200)
        territoire = gauche.text_input("Territoire (vide\u202f: le département)", (s and s.territoire) or "", max_chars=50)
        observe = droite.date_input("Périodes terminées au (vide\u202f: à la date de la séance)", s and s.observe_au,
                                    min_value=min(plan.debut, (s and s.observe_au) or plan.debut), format="DD/MM/YYYY",
                                    help="Les indicateurs montrés s’arrêtent à ce jour, au plus tard à la fin du plan.")
        auteur = acces.ask_auteur()
        demande = st.form_submit_button("Enregistrer la fiche" if s else "Créer la séance", type="primary")
    if not demande:
        return
    fiche = Seance(s.code if s else "", genre or "", jour, territoire.strip() or None, presidence.strip() or None,
                   intitule.strip() or None, observe, s.connu_au if s else None)
    try:
        code = donnees.write(acces.get_acces(), preparation.save_seance, plan.plan, fiche, auteur, donnees.open_store().keep_file)
    except ErreurMetier as erreur:
        report_error(erreur)
        return
    st.query_params["seance"] = code
    st.rerun()
