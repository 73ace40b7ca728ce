"""What the page of one indicator shows beside its trajectory: remarks, revised values, control chart, last value of each line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime

from indicators.model import Capacite, Etat, Lecture, Nature, Provenance
from indicators.queries import Cursor, Fiche, Valeur, Vue, _champs, _dates, _list_masques, _rows, _rows_by


@dataclass(frozen=True)
class Remarque:
    """One remark or break of series on a line, and the dépôt that wrote it."""

    date: date
    texte: str
    provenance: Provenance
    source: str | None
    depot_id: int
    auteur: str | None
    connu_le: datetime


@dataclass(frozen=True)
class Revision:
    """One change of the value of a period already known, at `le` (UTC), by the dépôt `depot_id`.

    `etat_avant` is None when the value had been withdrawn, `etat_apres` when it was withdrawn; a secret value is emptied.
    """

    debut: date
    fin: date
    le: datetime
    avant: float | None
    apres: float | None
    etat_avant: Etat | None
    etat_apres: Etat | None
    avant_secrete: bool
    apres_secrete: bool
    depot_id: int
    auteur: str | None
    motif: str | None


@dataclass(frozen=True)
class PointControle:
    """One value of a control chart: which rules it breaks, and what that means for the indicator."""

    debut: date
    fin: date
    valeur: float
    etat: Etat
    sortie: bool
    suite: bool
    allure: bool
    lecture: Lecture


@dataclass(frozen=True)
class Carte:
    """Control chart of a ligne principale; `manquantes` are the ends of the periods without a value between its two ends.

    Centre, limits and target bounds are in the indicator's unit. `masque`: it rests on values hidden from this reader, so it is
    empty.
    """

    points: tuple[PointControle, ...] = ()
    centre: float = 0.0
    limite_basse: float = 0.0
    limite_haute: float = 0.0
    plancher: float | None = None
    plafond: float | None = None
    capacite: Capacite | None = None
    manquantes: tuple[date, ...] = field(default=())
    masque: bool = False


def list_remarques(cur: Cursor, vue: Vue) -> dict[tuple[str, str], list[Remarque]]:
    """Remarks on each line (indicateur, territoire) of the plan as known then, by date."""
    return _rows_by(cur, 2, Remarque, f"""select indicateur, territoire, {_champs(Remarque)} from (
        select r.*, d.auteur, d.connu_le from rupture_connu($connu::timestamp) r join depot_connu d on d.id = r.depot_id
        where r.plan = $plan) order by date""", {"plan": vue.plan, "connu": vue.connu_au})


def list_revisions(cur: Cursor, vue: Vue, indicateur: str, territoire: str) -> list[Revision]:
    """Changes of the stored values of one line without breakdown, the latest period first then in the order they came."""
    demande = {**_dates(vue), "indicateur": indicateur, "territoire": territoire}
    if not cur.execute("""select exists (from mesure_visible where plan = $plan and indicateur = $indicateur
            and territoire = $territoire and ventilation = '' and fin <= $observe::date and visible_au <= $connu::timestamp)""",
                       demande).fetchone()[0]:  # most lines were never revised: planning what follows takes ten times as long
        return []
    revisions = _rows(cur, Revision, f"""select {_champs(Revision)} from revision($plan, $observe::date, $connu::timestamp,
        $indicateur, $territoire) where not (redite and $voit_tout) order by fin desc, debut desc, le""",
                      demande | {"voit_tout": vue.voit_tout})
    if vue.voit_tout:
        return [replace(r, avant_secrete=False, apres_secrete=False) for r in revisions]
    return [replace(r, avant=None if r.avant_secrete else r.avant, apres=None if r.apres_secrete else r.apres) for r in revisions]


def get_carte(cur: Cursor, vue: Vue, indicateur: str) -> Carte | None:
    """Control chart of a ligne principale known every month or every quarter; None with fewer than 12 values."""
    lignes = cur.execute(f"""select centre, limite_basse, limite_haute, plancher, plafond, capacite, manquantes, territoire,
        {_champs(PointControle)} from carte_controle($plan, $observe::date, $connu::timestamp, $indicateur),
        (select departement as territoire from plan_connu($connu::timestamp) where plan = $plan) order by fin""",
        {**_dates(vue), "indicateur": indicateur}).fetchall()
    if not lignes:
        return None
    *regles, capacite, manquantes, territoire = lignes[0][:8]
    if (indicateur, territoire, "") in _list_masques(cur, vue):  # the centre and the limits would give a hidden value back
        return Carte(masque=True)
    etat, lecture = (8 + [f.name for f in fields(PointControle)].index(nom) for nom in ("etat", "lecture"))
    points = tuple(PointControle(*(Etat(v) if k == etat else Lecture(v) if k == lecture else v
                                   for k, v in enumerate(x) if k >= 8)) for x in lignes)
    return Carte(points, *regles, capacite and Capacite(capacite), tuple(manquantes))


def keep_dernieres(valeurs: Iterable[Valeur]) -> list[Valeur]:
    """Last value of each territory and breakdown, hidden ones included, of the periods that the indicator asks for.

    `valeurs` are those of `list_valeurs`, by date.
    """
    dernieres: dict[tuple[str, str], Valeur] = {}
    for v in valeurs:
        if v.conforme and (v.valeur is not None or v.masque or v.etat is Etat.SECRET):
            dernieres[v.territoire, v.ventilation] = v
    return list(dernieres.values())


def is_semblable(autre: Fiche | None, fiche: Fiche) -> bool:
    """Is this definition, of the same code in another plan, that of the same rate?"""
    return autre is not None and (autre.nature, autre.unite) == (Nature.TAUX, fiche.unite)
