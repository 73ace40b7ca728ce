-- What is known of each period, and the targets that deserve a second look.

-- Every period of the plan for each ligne principale: what answers it, when its figure was due, whether it is still waited for.
-- A figure said not to be available is still waited for, as in the templates.
create or replace macro calendrier(p_plan, observe, connu) as table
with lue as materialized (
    select indicateur, fin, etat, utilisable from valeur_lue(p_plan, observe, connu)
    where conforme and ventilation = '' and territoire = fiche.departement
), derniere as (
    select indicateur, max(fin) as fin from lue group by indicateur
), periode as (
    select f.indicateur, f.periodicite, f.delai,
        unnest(periodes_jusqua(f.periodicite, premiere_periode(f.periodicite, f.plan_debut, d.fin), f.plan_fin)) as fin
    from indicateur_lu(p_plan, connu) f left join derniere d on d.indicateur = f.indicateur
), datee as (
    select *, periode_debut(periodicite, fin) as debut, last_day((fin + to_months(delai))::date) as attendue_le from periode
)
select d.indicateur, d.debut, d.fin, d.attendue_le,
    case when l.etat is null then if(d.fin <= observe and d.attendue_le < connu::date, 'manquante', 'pas_attendue')
        when l.utilisable then if(l.etat = 'definitif', 'valeur', 'provisoire')
        when l.etat in ('definitif', 'provisoire', 'estime') then 'inexploitable'
        else l.etat end as presence,
    d.fin <= observe and d.attendue_le < connu::date
        and coalesce(l.etat in ('non_disponible', 'non_repondu'), true) as en_attente
from datee d left join lue l on l.indicateur = d.indicateur and l.fin = d.fin;

-- Targets that contradict themselves or judge nothing. « Already met at the start » looks at the last value known by the date of
-- the reference, else by the eve of the plan. `points` names the table or the query that holds evaluation(p_plan, observe, connu).
create or replace macro cible_douteuse_de(p_plan, connu, points) as table
with depart as (
    select indicateur, territoire, ventilation, arg_max(valeur, fin) as valeur from query_table(points)
    where fin <= coalesce(date_reference, (plan_debut - 1)::date) group by all
), ligne as (
    select c.indicateur, c.territoire, c.ventilation, c.reference, c.date_reference, c.finale, c.date_finale, c.trajectoire,
        f.sens, f.type_cible, d.valeur as depart,
        c.finale is null and coalesce(c.finale_min, c.finale_max) is not null as bornee,
        sign(round(c.finale - c.reference, 9)) as pente, signe(f.sens, c.reference, c.finale) as direction
    from cible_ligne(p_plan, connu) c join indicateur_lu(p_plan, connu) f on f.indicateur = c.indicateur
    left join depart d on d.indicateur = c.indicateur and d.territoire = c.territoire and d.ventilation = c.ventilation
), constat as (
    select *,
        case type_cible when 'atteindre' then direction * pente < 0 when 'rester_au_dessus' then sens = 'baisse'
            when 'rester_en_dessous' then sens = 'hausse' end as contraire,
        type_cible = 'atteindre' and (bornee or pente = 0) as deguisee,
        type_cible in ('atteindre', 'realiser') and reference is null and finale is not null as sans_reference,
        case type_cible when 'atteindre' then pente is distinct from 0 and round(direction * (depart - finale), 9) >= 0
            when 'realiser' then reference >= finale end as deja,
        type_cible in ('atteindre', 'realiser') and (date_reference >= date_finale or trajectoire[1].date < date_reference
            or trajectoire[-1].date > date_finale or len(list_filter(range(2, len(trajectoire) + 1), lambda k:
                (trajectoire[k].valeur - trajectoire[k - 1].valeur) * coalesce(nullif(pente, 0), direction) < 0)) > 0)
            as desordonnee
    from ligne
)
select indicateur, territoire, ventilation, unnest(list_filter([
        if(contraire, 'sens_contraire', null), if(deguisee, 'seuil_deguise', null), if(deja and not coalesce(contraire, false),
        'deja_atteinte', null), if(sans_reference, 'sans_reference', null), if(desordonnee, 'jalons_desordonnes', null)],
        lambda x: x is not null)) as defaut
from constat;

create or replace macro cible_douteuse(p_plan, observe, connu) as table
with point_juge as materialized (from evaluation(p_plan, observe, connu))
from cible_douteuse_de(p_plan, connu, 'point_juge');
