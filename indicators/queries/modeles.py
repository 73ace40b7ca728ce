"""What a template asks for: the periods still without an answer, the words that explain them, where the actions stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indicators.errors import DemandeInvalide
from indicators.model import Etat, Nature, Periodicite, Provenance, StatutAction
from indicators.queries import Cursor, Plan, _champs, _rows

TOUT = "tout le plan"

# Indicators and actions that concern someone: a partner by the actions it takes part in, a responsable by name.
CONCERNES = """
    with recursive concerne as (
        select code as indicateur from indicateur_connu($connu) where plan = $plan
            and ($responsable is null or responsable = $responsable)
            and ($partenaire is null or code in (
                select l.indicateur from action_indicateur_connu($connu) l join participation_connu($connu) x
                    on x.plan = l.plan and x.action = l.action
                where l.plan = $plan and x.partenaire = $partenaire))
    ), interne as (
        select departement as code from plan_connu($connu) where plan = $plan
        union select t.code from territoire_connu($connu) t join interne i on t.parent = i.code where t.plan = $plan
    )"""

# Periods of the plan whose figure should be published by $jour, for every line that is followed on the plan's own territories.
# The département of a summed indicator is left out where all its parts are followed: its value is worked out.
ATTENDUES = CONCERNES + """, fiche as (
        select f.* from indicateur_lu($plan, $connu) f semi join concerne using (indicateur)
    ), lue as (
        select * from valeur_lue($plan, $jour, $connu) where conforme and territoire in (select code from interne)
    ), partie as (
        select t.code from territoire_connu($connu) t join plan_connu($connu) p on p.plan = t.plan
        where t.plan = $plan and t.parent = p.departement
    ), suivie as (
        select indicateur, territoire, ventilation from ligne_suivie($plan, $connu)
        union select indicateur, territoire, ventilation from lue
    ), demandee as (
        select s.*, f.periodicite, f.delai, f.plan_debut, f.plan_fin from suivie s join fiche f on f.indicateur = s.indicateur
        where not (f.agregation = 'somme' and s.territoire = f.departement and exists (from partie) and (
            select count(distinct x.territoire) from suivie x join partie p on p.code = x.territoire
            where x.indicateur = s.indicateur and x.ventilation = s.ventilation) = (select count(*) from partie))
    ), derniere as (
        select indicateur, max(fin) as fin from lue group by indicateur
    ), periode as (
        select indicateur, territoire, ventilation, periodicite, delai,
            unnest(periodes_jusqua(periodicite, premiere_periode(periodicite, plan_debut, r.fin), plan_fin)) as fin
        from demandee left join derniere r using (indicateur)
    )
    select p.indicateur, p.territoire, p.ventilation, p.periodicite, periode_debut(p.periodicite, p.fin) as debut, p.fin,
        l.etat as reponse, last_day((p.fin + to_months(p.delai))::date) as due_le
    from periode p left join lue l on l.indicateur = p.indicateur and l.territoire = p.territoire
        and l.ventilation = p.ventilation and l.fin = p.fin
    where last_day((p.fin + to_months(p.delai))::date) < $jour
        and (l.etat is null or l.etat in ('non_disponible', 'non_repondu'))
    order by all"""

DEFINITIONS = CONCERNES + """, derniere as (
        select indicateur, max(fin) as fin, arg_max(debut, fin) as debut, arg_max(valeur, fin) as valeur,
            arg_max(provenance, fin) as provenance
        from valeur_lue($plan, $jour, $connu)
        where utilisable and conforme and ventilation = ''
            and territoire = (select departement from plan_connu($connu) where plan = $plan)
        group by indicateur
    )
    select f.indicateur, f.intitule, f.definition, f.numerateur_texte, f.denominateur_texte, f.unite, f.decimales, f.nature,
        f.periodicite, f.seuil_secret, f.borne_min, f.borne_max, f.responsable, f.limites,
        d.valeur, d.debut, d.fin, d.provenance
    from indicateur_lu($plan, $connu) f semi join concerne using (indicateur) left join derniere d on d.indicateur = f.indicateur
    order by f.indicateur"""

SITUATIONS = CONCERNES + """
    select a.code as action, a.intitule, arg_max(s.statut, s.date) filter (s.statut is not null) as statut,
        max(s.date) filter (s.statut is not null) as statut_le
    from action_connu($connu) a left join suivi_action_connu($connu) s on s.plan = a.plan and s.action = a.code
    where a.plan = $plan
        and ($partenaire is null or a.code in (
            select action from participation_connu($connu) where plan = $plan and partenaire = $partenaire))
        and ($responsable is null or a.code in (
            select l.action from action_indicateur_connu($connu) l semi join concerne using (indicateur) where l.plan = $plan))
    group by a.code, a.intitule order by a.code"""


@dataclass(frozen=True)
class Destinataire:
    """Who a template is for: a partner by its code, a responsable by name, or, with neither, the whole plan."""

    partenaire: str | None = None
    responsable: str | None = None


@dataclass(frozen=True)
class Attendue:
    """One period of one line that waits for its figure, due by `due_le`; `reponse` when it was only said not to be available."""

    indicateur: str
    territoire: str
    ventilation: str
    periodicite: Periodicite
    debut: date
    fin: date
    reponse: Etat | None
    due_le: date


@dataclass(frozen=True)
class Definition:
    """What an indicator counts, and the last usable value of its ligne principale (None when there is none)."""

    indicateur: str
    intitule: str
    definition: str | None
    numerateur_texte: str | None
    denominateur_texte: str | None
    unite: str
    decimales: int
    nature: Nature
    periodicite: Periodicite
    seuil_secret: int | None
    borne_min: float | None
    borne_max: float | None
    responsable: str | None
    limites: str | None
    valeur: float | None
    debut: date | None
    fin: date | None
    provenance: Provenance | None


@dataclass(frozen=True)
class Situation:
    """One action and the last status that people gave it."""

    action: str
    intitule: str
    statut: StatutAction | None
    statut_le: date | None


@dataclass(frozen=True)
class Besoins:
    """All that a template of one plan holds for one person, and nothing of another plan."""

    plan: Plan
    pour: str
    jour: date
    attendues: tuple[Attendue, ...]
    definitions: tuple[Definition, ...]
    situations: tuple[Situation, ...]
    territoires: tuple[str, ...]
    ventilations: tuple[str, ...]


def list_destinataires(cur: Cursor, plan: Plan) -> list[tuple[str, Destinataire]]:
    """(name, who) of everyone that a template can be made for: the whole plan, its partners, its responsables."""
    partenaires = cur.execute("""select p.nom, p.code from partenaire_connu(timestamp '9999-12-31') p where plan = $plan
        and exists (from participation_connu(timestamp '9999-12-31') x where x.plan = p.plan and x.partenaire = p.code)
        order by 1, 2""", {"plan": plan.plan}).fetchall()
    responsables = cur.execute("""select distinct responsable from indicateur_connu(timestamp '9999-12-31')
        where plan = $plan and responsable is not null order by 1""", {"plan": plan.plan}).fetchall()
    return [(TOUT, Destinataire()), *((nom, Destinataire(partenaire=code)) for nom, code in partenaires),
            *((nom, Destinataire(responsable=nom)) for (nom,) in responsables)]


def get_besoins(cur: Cursor, plan: Plan, qui: Destinataire, jour: date) -> Besoins:
    """What that person can fill on that day, with what is known now; `DemandeInvalide` for someone the plan does not name."""
    noms = {d: nom for nom, d in list_destinataires(cur, plan)}
    if qui not in noms:
        connus = " ; ".join(n for d in noms if (n := d.partenaire or d.responsable)) or "aucun"
        raise DemandeInvalide(f"« {qui.partenaire or qui.responsable} » n’a ni action ni indicateur dans le plan {plan.plan}.",
                              f"Partenaires (par leur code) et responsables du plan : {connus}.")
    parametres = {"plan": plan.plan, "partenaire": qui.partenaire, "responsable": qui.responsable, "jour": jour}

    def ask(sql: str) -> str:
        return sql.replace("$connu", "timestamp '9999-12-31'").replace("$jour", "$jour::date")

    def keep(sql: str) -> dict[str, object]:
        return {k: v for k, v in parametres.items() if f"${k}" in sql}

    attendues = _rows(cur, Attendue, f"select {_champs(Attendue)} from ({ask(ATTENDUES)})", keep(ATTENDUES))
    definitions = _rows(cur, Definition, ask(DEFINITIONS), keep(DEFINITIONS))
    situations = _rows(cur, Situation, ask(SITUATIONS), keep(SITUATIONS))
    territoires = cur.execute(ask(CONCERNES) + " select code from interne order by 1", keep(CONCERNES)).fetchall()
    suivies = {a.ventilation for a in attendues if a.ventilation}
    return Besoins(plan, noms[qui], jour, tuple(attendues), tuple(definitions), tuple(situations),
                   tuple(t for (t,) in territoires), tuple(sorted(suivies)))
