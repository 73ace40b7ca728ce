-- The meetings said to be frozen, and the SHA-256 of the rows kept for each: a difference with `empreinte` means that they moved.
create or replace macro seance_figee(connu) as table
with page as (
    select plan, seance, count(*) as pages, sha256(string_agg(contenu, chr(10) order by ordre)) as calculee
    from seance_etat_connu(connu) group by all
)
select s.plan, s.code, s.empreinte, coalesce(p.pages, 0) as pages, p.calculee
from seance_connu(connu) s left join page p on p.plan = s.plan and p.seance = s.code
where s.figee_le is not null;
