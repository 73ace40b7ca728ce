"""Filters of a long list, kept in the address: a link, a reload and the Back button give the same list again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from indicators.ui.server import escape_markdown as sur
from indicators.ui.state import _write_address

LONGUEUR = 80  # characters of a search


def choose_filter(libelle: str, options: Mapping[str, str], cle: str, tous: str = "Tous") -> str | None:
    """A list of codes where nothing chosen means no filter; an unknown code of the address is dropped.

    Unlike the choices that follow a visitor from page to page, a filter lives in the address alone: the menu opens the whole
    list.
    """
    _follow_address(cle)
    if st.session_state[cle] not in options:
        st.session_state[cle] = None
    code = st.selectbox(sur(libelle), list(options), format_func=options.get, key=cle, placeholder=tous, filter_mode="contains")
    _keep_address(cle, code)
    return code


def choose_words(libelle: str, cle: str, exemple: str) -> str:
    """Words to look for, without the spaces around them; empty when nothing is typed."""
    _follow_address(cle)
    st.session_state[cle] = (st.session_state[cle] or "")[:LONGUEUR]
    mots = st.text_input(libelle, key=cle, placeholder=exemple, max_chars=LONGUEUR).strip()
    _keep_address(cle, mots or None)
    return mots


def clear_filters(cles: Sequence[str]) -> None:
    """Ask for nothing any more; for a button, before the next run draws the filters."""
    for cle in cles:
        st.session_state[cle] = None


def _follow_address(cle: str) -> None:
    """The address wins when it is not the one that this list wrote, and when the list was not drawn by the last run."""
    demande = st.query_params.get(cle)
    if cle not in st.session_state or demande != st.session_state.get(f"_{cle}_adresse"):
        st.session_state[cle] = demande


def _keep_address(cle: str, valeur: str | None) -> None:
    _write_address(cle, valeur)
    st.session_state[f"_{cle}_adresse"] = valeur
