-- When each dépôt counts: from the moment it is known, except between a cancellation and its taking back.
-- The table depot_vie holds these rows: written again with each dépôt, since every other view starts from it.

create or replace view depot_vie_calcul as
with evenement as (
    select id as depot, connu_le as t, id as rang, true as vivant from depot where type = 'depot'
    union all
    select porte_sur, connu_le, id, type = 'retablissement' from depot where type <> 'depot'
), suite as (
    select depot, t, vivant, lead(t) over (partition by depot order by t, rang) as suivant from evenement
)
select s.depot, d.connu_le, s.t as vivant_du, coalesce(s.suivant, timestamp 'infinity') as vivant_au
from suite s join depot d on d.id = s.depot
where s.vivant and s.suivant is distinct from s.t;

create or replace macro depot_vivant(connu) as table
    select depot as id, connu_le from depot_vie where vivant_du <= connu and connu < vivant_au;
