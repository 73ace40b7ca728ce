-- What a line's values were before they changed: one row per change of a period already known, with the dépôt that made it, which
-- may be a cancellation. A value withdrawn has no `apres`, one that comes back no `avant`. `*_secrete`: the statistical secret
-- hides that value; a published one never is, but the one it replaced may have been. Whatever replaces a hidden value changes it,
-- `redite` when it says the same: left out, a guess could be tried against it.
create or replace macro revision(p_plan, observe, connu, p_indicateur, p_territoire) as table
with tranche as (
    select m.debut, m.fin, valeur_donnee(i.nature, i.facteur, m.valeur, m.numerateur, m.denominateur) as valeur, m.numerateur,
        m.denominateur, m.etat, m.depot_id, m.visible_du, m.visible_au, s.debut is not null and m.provenance <> 'publie' as secrete
    from mesure_visible m join indicateur_lu(p_plan, connu) i on i.indicateur = m.indicateur
    left join secret s on s.plan = m.plan and s.indicateur = m.indicateur and s.territoire = m.territoire
        and s.ventilation = m.ventilation and s.debut = m.debut and s.fin = m.fin and s.depuis <= connu
    where m.plan = p_plan and m.indicateur = p_indicateur and m.territoire = p_territoire and m.ventilation = ''
        and m.fin <= observe and m.visible_du <= connu
), moment as (
    select debut, fin, visible_du as le, min(visible_du) over (partition by debut, fin) as premiere from tranche
    union select debut, fin, visible_au, min(visible_du) over (partition by debut, fin) from tranche
), change as (
    select m.debut, m.fin, m.le, a.valeur as avant, p.valeur as apres, a.etat as etat_avant, p.etat as etat_apres,
        coalesce(a.secrete, false) as avant_secrete, coalesce(p.secrete, false) as apres_secrete, p.depot_id,
        (a.valeur, a.numerateur, a.denominateur) is not distinct from (p.valeur, p.numerateur, p.denominateur) as redite
    from moment m
    left join tranche a on a.debut = m.debut and a.fin = m.fin and a.visible_au = m.le
    left join tranche p on p.debut = m.debut and p.fin = m.fin and p.visible_du = m.le
    where m.le > m.premiere and m.le <= connu
        and (avant_secrete or apres_secrete or not redite)
), cause as (
    select c.debut, c.fin, c.le, max(d.id) filter (d.id = c.depot_id) as sienne, max(d.id) as autre
    from change c join depot_connu d on d.connu_le = c.le and d.type not in ('acceptation', 'refus') group by all
)
select c.* replace (d.id as depot_id), d.auteur, d.motif
from change c join cause x on x.debut = c.debut and x.fin = c.fin and x.le = c.le
join depot d on d.id = coalesce(x.sienne, x.autre);
