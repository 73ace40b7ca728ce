"""Séances: their list, one being prepared, and, once `d` is in the address, its slides."""

import streamlit as st

from indicators.errors import ErreurMetier
from indicators.queries.seances import get_seance
from indicators.ui.copil.liste import show_liste
from indicators.ui.copil.preparation import show_seance
from indicators.ui.copil.presentation import show_presentation
from indicators.ui.donnees import read
from indicators.ui.server import report_error
from indicators.ui.state import get_contexte, settle_address

code, presente = st.query_params.get("seance"), "d" in st.query_params
settle_address(f"copil {code} {presente}")
if not code:
    show_liste()
    st.stop()
try:
    seance = read(get_seance, get_contexte().plan.plan, code)
except ErreurMetier as erreur:
    report_error(erreur)
    show_liste()
    st.stop()
if presente:
    show_presentation(seance)
else:
    show_seance(seance)
