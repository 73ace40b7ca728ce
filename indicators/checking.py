"""From tables of text to typed rows and anomalies, set-based in DuckDB: every problem of every cell in one pass.

For each table received, `recu_<table>` holds the text and `pret_<table>` the typed rows (temporary tables of the cursor), each
with `fichier` (rank of the file in the dépôt) and `ligne`. A row with a blocking anomaly leaves `pret_<table>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb

from indicators.errors import CATALOGUE, build_anomalie
from indicators.model import Anomalie, Gravite
from indicators.quick_look import has_rows, list_useful_rules, write_doubt
from indicators.reading import Tableau
from indicators.rules import (
    LECTEURS,
    PLANCHER,
    PLANCHER_TAUX,
    SERIE,
    is_choice,
    list_columns,
    nearest,
)
from indicators.staging import settle_words, stage
from indicators.tables import NOMBRE, RACCOURCIS, SEANCES, SQL_TYPES, TABLES, Table

Constat = tuple[int, int, str | None, str | None, str, str | None]  # fichier, ligne, colonne, valeur, code, detail


@dataclass
class Controle:
    """Result of a check: the tables that hold typed rows, and every anomaly, sorted by file and line."""

    tables: list[Table] = field(default_factory=list)
    anomalies: list[Anomalie] = field(default_factory=list)
    lues: int = 0
    pilotes: int = 0
    rejetees: int = 0

    @property
    def bloque(self) -> bool:
        """Does something keep a row or a file out?"""
        return any(a.gravite is Gravite.BLOQUANTE for a in self.anomalies)


def check(cur: duckdb.DuckDBPyConnection, tableaux: Sequence[Tableau], plan: str | None = None,
          connues: set[str] | None = None) -> Controle:
    """Check these tables of text against each other and against what the base holds; `plan` serves rows that name none.

    `connues`: the tables whose `connu_<table>` this cursor already has and that nothing has changed since; completed here.
    """
    controle = Controle(anomalies=[a for t in tableaux for a in t.anomalies], lues=sum(t.lues for t in tableaux))
    cur.execute("create or replace temp table constat (fichier integer, ligne integer, colonne varchar, valeur varchar,"
                " code varchar, detail varchar)")
    cur.execute("create or replace temp macro borne_ecrite(x) as replace(regexp_replace(x::varchar, '\\.0$', ''), '.', ',')")
    noms = [t.fichier for t in tableaux]
    refuses = {i for i, t in enumerate(tableaux) if any(a.code in ("colonne_manquante", "colonne_double") for a in t.anomalies)}
    recus = {t.nom: [(i, x) for i, x in enumerate(tableaux) if x.table is t and x.colonnes and i not in refuses]
             for t in TABLES.values()}
    pilotes = any("pilote" in x.colonnes for _, x in recus["action"])
    recues = [t for t in TABLES.values() if recus[t.nom] or (t.nom == "participation" and pilotes)]
    renomme = has_rows(cur, "alias")
    _stage_known(cur, recues, renomme, set() if connues is None else connues)
    for table in recues:
        lots = recus[table.nom]
        remplies = {c for _, x in lots for c in x.colonnes if c}
        if table.nom == "participation" and pilotes:
            remplies |= {c.nom for c in list_columns(table)}
        a_lire = stage(cur, table, lots, remplies)
        if table.nom == "participation" and pilotes:
            controle.pilotes, a_lire = _stage_pilotes(cur), "true"
        defaut = None if table.nom == "plan" else _plan_of_rows(cur, plan, recus["plan"])
        if table.nom == "mesure":
            settle_words(cur, defaut, remplies)
        _type(cur, table, defaut, remplies, renomme)
        for regle in list_useful_rules(cur, table, remplies, a_lire, renomme):  # one by one: planned together, they take longer
            cur.execute(f"insert into constat {regle}")
        _promote(cur, table, remplies)
        controle.tables.append(table)
    constats = cur.execute("select distinct * from constat order by fichier, ligne, colonne, code").fetchall()
    retenues = {(i, a.ligne) for i, t in enumerate(tableaux) if i not in refuses for a in t.anomalies
                if CATALOGUE[a.code].retient and a.ligne and not a.code.startswith(("colonne_", "fichier_"))}
    retenues |= {(f, ligne) for f, ligne, _, _, code, _ in constats if CATALOGUE[code].retient}
    controle.rejetees = len(retenues) + sum(t.lues for i, t in enumerate(tableaux) if i in refuses)
    for table in controle.tables:
        _restore_lines(cur, table, recus[table.nom])
    conseils = _advise(cur, constats)
    places = dict.fromkeys((f, *_place(tableaux, f, *constat)) for f, *constat in constats)
    controle.anomalies += [
        build_anomalie(code, noms[f], ligne, colonne, valeur, conseils.get((code, valeur, detail), detail or ""))
        for f, ligne, colonne, valeur, code, detail in places
        if not (code == "code_inconnu" and any(c == valeur for _, c in tableaux[f].codes))]  # its own row is refused, and told
    controle.anomalies = list(dict.fromkeys(controle.anomalies))  # the tables of one sheet share its lines
    rangs = {nom: rang for rang, nom in reversed(list(enumerate(noms)))}
    controle.anomalies.sort(key=lambda a: (rangs[a.fichier], a.ligne or 0))
    return controle


def needs_acceptance(cur: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> bool:
    """Does a plan of the rows just checked ask for a second person? Only what is known of the plan counts, not what comes in."""
    plans = " union ".join(f"select plan from pret_{t.nom}" for t in tables if t.par_plan and t.nom not in SEANCES)
    return bool(plans) and cur.execute(
        f"select count(*) > 0 from connu_plan where validation and plan in ({plans})").fetchone() == (True,)


def _place(tableaux: Sequence[Tableau], rang: int, ligne: int, colonne: str | None, valeur: str | None, code: str,
           detail: str | None) -> tuple[int, str | None, str | None, str, str | None]:
    """A finding as the person sees the file: where a line gives several rows, that line and the title of the column."""
    tableau = tableaux[rang]
    if code in ("cle_en_double", "valeurs_contradictoires"):
        autre, numero = map(int, (detail or "").split("|"))
        vue = tableaux[autre].origines.get(numero, (numero, {}))[0]
        detail = str(vue) if autre == rang else f"{vue} de {tableaux[autre].fichier}"
    if colonne == "periode" and "periode" not in tableau.colonnes and "fin" in tableau.colonnes:
        colonne = "fin"  # a file that gives the two days has no such column
    if ligne not in tableau.origines:
        return ligne, colonne, valeur, code, detail
    vraie, titres = tableau.origines[ligne]
    titre = titres.get(colonne or "") or (next(iter(titres.values())) if colonne in ("periode", "valeur", None) else colonne)
    return vraie, titre, valeur, code, detail


def _restore_lines(cur: duckdb.DuckDBPyConnection, table: Table, lots: list[tuple[int, Tableau]]) -> None:
    """Rows that share a line of the file had numbers of their own while checked; what is stored names the line."""
    origines = [(rang, numero, ligne) for rang, x in lots for numero, (ligne, _) in x.origines.items()]
    if origines:
        cur.execute(f"""update type_{table.nom} p set ligne = o.ligne from (
            select unnest($f::integer[]) as fichier, unnest($n::integer[]) as numero, unnest($l::integer[]) as ligne) o
            where o.fichier = p.fichier and o.numero = p.ligne""",
            {nom: [o[i] for o in origines] for i, nom in enumerate("fnl")})


def _stage_known(cur: duckdb.DuckDBPyConnection, recues: Sequence[Table], renomme: bool, connues: set[str]) -> None:
    """`connu_<table>`: what the base holds now of the tables received, and of those that their rows refer to."""
    parents = {c.vers for t in recues for c in (*t.colonnes, *RACCOURCIS.get(t.nom, ())) if c.vers} | {"plan"}
    for nom in (parents | {t.nom for t in recues} | ({"alias"} if renomme else set())) - connues:
        cur.execute(f"create or replace temp table connu_{nom} as from {nom}_connu(timestamp '9999-12-31')")
        connues.add(nom)
    for nom in sorted(parents, key=list(TABLES).index):
        _parents(cur, TABLES[nom], recue=False)


def _plan_of_rows(cur: duckdb.DuckDBPyConnection, plan: str | None, recus: list[tuple[int, Tableau]]) -> str | None:
    """The plan that rows without one belong to: the single plan of the dépôt, else `plan`, else the single plan of the base.

    Rows that come with their own plan never go to another one that happens to be on screen.
    """
    if recus:
        lus = {p for (p,) in cur.execute("select distinct plan from pret_plan").fetchall()}
        return plan if plan in lus else lus.pop() if len(lus) == 1 else None
    connus = cur.execute("select plan from connu_plan").fetchall()
    return plan or (connus[0][0] if len(connus) == 1 else None)


def _stage_pilotes(cur: duckdb.DuckDBPyConnection) -> int:
    """The column `pilote` of an action file is shorthand for one participation, by the partner's name or code; how many."""
    ajoutees = cur.execute("""insert into texte_participation by name
        select fichier, ligne, a.plan, code as action, 'pilote' as role, provenance, source,
            coalesce((select any_value(p.code) from pret_ou_connu_partenaire p where p.nom = a.pilote), a.pilote) as partenaire
        from recu_action a semi join pret_action p on p.fichier = a.fichier and p.ligne = a.ligne
        where pilote is not null""").fetchone()
    return int(ajoutees[0]) if ajoutees else 0


