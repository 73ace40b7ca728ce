-- What mesure_visible must hold: for each key, one row per stretch of time in which a stored row is the answer.
-- A cancellation ends a stretch and opens one for the row below, so one closing date per row could not say it.
create or replace view mesure_visible_calcul as
with presence as (
    select m.*, v.connu_le, v.vivant_du, v.vivant_au
    from mesure m join depot_vie v on v.depot = m.depot_id
), borne as (
    select distinct plan, indicateur, territoire, ventilation, debut, fin, unnest([vivant_du, vivant_au]) as t from presence
), candidat as (
    select b.plan, b.indicateur, b.territoire, b.ventilation, b.debut, b.fin, b.t, p.depot_id, p.ligne, p.connu_le, p.retire,
        p.provenance = 'illustratif' as ecarte
    from borne b left join presence p
        on p.plan = b.plan and p.indicateur = b.indicateur and p.territoire = b.territoire
        and p.ventilation = b.ventilation and p.debut = b.debut and p.fin = b.fin
        and p.vivant_du <= b.t and b.t < p.vivant_au
    where b.t < timestamp 'infinity'
), gagnant as (
    select * from candidat
    qualify row_number() over (
        partition by plan, indicateur, territoire, ventilation, debut, fin, t
        order by ecarte, connu_le desc, depot_id desc) = 1
), change as (
    select * from gagnant
    window cle as (partition by plan, indicateur, territoire, ventilation, debut, fin order by t)
    qualify depot_id is distinct from lag(depot_id) over cle or lag(t) over cle is null
), etendue as (
    select *, coalesce(lead(t) over (partition by plan, indicateur, territoire, ventilation, debut, fin order by t),
        timestamp 'infinity') as visible_au
    from change
)
select m.plan, m.indicateur, m.territoire, m.ventilation, m.debut, m.fin, m.valeur, m.numerateur, m.denominateur, m.etat,
    m.perimetre, m.millesime, m.commentaire, m.depot_id, m.fichier, m.ligne, m.provenance, m.source,
    e.t as visible_du, e.visible_au
from etendue e join mesure m
    on m.plan = e.plan and m.indicateur = e.indicateur and m.territoire = e.territoire and m.ventilation = e.ventilation
    and m.debut = e.debut and m.fin = e.fin and m.depot_id = e.depot_id
where not e.retire;
