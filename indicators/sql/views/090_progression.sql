-- Where each line stands at (observe, connu): the lignes principales (département, no breakdown), and the other lines of the
-- plan's own territories that have a target of their own.

-- From the most to the least worrying; 0 when there is nothing to judge.
create or replace macro gravite(statut) as
    case statut when 'recul' then 5 when 'retard_fort' then 4 when 'seuil_franchi' then 4 when 'retard_leger' then 3
        when 'dans_les_temps' then 2 when 'seuil_respecte' then 2 when 'atteint' then 1 else 0 end;

create or replace macro verdict_ligne(statut, type_cible, reference, finale, avancement, seuil_partiel) as
    case
        when statut in ('seuil_respecte', 'atteint') then 'atteint'
        when statut = 'seuil_franchi' then 'non_atteint'
        when statut in ('suivi', 'non_evaluable', 'non_renseigne') then 'non_evaluable'
        when round(avancement, 9) >= 1 then 'atteint'
        when round(avancement, 9) >= seuil_partiel then 'partiellement_atteint'
        else 'non_atteint'
    end;

create or replace macro ligne_suivie(p_plan, connu) as table
select i.indicateur, i.departement as territoire, '' as ventilation from indicateur_lu(p_plan, connu) i
union
select c.indicateur, c.territoire, c.ventilation
from cible_ligne(p_plan, connu) c
join territoire_connu(connu) t on t.plan = p_plan and t.code = c.territoire
join plan_connu(connu) p on p.plan = p_plan and (t.code = p.departement or t.parent = p.departement);

-- Is a figure still waited for on this day? It was due at the end of a month, `delai` months after its period.
create or replace macro est_attendue(fin, delai, observe, jour) as
    coalesce(fin <= observe and (last_day((fin + to_months(delai))::date)) < jour, false);