def _type(cur: duckdb.DuckDBPyConnection, table: Table, plan: str | None, remplies: set[str], renomme: bool) -> None:
    """`pret_<table>`: typed values, defaults given, codes renamed by an alias, missing territory = the plan's département.

    It is a view of `type_<table>`, to which it adds what is the same for every row: a large file has many columns empty.
    """
    leur_plan = "coalesce(r.plan, $plan)" if "plan" in remplies else "$plan"
    expressions = {"fichier": "r.fichier", "ligne": "r.ligne", "retire": "coalesce(oui_non_lu(r.supprimer), false)",
                   "provenance": "coalesce(lower(r.provenance), 'saisi')", "source": "r.source"}
    for c in table.colonnes:
        brut = f'r."{c.nom}"'
        if c.nom == "plan" and table.nom != "plan":
            brut = leur_plan
        elif c.nom == "territoire" and c.vers:
            brut = f"coalesce({brut}, (select departement from pret_ou_connu_plan p where p.plan = {leur_plan}))"
        elif c.defaut is not None:
            brut = f"coalesce({brut}, '{c.defaut}')"
        if c.choix is not None:
            brut = f"if({is_choice(c, brut)}, {brut}, mot_de_liste({brut}))"
        if renomme and c.vers:
            brut = (f"coalesce((select any_value(a.nouveau) from connu_alias a where a.\"table\" = '{c.vers}'"
                    f" and a.ancien = {brut} and a.plan = {leur_plan}), {brut})")
        if table.nom == "mesure" and c.nom in ("debut", "fin"):
            expressions[c.nom] = f"lue.lue_{c.nom}"
        elif c.type == NOMBRE:
            lu = f"r.nombre_{c.nom}"
            expressions[c.nom] = f"if(r.\"{c.nom}\" is null, {c.defaut}::double, {lu})" if c.defaut else lu
        else:
            expressions[c.nom] = LECTEURS[c.type].format(c=brut)
    communes = _list_commons(table, remplies, plan)
    propres = ", ".join(f'{e} as "{c}"' for c, e in expressions.items() if c not in communes)
    source, caches = f"recu_{table.nom} r", ""
    if table.nom == "mesure":
        source += _read_periods(cur, leur_plan, plan, remplies)
        ajouts = {"serie": f"hash({', '.join(expressions[c] for c in SERIE)})", "rang_lu": "lue.rang",
                  "doute": "true" if renomme else write_doubt(expressions, remplies)}
        propres += "".join(f", {e} as {c}" for c, e in ajouts.items())
        caches = f" exclude ({', '.join(ajouts)})"
    texte = f"create or replace temp table type_{table.nom} as select {propres} from {source}"
    cur.execute(texte, {"plan": plan} if "$plan" in texte else None)
    ajout = "".join(f', {e} as "{c}"' for c, e in communes.items())
    for nom, choix in (("pret", "t.*" + caches), ("tout", "t.*")):
        cur.execute(f"create or replace temp view {nom}_{table.nom} as select {choix}{ajout} from type_{table.nom} t")
    # a row withdrawn without saying its provenance has that of the row it withdraws: it is no stronger
    if "supprimer" in remplies:
        cur.execute(f"""update type_{table.nom} p set provenance = c.provenance from connu_{table.nom} c, recu_{table.nom} r
        where p.retire and r.provenance is null and r.fichier = p.fichier and r.ligne = p.ligne and {table.same_key("p", "c")}""")


