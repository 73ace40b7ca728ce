"""Where the base meets Streamlit: one store per process, one snapshot per script run, answers kept while the version stands."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any

import streamlit as st

from indicators import access, shipped
from indicators.access import Acces
from indicators.backups import GuardedStore
from indicators.errors import ErreurMetier
from indicators.settings import read_settings
from indicators.store import Snapshot, Store

journal = logging.getLogger("indicators.ui")
CLE = "_instantane"
CLE_ESSAI = "_essai"
CLE_PAGE = "_page"


@cache
def open_store() -> Store:
    """The store of this process."""
    return GuardedStore(read_settings())


def open_base() -> None:
    """Bring the base to this code before serving it; a new base receives the shipped plans.

    What prevents writing does not prevent reading: the reason is kept by the store and shown on every page. Raises only when
    nothing at all can be served.
    """
    store = open_store()
    nouvelle = not store.list_versions()
    try:
        store.prepare()
        if nouvelle:
            store.write(lambda cur: shipped.deposit_shipped(cur, store.keep_file))
    except ErreurMetier as erreur:
        journal.error("base non préparée\u202f: %s", erreur)
        store.probleme = erreur
    store.snapshot()


def begin_run() -> Snapshot:
    """The version that this script run will read from its first to its last query, whatever is deposited meanwhile."""
    snapshot = open_store().snapshot()
    if st.session_state.get(CLE) != snapshot:
        st.session_state[CLE] = snapshot
    return snapshot


def read(requete: Callable[..., Any], *arguments: Any) -> Any:
    """Answer of one query of `queries.py` on the version of this run, as an immutable value; asked once per version."""
    return _read(st.session_state[CLE], requete, arguments)


@lru_cache(maxsize=512)
def _read(snapshot: Snapshot, requete: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    resultat = requete(snapshot.cursor(), *arguments)
    return tuple(resultat) if isinstance(resultat, list) else resultat


@lru_cache(maxsize=64)
def draw(build: Callable[..., Any], *arguments: Any) -> Any:
    """The figure that this pure function builds from these immutable rows; built once, for every visitor: never modify it."""
    return build(*arguments)


def rehearse(acces: Acces, essai: Callable[..., Any], *arguments: Any, **suivi: Any) -> Any:
    """What this write would do on the version of this run, refused where `write` would refuse this person.

    The last answer is kept for the visitor while nothing changes. `suivi` is given to it too, and changes nothing of it.
    """
    demande = (st.session_state[CLE], acces, essai, arguments)
    garde = st.session_state.get(CLE_ESSAI)
    if garde is None or garde[0] != demande:
        garde = st.session_state[CLE_ESSAI] = (demande, open_store().rehearse(
            lambda cur: access.run_as(cur, acces.personne, partial(essai, **suivi), *arguments)))
    return garde[1]


def forget_rehearsal(page: str) -> None:
    """Let go of the files that were looked at when the visitor goes to another page."""
    if st.session_state.get(CLE_PAGE) != page:
        st.session_state.pop(CLE_ESSAI, None)
        st.session_state[CLE_PAGE] = page


def write(acces: Acces, ecriture: Callable[..., Any], *arguments: Any) -> Any:
    """Do this write for good and publish it, in the name of this person, whose roles are read again in the same transaction.

    Raises `AccesRefuse` when something of it is out of their reach; the next run reads the new version.
    """
    resultat = open_store().write(lambda cur: access.run_as(cur, acces.personne, ecriture, *arguments))
    st.session_state.pop(CLE_ESSAI, None)
    return resultat
