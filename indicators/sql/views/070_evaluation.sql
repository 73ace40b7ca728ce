-- The rules of progress, for every judged value of every line: expected value, share of the path, pace, status.
-- Each step is a macro of its own so that it can be read, tested and reused alone.

-- Expected value on a day: straight in months between the points of the trajectory, the last one after the last date;
-- `realiser` steps at each date. NULL before the first point.
create or replace macro attendu_entre(type_cible, jour, avant, apres) as
    case
        when avant is null then null
        when type_cible = 'realiser' or apres is null then avant.valeur
        else avant.valeur + (apres.valeur - avant.valeur)
            * (mois(jour) - mois(avant.date)) / (mois(apres.date) - mois(avant.date))
    end;

-- +1 when more is better, -1 when less is; an indicator without direction follows the path from its reference to its target.
create or replace macro signe(sens, reference, finale) as
    case sens when 'hausse' then 1 when 'baisse' then -1 else nullif(sign(round(finale - reference, 9)), 0) end;

create or replace macro statut_seuil(valeur, bas, haut) as
    if(coalesce(round(valeur - bas, 9) >= 0, true) and coalesce(round(haut - valeur, 9) >= 0, true),
        'seuil_respecte', 'seuil_franchi');

-- Status of a pace, once the target is neither reached nor without a reference.
create or replace macro statut_rythme(avance_attendu, tolerance, part_attendue, avancement, rythme, seuil_temps, seuil_leger) as
    case
        when round(avance_attendu + tolerance, 9) >= 0 then 'dans_les_temps'
        when round(part_attendue, 9) < 0.05 then if(round(avancement, 9) < -0.02, 'recul', 'retard_leger')
        when round(rythme, 9) >= seuil_temps then 'dans_les_temps'
        when round(rythme, 9) >= seuil_leger then 'retard_leger'
        when round(rythme, 9) >= 0 then 'retard_fort'
        else 'recul'
    end;

create or replace macro evaluation(p_plan, observe, connu) as table
with point as (
    select s.* exclude (fiche, cible), s.fiche.type_cible, s.fiche.sens, s.fiche.nature, s.fiche.periodicite, s.fiche.decimales,
        s.fiche.seuil_dans_les_temps, s.fiche.seuil_retard_leger, s.fiche.plan_debut, s.fiche.plan_fin,
        s.cible.reference, s.cible.date_reference, s.cible.finale, s.cible.date_finale, s.cible.provenance_cible,
        list_filter(s.cible.trajectoire, lambda p: p.date <= s.fin)[-1] as avant,
        list_filter(s.cible.trajectoire, lambda p: p.date > s.fin)[1] as apres,
        coalesce(
            list_filter(s.cible.seuils, lambda p: p.date <= s.fin)[-1],
            list_filter(s.cible.seuils, lambda p: p.date > s.fin)[1]) as seuil
    from serie_jugee(p_plan, observe, connu) s
), borne as (
    select *, type_cible in ('rester_au_dessus', 'rester_en_dessous', 'rester_entre') as est_seuil,
        round(finale - reference, 9) = 0 as immobile,
        signe(sens, reference, finale) as direction,
        if(type_cible in ('rester_au_dessus', 'rester_entre'), seuil.bas, null) as seuil_bas,
        if(type_cible in ('rester_en_dessous', 'rester_entre'), seuil.haut, null) as seuil_haut,
        0.5 * power(10, -decimales) as tolerance
    from point
), chemin as (
    select *,
        case when type_cible = 'suivre' then null
            when type_cible = 'rester_au_dessus' then seuil_bas
            when type_cible = 'rester_en_dessous' then seuil_haut
            when est_seuil or finale is null then null  -- a reference alone promises nothing
            else attendu_entre(type_cible, fin, avant, apres) end as attendu,
        if(est_seuil or type_cible = 'suivre', null, (valeur - reference) / nullif(round(finale - reference, 12), 0)) as avancement
    from borne
), part as (
    select *, if(avancement is null, null, (attendu - reference) / nullif(finale - reference, 0)) as part_attendue
    from chemin
), allure as (
    select *, if(round(part_attendue, 9) >= 0.05, avancement / part_attendue, null) as rythme,
        direction * (valeur - attendu) as avance_attendu,
        coalesce(round(direction * (valeur - finale), 9) >= 0, false) as touche,
        date_reference is not null and fin <= date_reference as avant_reference
    from part
)
select * exclude (avant, apres, seuil, sens, direction),
    case
        when type_cible = 'suivre' then 'suivi'
        when est_seuil then
            if((type_cible <> 'rester_en_dessous' and seuil_bas is null) or (type_cible <> 'rester_au_dessus' and seuil_haut is null),
                'non_evaluable', statut_seuil(valeur, seuil_bas, seuil_haut))
        when finale is null then 'non_evaluable'
        when immobile then
            statut_seuil(valeur, if(sens = 'baisse', null, finale), if(sens = 'hausse', null, finale))
        when direction is null then 'non_evaluable'
        when touche then 'atteint'
        when manque is not null or reference is null or avant_reference or attendu is null then 'non_evaluable'
        else statut_rythme(avance_attendu, tolerance, part_attendue, avancement, rythme, seuil_dans_les_temps, seuil_retard_leger)
    end as statut,
    case
        when type_cible = 'suivre' then null
        when est_seuil then
            if((type_cible <> 'rester_en_dessous' and seuil_bas is null) or (type_cible <> 'rester_au_dessus' and seuil_haut is null),
                'borne de la cible absente', null)
        when finale is null then 'cible absente'
        when immobile then null
        when direction is null then 'sens favorable non défini'
        when touche then null
        when manque is not null then manque || ' manque' || if(contains(manque, ','), 'nt', '')
        when reference is null then 'valeur de référence absente'
        when avant_reference then 'aucune valeur après la référence du ' || strftime(date_reference, '%d/%m/%Y')
        when attendu is null then 'aucune valeur attendue à cette date'
    end as motif
from allure;