def _list_commons(table: Table, remplies: set[str], plan: str | None) -> dict[str, str]:
    """SQL of the columns of a measure that are the same on every row, since no file fills them."""
    if table.nom != "mesure":
        return {}
    tenues = remplies | {*table.cle, "valeur", "etat"}
    communes = {c.nom: f"null::{SQL_TYPES[c.type]}" for c in table.colonnes if c.nom not in tenues}
    if "source" not in remplies:
        communes["source"] = "null::varchar"
    if "supprimer" not in remplies:
        communes["retire"] = "false"
        if "provenance" not in remplies:
            communes["provenance"] = "'saisi'"
        if "plan" not in remplies and plan:
            communes["plan"] = "'" + plan.replace("'", "''") + "'"
    return communes


def _read_periods(cur: duckdb.DuckDBPyConnection, leur_plan: str, plan: str | None, remplies: set[str]) -> str:
    """`lue_periode`: each period written, read once for its indicator; returns how rows are joined to it.

    A lone day is brought to the period that it ends. With it comes what the cheap look at each row needs of the indicator.
    """
    cles = [c for c in ("plan", "indicateur", "periode", "debut", "fin") if c in remplies]
    jours = [f"date_lue({c})" if c in remplies else "null::date" for c in ("debut", "fin")]
    lue = f"{{debut: {jours[0]}, fin: {jours[1]}}}"
    if "periode" in remplies:
        lue = f"coalesce(periode_lue(periode, rythme), {lue})"
    texte = f"""create or replace temp table lue_periode as
        select * exclude (rythme, lue), lue.fin as lue_fin, debut_entier(lue, rythme) as lue_debut,
            (row_number() over ())::integer as rang,
            coalesce(not connu or lue_debut >= lue.fin or lue.fin > today(), true) as doute
        from (select *, {lue} as lue
            from (select r.*, coalesce(i.periodicite, 'annuelle') as rythme, i.code is not null and i.plan in
                    (select plan from pret_ou_connu_plan) as connu, i.unite = '%' as part,
                    if(i.nature = 'taux', facteur_lu(i.facteur, i.unite), null) as facteur,
                    if(i.unite in ('%', '‰') or i.nature = 'taux', {PLANCHER_TAUX}, {PLANCHER}) as plancher,
                    greatest(i.borne_min, if(i.nature <> 'taux' and compte_des_personnes(i.unite), i.seuil_secret, null)) as bas,
                    i.borne_max as haut, i.seuil_secret as seuil
                from (select distinct {", ".join(cles)} from recu_mesure) r
                left join pret_ou_connu_indicateur i on i.plan = {leur_plan} and i.code = r.indicateur))"""
    cur.execute(texte, {"plan": plan} if "$plan" in texte else None)
    return " left join lue_periode lue on " + " and ".join(f"lue.{c} is not distinct from r.{c}" for c in cles)


