"""Which values came, changed or went between two views: their keys only, figures are read where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any

from indicators.model import Mouvement
from indicators.queries import Cursor, Vue, _champs, _rows


@dataclass(frozen=True)
class Passage:
    """One value that is not the same at two views: a new period, a revised one, or one that was withdrawn."""

    indicateur: str
    territoire: str
    ventilation: str
    debut: date
    fin: date
    mouvement: Mouvement


def list_passages(cur: Cursor, avant: Vue, apres: Vue) -> list[Passage]:
    """Values of the plan that differ between the two views, by line then by date; the first must not look further ahead.

    A hidden value that another dépôt gives is revised, even when it says the same: else a guess could be tried against it.
    """
    return _rows(cur, Passage, f"""
        with avant as (from mesure_visible where plan = $plan and fin <= $observe_avant
            and visible_du <= $connu_avant and $connu_avant < visible_au),
        apres as (from mesure_visible where plan = $plan and fin <= $observe_apres
            and visible_du <= $connu_apres and $connu_apres < visible_au),
        cachee as (select indicateur, territoire, ventilation, debut, fin from secret
            where plan = $plan and depuis <= $connu_apres and not $voit_tout)
        select {_champs(Passage)} from (
            select *, case when depot_avant is null then 'nouvelle' when depot_apres is null then 'retiree' else 'revisee' end
                as mouvement
            from (
                select indicateur, territoire, ventilation, debut, fin, a.depot_id as depot_avant, b.depot_id as depot_apres
                from avant a full join apres b using (indicateur, territoire, ventilation, debut, fin)
                left join cachee using (indicateur, territoire, ventilation, debut, fin)
                where a.depot_id is null or b.depot_id is null or (a.valeur, a.numerateur, a.denominateur, a.etat)
                    is distinct from (b.valeur, b.numerateur, b.denominateur, b.etat)
                    or (cachee.debut is not null and a.depot_id <> b.depot_id
                        and (a.provenance <> 'publie' or b.provenance <> 'publie'))) c
            semi join indicateur_connu($connu_apres) i on i.plan = $plan and i.code = c.indicateur)
        order by indicateur, territoire, ventilation, fin, debut""",
        {"plan": apres.plan, "observe_avant": avant.observe_au, "connu_avant": avant.connu_au,
         "observe_apres": apres.observe_au, "connu_apres": apres.connu_au, "voit_tout": apres.voit_tout})


CONTENU = {"mesure": ("valeur", "numerateur", "denominateur", "etat"), "cible": ("date", "valeur", "valeur_min", "valeur_max")}


@dataclass(frozen=True)
class Changement:
    """Which dépôt made a row what it is now, who, why, from which file (None when it took something back)."""

    depot: int
    auteur: str | None
    motif: str | None
    fichier: str | None


def find_changement(cur: Cursor, plan: str, table: str, cle: Mapping[str, Any], depuis: datetime) -> Changement | None:
    """The dépôt that gave this row of `mesure` or `cible` what it says now, if that was after `depuis`.

    A later file that only says it again changed nothing: the first that said it did. When no row of that time is left, a dépôt
    was cancelled or taken back; None when nothing of this key moved since.
    """
    ici = " and ".join(f't."{c}" is not distinct from ${c}' for c in cle)
    contenu = ", ".join(f't."{c}"' for c in ("retire", *CONTENU[table]))
    lignes = cur.execute(f"""select v.connu_le, d.id, d.auteur, d.motif, f.nom, ({contenu})
        from {table} t join depot_vie v on v.depot = t.depot_id and v.vivant_au = timestamp 'infinity'
        join depot d on d.id = v.depot left join fichier f on f.depot = t.depot_id and f.ordre = t.fichier
        where t.plan = $plan and {ici}
        order by t.provenance = 'illustratif', v.connu_le desc, d.id desc""", {"plan": plan, **cle}).fetchall()
    dites = list(takewhile(lambda x: x[-1] == lignes[0][-1], lignes))
    if dites and dites[-1][0] > depuis:
        return Changement(*dites[-1][1:5])
    repris = cur.execute(f"""select d.id, d.auteur, d.motif from depot d
        where d.type in ('annulation', 'retablissement') and d.connu_le > $depuis
            and d.porte_sur in (select depot_id from {table} t where t.plan = $plan and {ici})
        order by d.connu_le desc, d.id desc limit 1""", {"plan": plan, "depuis": depuis, **cle}).fetchone()
    return Changement(*repris, None) if repris else None
