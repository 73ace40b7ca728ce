-- pour chaque table
-- {table} as it was known: for each key the latest row among living dépôts; an illustratif row never replaces a real one.
create or replace macro {table}_connu(connu) as table
select t.* from {table} t join depot_vie v on v.depot = t.depot_id
where v.vivant_du <= connu and connu < v.vivant_au
qualify row_number() over (
    partition by {cle} order by t.provenance = 'illustratif', v.connu_le desc, t.depot_id desc) = 1 and not t.retire;