-- `points` names the table or the query that holds evaluation(p_plan, observe, connu): it is worked out once, by whoever asks.
create or replace macro progression_de(p_plan, observe, connu, points) as table
with jugee as materialized (
    from query_table(points)
), derniere as (
    select * from jugee
    qualify row_number() over (partition by indicateur, territoire, ventilation order by fin desc) = 1
), finale as (  -- the value of the plan's last period: the only one that a verdict is given on
    select * from jugee where fin <= plan_fin and fin > plan_fin - to_months(periode_mois(periodicite))
    qualify row_number() over (partition by indicateur, territoire, ventilation order by fin desc) = 1
), regression as (
    select indicateur, territoire, ventilation, count(*) as n, regr_intercept(valeur, x) as origine, regr_slope(valeur, x) as pente,
        any_value(horizon) as horizon, any_value(chemin) as chemin,
        demi_intervalle(count(*), any_value(horizon), avg(x), regr_sxx(valeur, x), regr_syy(valeur, x), regr_sxy(valeur, x)) as demi
    from (
        select *, mois(fin) / 12 as x, mois(plan_fin) / 12 as horizon, abs(finale - reference) as chemin,
            row_number() over (partition by indicateur, territoire, ventilation order by fin desc) as rang_recent
        from jugee
        where type_cible not in ('realiser', 'suivre') and manque is null and fin <= plan_fin
            and fin >= coalesce(date_reference, (plan_debut - 1)::date))
    where rang_recent <= 8
    group by all having max(fin) < any_value(plan_fin)
), connue as (
    select indicateur, territoire, ventilation, arg_max(etat, fin) as dernier_etat, max(fin) as derniere_fin,
        arg_max(source, fin) filter (utilisable) as source_connue
    from valeur_lue(p_plan, observe, connu) where conforme group by all
), ligne as (
    select p_plan as plan, l.indicateur, l.territoire, l.ventilation,
        i.* exclude (plan, indicateur, provenance, source),
        c.reference, c.date_reference, c.finale as cible, c.date_finale as date_cible,
        c.finale_min as cible_min, c.finale_max as cible_max,
        d.valeur, d.fin, d.attendu, d.avancement, d.part_attendue, d.rythme, d.statut, d.motif, d.manque, d.avant_reference,
        d.seuil_bas, d.seuil_haut, d.tolerance, d.etat, d.rang, d.provenance_cible, d.source, d.depot_id,
        k.dernier_etat, k.derniere_fin, k.source_connue, f.statut as statut_final, f.avancement as avancement_final
    from ligne_suivie(p_plan, connu) l
    join indicateur_lu(p_plan, connu) i on i.indicateur = l.indicateur
    left join cible_ligne(p_plan, connu) c
        on c.indicateur = l.indicateur and c.territoire = l.territoire and c.ventilation = l.ventilation
    left join derniere d on d.indicateur = l.indicateur and d.territoire = l.territoire and d.ventilation = l.ventilation
    left join finale f on f.indicateur = l.indicateur and f.territoire = l.territoire and f.ventilation = l.ventilation
    left join connue k on k.indicateur = l.indicateur and k.territoire = l.territoire and k.ventilation = l.ventilation
), statuee as (
    select * exclude (statut, motif),
        case
            when type_cible = 'suivre' then 'suivi'
            when dernier_etat = 'sans_objet' then 'non_evaluable'
            when statut is null then 'non_renseigne'
            else statut
        end as statut,
        case
            when type_cible = 'suivre' then if(valeur is null, 'aucune valeur utilisable', null)
            when dernier_etat = 'sans_objet' then 'sans objet en ' || periode_nom(periodicite, derniere_fin)
            when statut is null then 'aucune valeur utilisable'
            else motif
        end as motif,
        statut = 'non_evaluable' and (manque is not null or avant_reference) as illisible
    from ligne
)
select s.plan, s.indicateur, s.intitule, s.libelle_court, s.unite, s.decimales, s.sens, s.type_cible, s.nature, s.periodicite,
    s.type, s.territoire, s.ventilation, s.territoire = s.departement and s.ventilation = '' as principale,
    s.statut,
    if(observe < s.plan_fin or s.type_cible = 'suivre', null,
        if(s.statut_final is null, 'non_evaluable',
            verdict_ligne(s.statut_final, s.type_cible, s.reference, s.cible, s.avancement_final, s.seuil_partiel))) as verdict,
    coalesce(s.motif,
        if(observe >= s.plan_fin and s.type_cible <> 'suivre' and s.statut_final is null and s.fin is not null,
            'dernière valeur connue : ' || strftime(s.fin, '%d/%m/%Y')
                || coalesce(' (' || split_part(s.source_connue, ',', 1) || ')', ''), null)) as motif,
    s.reference, s.date_reference, s.cible, s.cible_min, s.cible_max, s.date_cible,
    if(s.illisible, null, s.attendu) as attendu,
    if(s.illisible, null, s.valeur) as realise,
    if(s.illisible, null, s.fin) as date_realise,
    if(s.illisible, null, s.avancement) as avancement,
    if(s.illisible, null, s.part_attendue) as part_attendue,
    if(s.illisible, null, s.rythme) as rythme,
    if(s.illisible, null, s.valeur - s.attendu) as ecart,
    s.seuil_bas, s.seuil_haut, s.tolerance, s.seuil_dans_les_temps, s.seuil_retard_leger,
    est_attendue(periode_suivante(s.periodicite, s.fin), s.delai, observe, connu::date) as a_actualiser,
    periode_suivante(s.periodicite, s.fin) as prochaine_fin,
    if(s.derniere_fin > s.fin, s.dernier_etat, null) as etat_suivant,
    coalesce(s.etat in ('provisoire', 'estime'), false) as provisoire,
    provenance_nom(least(s.rang, s.provenance_cible)) as provenance,
    s.source, s.depot_id, bornee(t.valeur, s.borne_min, s.borne_max) as tendance,
    bornee(t.bas, s.borne_min, s.borne_max) as tendance_bas, bornee(t.haut, s.borne_min, s.borne_max) as tendance_haut,
    t.motif as tendance_motif,
    if(s.statut <> 'atteint' and s.date_cible > s.fin and not s.illisible,
        (s.cible - s.valeur) / ((mois(s.date_cible) - mois(s.fin)) / 12), null) as pas_annuel,
    gravite(s.statut) as gravite, s.responsable
from statuee s
left join (
    select indicateur, territoire, ventilation, unnest(tendance_lue(n, origine, pente, horizon, demi, chemin)) from regression) t
    on t.indicateur = s.indicateur and t.territoire = s.territoire and t.ventilation = s.ventilation;

create or replace macro progression(p_plan, observe, connu) as table
with point_juge as materialized (from evaluation(p_plan, observe, connu))
from progression_de(p_plan, observe, connu, 'point_juge');
