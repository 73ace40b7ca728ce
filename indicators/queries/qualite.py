"""What the quality of the data is read from: the answer of each period, the targets that deserve a second look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indicators.model import DefautCible, Presence
from indicators.queries import Cursor, Vue, _champs, _dates, _list_masques, _rows


@dataclass(frozen=True)
class Periode:
    """One period of a ligne principale; its figure is due by `attendue_le`, and `en_attente` when it is due and did not come."""

    indicateur: str
    debut: date
    fin: date
    attendue_le: date
    presence: Presence
    en_attente: bool


@dataclass(frozen=True)
class CibleDouteuse:
    """One thing to check in the target of one line."""

    indicateur: str
    territoire: str
    ventilation: str
    defaut: DefautCible


def list_calendrier(cur: Cursor, vue: Vue) -> list[Periode]:
    """Every period of the plan for every ligne principale, by indicator then by date."""
    return _rows(cur, Periode, f"""select {_champs(Periode)} from calendrier($plan, $observe::date, $connu::timestamp)
        order by indicateur, fin""", _dates(vue))


def list_cibles_douteuses(cur: Cursor, vue: Vue) -> list[CibleDouteuse]:
    """Targets that contradict themselves or judge nothing, by line.

    A line that hides a value from this reader is left out: « the target equals the reference » would say the reference.
    """
    masques = _list_masques(cur, vue)
    douteuses = _rows(cur, CibleDouteuse, f"""select {_champs(CibleDouteuse)}
        from cible_douteuse($plan, $observe::date, $connu::timestamp) order by all""", _dates(vue))
    return [d for d in douteuses if (d.indicateur, d.territoire, d.ventilation) not in masques]
