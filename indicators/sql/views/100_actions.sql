-- Where each action stands: the word of people, what the dates say, and the counts of its indicators, never mixed.
-- Alerts stop at the plan's end: what happens afterwards is no longer the plan's business.

-- `lignes` names the table or the query that holds progression(p_plan, observe, connu).
create or replace macro action_etat_de(p_plan, observe, connu, lignes) as table
with parole as (
    select action, arg_max(statut, date) filter (statut is not null) as statut,
        max(date) filter (statut is not null) as statut_le,
        arg_max(meteo, date) filter (meteo is not null) as meteo,
        arg_max(bilan, date) filter (bilan is not null) as bilan,
        arg_max(commentaire, date) filter (commentaire is not null) as commentaire
    from suivi_action_connu(connu) where plan = p_plan and date <= observe group by action
), lien_indicateur as (
    select a.action, d.statut, d.gravite, d.type, d.a_actualiser
    from action_indicateur_connu(connu) a
    join query_table(lignes) d on d.indicateur = a.indicateur and d.principale
    where a.plan = p_plan
), compte as (
    select action, count(*) as indicateurs, count(*) filter (gravite > 0) as evalues,
        count(*) filter (gravite in (1, 2)) as dans_le_rythme,
        arg_max(statut, gravite) filter (gravite > 0 and type in ('resultat', 'impact')) as pire_resultat,
        arg_max(statut, gravite) filter (gravite > 0 and type = 'realisation') as pire_realisation
    from lien_indicateur group by action
), pilotage as (
    select action, string_agg(p.nom, ', ' order by p.nom) as pilotes
    from participation_connu(connu) x join partenaire_connu(connu) p on p.plan = x.plan and p.code = x.partenaire
    where x.plan = p_plan and x.role = 'pilote' group by action
), etat as (
    select a.plan, a.code as action, a.orientation, a.intitule, coalesce(a.libelle_court, a.intitule) as libelle_court,
        a.description, a.debut, a.echeance_initiale, a.echeance, a.priorite, a.publics, a.provenance, a.source,
        coalesce(w.statut, 'non_renseignee') as statut, w.statut_le, w.meteo, w.bilan, w.commentaire, g.pilotes,
        coalesce(c.indicateurs, 0) as indicateurs, coalesce(c.evalues, 0) as evalues, coalesce(c.dans_le_rythme, 0) as dans_le_rythme,
        c.pire_resultat, c.pire_realisation,
        coalesce(a.echeance < least(observe, p.fin) and coalesce(w.statut, '') not in ('realisee', 'abandonnee'), false)
            as echeance_depassee
    from action_connu(connu) a join plan_connu(connu) p on p.plan = a.plan
    left join parole w on w.action = a.code left join compte c on c.action = a.code left join pilotage g on g.action = a.code
    where a.plan = p_plan
)
select *,
    case when echeance_depassee then 'echeance_depassee' when statut in ('suspendue', 'abandonnee') then statut
        else coalesce(pire_resultat, pire_realisation, statut) end as cellule,
    case when echeance_depassee then 'échéance du ' || strftime(echeance, '%d/%m/%Y') || ' passée'
        when statut in ('suspendue', 'abandonnee') then 'statut de l’action'
        when pire_resultat is not null then 'indicateur de résultat ou d’impact le moins avancé'
        when pire_realisation is not null then 'indicateur de réalisation le moins avancé'
        else 'statut de l’action' end as cellule_raison,
    list_filter([if(pilotes is null, 'sans pilote', null), if(indicateurs = 0, 'sans indicateur', null),
        if(echeance is null, 'sans échéance', null)], lambda x: x is not null) as alertes
from etat;

create or replace macro action_etat(p_plan, observe, connu) as table
with ligne_jugee as materialized (from progression(p_plan, observe, connu))
from action_etat_de(p_plan, observe, connu, 'ligne_jugee');
