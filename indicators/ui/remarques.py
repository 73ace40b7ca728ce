"""Remarks on an indicator: the numbered list under its chart, and the form that writes or withdraws one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from indicators import bilans, correction, queries
from indicators.deposits import BilanDepot
from indicators.errors import ErreurMetier
from indicators.formats import FINE, INSECABLE, format_date
from indicators.queries import Ligne
from indicators.queries.indicateur import Remarque
from indicators.ui import components as c
from indicators.ui import donnees
from indicators.ui.acces import ask_auteur, get_acces
from indicators.ui.server import report_error
from indicators.ui.state import get_contexte, is_past

FAIT, LOT = "_remarque", "_lot_remarque"  # a new number empties the form once a remark is written


def show_remarques(x: Ligne, remarques: Sequence[Remarque]) -> None:
    """The remarks with the numbers that the chart gives them, then the form of those who may write one."""
    if (fait := st.session_state.pop(FAIT, None)) and fait[0] == (x.plan, x.indicateur):
        st.success(bilans.write_ecrit(fait[1]), icon=":material/check_circle:")
    if remarques:
        c.show_rows([_list_remarque(k, r) for k, r in enumerate(remarques, 1)], "Remarques sur la série")
    if not get_acces().may_write("rupture", x.plan, (x.responsable or "").strip()):
        return
    with st.expander("Écrire ou retirer une remarque", icon=":material/sticky_note_2:", key=f"remarquer_{x.indicateur}",
                     on_change="rerun") as volet:
        if not volet.open:
            return
        if is_past():
            st.info("Cette page montre ce qui était connu à une date passée. Pour écrire une remarque, choisissez "
                    "«\u00a0Dernier dépôt\u00a0» dans le menu.", icon=":material/history:")
            return
        cle = f"remarque_{x.indicateur}_{st.session_state.setdefault(LOT, 0)}"
        auteur = ask_auteur(cle="auteur_remarque")
        _ask_remarque(x, remarques, auteur, cle)
        if remarques:
            _ask_retrait(x, remarques, auteur, cle)


def _list_remarque(numero: int, r: Remarque) -> dict[str, object]:
    """One row; a phone has room for three columns."""
    depot = c.build_link_depot(r.depot_id, f"dépôt n°{INSECABLE}{r.depot_id}")
    if get_contexte().etroit:
        qui = f" ({r.auteur})" if r.auteur else ""
        return {"N°": str(numero), "Remarque": f"{format_date(r.date)}{FINE}: {r.texte}{qui}", "Origine": depot}
    return {"N°": str(numero), "Date": format_date(r.date), "Remarque": r.texte, "Écrite par": r.auteur or "", "Origine": depot,
            "Provenance": r.provenance.label}


def _ask_remarque(x: Ligne, remarques: Sequence[Remarque], auteur: str | None, cle: str) -> None:
    """A day or a period, a text: one dépôt."""
    with st.form(f"{cle}_ecrire", border=False):
        gauche, droite = st.columns([1, 3])
        quand = gauche.text_input("Date ou période", key=f"{cle}_quand", max_chars=40, placeholder="2020 ou 15/03/2020",
                                  help="Une période compte à son dernier jour\u202f: 2020, T2 2020, 2020-03, 15/03/2020.").strip()
        texte = droite.text_input("Remarque", key=f"{cle}_texte", max_chars=300,
                                  placeholder="Par exemple\u202f: changement de logiciel").strip()
        envoye = st.form_submit_button("Enregistrer la remarque", type="primary", icon=":material/sticky_note_2:")
    st.caption("Une remarque à la même date remplace celle qui y est. Elle ne change aucun chiffre ni aucun statut.")
    if not envoye:
        return
    lue = donnees.read(queries.read_periode, quand, x.periodicite.value) if quand else None
    if lue is None:
        st.error("Donnez une date ou une période, par exemple 15/03/2020, T2 2020 ou 2020.", icon=":material/block:")
    elif not texte:
        st.error("Écrivez la remarque en quelques mots.", icon=":material/block:")
    elif any((r.date, r.texte) == (lue[1], texte) for r in remarques):
        st.info("Rien ne change\u202f: cette remarque est déjà en place.", icon=":material/info:")
    else:
        _write(x, lue[1], texte, False, auteur)


def _ask_retrait(x: Ligne, remarques: Sequence[Remarque], auteur: str | None, cle: str) -> None:
    with st.form(f"{cle}_retirer", border=False):
        rang = st.selectbox("Remarque à retirer", range(len(remarques)), None, key=f"{cle}_rang", placeholder="Choisir",
                            format_func=lambda k: f"{k + 1} — {format_date(remarques[k].date)}{FINE}: {remarques[k].texte}")
        envoye = st.form_submit_button("Retirer la remarque", icon=":material/delete:")
    if envoye and rang is not None:
        _write(x, remarques[rang].date, remarques[rang].texte, True, auteur)


def _write(x: Ligne, jour: date, texte: str, retire: bool, auteur: str | None) -> None:
    try:
        with st.spinner("Écriture du dépôt…"):
            ecrit: BilanDepot = donnees.write(get_acces(), correction.apply_remarque, x.plan, x.indicateur, jour, texte, retire,
                                              auteur, donnees.open_store().keep_file)
    except ErreurMetier as erreur:
        report_error(erreur)
        return
    if ecrit.depot is None:
        for a in ecrit.anomalies:
            st.error(f"{c.sur(a.message)} {c.sur(a.conseil)}", icon=":material/block:")
        return
    st.session_state[FAIT] = ((x.plan, x.indicateur), ecrit)
    st.session_state[LOT] += 1
    st.rerun()
