"""From tables of text to typed rows and anomalies, set-based in DuckDB: every problem of every cell in one pass.

For each table received, `recu_<table>` holds the text and `pret_<table>` the typed rows (temporary tables of the cursor), each
with `fichier` (rank of the file in the dépôt) and `ligne`. A row with a blocking anomaly leaves `pret_<table>`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb

from indicators.errors import CATALOGUE, build_anomalie
from indicators.model import Anomalie, Gravite
from indicators.reading import Tableau
from indicators.rules import LECTEURS, list_columns, list_rules
from indicators.tables import RACCOURCIS, TABLES, Table

CHIFFRES = re.compile(r"\s*|[-+−]?[\d\s]*\d[\d\s.,eE+-]*")

# recu_mesure with its period read; a lone day is brought to the period that it ends.
PERIODES = """(
    select * exclude (lue), lue.fin as lue_fin, debut_entier(lue, rythme) as lue_debut
    from (select *, coalesce(periode_lue(periode, rythme), {debut: date_lue(debut), fin: date_lue(fin)}) as lue
        from (select m.*, coalesce(i.periodicite, 'annuelle') as rythme from recu_mesure m
            left join pret_ou_connu_indicateur i on i.plan = coalesce(m.plan, $plan) and i.code = m.indicateur)))"""


@dataclass
class Controle:
    """Result of a check: the tables that hold typed rows, and every anomaly, sorted by file and line."""

    tables: list[Table] = field(default_factory=list)
    anomalies: list[Anomalie] = field(default_factory=list)
    lues: int = 0
    rejetees: int = 0

    @property
    def bloque(self) -> bool:
        """Does something keep a row or a file out?"""
        return any(a.gravite is Gravite.BLOQUANTE for a in self.anomalies)


def check(cur: duckdb.DuckDBPyConnection, tableaux: Sequence[Tableau], plan: str | None = None) -> Controle:
    """Check these tables of text against each other and against what the base holds; `plan` serves rows that name none."""
    controle = Controle(anomalies=[a for t in tableaux for a in t.anomalies], lues=sum(t.lues for t in tableaux))
    cur.execute("create or replace temp table constat (fichier integer, ligne integer, colonne varchar, valeur varchar,"
                " code varchar, detail varchar)")
    cur.execute("create or replace temp macro borne_ecrite(x) as replace(regexp_replace(x::varchar, '\\.0$', ''), '.', ',')")
    noms = [t.fichier for t in tableaux]
    refuses = {i for i, t in enumerate(tableaux) if any(a.code in ("colonne_manquante", "colonne_double") for a in t.anomalies)}
    recus = {t.nom: [(i, x) for i, x in enumerate(tableaux) if x.table is t and i not in refuses] for t in TABLES.values()}
    pilotes = any("pilote" in x.colonnes for _, x in recus["action"])
    recues = [t for t in TABLES.values() if recus[t.nom] or (t.nom == "participation" and pilotes)]
    _stage_known(cur, recues)
    for table in recues:
        lots = recus[table.nom]
        _stage(cur, table, lots)
        if table.nom == "participation" and pilotes:
            _stage_pilotes(cur)
        defaut = None if table.nom == "plan" else plan or _only_plan(cur, recus["plan"])
        if table.nom == "mesure" and _any_word(lots):
            _settle_words(cur, defaut)
        _type(cur, table, defaut)
        remplies = {c for _, x in lots for c in x.colonnes} | ({"action", "partenaire"} if pilotes else set())
        cur.execute("insert into constat " + " union all ".join(list_rules(table, remplies)))
        _promote(cur, table)
        controle.tables.append(table)
    constats = cur.execute("select distinct * from constat order by fichier, ligne, colonne, code").fetchall()
    retenues = {(i, a.ligne) for i, t in enumerate(tableaux) for a in t.anomalies
                if CATALOGUE[a.code].retient and a.ligne and not a.code.startswith(("colonne_", "fichier_"))}
    retenues |= {(f, ligne) for f, ligne, _, _, code, _ in constats if CATALOGUE[code].retient}
    controle.rejetees = len(retenues) + sum(len(t.lignes) for i, t in enumerate(tableaux) if i in refuses)
    for table in controle.tables:
        _restore_lines(cur, table, recus[table.nom])
    places = dict.fromkeys((f, *_place(tableaux[f], *constat)) for f, *constat in constats)
    controle.anomalies += [build_anomalie(code, noms[f], ligne, colonne, valeur, _advise(cur, code, valeur, detail))
                           for f, ligne, colonne, valeur, code, detail in places]
    controle.anomalies.sort(key=lambda a: (noms.index(a.fichier), a.ligne or 0))
    return controle


def _place(tableau: Tableau, ligne: int, colonne: str | None, valeur: str | None, code: str,
           detail: str | None) -> tuple[int, str | None, str | None, str, str | None]:
    """A finding as the person sees the file: where a line gives several rows, that line and the title of the column."""
    if ligne not in tableau.origines:
        return ligne, colonne, valeur, code, detail
    vraie, titres = tableau.origines[ligne]
    if code == "cle_en_double" and detail and int(detail) in tableau.origines:
        detail = str(tableau.origines[int(detail)][0])
    titre = titres.get(colonne or "") or (next(iter(titres.values())) if colonne in ("periode", "valeur", None) else colonne)
    return vraie, titre, valeur, code, detail


def _restore_lines(cur: duckdb.DuckDBPyConnection, table: Table, lots: list[tuple[int, Tableau]]) -> None:
    """Rows that share a line of the file had numbers of their own while checked; what is stored names the line."""
    origines = [(rang, numero, ligne) for rang, x in lots for numero, (ligne, _) in x.origines.items()]
    if origines:
        cur.execute(f"""update pret_{table.nom} p set ligne = o.ligne from (
            select unnest($f::integer[]) as fichier, unnest($n::integer[]) as numero, unnest($l::integer[]) as ligne) o
            where o.fichier = p.fichier and o.numero = p.ligne""",
            {nom: [o[i] for o in origines] for i, nom in enumerate("fnl")})


def _stage_known(cur: duckdb.DuckDBPyConnection, recues: Sequence[Table]) -> None:
    """`connu_<table>`: what the base holds now of the tables received, and of those that their rows refer to."""
    parents = {c.vers for t in recues for c in (*t.colonnes, *RACCOURCIS.get(t.nom, ())) if c.vers} | {"plan"}
    for nom in parents | {t.nom for t in recues} | ({"alias"} if _any(cur, "alias") else set()):
        cur.execute(f"create or replace temp table connu_{nom} as from {nom}_connu(timestamp '9999-12-31')")
    for nom in sorted(parents, key=list(TABLES).index):
        _parents(cur, TABLES[nom], recue=False)


def _any(cur: duckdb.DuckDBPyConnection, table: str) -> bool:
    return cur.execute(f"select count(*) > 0 from {table}").fetchone() == (True,)


def _only_plan(cur: duckdb.DuckDBPyConnection, recus: list[tuple[int, Tableau]]) -> str | None:
    """The plan that rows without one belong to: the single plan of the dépôt, else the single plan of the base."""
    if recus:
        lus = cur.execute("select distinct plan from pret_plan").fetchall()
    else:
        lus = cur.execute("select plan from connu_plan").fetchall()
    return lus[0][0] if len(lus) == 1 else None


def _stage(cur: duckdb.DuckDBPyConnection, table: Table, lots: list[tuple[int, Tableau]]) -> None:
    """`recu_<table>`: the text as received, trimmed, an empty cell being NULL."""
    noms = [c.nom for c in list_columns(table)]
    cur.execute(f'create or replace temp table recu_{table.nom} (fichier integer, ligne integer, '
                + ", ".join(f'"{n}" varchar' for n in noms) + ")")
    for rang, tableau in lots:
        places = {c: i for i, c in enumerate(tableau.colonnes) if c}
        liste = ", ".join(f'nullif(unnest($c{i}::varchar[]), \'\') as "{c}"' for c, i in places.items())
        cur.execute(f"insert into recu_{table.nom} by name "
                    f"select $rang::integer as fichier, unnest($lignes::integer[]) as ligne, {liste}",
                    {"rang": rang, "lignes": [n for n, _ in tableau.lignes]}
                    | {f"c{i}": [cellules[i].strip() for _, cellules in tableau.lignes] for i in places.values()})


def _any_word(lots: list[tuple[int, Tableau]]) -> bool:
    """Does a cell of a value hold anything but a plain number? Most files do not: nothing is then to be settled."""
    return any(not CHIFFRES.fullmatch(cellules[i]) for _, x in lots for i, c in enumerate(x.colonnes)
               if c in ("valeur", "numerateur", "denominateur") for _, cellules in x.lignes)


def _settle_words(cur: duckdb.DuckDBPyConnection, plan: str | None) -> None:
    """A word in place of a number becomes the state of its row, a mark after a number too; the sign of the unit is dropped.

    A state that the row gives itself, other than « définitif », is kept: what it says is more precise than the word.
    """
    for c in ("valeur", "numerateur", "denominateur"):
        cur.execute(f"""insert into constat select fichier, ligne, '{c}', {c}, 'mot_ambigu', null from recu_mesure
            where mot_ambigu({c})""")
    cur.execute("""update recu_mesure set
            etat = if(coalesce(lower(etat), 'definitif') = 'definitif', coalesce(
                if(valeur is null, coalesce(etat_du_mot(numerateur), etat_du_mot(denominateur)), etat_du_mot(valeur)),
                etat_de_la_marque(valeur), etat), etat),
            valeur = if(etat_du_mot(valeur) is null, sans_marque(valeur), null),
            numerateur = if(etat_du_mot(numerateur) is null, sans_marque(numerateur), null),
            denominateur = if(etat_du_mot(denominateur) is null, sans_marque(denominateur), null)
        where chiffres_seuls(valeur) = false or chiffres_seuls(numerateur) = false or chiffres_seuls(denominateur) = false""")
    cur.execute("""update recu_mesure r set valeur = trim(left(r.valeur, length(r.valeur) - length(i.unite)))
        from pret_ou_connu_indicateur i where i.plan = coalesce(r.plan, $plan) and i.code = r.indicateur
        and i.unite in ('%', '‰', '€', 'k€', 'M€') and ends_with(r.valeur, i.unite)""", {"plan": plan})


def _stage_pilotes(cur: duckdb.DuckDBPyConnection) -> None:
    """The column `pilote` of an action file is shorthand for one participation; it may give the partner's name or code."""
    cur.execute("""insert into recu_participation by name
        select fichier, ligne, a.plan, code as action, 'pilote' as role, provenance, source,
            coalesce((select any_value(p.code) from pret_ou_connu_partenaire p where p.nom = a.pilote), a.pilote) as partenaire
        from recu_action a semi join pret_action p on p.fichier = a.fichier and p.ligne = a.ligne where pilote is not null""")


