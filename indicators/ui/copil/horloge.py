"""The presenter's clock: time since the meeting began, held against the minutes of its agenda."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

import streamlit as st

from indicators.meetings.deck import Diapo
from indicators.ui.state import get_contexte

DEBUT = "debut"  # HH:MM, in the address: a reload or another machine keeps the same clock
CADENCE = 30  # seconds between two looks at it
JOUR = 24 * 60


def show_horloge(diapos: Sequence[Diapo], rang: int) -> None:
    """The clock once it runs, else the button that starts it."""
    debut = read_debut(st.query_params.get(DEBUT))
    if debut is None:
        st.button("Démarrer l’horloge", icon=":material/timer:", on_click=_start, key="horloge_demarrer", type="tertiary")
        return
    _show_heure(debut, sum(d.minutes or 0 for d in diapos[: rang - 1]), diapos[rang - 1].minutes or 0)
    st.button("Remettre à zéro", icon=":material/restart_alt:", on_click=_start, key="horloge_remettre", type="tertiary",
              help=f"L’horloge a été lancée à {debut.hour} h {debut.minute:02d}\u202f; elle repart de maintenant.")


def read_debut(texte: str | None) -> time | None:
    """A time of the day written HH:MM; None when it is not one."""
    try:
        return datetime.strptime(texte or "", "%H:%M").time()
    except ValueError:
        return None


def write_rythme(ecoulees: int, avant: int, duree: int) -> str:
    """« 32 min écoulées sur 40 prévues ici · dans les temps » for a point planned from `avant` to `avant + duree` minutes."""
    fin, lu = avant + duree, f"{ecoulees} min {'écoulée' if ecoulees < 2 else 'écoulées'}"
    if not fin:  # before the first point, or an agenda without minutes
        return lu
    if ecoulees < avant:
        dit = f"{avant - ecoulees} min d’avance"
    elif ecoulees > fin:
        dit = f"{ecoulees - fin} min de retard"
    else:
        dit = "dans les temps"
    return f"{lu} sur {fin} {'prévue' if fin < 2 else 'prévues'} ici · {dit}"


@st.fragment(run_every=CADENCE)
def _show_heure(debut: time, avant: int, duree: int) -> None:
    maintenant = _now()
    ecoulees = (60 * (maintenant.hour - debut.hour) + maintenant.minute - debut.minute) % JOUR
    st.markdown(f":material/timer: {write_rythme(ecoulees, avant, duree)}", width="content")


def _start() -> None:
    st.query_params[DEBUT] = _now().strftime("%H:%M")


def _now() -> datetime:
    return datetime.now(ZoneInfo(get_contexte().plan.fuseau))
