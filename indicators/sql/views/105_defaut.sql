-- Default dates of every plan: its end once past, else the day given as today; the moment of the last dépôt that may count.
create or replace macro vue_par_defaut(aujourdhui) as table
select plan, least(fin, aujourdhui) as observe_au, (select max(connu_le) from depot where type not in ('propose', 'refus')) as connu_au
from plan_connu(timestamp '9999-12-31');
