-- What an import would warn of again, in the values that are in place: their dépôt was confirmed, nothing has explained them since.
-- The limits are those of the import (rules.py); a test holds the two together, words included.

create or replace macro nombre_ecrit(x) as replace(regexp_replace(x::varchar, '\.0$', ''), '.', ',');

create or replace macro est_loin(a, b, plancher) as greatest(a, b, plancher) >= 5 * greatest(least(a, b), plancher);

create or replace macro anomalie_ouverte(p_plan, observe, connu) as table
with recursive dessous as (
    select t.code from territoire_connu(connu) t join plan_connu(connu) p on p.plan = t.plan and t.parent = p.departement
    where t.plan = p_plan
    union select t.code from territoire_connu(connu) t join dessous d on d.code = t.parent where t.plan = p_plan
), lue as materialized (
    select m.indicateur, m.territoire, m.ventilation, m.debut, m.fin, m.valeur, m.numerateur, m.denominateur, m.etat, m.perimetre,
        m.provenance, m.depot_id, i.unite, i.facteur, i.borne_min, i.borne_max, i.seuil_secret, i.nature = 'taux' as taux,
        i.numerateur_texte, i.denominateur_texte,
        if(i.nature = 'taux', i.facteur * m.numerateur / nullif(m.denominateur, 0), null) as calcul
    from mesure_visible m join indicateur_lu(p_plan, connu) i on i.indicateur = m.indicateur
    where m.plan = p_plan and m.visible_du <= connu and connu < m.visible_au and m.fin <= observe
), point as (
    select *, coalesce(calcul, valeur) as chiffre, unite = '%' as part, if(taux or unite in ('%', '‰'), 2, 20) as plancher
    from lue
    where etat in ('definitif', 'provisoire', 'estime') and not (taux and coalesce(denominateur, 20) < 20)
        and chiffre between greatest(borne_min, 0) and coalesce(borne_max, 'infinity'::double)
), suite as (
    select *, lag(chiffre) over serie as avant, lag(chiffre, 2) over serie as plus_tot, lag(fin) over serie as avant_fin,
        count(*) over passe as vus, avg(chiffre) over passe as moyenne, stddev_samp(chiffre) over passe as dispersion
    from point
    window serie as (partition by indicateur, territoire, ventilation, datediff('month', debut, fin) order by fin),
        passe as (partition by indicateur, territoire, ventilation, datediff('month', debut, fin) order by fin
            rows between unbounded preceding and 1 preceding)
), saut as (
    select s.indicateur, s.territoire, s.ventilation, s.debut, s.fin, s.depot_id, 'saut_historique' as code,
        nombre_ecrit(round(s.chiffre, 4)) as valeur,
        concat(nombre_ecrit(round(s.avant, 4)), ' au ', strftime(s.avant_fin, '%d/%m/%Y')) as detail
    from suite s
    anti join rupture_connu(connu) u on u.plan = p_plan and u.indicateur = s.indicateur and u.territoire = s.territoire
        and u.date >= s.avant_fin and u.date <= s.fin
    where s.avant > 0 and (
        (est_loin(s.chiffre, s.avant, s.plancher) and (s.plus_tot is null or not est_loin(s.avant, s.plus_tot, s.plancher)
            or est_loin(s.chiffre, s.plus_tot, s.plancher)))
        or (s.part and s.vus >= 4 and abs(s.chiffre - s.avant) > 20
            and abs(s.chiffre - s.moyenne) > greatest(20, 6 * s.dispersion)))
), compte as (
    select *, unnest([{quoi: if(taux, null, unite), compte: valeur}, {quoi: if(taux, numerateur_texte, null), compte: numerateur},
        {quoi: if(taux, denominateur_texte, null), compte: denominateur}], recursive := true) from lue
    where provenance <> 'publie' and (ventilation <> '' or territoire in (from dessous))
), perimetre as (
    select *, lag(perimetre) over (partition by indicateur, territoire, ventilation order by fin, debut) as avant from lue
    where perimetre is not null
), pas as (
    select *, pow(10, -length(regexp_extract(regexp_replace(valeur::varchar, '\.0$', ''), '\.(\d*)$', 1))) as pas from lue
    where taux and abs(valeur - calcul) > 1e-9 * greatest(1, abs(calcul))
)
from saut
union all
select indicateur, territoire, ventilation, debut, fin, depot_id, 'sous_seuil_secret', nombre_ecrit(compte), seuil_secret::varchar
from compte where compte > 0 and compte < seuil_secret and compte_des_personnes(quoi)
union all
select indicateur, territoire, ventilation, debut, fin, depot_id, 'perimetres_melanges', perimetre, avant
from perimetre where lower(strip_accents(perimetre)) <> lower(strip_accents(avant))
union all
select indicateur, territoire, ventilation, debut, fin, depot_id, 'taux_incoherent', nombre_ecrit(valeur),
    concat(nombre_ecrit(numerateur), ' / ', nombre_ecrit(denominateur), if(facteur = 1, '', ' × ' || nombre_ecrit(facteur)),
        ', qui donne ', nombre_ecrit(round(calcul, 4)))
from pas where abs(valeur - calcul) > pas * (1 + 1e-9)
union all
select indicateur, territoire, ventilation, debut, fin, depot_id, 'denominateur_nul', '0', null from lue where denominateur = 0
union all
select indicateur, territoire, ventilation, debut, fin, depot_id, 'hors_bornes', nombre_ecrit(round(coalesce(calcul, valeur), 4)),
    concat_ws(', ', 'minimum ' || nombre_ecrit(borne_min), 'maximum ' || nombre_ecrit(borne_max))
from lue where coalesce(calcul, valeur) < borne_min or coalesce(calcul, valeur) > borne_max;
