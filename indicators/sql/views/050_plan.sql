-- The plan and its indicators as they were known, with what a column left empty means.

create or replace macro facteur_lu(facteur, unite) as
    coalesce(facteur, case unite when '%' then 100 when '‰' then 1000 else 1 end);

create or replace macro indicateur_lu(p_plan, connu) as table
select i.plan, i.code as indicateur, i.intitule, coalesce(i.libelle_court, i.intitule) as libelle_court, i.definition,
    i.numerateur as numerateur_texte, i.denominateur as denominateur_texte, i.unite,
    facteur_lu(i.facteur, i.unite) as facteur,
    i.borne_min, i.borne_max, coalesce(i.decimales, if(i.nature = 'taux', 1, 0)) as decimales,
    i.sens, i.type_cible, i.nature, i.periodicite, coalesce(i.delai_publication_mois, 0) as delai,
    i.type, i.agregation, i.responsable, i.seuil_secret, i.limites, i.provenance, i.source,
    p.departement, p.debut as plan_debut, p.fin as plan_fin, p.seuil_dans_les_temps, p.seuil_retard_leger, p.seuil_partiel
from indicateur_connu(connu) i join plan_connu(connu) p on p.plan = i.plan
where i.plan = p_plan;

-- The weakest of several provenances: what is derived is never stronger than its inputs.
create or replace macro provenance_rang(provenance) as
    case provenance when 'illustratif' then 0 when 'saisi' then 1 when 'publie' then 2 end;
create or replace macro provenance_nom(rang) as
    case rang when 0 then 'illustratif' when 1 then 'saisi' when 2 then 'publie' end;

-- Targets of each line, folded: reference, finale, and the whole trajectory as a list sorted by date.
create or replace macro cible_ligne(p_plan, connu) as table
select indicateur, territoire, ventilation,
    any_value(valeur) filter (role = 'reference') as reference,
    any_value(date) filter (role = 'reference') as date_reference,
    any_value(valeur) filter (role = 'finale') as finale,
    any_value(date) filter (role = 'finale') as date_finale,
    any_value(valeur_min) filter (role = 'finale') as finale_min,
    any_value(valeur_max) filter (role = 'finale') as finale_max,
    min(provenance_rang(provenance)) as provenance_cible,
    list({date: date, valeur: valeur} order by date) filter (valeur is not null) as trajectoire,
    list({date: date, bas: coalesce(valeur_min, valeur), haut: coalesce(valeur_max, valeur)} order by date)
        filter (role <> 'reference') as seuils
from cible_connu(connu) where plan = p_plan
group by all;

-- Territories that a row may name: those of the plan, and the plan's département even when no file lists it.
create or replace macro territoire_admis(connu) as table
select plan, code from territoire_connu(connu) union select plan, departement from plan_connu(connu);
