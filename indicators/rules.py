"""The rules that received rows are held to, as SQL over `recu_<table>` (text) and `pret_<table>` (typed).

`tout_mesure` has besides what a quick look needs: `serie`, a hash, `rang_lu`, the row of `lue_periode`, and `doute`.

Each rule is a SELECT of (fichier, ligne, colonne, valeur, code, detail); the codes are those of `errors.CATALOGUE`.
"""

from __future__ import annotations

from typing import NamedTuple

from indicators.tables import (
    DATE,
    DATE_JALON,
    ENTIER,
    HORODATAGE,
    NOMBRE,
    OUI_NON,
    RACCOURCIS,
    TABLES,
    TEXTE,
    TRACE,
    Colonne,
    Table,
)

LECTEURS = {TEXTE: "{c}", ENTIER: "entier_lu({c})", DATE: "date_lue({c})",
            OUI_NON: "oui_non_lu({c})", HORODATAGE: "horodatage_lu({c})"}
ILLISIBLES = {NOMBRE: "nombre_illisible", ENTIER: "entier_illisible", DATE: "date_impossible", OUI_NON: "oui_non_illisible",
              HORODATAGE: "date_impossible"}
# What a spreadsheet runs: « =… », a function, a reference or a call of another program after a sign; « - voir T1 » stays a text.
OUVERTURE = "[=+@-]"  # what it may begin with
FORMULE = (r"^=|^@\s*(\$?[A-Za-z]{1,3}\$?\d+\b|[\w.]+\()"
           r"|^[-+]\s*([A-Za-z_.]+\(|\w+\||\$?[A-Z]{1,3}\$?\d+\s*([-+*/^&!=<>]|$)|[\d\s.,]+[-+*/^&]\s*[\w$(])")
# Controls and marks that reverse a text do harm anywhere; in a code, so does all that does not show.
CONTROLES = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]"
CACHES = r"[\x00-\x1f\x7f-\x{9f}\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]"
SAUT = 5  # times more, or less, than the value before
SERIE = ("plan", "indicateur", "territoire", "ventilation")
PLANCHER, PLANCHER_TAUX = 20, 2  # what is smaller counts as this: small numbers jump by nature
ECART_TAUX = 20  # points between a percentage and those before it


class Regle(NamedTuple):
    """A condition that accuses the cell `colonne` of a row called r, under this code; `detail` is SQL."""

    condition: str
    colonne: str
    code: str
    detail: str = "null::varchar"


def list_columns(table: Table) -> tuple[Colonne, ...]:
    """Every column that a file of this table may carry: its own, its shorthands, the trace."""
    return (*table.colonnes, *RACCOURCIS.get(table.nom, ()), *TRACE)


def list_texts(table: Table, remplies: set[str]) -> list[Colonne]:
    """The columns, among those filled, that hold words of their own: none of a list, no number."""
    return [c for c in (*table.colonnes, *TRACE) if c.nom in remplies and c.type == TEXTE and c.choix is None]


def list_cell_rules(table: Table, remplies: set[str]) -> list[str]:
    """What accuses a cell by its text alone: SELECTs of (fichier, ligne, colonne, valeur, code, detail) of `suspect_<table>`."""
    colonnes = [c for c in list_columns(table) if c.nom in remplies]
    cellules = [r for c in colonnes for r in (*_form_rules(c), *_type_rules(c))]
    return [*([_select_cells(table.nom, cellules)] if cellules else []), *_text_rules(table, remplies)]


def list_row_rules(table: Table, remplies: set[str]) -> list[str]:
    """The same for what a row says as a whole; those of measures look at `doute_mesure` only, with its text in `recu_doute`."""
    t, regles = table.nom, []
    rangees = "doute_mesure" if t == "mesure" else f"pret_{t}"
    for c in table.colonnes:
        if c.vers == "plan" and t != "plan":
            regles.append(f"""select fichier, ligne, 'plan', plan, 'plan_inconnu', null from {rangees}
                where plan is null or plan not in (select plan from pret_ou_connu_plan)""")
        elif c.vers and c.vers != t and c.nom in remplies | {"territoire"}:
            regles.append(f"""select e.fichier, e.ligne, '{c.nom}', e."{c.nom}", 'code_inconnu', concat('{c.vers}|', e.plan)
                from {rangees} e anti join pret_ou_connu_{c.vers} p on p.plan = e.plan and p.code = e."{c.nom}"
                where e."{c.nom}" is not null and not e.retire and e.plan in (select plan from pret_ou_connu_plan)""")
    return [*regles, *_rules_of(t, remplies)]