def _type(cur: duckdb.DuckDBPyConnection, table: Table, plan: str | None) -> None:
    """`pret_<table>`: typed values, defaults given, codes renamed by an alias, missing territory = the plan's département."""
    renomme = _any(cur, "alias")
    expressions = ["r.fichier", "r.ligne", "coalesce(oui_non_lu(r.supprimer), false) as retire",
                   "coalesce(lower(r.provenance), 'saisi') as provenance", "r.source"]
    for c in table.colonnes:
        brut = f'r."{c.nom}"'
        if c.nom == "plan" and table.nom != "plan":
            brut = f"coalesce({brut}, $plan)"
        elif c.nom == "territoire" and c.vers:
            brut = f"coalesce({brut}, (select departement from pret_ou_connu_plan p where p.plan = coalesce(r.plan, $plan)))"
        elif c.defaut is not None:
            brut = f"coalesce({brut}, '{c.defaut}')"
        if c.choix is not None:
            brut = f"lower({brut})"
        if renomme and c.vers:
            brut = (f"coalesce((select any_value(a.nouveau) from connu_alias a where a.\"table\" = '{c.vers}'"
                    f" and a.ancien = {brut} and a.plan = coalesce(r.plan, $plan)), {brut})")
        if table.nom == "mesure" and c.nom in ("debut", "fin"):
            expressions.append(f"r.lue_{c.nom} as {c.nom}")
        else:
            expressions.append(f'{LECTEURS[c.type].format(c=brut)} as "{c.nom}"')
    source = PERIODES if table.nom == "mesure" else f"recu_{table.nom}"
    texte = f"create or replace temp table pret_{table.nom} as select {', '.join(expressions)} from {source} r"
    cur.execute(texte, {"plan": plan} if "$plan" in texte else None)
    # a row withdrawn without saying its provenance has that of the row it withdraws: it is no stronger
    cur.execute(f"""update pret_{table.nom} p set provenance = c.provenance from connu_{table.nom} c, recu_{table.nom} r
        where p.retire and r.provenance is null and r.fichier = p.fichier and r.ligne = p.ligne and {table.same_key("p", "c")}""")


