-- Default dates of every plan: its end once past, else the day given as today; the moment of the last dépôt.
create or replace macro vue_par_defaut(aujourdhui) as table
select plan, least(fin, aujourdhui) as observe_au, (select max(connu_le) from depot) as connu_au
from plan_connu(timestamp '9999-12-31');
