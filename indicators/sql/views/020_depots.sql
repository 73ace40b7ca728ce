-- A proposed dépôt is known from the moment a second person accepts it; depot.connu_le says when it was proposed.
create or replace view depot_connu as
select d.* replace (coalesce(a.connu_le, d.connu_le) as connu_le)
from depot d left join depot a on a.type = 'acceptation' and a.porte_sur = d.id;

create or replace view depot_attente as
select d.id from depot d anti join depot p on p.porte_sur = d.id and p.type in ('acceptation', 'refus') where d.type = 'propose';

create or replace view jamais_compte as
select d.id from depot d anti join depot p on p.porte_sur = d.id and p.type = 'acceptation' where d.type = 'propose';

-- When each dépôt counts: from the moment it is known, except between a cancellation and its taking back. One that is only
-- proposed, or was refused, never does.
-- The table depot_vie holds these rows: written again with each dépôt, since every other view starts from it.

create or replace view depot_vie_calcul as
with evenement as (
    select id as depot, connu_le as t, id as rang, true as vivant from depot where type = 'depot'
    union all
    select porte_sur, connu_le, id, type <> 'annulation' from depot where type in ('annulation', 'retablissement', 'acceptation')
), suite as (
    select depot, t, vivant, lead(t) over (partition by depot order by t, rang) as suivant from evenement
)
select s.depot, d.connu_le, s.t as vivant_du, coalesce(s.suivant, timestamp 'infinity') as vivant_au
from suite s join depot_connu d on d.id = s.depot
where s.vivant and s.suivant is distinct from s.t;

create or replace macro depot_vivant(connu) as table
    select depot as id, connu_le from depot_vie where vivant_du <= connu and connu < vivant_au;
