"""The whole plan and its history in one file, to carry elsewhere or to keep."""

from __future__ import annotations

import streamlit as st

from indicators import paquets
from indicators.ui import acces, donnees
from indicators.ui.state import get_contexte


def show_paquet() -> None:
    """The download, built when asked for; only who sees everything may carry everything."""
    plan = get_contexte().plan
    if not plan.plan:
        return
    with st.expander("Emporter tout le plan", icon=":material/inventory_2:", key="paquet", on_change="rerun") as volet:
        if not volet.open:
            return
        st.markdown("Un seul fichier (Data Package) avec les tables, chaque dépôt, son moment et ses annulations. Une base vide "
                    "qui l’importe retrouve le même état\u202f: «\u00a0python -m indicators import\u00a0» suivi de son nom.")
        nu = get_contexte().vue.voit_tout and st.toggle(
            "Avec les petits effectifs", key="paquet_nu",
            help="Sans ce choix, les valeurs masquées n’y sont pas, et les séances n’y sont plus figées.")
        nom, store = f"{plan.plan}.zip", donnees.open_store()

        def build() -> bytes:
            return paquets.build_package(store.read(), plan.plan, nu)

        st.download_button("Télécharger le plan (zip)", data=acces.trace_export(nom, build) if nu else build, file_name=nom,
                           mime="application/zip", icon=":material/download:", on_click="ignore", key="paquet_telecharger")