def list_series_rules(remplies: set[str]) -> list[str]:
    """The same for what a measure says beside the others, as far as the columns filled can tell."""
    anciens = """select m.fichier, m.ligne, 'millesime', m.millesime, 'millesime_ancien', c.millesime
        from pret_mesure m join connu_mesure c
        using (plan, indicateur, territoire, ventilation, debut, fin) where m.millesime < c.millesime"""
    return [*([anciens] if "millesime" in remplies else []), *([_perimeter_rule()] if "perimetre" in remplies else [])]


def hash_key(table: Table) -> str:
    """The hash of the key of a row p of `tout_<table>`."""
    cles = ["p.serie", "p.debut", "p.fin"] if table.nom == "mesure" else table.cle_expressions("p")
    return f"hash({', '.join(cles)})"


def nearest(vers: str) -> str:
    """The query of (plan, valeur, what of this table is most like it): its code or its name, accents and case aside.

    $plans and $valeurs are two lists, side by side; nothing comes back for a value that looks like none.
    """
    nom = next((c.nom for c in TABLES[vers].colonnes if c.nom in ("nom", "intitule")), "code")

    def net(x: str) -> str:
        return f"regexp_replace(strip_accents(lower({x})), '[^a-z0-9]+', '', 'g')"

    return f"""select plan, valeur, arg_max(if("{nom}" is null or "{nom}" = code, code, concat(code, ' (', "{nom}", ')')),
                (ressemblance, coalesce("{nom}", '') <> code, code))
        from (select plan, valeur, code, "{nom}", greatest(jaro_winkler_similarity(code_net, v),
                jaro_winkler_similarity(nom_net, v)) as ressemblance
            from (select plan, code, "{nom}", {net("code")} as code_net, {net(f'coalesce("{nom}", code)')} as nom_net
                from pret_ou_connu_{vers})
            join (select plan, valeur, {net("valeur")} as v
                from (select unnest($plans::varchar[]) as plan, unnest($valeurs::varchar[]) as valeur)) using (plan))
        where ressemblance > 0.6 group by all"""


def _text_rules(table: Table, remplies: set[str]) -> list[str]:
    """What a text may not hold."""
    constats = []
    for c in list_texts(table, remplies):
        x = f'"{c.nom}"'
        est_code = c.vers or c.nom in table.cle
        interdits, code = (CACHES, "code_caractere_cache") if est_code else (CONTROLES, "caracteres_de_controle")
        montre = f"regexp_replace({x}, '{interdits}', '\ufffd', 'g')"
        nomme = f"format('U+{{:04X}}', unicode(regexp_extract({x}, '{interdits}')))"
        constats += [f"if(regexp_matches({x}, '{FORMULE}'), {{c: '{c.nom}', v: {x}, k: 'formule', d: null::varchar}}, null)",
                     f"if(regexp_matches({x}, '{interdits}'), {{c: '{c.nom}', v: {montre}, k: '{code}', d: {nomme}}}, null)"]
    return [f"""select fichier, ligne, k.c, k.v, k.k, k.d from (
        select fichier, ligne, unnest(list_filter([{", ".join(constats)}], lambda x: x is not null)) as k
        from suspect_{table.nom})"""] if constats else []