def _advise(cur: duckdb.DuckDBPyConnection, code: str, valeur: str | None, detail: str | None) -> str:
    """The part of an advice that needs a look at what exists: the nearest code, the plans known."""
    if code == "plan_inconnu":
        plans = [p for (p,) in cur.execute("select distinct plan from pret_ou_connu_plan order by 1").fetchall()]
        return f"Plans connus : {', '.join(plans)}." if plans else ""
    if code == "code_inconnu":
        vers, _, plan = (detail or "").partition("|")
        proche = cur.execute(f"""select arg_max(code, jaro_winkler_similarity(code, $valeur)) from pret_ou_connu_{vers}
            where plan = $plan""", {"valeur": valeur, "plan": plan}).fetchone()
        if proche and proche[0]:
            return f"Code le plus proche : {proche[0]}. Corrigez le code, ou déposez d’abord la table {vers}."
        return f"Déposez d’abord la table {vers}."
    return detail or ""


def _promote(cur: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Take the refused rows out of `pret_<table>`; the rows of later tables see what is left through `pret_ou_connu_<table>`."""
    t = table.nom
    cur.execute(f"""insert into constat select p.fichier, p.ligne, null, null, 'reel_prime', null from pret_{t} p
        where p.provenance = 'illustratif' and exists (select 1 from {t} c join depot_vivant(timestamp '9999-12-31') v
            on v.id = c.depot_id where c.provenance <> 'illustratif' and {table.same_key("p", "c")})""")
    cur.execute(f"delete from pret_{t} p where exists (select 1 from constat k where k.fichier = p.fichier and k.ligne = p.ligne "
                "and list_contains($codes, k.code))", {"codes": [c for c, a in CATALOGUE.items() if a.retient]})
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
