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


@dataclass(frozen=True)
class AnomalieOuverte:
    """One value in place that an import would warn of again; `valeur` and `detail` fill the message of its `code`."""

    indicateur: str
    territoire: str
    ventilation: str
    debut: date
    fin: date
    depot_id: int
    code: str
    valeur: str | None
    detail: str | None


def list_calendrier(cur: Cursor, vue: Vue) -> list[Periode]:
    """Every period of the plan for every ligne principale, by indicator then by date."""
    return _rows(cur, Periode, f"""select {_champs(Periode)} from calendrier($plan, $observe::date, $connu::timestamp)
        order by indicateur, fin""", _dates(vue))


def list_cibles_douteuses(cur: Cursor, vue: Vue) -> list[CibleDouteuse]:
    """Targets that contradict themselves or judge nothing, by line.

    A line that hides a value from this reader is left out: « the target equals the reference » would say the reference.
    """
    masques = _list_masques(cur, vue)
    source = "cible_douteuse($plan, $observe::date, $connu::timestamp)"
    parametres = _dates(vue)
    if vue.stockee:  # its judged points are ready
        source = """(with point_pret as (from dernier_point where vue_plan = $plan)
            from cible_douteuse_de($plan, $connu::timestamp, 'point_pret'))"""
        del parametres["observe"]
    douteuses = _rows(cur, CibleDouteuse, f"select {_champs(CibleDouteuse)} from {source} order by all", parametres)
    return [d for d in douteuses if (d.indicateur, d.territoire, d.ventilation) not in masques]


def list_anomalies(cur: Cursor, vue: Vue) -> list[AnomalieOuverte]:
    """Warnings that still hold, by line then by date. A line that hides a value from this reader is left out: they say it."""
    masques = _list_masques(cur, vue)
    ouvertes = _rows(cur, AnomalieOuverte, f"""select {_champs(AnomalieOuverte)}
        from anomalie_ouverte($plan, $observe::date, $connu::timestamp) order by indicateur, territoire, ventilation, fin, debut,
        code, valeur""", _dates(vue))
    return [a for a in ouvertes if (a.indicateur, a.territoire, a.ventilation) not in masques]


def list_orphelines(cur: Cursor, plan: str) -> list[tuple[str, str, str, str]]:
    """(table, key, table referred to, missing code): rows that refer to nothing, as known now; a write leaves none."""
    return cur.execute('select distinct "table", cle, vers, valeur from orphelin where plan = $plan order by all',
                       {"plan": plan}).fetchall()
