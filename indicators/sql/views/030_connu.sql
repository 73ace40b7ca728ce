-- pour chaque table
-- {table} as it was known: for each key the latest row among living dépôts; an illustratif row never replaces a publie one.
create or replace macro {table}_connu(connu) as table
with vivant as (
    select t.*, v.connu_le, t.provenance = 'illustratif'
        and bool_or(t.provenance = 'publie') over (partition by {cle}) as ecarte
    from {table} t join depot_vivant(connu) v on v.id = t.depot_id
)
select * exclude (connu_le, ecarte, rang) from (
    select *, row_number() over (partition by {cle} order by ecarte, connu_le desc, depot_id desc) as rang from vivant)
where rang = 1 and not retire;
