-- Control chart (XmR) of a line known month by month or quarter by quarter: is the latest movement more than the usual
-- variation? Each known value stands for its own period: nothing is summed, and a missing period is left out.

-- The rules, for any series named by `serie` (columns fin, valeur, sens, borne_min, borne_max). Centre and natural limits
-- (2.66 times the mean moving range) are those of the first 12 values, so that a later change shows against them; none before 12.
-- Signals: a value out of the limits, 8 in a row on one side of the centre, 6 in a row that only rise or only fall.
create or replace macro carte_controle_de(serie) as table
with rangee as (
    select *, row_number() over chrono as rang, valeur - lag(valeur) over chrono as ecart
    from query_table(serie) window chrono as (order by fin)
), regle as (
    select avg(valeur) as centre, 2.66 * avg(abs(ecart)) as portee from rangee where rang <= 12 having count(*) = 12
), placee as (
    select p.*, r.centre, greatest(r.centre - r.portee, p.borne_min) as limite_basse,
        least(r.centre + r.portee, p.borne_max) as limite_haute,
        sign(round(p.valeur - r.centre, 9)) as cote, coalesce(sign(round(p.ecart, 9)), 0) as pas
    from rangee p cross join regle r
), ilot as (
    select *, rang - row_number() over (partition by cote order by rang) as ilot_cote,
        rang - row_number() over (partition by pas order by rang) as ilot_pas
    from placee
), longueur as (
    select *, count(*) over (partition by cote, ilot_cote) >= 8 and cote <> 0 as suite,
        if(count(*) over (partition by pas, ilot_pas) >= 5, pas, 0) as pente,
        case when round(valeur - limite_haute, 9) > 0 then 1 when round(valeur - limite_basse, 9) < 0 then -1 else 0 end as sortie
    from ilot
), regles as (  -- 5 steps of one direction join 6 values: the first of them is the one before the first step
    select *, coalesce(nullif(pente, 0), lead(pente) over (order by fin), 0) as allure from longueur
), tournee as (
    select *, case when sortie <> 0 then sortie when suite then cote else allure end as direction from regles
)
select * exclude (cote, pas, ilot_cote, ilot_pas, pente, ecart, direction) replace (allure <> 0 as allure, sortie <> 0 as sortie),
    case when direction = 0 then 'habituelle' when sens = 'hausse' then if(direction > 0, 'amelioration', 'degradation')
        when sens = 'baisse' then if(direction < 0, 'amelioration', 'degradation') else 'changement' end as lecture
from tournee;

-- Would the process of the first 12 values reach the target? Only for what a single period can be compared with.
create or replace macro capacite(nature, basse, haute, plancher, plafond) as
    case when nature not in ('stock', 'taux') or (plancher is null and plafond is null) then null
        when coalesce(basse >= plancher, true) and coalesce(haute <= plafond, true) then 'toujours'
        when haute < plancher or basse > plafond then 'jamais' else 'parfois' end;

-- The ligne principale of one indicator. `manquantes`: ends of the periods without a usable value between the first and the last.
create or replace macro carte_controle(p_plan, observe, connu, p_indicateur) as table
with serie_suivie as materialized (
    select debut, fin, valeur, etat, provenance, nature, periodicite, fiche.sens, fiche.borne_min, fiche.borne_max, fiche.type_cible
    from valeur_lue(p_plan, observe, connu, p_indicateur)
    where ventilation = '' and territoire = fiche.departement and utilisable and conforme
        and periodicite in ('mensuelle', 'trimestrielle')
), etendue as (
    select list_filter(periodes_jusqua(any_value(periodicite), min(fin), max(fin)), lambda f: not list_contains(list(fin), f))
        as manquantes
    from serie_suivie
), visee as (
    select signe(f.sens, c.reference, c.finale) as cap, c.finale, coalesce(c.finale_min, c.finale) as bas,
        coalesce(c.finale_max, c.finale) as haut
    from cible_ligne(p_plan, connu) c join indicateur_lu(p_plan, connu) f on f.indicateur = c.indicateur
    where c.indicateur = p_indicateur and c.ventilation = '' and c.territoire = f.departement
), bornee as (
    select c.*, e.manquantes,
        case type_cible when 'atteindre' then if(v.cap > 0, v.finale, null)
            when 'rester_au_dessus' then v.bas when 'rester_entre' then v.bas end as plancher,
        case type_cible when 'atteindre' then if(v.cap < 0, v.finale, null)
            when 'rester_en_dessous' then v.haut when 'rester_entre' then v.haut end as plafond
    from carte_controle_de('serie_suivie') c cross join etendue e left join visee v on true
)
select *, capacite(nature, limite_basse, limite_haute, plancher, plafond) as capacite from bornee;