def get_key_rule(table: Table, remplies: set[str]) -> str:
    """Lines of one key: a second one that says the same is put aside; where they disagree all are refused, cell by cell."""
    t, cles = table.nom, table.cle_expressions("p")
    noms = {c: c for c in (*table.valeurs, "provenance") if (t, c) != ("mesure", "commentaire")} | {"retire": "supprimer"}
    if t == "mesure" and "etat" not in remplies:
        noms["etat"] = "valeur"  # a word in place of the number said it
    ecarts = ", ".join(f"""if(e.v."{c}" is distinct from if(e.differe, e.v1, a.v2)."{c}", {{c: '{n}', v: r."{n}"}}, null)"""
                       for c, n in noms.items())
    return f"""select fichier, ligne, k.c, k.v, code, detail from (
        with tenue as (  -- rows found by the hash of their key, told apart by the key itself
            select p.fichier, p.ligne, concat(p.fichier, '|', p.ligne) as place, concat_ws(' · ', {", ".join(cles)}) as cle,
                {{{", ".join(f'"{c}": p."{c}"' for c in noms)}}} as v, row_number() over meme as rang,
                first(place) over meme as groupe, first(v) over meme as v1, v is distinct from v1 as differe
            from double_{t} p where {" and ".join(f'p."{c}" is not null' for c in table.cle if c != DATE_JALON)}
            window meme as (partition by {", ".join(cles)} order by p.fichier, p.ligne)
        ), autre as (
            select groupe, arg_min(v, rang) as v2, arg_min(place, rang) as seconde from tenue where differe group by groupe
        )
        select e.fichier, e.ligne, if(a.groupe is null, 'cle_en_double', 'valeurs_contradictoires') as code,
            if(a.groupe is null or e.differe, e.groupe, a.seconde) as detail,
            unnest(if(a.groupe is null, [{{c: null::varchar, v: e.cle}}], list_filter([{ecarts}], lambda x: x is not null))) as k
        from tenue e left join autre a on a.groupe = e.groupe
        join (from recu_{t} where ligne in (select ligne from double_{t})) r on r.fichier = e.fichier and r.ligne = e.ligne
        where e.rang > 1 or a.groupe is not null)"""


def _select_cells(table: str, regles: list[Regle]) -> str:
    """The findings of these rules."""
    trouves = ", ".join(f"if({condition}, {{colonne: '{c}', valeur: r.\"{c}\", code: '{code}', detail: {detail}}}, null)"
                        for condition, c, code, detail in regles)
    return f"""select fichier, ligne, k.colonne, k.valeur, k.code, k.detail from (
        select fichier, ligne, unnest(list_filter([{trouves}], lambda x: x is not null)) as k from suspect_{table} r)"""


def is_choice(c: Colonne, x: str) -> str:
    """SQL: is this text one of the words that the column takes? Written with « in », each place would be a join of its own."""
    mots = ", ".join(f"'{m.value}'" for m in c.choix or ())
    return f"list_contains([{mots}], {x})"


def _form_rules(c: Colonne) -> list[Regle]:
    """What each cell of this column is held to, whatever its type."""
    brut, regles = f'r."{c.nom}"', []
    if c.requise:
        regles.append(Regle(f"{brut} is null", c.nom, "valeur_manquante"))
    if c.choix is not None:
        inconnu = f"not {is_choice(c, brut)} and not {is_choice(c, f'mot_de_liste({brut})')}"
        regles.append(Regle(inconnu, c.nom, "choix_inconnu", f"'{', '.join(m.value for m in c.choix)}'"))
    if c.longueur:
        regles.append(Regle(f"length({brut}) > {c.longueur}", c.nom, "texte_trop_long", f"'{c.longueur}'"))
    return regles


def _type_rules(c: Colonne) -> list[Regle]:
    """A cell that is there and is no value of its type."""
    if c.type not in ILLISIBLES:
        return []
    brut = f'r."{c.nom}"'
    lue = f"r.nombre_{c.nom}" if c.type == NOMBRE else LECTEURS[c.type].format(c=brut)
    vide = f"{brut} is not null and {lue} is null"
    erreur = f"coalesce(est_erreur_tableur({brut}), false)"
    return [Regle(f"{vide} and not {erreur}", c.nom, ILLISIBLES[c.type]), Regle(f"{vide} and {erreur}", c.nom, "erreur_tableur")]


