"""What is hidden in the base: each dépôt replayed in the order it was received, each decision kept for good.

What a reader may have seen enters every later decision. A value keeps its key as long as no dépôt changes it; a moment before the
last one is displayed again when a dépôt takes history over, so all its moments enter the decision together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

import duckdb

from indicators.secrecy import Cellule, Cle, Famille, decide
from indicators.secrecy.affichage import Affichage, Montage, Place, Versions, is_part, is_year, read_count, sum_children

# Only what holds a small count somewhere can ever be hidden: the rest is not looked at.
CANDIDATS = """
    with fiche as (
        select distinct plan, code as indicateur, nature = 'taux' as taux, facteur_lu(facteur, unite) as facteur,
            coalesce(seuil_secret, 5) as seuil, compte_des_personnes(if(taux, numerateur, unite)) as premier,
            taux and compte_des_personnes(denominateur) as second
        from indicateur where ($plans is null or list_contains($plans, plan)) and (premier or second)
    )
    select distinct m.plan, m.indicateur, m.debut, m.fin from mesure m
    join fiche f on f.plan = m.plan and f.indicateur = m.indicateur
    where m.provenance <> 'publie' and not m.retire
        and (m.ventilation <> '' or exists (
            from territoire t where t.plan = m.plan and t.code = m.territoire and t.parent is not null))
        and ((f.premier and premier_compte(f.taux, f.facteur, m.valeur, m.numerateur, m.denominateur) < f.seuil)
            or (f.second and second_compte(f.taux, f.facteur, m.valeur, m.numerateur, m.denominateur) < f.seuil))"""

FICHES = """select plan, code, depot_id, retire, provenance, {'taux': nature = 'taux', 'facteur': facteur_lu(facteur, unite),
        'seuil': coalesce(seuil_secret, 5), 'somme': coalesce(agregation = 'somme', false), 'flux': nature = 'flux',
        'personnes': [compte_des_personnes(if(nature = 'taux', numerateur, unite)),
            nature = 'taux' and compte_des_personnes(denominateur)]}
    from indicateur where list_contains($plans, plan)"""
TERRITOIRES = "select plan, code, depot_id, retire, provenance, parent from territoire where list_contains($plans, plan)"
PLANS = "select plan, plan, depot_id, retire, provenance, departement from plan where list_contains($plans, plan)"
MESURES = """select plan, indicateur, territoire, ventilation, debut, fin, depot_id, retire, provenance, valeur, numerateur,
        denominateur, etat
    from mesure where list_contains($plans, plan) and list_contains($indicateurs, indicateur)"""


class Masque(NamedTuple):
    """One row of the table `secret`: a value hidden since `depuis`; `exposee` when what is known of all gives it back."""

    plan: str
    indicateur: str
    territoire: str
    ventilation: str
    debut: date
    fin: date
    depuis: datetime
    exposee: bool


class _Ligne(NamedTuple):
    """One stored row: its key, the dépôt that brought it, what it says."""

    cle: Any
    depot: int
    retire: bool
    provenance: str
    dit: Any


def list_masques(cur: duckdb.DuckDBPyConnection, plans: list[str] | None) -> list[Masque]:
    """What is hidden in these plans (None: all), sorted; nothing but the stored dépôts is read."""
    groupes: dict[tuple[str, str], set[tuple[date, date]]] = defaultdict(set)
    for plan, indicateur, debut, fin in cur.execute(CANDIDATS, {"plans": plans}).fetchall():
        groupes[plan, indicateur].add((debut, fin))
    if not groupes:
        return []
    touches = {"plans": sorted({plan for plan, _ in groupes})}
    journal = _Journal(cur.execute("select id, type, porte_sur, connu_le from depot order by id").fetchall())
    fiches, territoires, departements = (_by_plan(cur.execute(sql, touches).fetchall()) for sql in (FICHES, TERRITOIRES, PLANS))
    mesures: dict[tuple[str, str], list[_Ligne]] = defaultdict(list)
    for plan, indicateur, *place, depot, retire, provenance, a, b, c, etat in cur.execute(
            MESURES, touches | {"indicateurs": sorted({i for _, i in groupes})}).fetchall():
        mesures[plan, indicateur].append(_Ligne(tuple(place), depot, retire, provenance, (a, b, c, etat)))
    masques: list[Masque] = []
    for (plan, indicateur), periodes in groupes.items():
        structure = ([x for x in fiches[plan] if x.cle == indicateur], territoires[plan], departements[plan])
        flux = any(x.dit["flux"] for x in structure[0])
        for lignes in _split(mesures[plan, indicateur], periodes, flux):
            suite = _Suite(journal, lignes, *structure)
            masques += [Masque(plan, indicateur, *place, depuis, place in suite.exposees) for place, depuis in suite.replay()]
    return sorted(masques)


def _by_plan(lues: Iterable[tuple[Any, ...]]) -> dict[str, list[_Ligne]]:
    par_plan: dict[str, list[_Ligne]] = defaultdict(list)
    for plan, *reste in lues:
        par_plan[plan].append(_Ligne(*reste))
    return par_plan


def _split(lignes: list[_Ligne], periodes: set[tuple[date, date]], flux: bool) -> Iterator[list[_Ligne]]:
    """Rows that one decision takes together: those of a period, or of a year when a flux is given by year and by part of it."""
    groupes: dict[Any, list[_Ligne]] = defaultdict(list)
    mixtes = {x.cle[3].year for x in lignes if flux and is_year(*x.cle[2:])} & {
        x.cle[3].year for x in lignes if flux and is_part(*x.cle[2:])}
    for x in lignes:
        debut, fin = x.cle[2:]
        commune = fin.year in mixtes and (is_year(debut, fin) or is_part(debut, fin))
        groupes[fin.year if commune else (debut, fin)].append(x)
    for groupe in groupes.values():
        if any(x.cle[2:] in periodes for x in groupe):
            yield groupe


class _Journal:
    """The dépôts, and which of them count at a moment once the first `n` are received."""

    def __init__(self, depots: list[tuple[int, str, int | None, datetime]]) -> None:
        self.connu = {n: connu for n, _, _, connu in depots}
        self.cible = {n: n if type_ == "depot" else porte_sur for n, type_, porte_sur, _ in depots}
        self.evenements = sorted((connu, n, type_ != "annulation") for n, type_, _, connu in depots)
        self.plus_tard: dict[int, datetime | None] = {}
        dernier = None
        for n, *_, connu in depots:
            self.plus_tard[n] = dernier
            dernier = connu if dernier is None else max(dernier, connu)

    def living(self, n: int, moment: datetime) -> set[int]:
        """Dépôts that count at `moment`, those received after `n` being unknown."""
        vivants: set[int] = set()
        for connu, numero, vivant in self.evenements:
            if connu > moment:
                break
            if numero <= n:
                (vivants.add if vivant else vivants.discard)(self.cible[numero])
        return vivants

    def steps(self, touchants: set[int]) -> list[int]:
        """These dépôts and what cancels them or takes them back, in the order they were received."""
        return sorted(n for n, cible in self.cible.items() if cible in touchants)

    def moments(self, n: int, etapes: Iterable[int]) -> list[datetime]:
        """What the dépôt `n` gives to look at: the moment it is known, and those after when it takes history over."""
        connu, avant = self.connu[n], self.plus_tard[n]
        if avant is None or connu >= avant:
            return [connu]
        return sorted({self.connu[e] for e in etapes if e <= n and self.connu[e] >= connu})


class _Suite:
    """The displays of one group of rows, one after the other, and what they made hidden."""

    def __init__(self, journal: _Journal, mesures: list[_Ligne], fiches: list[_Ligne], territoires: list[_Ligne],
                 plans: list[_Ligne]) -> None:
        self.journal, self.mesures, self.fiches, self.territoires, self.plans = journal, mesures, fiches, territoires, plans
        self.versions = Versions()
        self.cellules: dict[Cle, Cellule] = {}
        self.places: dict[Cle, Place] = {}
        self.familles: dict[Famille, None] = {}
        self.montrees: set[Cle] = set()
        self.depuis: dict[Place, datetime] = {}
        self.exposees: set[Place] = set()

    def replay(self) -> list[tuple[Place, datetime]]:
        """(place, hidden since) of all that was ever hidden; `exposees` follows."""
        touchants = {x.depot for lot in (self.mesures, self.fiches, self.territoires, self.plans) for x in lot}
        etapes = self.journal.steps(touchants)
        for n in etapes:
            vus = (self._display(self.journal.living(n, t)) for t in self.journal.moments(n, etapes))
            if affichages := [a for a in vus if a]:
                self._decide(affichages, self.journal.connu[n])
        return sorted(self.depuis.items())

    # -- deciding --------------------------------------------------------------------------------------------------------

    def _decide(self, affichages: list[Affichage], connu: datetime) -> None:
        actuelles: dict[Cle, Cellule] = {}
        for a in affichages:
            actuelles |= a.cellules
            self.places |= a.places
            self.familles |= dict.fromkeys(a.familles)
        petites = any(c.sensible and c.valeur is not None and c.valeur < c.seuil for c in actuelles.values())
        if petites or self.depuis:
            toutes = {cle: replace(c, sensible=False, ligne=None) for cle, c in self.cellules.items()} | actuelles
            liees = {cle for f in self.familles for cle in (f.total, *f.parties)} | actuelles.keys()
            cellules = [replace(toutes[cle], montre=cle in self.montrees) for cle in liees]
            deja = {cle for cle in liees if self.places.get(cle) in self.depuis and cle not in self.montrees}
            decision = decide(sorted(cellules, key=lambda c: repr(c.cle)), self.familles, deja=deja)
            for cle in decision.masquees:
                if cle in self.places:
                    place = self.places[cle]
                    self.depuis[place] = min(self.depuis.get(place, connu), connu) if cle in actuelles else self.depuis.get(
                        place, connu)
            self.exposees = {self.places[cle] for cle in decision.exposees - self.montrees if cle in self.places}
        for a in affichages:
            self.montrees |= {cle for cle, publie in a.visibles.items() if publie or self.places[cle] not in self.depuis}
        self.cellules |= actuelles
        self.familles = {f: None for f in self.familles if not self.montrees.issuperset((f.total, *f.parties))}

    # -- one display -----------------------------------------------------------------------------------------------------

    def _known(self, lignes: list[_Ligne], vivants: set[int]) -> dict[Any, _Ligne]:
        """For each key the row that is read, as the views `<table>_connu` choose it."""
        gagnantes: dict[Any, tuple[tuple[bool, datetime, int], _Ligne]] = {}
        for x in lignes:
            if x.depot in vivants:
                force = (x.provenance != "illustratif", self.journal.connu[x.depot], x.depot)
                if x.cle not in gagnantes or gagnantes[x.cle][0] < force:
                    gagnantes[x.cle] = (force, x)
        return {cle: x for cle, (_, x) in gagnantes.items() if not x.retire}

    def _display(self, vivants: set[int]) -> Affichage | None:
        """What the screen holds while these dépôts count; None when the plan or the indicator is not there."""
        fiche = next((x.dit for x in self._known(self.fiches, vivants).values()), None)
        departement = next((x.dit for x in self._known(self.plans, vivants).values()), None)
        lues = self._known(self.mesures, vivants)
        if fiche is None or departement is None or not lues:
            return None
        enfants: dict[str, list[str]] = defaultdict(list)
        for code, x in self._known(self.territoires, vivants).items():
            if x.dit is not None:
                enfants[x.dit].append(code)
        comptes = {place: read_count(x.dit, x.provenance == "publie", fiche) for place, x in lues.items()}
        if fiche["somme"]:
            comptes |= sum_children(comptes, departement, enfants[departement])
        return Montage(self.versions, fiche, departement, enfants, comptes).build()
