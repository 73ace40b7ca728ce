"""The files of one dépôt, taken back as they came by who may see every figure of their plans."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import streamlit as st

from indicators import queries
from indicators.formats import pluriel
from indicators.reading import read_json
from indicators.ui import components as c
from indicators.ui import donnees
from indicators.ui.acces import may_take_originals, trace_export
from indicators.ui.correspondance import write_correction


def show_originaux(depot: int, plans: Sequence[str]) -> None:
    """One line a file, with how its columns were read when a person said it; `plans` are those that the dépôt touches."""
    fichiers = donnees.read(queries.list_fichiers, depot)
    if not fichiers:
        return
    with st.expander(f"{pluriel(len(fichiers), 'fichier reçu', 'fichiers reçus')}", icon=":material/folder_open:",
                     key=f"fichiers_{depot}", expanded=len(fichiers) < 4):
        rendus = may_take_originals(plans)
        if not rendus:
            st.caption("Les originaux se téléchargent depuis le poste qui fait tourner l’outil, ou avec un rôle qui voit "
                       "tous les chiffres de leur plan.")
        for f in fichiers:
            gauche, droite = st.columns([3, 1], vertical_alignment="center")
            gauche.markdown(f"{c.sur(f.nom)} · table {c.sur(f.table)} · {pluriel(f.lignes, 'ligne')}")
            if f.correspondance and (corrigee := write_correction(read_json(f.nom, f.correspondance))):
                gauche.caption(corrigee)
            if rendus:
                lire = partial(donnees.open_store().read_received, f.sha256)
                droite.download_button("Télécharger", key=f"original_{depot}_{f.ordre}", mime="application/octet-stream",
                                       data=trace_export(f"original du dépôt {depot}\u202f: {f.nom}", lire), on_click="ignore",
                                       file_name=re.sub(r"[^\w.() -]", "_", f.nom), icon=":material/download:")
