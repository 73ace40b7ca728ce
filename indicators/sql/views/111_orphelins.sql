-- Rows whose parent is not there: must stay empty. `parent` lists every code that may be referred to.

create or replace view parent as
select 'plan' as vers, plan, plan as valeur from plan_connu(timestamp '9999-12-31')
union all select 'orientation', plan, code from orientation_connu(timestamp '9999-12-31')
union all select 'action', plan, code from action_connu(timestamp '9999-12-31')
union all select 'partenaire', plan, code from partenaire_connu(timestamp '9999-12-31')
union all select 'indicateur', plan, code from indicateur_connu(timestamp '9999-12-31')
union all select 'seance', plan, code from seance_connu(timestamp '9999-12-31')
union all select 'territoire', plan, code from territoire_admis(timestamp '9999-12-31');

create or replace view orphelin as
select * from rattachement r anti join parent p on p.vers = r.vers and p.plan = r.plan and p.valeur = r.valeur
where r.valeur is not null;