def _advise(cur: duckdb.DuckDBPyConnection, constats: list[Constat]) -> dict[tuple[str, str | None, str | None], str]:
    """The part of an advice that needs a look at what exists, by (code, valeur, detail): the nearest code, the plans known."""
    inconnus = {(valeur, detail) for *_, valeur, code, detail in constats if code == "code_inconnu"}
    conseils: dict[tuple[str, str | None, str | None], str] = {}
    for vers in sorted({detail.partition("|")[0] for _, detail in inconnus if detail}):
        cherches = [(v, d, d.partition("|")[2]) for v, d in inconnus if v and d and d.startswith(f"{vers}|")]
        lus = cur.execute(nearest(vers), {"plans": [p for *_, p in cherches], "valeurs": [v for v, *_ in cherches]}).fetchall()
        proches = {(plan, valeur): quoi for plan, valeur, quoi in lus}
        for valeur, detail, plan in cherches:
            proche = proches.get((plan, valeur))
            conseils["code_inconnu", valeur, detail] = (
                f"Code le plus proche : {proche}. Corrigez le code, ou déposez d’abord la table {vers}." if proche
                else f"Déposez d’abord la table {vers}.")
    if sans_plan := {(valeur, detail) for *_, valeur, code, detail in constats if code == "plan_inconnu"}:
        plans = [p for (p,) in cur.execute("select distinct plan from pret_ou_connu_plan order by 1").fetchall()]
        dits = f"Plans connus : {', '.join(plans)}." if plans else ""
        conseils |= {("plan_inconnu", *quoi): dits for quoi in sans_plan}
    return conseils


