"""The files sent, given back: every anomaly on its cell, and the rejected lines to correct. Made only when they are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from indicators import annotated
from indicators.deposits import BilanDepot
from indicators.formats import FINE, INSECABLE
from indicators.reading import FichierRecu
from indicators.settings import Limites
from indicators.ui.acces import trace_export
from indicators.ui.server import escape_markdown

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show_annotated(recus: Sequence[FichierRecu], bilan: BilanDepot, limites: Limites) -> None:
    """Buttons that give back the files with anomalies, and the lines of the texts that stay out; several come in one zip."""
    doubles = [nom for nom, n in Counter(r.nom for r in recus).items() if n > 1]
    if doubles:
        nom = escape_markdown(doubles[0])
        st.caption(f"Plusieurs fichiers se nomment «{INSECABLE}{nom}{INSECABLE}»{FINE}: renommez-les pour les recevoir annotés.")
        return
    annotables = [r for r in recus if annotated.is_annotable(r, bilan.anomalies)]
    rejetes = [r for r in recus if annotated.is_rejected(r, bilan.anomalies)]
    with st.container(horizontal=True):
        if annotables:
            seul = len(annotables) == 1
            st.download_button("Télécharger le fichier annoté (Excel)" if seul else "Télécharger les fichiers annotés (zip)",
                               icon=":material/edit_note:", on_click="ignore", mime=XLSX if seul else "application/zip",
                               file_name=_name(recus, annotables, annotated.ANNOTE, "fichiers_annotes.zip"),
                               help="Chaque cellule à revoir est colorée et commentée. Corrigé, ce fichier se dépose de nouveau.",
                               data=trace_export(
                                   "fichier annoté", lambda: annotated.pack(annotated.annotate(recus, bilan, limites))))
        if rejetes:
            seul = len(rejetes) == 1
            st.download_button(f"Télécharger les lignes rejetées ({'CSV' if seul else 'zip'})", icon=":material/rule:",
                               on_click="ignore", mime="text/csv" if seul else "application/zip",
                               file_name=_name(recus, rejetes, annotated.REJETEES, "lignes_rejetees.zip"),
                               help="Les seules lignes à corriger, avec leurs anomalies. Corrigées, elles se déposent.",
                               data=trace_export(
                                   "lignes rejetées", lambda: annotated.pack(annotated.reject(recus, bilan, limites))))


def _name(recus: Sequence[FichierRecu], rendus: Sequence[FichierRecu], suffixe: str, plusieurs: str) -> str:
    noms = dict(zip((r.nom for r in recus), annotated.list_stems(recus), strict=True))
    return noms[rendus[0].nom] + suffixe if len(rendus) == 1 else plusieurs
