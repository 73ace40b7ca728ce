-- From stored values to the series that can be judged.

-- The value that a stored row gives: a rate is recomputed from its two terms when both are known.
create or replace macro valeur_donnee(nature, facteur, valeur, numerateur, denominateur) as
    case when nature = 'taux' and numerateur is not null and denominateur is not null
        then facteur * numerateur / nullif(denominateur, 0) else valeur end;

-- Every value of the plan's indicators, with the value it gives (a rate is recomputed from its two terms when both are known),
-- whether it can be used, and whether its period is the one the indicator asks for. `fiche` is the indicator's row.
-- `p_indicateur`: those of that indicator only; a condition outside would not spare the others from being read.
create or replace macro valeur_lue(p_plan, observe, connu, p_indicateur := null) as table
with lu as (
    select m.* exclude (valeur), m.valeur as valeur_ecrite, i.nature, i.periodicite, i.facteur, i as fiche,
        valeur_donnee(i.nature, i.facteur, m.valeur, m.numerateur, m.denominateur) as valeur,
        periode_conforme(i.periodicite, m.debut, m.fin) as conforme
    from mesure_visible m join indicateur_lu(p_plan, connu) i on i.indicateur = m.indicateur
    where m.plan = p_plan and m.visible_du <= connu and connu < m.visible_au and m.fin <= observe
        and (p_indicateur is null or m.indicateur = p_indicateur)
), juge as (
    select *, valeur is not null and isfinite(valeur) and etat in ('definitif', 'provisoire', 'estime') as utilisable from lu
), partie as (
    select code, parent, count(*) over (partition by parent) as nombre from territoire_connu(connu) where plan = p_plan
), somme as (
    select any_value(j.plan) as plan, j.indicateur, any_value(j.fiche.departement) as territoire, j.ventilation, j.debut, j.fin,
        sum(j.valeur_ecrite) as valeur_ecrite, sum(j.numerateur) as numerateur, sum(j.denominateur) as denominateur,
        if(bool_or(j.etat <> 'definitif'), 'provisoire', 'definitif') as etat, any_value(j.nature) as nature,
        any_value(j.periodicite) as periodicite, any_value(j.fiche) as fiche, max(j.depot_id) as depot_id,
        provenance_nom(min(provenance_rang(j.provenance))) as provenance, any_value(j.source) as source,
        if(any_value(j.nature) = 'taux',
            any_value(j.facteur) * sum(j.numerateur) / nullif(sum(j.denominateur), 0), sum(j.valeur)) as valeur,
        bool_and(j.conforme) as conforme,
        bool_and(j.nature <> 'taux' or (j.numerateur is not null and j.denominateur is not null)) as sommable
    from juge j join partie p on p.code = j.territoire and p.parent = j.fiche.departement
    where j.fiche.agregation = 'somme' and j.utilisable
    group by j.indicateur, j.ventilation, j.debut, j.fin
    having count(*) = any_value(p.nombre)
)
select plan, indicateur, territoire, ventilation, debut, fin, valeur, numerateur, denominateur, etat, nature, periodicite,
    provenance, source, depot_id, fichier, ligne, millesime, perimetre, commentaire, utilisable, conforme, fiche
from juge
union all
select s.plan, s.indicateur, s.territoire, s.ventilation, s.debut, s.fin, s.valeur, s.numerateur, s.denominateur, s.etat, s.nature,
    s.periodicite, s.provenance, s.source, s.depot_id, null, null, null, null, 'Somme des territoires',
    s.valeur is not null and isfinite(s.valeur), s.conforme, s.fiche
from somme s anti join juge j
    on j.indicateur = s.indicateur and j.territoire = s.territoire and j.ventilation = s.ventilation
    and j.debut = s.debut and j.fin = s.fin
where s.sommable;

-- One value per judged date and line. Stock and rate: the value. Flux: whole years only. Cumul: reference plus the flows since,
-- with the periods that are missing before it. `fiche` and `cible` are the rows of the indicator and of the line's targets.
create or replace macro serie_jugee(p_plan, observe, connu) as table
with utile as (
    select v.*, c as cible from valeur_lue(p_plan, observe, connu) v
    left join cible_ligne(p_plan, connu) c
        on c.indicateur = v.indicateur and c.territoire = v.territoire and c.ventilation = v.ventilation
    where v.utilisable and v.conforme
), direct as (
    select indicateur, territoire, ventilation, debut, fin, valeur, etat, provenance_rang(provenance) as rang, source, depot_id,
        cast(null as varchar) as manque, fiche, cible
    from utile
    where nature in ('stock', 'taux') or (nature = 'flux' and periode_mois(periodicite) >= 12)
), annuel as (
    select indicateur, territoire, ventilation, make_date(year(fin), 1, 1), make_date(year(fin), 12, 31), sum(valeur),
        if(bool_or(etat <> 'definitif'), 'provisoire', 'definitif'), min(provenance_rang(provenance)), arg_max(source, fin),
        max(depot_id), cast(null as varchar), any_value(fiche), any_value(cible)
    from utile
    where nature = 'flux' and periode_mois(periodicite) < 12
    group by indicateur, territoire, ventilation, year(fin), periodicite
    having count(*) = 12 / periode_mois(periodicite)
), cumul as (
    select indicateur, territoire, ventilation, debut, fin, coalesce(cible.reference, 0) + sum(valeur) over fil as valeur,
        if(bool_or(etat <> 'definitif') over fil, 'provisoire', 'definitif') as etat,
        min(provenance_rang(provenance)) over fil as rang, source, depot_id, fiche, cible,
        list(fin) over fil as presentes, coalesce(cible.date_reference, (fiche.plan_debut - 1)::date) as origine, periodicite
    from utile where nature = 'cumul' and fin > coalesce(cible.date_reference, (fiche.plan_debut - 1)::date)
    window fil as (partition by indicateur, territoire, ventilation order by fin)
), cumul_juge as (
    select indicateur, territoire, ventilation, debut, fin, valeur, etat, rang, source, depot_id,
        (select string_agg(periode_nom(periodicite, f), ', ' order by f) from (
            select unnest(list_filter(
                list_transform(range(1, 1 + round((mois(fin) - mois(origine)) / periode_mois(periodicite))::bigint),
                    lambda k: last_day((date_trunc('month', fin) - to_months((k - 1)::integer * periode_mois(periodicite)))::date)),
                lambda d: not list_contains(presentes, d))) as f)) as manque,
        fiche, cible
    from cumul
)
select * from direct union all select * from annuel union all select * from cumul_juge;
