"""One meeting before, between and after: its agenda, its members, freezing, presenting, closing, leaving with its documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from indicators.errors import ErreurMetier
from indicators.formats import FINE, format_horodatage, pluriel, titre
from indicators.meetings import freezing, preparation
from indicators.meetings.deck import Deck
from indicators.model import EtatSeance, PresenceSeance, Sujet
from indicators.queries import seances
from indicators.queries.seances import Participant, PointOrdre, Seance
from indicators.ui import acces, donnees
from indicators.ui import components as c
from indicators.ui.copil.ecarts import show_ecarts
from indicators.ui.copil.liste import show_fiche
from indicators.ui.copil.sorties import show_sorties
from indicators.ui.server import report_error
from indicators.ui.state import get_contexte

AUTOMATIQUES = (Sujet.OUVERTURE, Sujet.ORDRE_DU_JOUR)  # always there, first
FAIT = "_seance_faite"


def show_seance(seance: Seance) -> None:
    """Everything about one meeting that is not shown in the room."""
    plan = get_contexte().plan
    c.link_page("copil", "Toutes les séances")
    st.title(c.sur(titre(seance.nom)), anchor=False)
    if fait := st.session_state.pop(FAIT, None):
        st.success(fait, icon=":material/check:")
    dit = {EtatSeance.PREPAREE: "ce qu’elle montre suit encore les dépôts.",
           EtatSeance.FIGEE: f"ce qu’elle montre ne bouge plus depuis le {format_horodatage(seance.figee_le, plan.fuseau)}.",
           EtatSeance.CLOSE: f"son relevé de décisions est arrêté depuis le {format_horodatage(seance.close_le, plan.fuseau)}."}
    st.markdown(f"**{seance.etat.label}**{FINE}: {dit[seance.etat]}" + (f" {c.sur(seance.intitule)}." if seance.intitule else ""))
    with st.container(key="presenter"):
        c.link_seance(seance.code, "Présenter", ":material/slideshow:", d="1")
    deck: Deck = donnees.read(freezing.get_deck, plan.plan, seance.code, get_contexte().vue.voit_tout)
    st.caption(c.sur(deck.entete.perimetre))
    pilote = acces.get_acces().peut_piloter
    if pilote and not seance.figee_le:
        with st.expander("Fiche de la séance", icon=":material/edit:", key="fiche", on_change="rerun") as volet:
            if volet.open:
                show_fiche(seance)
    _show_ordre_du_jour(seance, deck, pilote and not seance.figee_le)
    _show_participants(seance, pilote and not seance.close_le)
    if pilote and not seance.close_le:
        _show_etapes(seance, deck)
    show_sorties(seance)
    if seance.figee_le:
        show_ecarts(seance)


def _show_ordre_du_jour(seance: Seance, deck: Deck, modifiable: bool) -> None:
    st.header("Ordre du jour", anchor=False)
    diapos = [d for d in deck.diapos if d.sujet not in AUTOMATIQUES]
    actions = {a.action.action: f"{a.action.action} {a.action.intitule}" for a in deck.actions}
    if not modifiable:
        c.show_rows([{"N°": rang, "Point": " ".join(filter(None, (d.surtitre, d.action))), "Message": d.titre,
                      "Minutes": d.minutes or ""} for rang, d in enumerate(diapos, 1)], "Ordre du jour")
        return
    enregistre = donnees.read(seances.list_ordre_du_jour, get_contexte().plan.plan, seance.code)
    points = enregistre or [PointOrdre(rang, d.sujet, None, d.minutes, d.action) for rang, d in enumerate(diapos, 1)]
    if not enregistre:
        st.caption("Proposé d’après ce qui a changé et ce qui attend une décision. Changez l’ordre par la colonne N°, "
                   "les minutes, les points, puis enregistrez.")
    labels = {s.label: s for s in Sujet if s not in AUTOMATIQUES}
    tableau = pd.DataFrame([{"N°": p.ordre, "Point": p.sujet.label, "Action": actions.get(p.action or "", ""),
                             "Intitulé": p.intitule or "",
                             "Minutes": p.minutes} for p in points])
    tableau["Minutes"] = tableau["Minutes"].astype("Int64")
    cle = f"ordre_{seance.code}_{_version()}"
    change = st.data_editor(tableau, num_rows="dynamic", hide_index=True, placeholder="", key=cle, column_config={
        "N°": st.column_config.NumberColumn(min_value=1, step=1, width="small"),
        "Point": st.column_config.SelectboxColumn(options=list(labels), required=True),
        "Action": st.column_config.SelectboxColumn(options=["", *actions.values()], width="large"),
        "Intitulé": st.column_config.TextColumn(help="Remplace le titre du point\u202f; sert surtout à un point libre"),
        "Minutes": st.column_config.NumberColumn(min_value=0, max_value=240, step=1, width="small"),
    })
    duree = int(change["Minutes"].fillna(0).sum())
    st.caption(f"{pluriel(len(change), 'point')}, {pluriel(duree, 'minute')}.")
    if st.button("Enregistrer l’ordre du jour", key="enregistrer_ordre", type="secondary" if enregistre else "primary"):
        codes = {libelle: code for code, libelle in actions.items()}
        lus = [PointOrdre(0, labels[x["Point"]], _text(x["Intitulé"]), None if pd.isna(x["Minutes"]) else int(x["Minutes"]),
                          codes.get(x["Action"]) if labels[x["Point"]] is Sujet.ACTION else None)
               for x in change.sort_values("N°", na_position="last").to_dict("records")]
        _write("Ordre du jour enregistré.", preparation.save_ordre_du_jour, seance.code, lus)


def _show_participants(seance: Seance, modifiable: bool) -> None:
    st.header("Participants", anchor=False)
    presents = donnees.read(seances.list_participants, get_contexte().plan.plan, seance.code)
    if not modifiable:
        c.show_rows([{"Nom": p.nom, "Fonction": p.fonction, "Présence": p.presence.label} for p in presents], "Participants")
        return
    labels = {p.label: p for p in PresenceSeance}
    tableau = pd.DataFrame([{"Nom": p.nom, "Fonction": p.fonction, "Présence": p.presence.label} for p in presents],
                           columns=["Nom", "Fonction", "Présence"], dtype="object")
    cle = f"presents_{seance.code}_{_version()}"
    change = st.data_editor(tableau, num_rows="dynamic", hide_index=True, placeholder="", key=cle, column_config={
        "Nom": st.column_config.TextColumn(required=True, max_chars=200),
        "Fonction": st.column_config.TextColumn("Fonction ou institution", max_chars=200),
        "Présence": st.column_config.SelectboxColumn(options=list(labels), default=PresenceSeance.PRESENT.label, required=True)})
    if st.button("Enregistrer la feuille de présence", key="enregistrer_presents"):
        lus = [Participant(str(x["Nom"]).strip(), _text(x["Fonction"]), labels[x["Présence"]]) for x in change.to_dict("records")
               if _text(x["Nom"])]
        _write("Feuille de présence enregistrée.", preparation.save_participants, seance.code, lus)


def _show_etapes(seance: Seance, deck: Deck) -> None:
    """Freezing, then closing: what each does, and what cannot be changed afterwards."""
    if not seance.figee_le:
        st.header("Figer la séance", anchor=False)
        st.markdown(f"Les {pluriel(len(deck.diapos), 'diapositive')} et leurs chiffres sont gardés tels qu’ils sont montrés "
                    f"maintenant{FINE}: aucun dépôt suivant ne les changera. À faire une fois l’ordre du jour prêt, avant "
                    "d’envoyer les documents.")
        if st.button("Figer la séance", type="primary", icon=":material/ac_unit:", key="figer"):
            _write("Séance figée.", freezing.freeze, seance.code)
        return
    st.header("Clore la séance", anchor=False)
    prises = pluriel(len(deck.decisions), "décision enregistrée", "décisions enregistrées")
    st.markdown(f"{prises}. Clore arrête le relevé de décisions et la feuille de présence{FINE}: les décisions continuent "
                "ensuite d’être suivies dans leur page.")
    if st.button("Clore la séance", type="primary", icon=":material/lock:", key="clore"):
        _write("Séance close.", freezing.close, seance.code)


def _write(fait: str, ecriture: Callable[..., Any], *arguments: Any) -> None:
    """One write of a meeting, said once done; refused, it is said and nothing is lost on screen."""
    try:
        with st.spinner("Écriture…"):
            donnees.write(acces.get_acces(), ecriture, get_contexte().plan.plan, *arguments,
                          acces.get_auteur(), donnees.open_store().keep_file)
    except ErreurMetier as erreur:
        report_error(erreur)
        return
    st.session_state[FAIT] = fait
    st.rerun()


def _version() -> object:
    """An editor starts again from the base when the base has moved."""
    return donnees.begin_run().version


def _text(v: object) -> str | None:
    return None if v is None or (isinstance(v, float) and pd.isna(v)) or not str(v).strip() else str(v).strip()