def _rules_of(t: str, remplies: set[str]) -> list[str]:
    """The rules that belong to one table."""
    if t == "mesure":
        return [
            """select fichier, ligne, 'periode', null, 'periode_manquante', null from recu_doute
                where periode is null and (debut is null or fin is null)""",
            """select r.fichier, r.ligne, 'periode', r.periode, 'periode_impossible', null from recu_doute r
                join doute_mesure m using (fichier, ligne) where r.periode is not null and m.fin is null""",
            """select m.fichier, m.ligne, 'fin', strftime(m.fin, '%d/%m/%Y'), 'fin_avant_debut', strftime(m.debut, '%d/%m/%Y')
                from doute_mesure m where m.fin < m.debut""",
            """select m.fichier, m.ligne, 'periode', strftime(m.fin, '%d/%m/%Y'), 'periode_hors_periodicite', i.periodicite
                from doute_mesure m join pret_ou_connu_indicateur i on i.plan = m.plan and i.code = m.indicateur
                where m.debut = m.fin""",
            """select m.fichier, m.ligne, 'valeur', null, 'mesure_sans_valeur', null from doute_mesure m join recu_doute r
                using (fichier, ligne) where not m.retire and r.valeur is null
                and (r.numerateur is null or r.denominateur is null)
                and coalesce(lower(r.etat), 'definitif') in ('definitif', 'provisoire', 'estime')""",
            """select m.fichier, m.ligne, 'valeur', r.valeur, 'hors_bornes',
                concat_ws(', ', 'minimum ' || borne_ecrite(i.borne_min), 'maximum ' || borne_ecrite(i.borne_max))
                from doute_mesure m join recu_doute r using (fichier, ligne)
                join pret_ou_connu_indicateur i on i.plan = m.plan and i.code = m.indicateur
                where m.valeur < i.borne_min or m.valeur > i.borne_max""",
            """select m.fichier, m.ligne, 'numerateur', concat(r.numerateur, ' / ', r.denominateur), 'hors_bornes',
                concat_ws(', ', 'minimum ' || borne_ecrite(i.borne_min), 'maximum ' || borne_ecrite(i.borne_max))
                from doute_mesure m join recu_doute r using (fichier, ligne)
                join pret_ou_connu_indicateur i on i.plan = m.plan and i.code = m.indicateur
                where i.nature = 'taux' and facteur_lu(i.facteur, i.unite) * m.numerateur / nullif(m.denominateur, 0)
                    not between coalesce(i.borne_min, '-infinity'::double) and coalesce(i.borne_max, 'infinity'::double)""",
            """select fichier, ligne, 'denominateur', r.denominateur, 'denominateur_nul', null
                from doute_mesure m join recu_doute r using (fichier, ligne) where m.denominateur = 0""",
            """select m.fichier, m.ligne, 'periode', coalesce(r.periode, strftime(m.debut, '%d/%m/%Y')), 'periode_future', null
                from doute_mesure m join recu_doute r using (fichier, ligne) where m.debut > today() and not m.retire
                and coalesce(m.valeur, m.numerateur, m.denominateur) is not null""",
            """select m.fichier, m.ligne, 'periode', coalesce(r.periode, strftime(m.debut, '%d/%m/%Y')), 'periode_inachevee',
                strftime(m.fin, '%d/%m/%Y')
                from doute_mesure m join recu_doute r using (fichier, ligne) where m.fin > today() and m.debut <= today()
                and not m.retire and m.etat = 'definitif' and coalesce(m.valeur, m.numerateur, m.denominateur) is not null""",
            *([_rate_rule()] if {"valeur", "numerateur", "denominateur"} <= remplies else []),
            *_secrecy_rules(remplies),
        ]
    if t == "cible":
        return ["""select fichier, ligne, 'valeur', null, 'cible_sans_valeur', null from pret_cible
            where not retire and valeur is null and valeur_min is null and valeur_max is null""", _direction_rule()]
    if t == "indicateur":
        return ["""select fichier, ligne, 'sens', sens, 'cible_contre_sens',
            concat(replace(type_cible, '_', ' '), ', sens ', sens) from pret_indicateur where not retire
            and (type_cible, sens) in (('rester_au_dessus', 'baisse'), ('rester_en_dessous', 'hausse'))"""]
    if t in ("plan", "action"):
        fin = "fin" if t == "plan" else "echeance"
        return [f"""select fichier, ligne, '{fin}', strftime({fin}, '%d/%m/%Y'), 'fin_avant_debut', strftime(debut, '%d/%m/%Y')
            from pret_{t} where {fin} < debut"""]
    return []


def _direction_rule() -> str:
    """A final target on the wrong side of its reference, told where a row received is one of the two.

    Nothing is said of a line that hides a value: its reference may be one.
    """
    cle = "plan, indicateur, territoire, ventilation, role"
    return f"""select p.fichier, p.ligne, 'valeur', borne_ecrite(p.valeur), 'cible_contre_sens',
            concat('référence ', borne_ecrite(c.reference), ', cible ', borne_ecrite(c.finale), ', sens ', i.sens)
        from (from pret_cible anti join secret using ({", ".join(SERIE)})) p
        join (select * exclude (role, valeur), any_value(valeur) filter (role = 'reference') as reference,
                any_value(valeur) filter (role = 'finale') as finale
            from (select {cle}, valeur from pret_cible where not retire
                union all select {cle}, valeur from connu_cible anti join pret_cible using ({cle})) group by all) c
            on {" and ".join(f"c.{x} = p.{x}" for x in SERIE)}
        join pret_ou_connu_indicateur i on i.plan = p.plan and i.code = p.indicateur
        where not p.retire and p.role in ('reference', 'finale') and i.type_cible = 'atteindre'
            and ((i.sens = 'hausse' and c.finale < c.reference) or (i.sens = 'baisse' and c.finale > c.reference))"""


