-- pour chaque enfant
-- What the rows of {table} refer to.
create or replace view rattachement_{table} as
select '{table}' as "table", {plan} as plan, concat_ws(' ', {cle}) as cle, depot_id, unnest([{references}], recursive := true)
from {table}_connu(timestamp '9999-12-31');
