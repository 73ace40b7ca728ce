"""Dépôts: what would change, applying it in one transaction, cancelling, taking back.

Every function here runs on the cursor of `store.write` or `store.rehearse`: a preview is the very effect, thrown away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import duckdb

from indicators.aide import get_aide
from indicators.checking import check, needs_acceptance
from indicators.codes import keep_codes
from indicators.derived import rebuild_derived
from indicators.effects import (
    CACHEE,
    Changement,
    Effet,
    compare_statuts,
    foresee_effets,
    hide_effets,
    join_masquees,
    list_changements,
    list_masquees,
    list_statuts,
    preview_acceptance,
)
from indicators.errors import DemandeInvalide, DepotRefuse, Renoncement
from indicators.model import Anomalie, TypeDepot
from indicators.reading import (
    Choix,
    Correspondance,
    FichierRecu,
    Tableau,
    is_personal,
    read_tableaux,
    write_json,
)
from indicators.settings import Limites
from indicators.tables import TABLES, Table

INFINI = "timestamp '9999-12-31'"  # after everything: what is known now
Progres = Callable[[float, str], None]


@dataclass
class BilanDepot:
    """What a dépôt did, or would do. `depot` is None when nothing was written; `porteur` is then the dépôt that holds it all.

    `pilotes` counts the participations that the column `pilote` of an action file gives besides the rows read.
    `masquees`: rows on values hidden from whoever writes, all counted as changed; `effets` leaves their indicators out.
    `changements` holds the first of the `cellules_changees`; `publiees` counts the published values and targets that change.
    `correspondances` says how the columns of each table received were read,
    `lectures` gives the tables themselves without their rows, each with the rank of its file.
    `propose`: a plan of these rows asks for a second person; until then nothing counts, and `effets` are those of an acceptance.
    """

    depot: int | None = None
    porteur: int | None = None
    lues: int = 0
    pilotes: int = 0
    nouvelles: int = 0
    modifiees: int = 0
    inchangees: int = 0
    retirees: int = 0
    absentes: int = 0
    rejetees: int = 0
    masquees: int = 0
    fichiers: list[dict[str, object]] = field(default_factory=list)
    effets: list[Effet] = field(default_factory=list)
    changements: list[Changement] = field(default_factory=list)
    cellules_changees: int = 0
    publiees: int = 0
    anomalies: list[Anomalie] = field(default_factory=list)
    correspondances: list[Correspondance] = field(default_factory=list)
    lectures: list[tuple[int, Tableau]] = field(default_factory=list)
    bloque: bool = False
    propose: bool = False


@dataclass(frozen=True)
class BilanAnnulation:
    """What a cancellation, or taking one back, did or would do; `depots` are the numbers written.

    `changements` and `effets` say nothing of the `masquees` values hidden from whoever writes.
    """

    depots: list[int]
    effets: list[Effet]
    changements: list[Changement]
    cellules_changees: int
    masquees: int


@dataclass(frozen=True)
class Demande:
    """How a dépôt is asked for. `connu_le` (UTC) takes over history; `remplace` retires what a whole plan no longer holds.

    `motif_exige` refuses to change a published value without saying why, and to propose without saying who. `correspondances`
    gives what a person chose for a table received, by rank of its file among those sent and name of the table in it.
    """

    plan: str | None = None
    table: str | None = None
    lignes_valides: bool = False
    remplace: bool = False
    connu_le: datetime | None = None
    auteur: str | None = None
    motif: str | None = None
    motif_exige: bool = False
    limites: Limites = field(default_factory=Limites)
    correspondances: Mapping[tuple[int, str], Choix] = field(default_factory=dict)


def tell_nobody(part: float, etape: str) -> None:
    """Stands for a progress bar where nobody is looking."""


def import_files(cur: duckdb.DuckDBPyConnection, recus: Sequence[FichierRecu], demande: Demande,
                 keep_file: Callable[[bytes], str], progres: Progres = tell_nobody, *, apercu: bool = False) -> BilanDepot:
    """Check these files, store what is accepted as one dépôt and rebuild what depends on it.

    `progres` is told each step that begins: the share already done, and a French name. Raises `Renoncement` holding the
    `BilanDepot` when nothing must be written: a blocking anomaly, or nothing new. `apercu`: see `preview_files`.
    """
    progres(0.0, "Lecture")
    aide = get_aide(cur, demande.plan)
    lus = [(rang, t) for rang, r in enumerate(recus) for t in read_tableaux(
        r, demande.table, demande.limites,
        replace(aide, choix={nom: c for (place, nom), c in demande.correspondances.items() if place == rang}))]
    progres(0.3, "Contrôle des lignes")
    tableaux = keep_codes(cur, [t for _, t in lus], demande.plan)
    bilan, tables = apply_tableaux(cur, tableaux, [recus[rang] for rang, _ in lus], demande, keep_file)
    progres(0.8, "Effets sur les indicateurs")
    bilan.correspondances = [replace(t.correspondance, recu=rang) for rang, t in lus if t.correspondance]
    bilan.lectures = [(rang, replace(t, lignes=[], bloc=None)) for rang, t in lus]
    bilan.changements, bilan.cellules_changees = list_changements(cur, {
        t.nom: f"pret_{t.nom} p join connu_{t.nom} c on {t.same_key('p', 'c')}" for t in tables}, siennes=True)
    if bilan.depot is None:
        raise Renoncement(bilan)
    plans = list_plans_of(cur, bilan.depot)
    if bilan.propose:
        bilan.effets = hide_effets(cur, preview_acceptance(cur, bilan.depot, plans), [bilan.depot])
        return bilan
    if apercu:
        bilan.effets = hide_effets(cur, foresee_effets(cur, bilan.depot, plans), [bilan.depot])
        return bilan
    avant = list_statuts(cur)
    rebuild_derived(cur, plans, bilan.depot)
    bilan.effets = hide_effets(cur, compare_statuts(cur, avant), [bilan.depot])
    return bilan


def preview_files(cur: duckdb.DuckDBPyConnection, recus: Sequence[FichierRecu], demande: Demande,
                  progres: Progres = tell_nobody) -> BilanDepot:
    """What `import_files` would answer, inside `rehearse`: of what depends on the rows, only the statuses are worked out."""
    return import_files(cur, recus, demande, keep_nothing, progres, apercu=True)


def apply_tableaux(cur: duckdb.DuckDBPyConnection, tableaux: Sequence[Tableau], recus: Sequence[FichierRecu], demande: Demande,
                   keep_file: Callable[[bytes], str], connues: set[str] | None = None) -> tuple[BilanDepot, list[Table]]:
    """The same for tables already read (`recus` gives the file of each), given back once typed; nothing derived is rebuilt.

    `init` applies many in one transaction, with the same `connues` (see `check`) as long as it cancels nothing.
    """
    connues = set() if connues is None else connues
    controle = check(cur, tableaux, demande.plan, connues)
    bilan = BilanDepot(lues=controle.lues, pilotes=controle.pilotes, rejetees=controle.rejetees, anomalies=controle.anomalies)
    bilan.fichiers = [{"fichier": t.fichier, "table": t.table.nom if t.table else None, "lues": t.lues} for t in tableaux]
    # what a rejected row stood for would be taken for absent: replacing wants a plan without any
    # a file of personal data is never put aside: nothing goes on while it is there
    bilan.bloque = controle.bloque and (not demande.lignes_valides or demande.remplace or any(map(is_personal, tableaux)))
    bilan.propose = needs_acceptance(cur, controle.tables)
    entier = TABLES["plan"] in controle.tables
    changes = classify(cur, controle.tables, bilan)
    if entier:
        bilan.absentes = sum(_stage_absent(cur, t) for t in controle.tables)
        if demande.remplace:
            changes += _retire_absent(cur, controle.tables, bilan)
    if not changes:
        bilan.porteur = find_holder(cur, controle.tables)
    if bilan.bloque:
        return bilan, controle.tables
    if not changes:
        bilan.bloque = controle.bloque and not bilan.inchangees
        return bilan, controle.tables
    if bilan.publiees and demande.motif_exige and not (demande.motif or "").strip():
        raise DemandeInvalide("Ce dépôt change des valeurs publiées : il demande un motif.",
                              "Dites pourquoi en une phrase (--motif) : elle restera dans le journal.")
    if bilan.propose:
        _check_proposal(demande)
    bilan.depot = open_depot(cur, TypeDepot.PROPOSE if bilan.propose else TypeDepot.DEPOT, None, demande)
    gardes = {id(recus[rang]) for rang in (_list_used(cur, controle.tables) if controle.bloque else range(len(recus)))}
    for rang, (recu, tableau) in enumerate(zip(recus, tableaux, strict=True)):
        if id(recu) not in gardes:  # nothing was taken from it: a refused file is not kept, even beside one that is accepted
            continue
        cur.execute("insert into fichier values (?, ?, ?, ?, ?, ?, ?)", [
            bilan.depot, rang, tableau.fichier, keep_file(recu.contenu),
            tableau.table.nom if tableau.table else "", tableau.lues,
            write_json(tableau.correspondance) if tableau.correspondance else None])
    for table in controle.tables:
        cur.execute(f"insert into {table.nom} by name select *, $1 as depot_id from pret_{table.nom}", [bilan.depot])
        connues.discard(table.nom)
    return bilan, controle.tables


def keep_nothing(contenu: bytes) -> str:
    """Stands for `store.keep_file` in a rehearsal: the fingerprint, and no file."""
    return hashlib.sha256(contenu).hexdigest()


def cancel(cur: duckdb.DuckDBPyConnection, depot: int, motif: str, auteur: str | None = None, avec_suivants: bool = False,
           connu_le: datetime | None = None) -> list[int]:
    """Cancel a dépôt, or take a cancellation back; returns the ids written.

    Refused when later rows would lose their parent, or when a plan would no longer ask for a second person.
    """
    a_deux = _list_validated(cur)
    ecrits = [write_cancellation(cur, depot, Demande(auteur=auteur, motif=motif, connu_le=connu_le))]
    while suivants := cur.execute("select distinct depot_id from orphelin order by 1").fetchall():
        numeros = [n for (n,) in suivants]
        if not avec_suivants:
            raise DepotRefuse(
                f"Le dépôt {depot} porte des lignes dont dépendent d’autres dépôts : {', '.join(map(str, numeros))}.",
                "Annulez-les d’abord, ou demandez l’annulation avec les suivants (--avec-suivants).")
        ecrits += [write_cancellation(cur, n, Demande(auteur=auteur, motif=f"{motif} (avec le dépôt {depot})")) for n in numeros]
    if quittes := [plan for plan, validation in _list_validated(cur).items() if a_deux.get(plan) and not validation]:
        raise DemandeInvalide(f"Le plan {quittes[0]} ne demanderait plus une deuxième personne.",
                              "Proposez plutôt sa table « plan » avec validation : non ; quelqu’un d’autre l’acceptera.")
    cibles = cur.execute("select porte_sur from depot where list_contains($1, id)", [ecrits]).fetchall()
    rebuild_derived(cur, sorted({p for (cible,) in cibles for p in list_plans_of(cur, cible)}))
    return ecrits


def _list_validated(cur: duckdb.DuckDBPyConnection) -> dict[str, bool]:
    """Each plan known now, and whether its dépôts wait for a second person."""
    return dict(cur.execute(f"select plan, coalesce(validation, false) from plan_connu({INFINI})").fetchall())


def cancel_with_effects(cur: duckdb.DuckDBPyConnection, depot: int, motif: str, auteur: str | None = None,
                        avec_suivants: bool = False) -> BilanAnnulation:
    """The same as `cancel`, with what it changes: the statuses, and each value that comes back or goes."""
    avant = list_statuts(cur)
    ecrits = cancel(cur, depot, motif, auteur, avec_suivants)
    lus = cur.execute("select porte_sur, connu_le from depot where list_contains($1, id) order by id", [ecrits]).fetchall()
    cibles = [int(n) for n, _ in lus]
    touches = ", ".join(map(str, cibles))
    veille = f"timestamp '{min(t for _, t in lus) - timedelta(microseconds=1)}'"

    def known(t: Table, moment: str) -> str:
        return (f"(from {t.nom}_connu({moment}) a where exists "
                f"(from {t.nom} k where k.depot_id in ({touches}) and {t.same_key('k', 'a')}))")

    changements, total = list_changements(cur, {
        t.nom: f"{known(t, veille)} c full join {known(t, INFINI)} p on {t.same_key('p', 'c')}" for t in TABLES.values()
        if t.importable})  # the pages of a séance are for nobody's eyes
    return BilanAnnulation(ecrits, hide_effets(cur, compare_statuts(cur, avant), cibles), changements, total,
                           len(list_masquees(cur, cibles)))


def write_cancellation(cur: duckdb.DuckDBPyConnection, depot: int, demande: Demande) -> int:
    """The row that cancels this dépôt, or that takes back the cancellation it is; nothing is rebuilt here."""
    if not (demande.motif or "").strip():
        raise DemandeInvalide("Une annulation demande un motif.",
                              "Dites pourquoi en une phrase (--motif) : elle restera dans le journal.")
    lu = cur.execute("select type, porte_sur from depot where id = ?", [depot]).fetchone()
    if lu is None:
        raise DemandeInvalide(f"Le dépôt {depot} n’existe pas.", "La commande « journal » liste les dépôts.")
    type_, porte_sur = lu
    if type_ in (TypeDepot.RETABLISSEMENT, TypeDepot.ACCEPTATION):
        verbe = "rétablit" if type_ == TypeDepot.RETABLISSEMENT else "accepte"
        raise DemandeInvalide(f"Le dépôt {depot} {verbe} le dépôt {porte_sur}.", f"Annulez directement le dépôt {porte_sur}.")
    if type_ == TypeDepot.REFUS:
        raise DemandeInvalide(f"Le dépôt {depot} refuse le dépôt {porte_sur} : un refus ne se reprend pas.",
                              f"Proposez de nouveau les fichiers du dépôt {porte_sur}.")
    apporte = type_ in (TypeDepot.DEPOT, TypeDepot.PROPOSE)
    cible = depot if apporte else porte_sur
    if type_ == TypeDepot.PROPOSE and find_decision(cur, depot) is not TypeDepot.ACCEPTATION:
        raise DemandeInvalide(f"Le dépôt {depot} n’a pas été accepté : il ne compte nulle part.",
                              "S’il attend encore, refusez-le (« refuse »).")
    vivant = cur.execute("select count(*) from depot_vie where depot = ? and vivant_au = timestamp 'infinity'",
                         [cible]).fetchone() == (1,)
    if vivant != apporte:
        etat = "déjà annulé" if apporte else "déjà rétabli"
        raise DemandeInvalide(f"Le dépôt {cible} est {etat}.", "La commande « journal » montre son histoire.")
    if not (demande.auteur or "").strip() and find_decision(cur, cible):
        raise DemandeInvalide("Annuler un dépôt accepté à deux demande un auteur.", "Dites qui vous êtes (--auteur).")
    nouveau = TypeDepot.ANNULATION if apporte else TypeDepot.RETABLISSEMENT
    return open_depot(cur, nouveau, cible, demande)


def find_decision(cur: duckdb.DuckDBPyConnection, depot: int) -> TypeDepot | None:
    """What was decided of this proposed dépôt, ACCEPTATION or REFUS; None while it waits."""
    lu = cur.execute("select type from depot where porte_sur = ? and type in ('acceptation', 'refus')", [depot]).fetchone()
    return TypeDepot(lu[0]) if lu else None


def _check_proposal(demande: Demande) -> None:
    if demande.motif_exige and not (demande.auteur or "").strip():
        raise DemandeInvalide("Ce dépôt sera proposé à une deuxième personne : il demande un auteur.",
                              "Dites qui vous êtes (--auteur) : celui qui propose n’accepte pas lui-même.")
    if demande.connu_le:
        raise DemandeInvalide("Un dépôt proposé n’est connu que lorsqu’une deuxième personne l’accepte.",
                              "Retirez --connu-le : ce plan ne prend pas de reprise d’historique.")


def open_depot(cur: duckdb.DuckDBPyConnection, type_: TypeDepot, porte_sur: int | None, demande: Demande) -> int:
    """The next dépôt, unless its history taken over would contradict a frozen séance."""
    figee = cur.execute(f"select code from seance_connu({INFINI}) where figee_le is not null and connu_au >= ? "
                        "order by date limit 1", [demande.connu_le]).fetchone() if demande.connu_le else None
    if figee:
        raise DepotRefuse(f"La séance « {figee[0]} » est figée et serait contredite par une reprise d’historique à cette date.",
                          "Choisissez une date de connaissance postérieure à la séance.")
    return number_depot(cur, type_, porte_sur, demande)


def number_depot(cur: duckdb.DuckDBPyConnection, type_: TypeDepot, porte_sur: int | None, demande: Demande) -> int:
    """The next dense number, received now (UTC, strictly increasing), known now or at the moment taken over."""
    dernier, dernier_recu = cur.execute("select coalesce(max(id), 0), max(recu_le) from depot").fetchone() or (0, None)
    recu = datetime.now(UTC).replace(tzinfo=None)
    if dernier_recu is not None:
        recu = max(recu, dernier_recu + timedelta(microseconds=1))
    connu = demande.connu_le or recu
    if connu > recu:
        raise DemandeInvalide("La date de connaissance est dans l’avenir.",
                              "Donnez une date passée à --connu-le, ou retirez l’option.")
    cur.execute("insert into depot values (?, ?, ?, ?, ?, ?, ?)",
                [dernier + 1, type_.value, porte_sur, recu, connu, demande.auteur, demande.motif])
    if type_ is TypeDepot.DEPOT:  # it takes nothing from the life of the others
        cur.execute("insert into depot_vie values ($1, $2, $2, timestamp 'infinity')", [dernier + 1, connu])
    elif type_ is not TypeDepot.PROPOSE:
        cur.execute("delete from depot_vie")
        cur.execute("insert into depot_vie from depot_vie_calcul")
    return int(dernier) + 1


def classify(cur: duckdb.DuckDBPyConnection, tables: list[Table], bilan: BilanDepot) -> int:
    """Count in `bilan` the rows new, changed, unchanged and withdrawn against what is known now; how many change something."""
    for t in tables:
        ecart = " or ".join(f'p."{c}" is distinct from c."{c}"' for c in (*t.valeurs, "provenance", "source"))
        masquees = join_masquees(cur, t)
        cachee = CACHEE if masquees else "false"
        ecart = f"{cachee} or {ecart}" if masquees else ecart
        lu = cur.execute(f"""select count(*) filter (connue is null and not p.retire),
                count(*) filter (connue and not p.retire and ({ecart})),
                count(*) filter (if(connue, not p.retire and not ({ecart}), p.retire)), count(*) filter (connue and p.retire),
                count(*) filter (c.provenance = 'publie' and (p.retire or {ecart})), count(*) filter (connue and {cachee})
            from pret_{t.nom} p left join (select *, true as connue from connu_{t.nom}) c
                on {t.same_key("p", "c")}{masquees}""").fetchone()
        nouvelles, modifiees, inchangees, retirees, publiees, tues = lu or (0, 0, 0, 0, 0, 0)
        bilan.nouvelles += nouvelles
        bilan.modifiees += modifiees
        bilan.inchangees += inchangees
        bilan.retirees += retirees
        bilan.masquees += tues
        bilan.publiees += publiees if t.nom in ("mesure", "cible") else 0
    return bilan.nouvelles + bilan.modifiees + bilan.retirees


def _stage_absent(cur: duckdb.DuckDBPyConnection, t: Table) -> int:
    """`absent_<table>`: what the base knows of the plans received and that the whole plan sent again no longer holds."""
    if not t.structure or t.nom == "plan":
        cur.execute(f"create or replace temp table absent_{t.nom} as select * from {t.nom} limit 0")
        return 0
    cur.execute(f"""create or replace temp table absent_{t.nom} as select c.* from connu_{t.nom} c
        where c.plan in (select plan from pret_plan)
        and not exists (select 1 from pret_{t.nom} p where {t.same_key("p", "c")})""")
    return int((cur.execute(f"select count(*) from absent_{t.nom}").fetchone() or (0,))[0])


def _retire_absent(cur: duckdb.DuckDBPyConnection, tables: list[Table], bilan: BilanDepot) -> int:
    for t in (t for t in tables if t.structure):
        cur.execute(f"""insert into type_{t.nom} by name select * exclude (depot_id, fichier, ligne) replace (true as retire)
            from absent_{t.nom}""")
    bilan.retirees += bilan.absentes
    return bilan.absentes


def find_holder(cur: duckdb.DuckDBPyConnection, tables: list[Table]) -> int | None:
    """The latest dépôt that already holds these rows."""
    porteurs = [(cur.execute(f"""select max(c.depot_id) from pret_{t.nom} p join connu_{t.nom} c
        on {t.same_key("p", "c")}""").fetchone() or (None,))[0] for t in tables]
    return max((n for n in porteurs if n is not None), default=None)


def _list_used(cur: duckdb.DuckDBPyConnection, tables: list[Table]) -> set[int]:
    """Ranks of the files that gave at least one row."""
    return {rang for t in tables for (rang,) in cur.execute(
        f"select distinct fichier from pret_{t.nom} where fichier is not null").fetchall()}


def list_plans_of(cur: duckdb.DuckDBPyConnection, depot: int) -> list[str]:
    """Plans that this dépôt touches."""
    requete = " union ".join(f"select plan from {t.nom} where depot_id = $1" for t in TABLES.values() if t.par_plan)
    return [p for (p,) in cur.execute(requete, [depot]).fetchall()]