def _rate_rule() -> str:
    """A rate that is not what its two terms give, at the precision at which it is written."""
    return r"""select fichier, ligne, 'valeur', ecrite, 'taux_incoherent', concat(n, ' / ', d,
            if(facteur = 1, '', ' × ' || borne_ecrite(facteur)), ', qui donne ', borne_ecrite(round(calcul, 4)))
        from (select m.*, r.valeur as ecrite, r.numerateur as n, r.denominateur as d,
                pow(10, coalesce(try_cast(regexp_extract(r.valeur, '[eE]([-+]?\d+)', 1) as integer), 0)
                    - length(regexp_extract(r.valeur, '[.,](\d*)', 1))) as pas
            from (select m.fichier, m.ligne, m.valeur, i.facteur, i.facteur * m.numerateur / nullif(m.denominateur, 0) as calcul
                from doute_mesure m join (select plan, code, facteur_lu(facteur, unite) as facteur from pret_ou_connu_indicateur
                    where nature = 'taux') i on i.plan = m.plan and i.code = m.indicateur
                where not m.retire and abs(m.valeur - calcul) > 1e-9 * greatest(1, abs(calcul))) m
            join recu_doute r using (fichier, ligne))
        where abs(valeur - calcul) > pas * (1 + 1e-9)"""


def _secrecy_rules(remplies: set[str]) -> list[str]:
    """A number of persons between zero and the threshold, below the département or in a breakdown; published ones are public."""
    comptes = {"valeur": ("nature <> 'taux'", "unite"), "numerateur": ("nature = 'taux'", "numerateur"),
               "denominateur": ("nature = 'taux'", "denominateur")}
    return [f"""select m.fichier, m.ligne, '{c}', r."{c}", 'sous_seuil_secret', i.seuil_secret::varchar
        from doute_mesure m join (select plan, code, seuil_secret from pret_ou_connu_indicateur
            where {nature} and compte_des_personnes("{texte}")) i
            on i.plan = m.plan and i.code = m.indicateur
        join recu_doute r using (fichier, ligne)
        left join (with recursive dessous as (
                select plan, departement as code, 0 as niveau from pret_ou_connu_plan
                union select t.plan, t.code, 1 from pret_ou_connu_territoire t
                    join dessous d on d.plan = t.plan and d.code = t.parent)
            select distinct plan, code from dessous where niveau = 1) t on t.plan = m.plan and t.code = m.territoire
        where m."{c}" > 0 and m."{c}" < i.seuil_secret and not m.retire and m.provenance <> 'publie'
            and (m.ventilation <> '' or t.code is not null)""" for c, (nature, texte) in comptes.items() if c in remplies]


def _perimeter_rule() -> str:
    """A perimeter that is not the one of its series: the one in place, else the first received."""
    serie = ", ".join(SERIE)
    return f"""select m.fichier, m.ligne, 'perimetre', m.perimetre, 'perimetres_melanges', s.perimetre
        from pret_mesure m join (
            select {serie}, coalesce(arg_max(perimetre, fin) filter (fichier is null),
                arg_min(perimetre, (fichier, ligne)) filter (fichier is not null)) as perimetre
            from (select {serie}, perimetre, fin, null as fichier, null as ligne from connu_mesure
                union all select {serie}, perimetre, fin, fichier, ligne from pret_mesure where not retire)
            where perimetre is not null group by {serie}
            having min(lower(strip_accents(perimetre))) <> max(lower(strip_accents(perimetre)))) s
            on {" and ".join(f"s.{c} = m.{c}" for c in SERIE)}
        where not m.retire and lower(strip_accents(m.perimetre)) <> lower(strip_accents(s.perimetre))"""


def _far(a: str, b: str) -> str:
    """Is one of these many times the other? The column `plancher` stands for what is smaller."""
    return f"greatest({a}, {b}, plancher) >= {SAUT} * greatest(least({a}, {b}), plancher)"


