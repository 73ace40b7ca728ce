-- pour chaque rattachement
create or replace view orphelin_{table}_{colonne} as
select '{table}' as "table", {plan} as plan, concat_ws(' ', {cle}) as cle, '{colonne}' as colonne, "{colonne}" as valeur,
    '{vers}' as vers, depot_id
from {table}_connu(timestamp '9999-12-31') e
where "{colonne}" is not null and not exists (
    select 1 from {parents}(timestamp '9999-12-31') p where p.{code} = e."{colonne}" and {meme_plan});
