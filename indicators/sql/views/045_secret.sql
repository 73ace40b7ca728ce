-- Who counts people, and what is hidden then.

-- Does this unit, or this term of a rate, count people?
create or replace macro compte_des_personnes(texte) as
    coalesce(regexp_matches(lower(strip_accents(texte)),
        '^(nombre (de |d[’''])\s?)?(enfant|mineur|jeune|adolescent|bebe|nourrisson|eleve|collegien|lyceen|fille|garcon|femme|homme'
        || '|mere|pere|parent|famille|menage|foyer|fratrie|couple|personne|habitant|beneficiaire|usager|patient|allocataire'
        || '|victime|pupille|sortant|assistant|professionnel|agent|salarie|tiers)e?s?\b'), false);

-- The counts behind a value: itself, or the two terms of a rate, one of which may come back from the other.
create or replace macro premier_compte(taux, facteur, valeur, numerateur, denominateur) as
    if(taux, coalesce(numerateur, valeur * denominateur / facteur), valeur);
create or replace macro second_compte(taux, facteur, valeur, numerateur, denominateur) as
    if(taux, coalesce(denominateur, facteur * numerateur / nullif(valeur, 0)), null);

-- The values that are hidden from who may not see small numbers, since when, and whether the rest gives them back all the same.
-- Derived from the dépôts alone, written again with each of them: it holds nothing that a migration would have to keep.
create table if not exists secret (
    plan varchar not null, indicateur varchar not null, territoire varchar not null, ventilation varchar not null,
    debut date not null, fin date not null, depuis timestamp not null, exposee boolean not null
);

-- Values hidden at that moment; a published one never is.
create or replace macro masque(p_plan, connu) as table
select s.indicateur, s.territoire, s.ventilation, s.debut, s.fin
from secret s left join mesure_visible m
    on m.plan = s.plan and m.indicateur = s.indicateur and m.territoire = s.territoire and m.ventilation = s.ventilation
    and m.debut = s.debut and m.fin = s.fin and m.visible_du <= connu and connu < m.visible_au
where s.plan = p_plan and s.depuis <= connu and m.provenance is distinct from 'publie';
