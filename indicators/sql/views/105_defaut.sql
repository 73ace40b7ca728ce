-- Default dates of a plan: its end once past, else the day asked for as today; the moment of the last dépôt.
create or replace macro vue_par_defaut(p_plan, aujourdhui) as table
select p.plan, least(p.fin, aujourdhui) as observe_au, (select max(connu_le) from depot) as connu_au
from plan_connu(timestamp '9999-12-31') p where p.plan = p_plan;