def list_suspects(remplies: set[str]) -> str:
    """The query of the series, by their hash, whose values are so far apart that one may jump: others need not be put in order.

    A rate may be the one written or the one that its two terms give: the furthest apart of both count.
    """
    connues = f"hash({', '.join(SERIE)})"
    quotient = "numerateur / nullif(denominateur, 0)"
    recu = quotient if {"numerateur", "denominateur"} <= remplies else "null::double"
    return f"""select serie from (
            select serie, greatest(haut, facteur * q_haut, facteur * q_bas) as haut_vu,
                least(bas, facteur * q_haut, facteur * q_bas) as bas_vu, part, plancher
            from (select serie, max(rang_lu) as rang, max(valeur) as haut, min(valeur) as bas, max(q) as q_haut, min(q) as q_bas
                from (select serie, rang_lu, valeur, {recu} as q from tout_mesure
                    union all select {connues}, null, valeur, {quotient} from connu_mesure
                    where {connues} in (select serie from tout_mesure)) group by serie)
            join (select rang, part, plancher, facteur from lue_periode) using (rang))
        where {_far("haut_vu", "bas_vu")} or (part and haut_vu - bas_vu > {ECART_TAUX})"""


def get_jump_rule() -> str:
    """A value far from the one before it, or a percentage far from all those before; a lone wrong point is told once.

    Only the series whose extremes are that far apart are put in order. A break declared in between explains the jump.
    What the statistical secret hides is compared with nothing: the message would say it.
    """
    serie = ", ".join(SERIE)
    connues = (f"(from (from connu_mesure where hash({serie}) in (from serie_suspecte)) "
               f"anti join secret using ({serie}, debut, fin))")

    def points(source: str, place: str) -> str:
        return f"""select {", ".join(f"m.{c}" for c in SERIE)}, m.debut, m.fin, {place}, i.part, i.plancher,
                m.valeur is null as calculee,
                coalesce(if(i.taux, i.facteur * m.numerateur / nullif(m.denominateur, 0), null), m.valeur) as lue
            from {source} m join (select plan, code, greatest(borne_min, 0) as bas,
                    coalesce(borne_max, 'infinity'::double) as haut, nature = 'taux' as taux, unite = '%' as part,
                    facteur_lu(facteur, unite) as facteur,
                    if(taux or unite in ('%', '‰'), {PLANCHER_TAUX}, {PLANCHER}) as plancher
                from pret_ou_connu_indicateur) i on i.plan = m.plan and i.code = m.indicateur
            where m.fin is not null and m.etat in ('definitif', 'provisoire', 'estime')
                and not (i.taux and coalesce(m.denominateur, {PLANCHER}) < {PLANCHER}) and lue between i.bas and i.haut"""

    return f"""select fichier, ligne, if(calculee, 'numerateur', 'valeur'), borne_ecrite(round(lue, 4)), 'saut_historique',
            concat(borne_ecrite(round(avant, 4)), ' au ', strftime(avant_fin, '%d/%m/%Y'))
        from (with point as (
                {points("(from tout_mesure where not retire and serie in (from serie_suspecte))", "m.fichier, m.ligne")}
                union all {points(connues, "null, null")}
            ), suspecte as (
                select {serie} from point group by all
                having {_far("max(lue)", "min(lue)").replace("plancher", "any_value(plancher)")}
                    or (bool_or(part) and max(lue) - min(lue) > {ECART_TAUX})
            ), retenue as (  -- a row received stands for the one known of its key
                from point semi join suspecte using ({serie})
                qualify row_number() over (partition by {serie}, debut, fin order by fichier, ligne) = 1
            )
            select *, lag(lue) over serie as avant, lag(lue, 2) over serie as plus_tot, lag(fin) over serie as avant_fin,
                count(*) over passe as vus, avg(lue) over passe as moyenne, stddev_samp(lue) over passe as dispersion
            from retenue
            window serie as (partition by {serie}, datediff('month', debut, fin) order by fin),
                passe as (partition by {serie}, datediff('month', debut, fin) order by fin
                    rows between unbounded preceding and 1 preceding)) p
        anti join rupture_connu(timestamp '9999-12-31') u on u.plan = p.plan and u.indicateur = p.indicateur
            and u.territoire = p.territoire and u.date >= p.avant_fin and u.date <= p.fin
        where fichier is not null and avant > 0 and (
            ({_far("lue", "avant")} and (plus_tot is null or not ({_far("avant", "plus_tot")}) or {_far("lue", "plus_tot")}))
            or (part and vus >= 4 and abs(lue - avant) > {ECART_TAUX}
                and abs(lue - moyenne) > greatest({ECART_TAUX}, 6 * dispersion)))"""