def _promote(cur: duckdb.DuckDBPyConnection, table: Table, remplies: set[str]) -> None:
    """Take the refused rows out of `pret_<table>`; the rows of later tables see what is left through `pret_ou_connu_<table>`."""
    t = table.nom
    if "provenance" in remplies and has_rows(cur, t):
        cur.execute(f"""insert into constat select p.fichier, p.ligne, null, null, 'reel_prime', null from pret_{t} p
            where p.provenance = 'illustratif' and exists (select 1 from {t} c join depot_vivant(timestamp '9999-12-31') v
                on v.id = c.depot_id where c.provenance <> 'illustratif' and {table.same_key("p", "c")})""")
    if has_rows(cur, "constat"):
        cur.execute(f"delete from type_{t} p where exists (select 1 from constat k where k.fichier = p.fichier"
                    " and k.ligne = p.ligne and list_contains($codes, k.code))",
                    {"codes": [c for c, a in CATALOGUE.items() if a.retient]})
    if any(c.vers == t for autre in TABLES.values() for c in autre.colonnes):
        _parents(cur, table, recue=True)


def _parents(cur: duckdb.DuckDBPyConnection, table: Table, recue: bool) -> None:
    """`pret_ou_connu_<table>`: the rows that others may refer to, this dépôt's first; a plan's département is a territory."""
    t = table.nom
    morceaux = [f"select c.* exclude (depot_id, fichier, ligne) from connu_{t} c"
                + (f" anti join pret_{t} p on {table.same_key('p', 'c')}" if recue else "")]
    if recue:
        morceaux.append(f"select * exclude (fichier, ligne) from pret_{t} where not retire")
    if t == "territoire":
        morceaux.append("select plan, departement as code, departement as nom from pret_ou_connu_plan")
    cur.execute(f"create or replace temp view pret_ou_connu_{t} as " + " union all by name ".join(morceaux))
