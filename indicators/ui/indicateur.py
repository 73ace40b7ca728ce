"""Blocks of the page Indicateur beside its trajectory: control chart, revisions, comparison, breakdowns, values, definition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from indicators import explanations, lecture, queries
from indicators.charts import Rangee, build_repartition, build_xmr
from indicators.formats import (
    FINE,
    INSECABLE,
    MASQUE,
    format_horodatage,
    format_nombre,
    format_periode,
    pluriel,
    titre,
)
from indicators.model import Nature, Periodicite
from indicators.queries import Fiche, Ligne, Point, Valeur, Vue
from indicators.queries import indicateur as details
from indicators.queries.indicateur import Revision
from indicators.ui import components as c
from indicators.ui.acces import get_acces
from indicators.ui.donnees import read
from indicators.ui.state import get_contexte, is_past

RANGEES = 24  # beyond, the table alone


# -- control chart -------------------------------------------------------------------------------------------------------


def show_carte(x: Ligne) -> None:
    """The control chart and its reading; nothing at all where the series is too short or too coarse for one."""
    if x.periodicite not in (Periodicite.MENSUELLE, Periodicite.TRIMESTRIELLE):
        return
    contexte = get_contexte()
    carte = read(details.get_carte, contexte.vue, x.indicateur)
    if carte is None:
        return
    st.header("Carte de contrôle", anchor=False)
    st.markdown(f"**{c.sur(lecture.write_carte(carte))}**" if not carte.masque else c.sur(lecture.write_carte(carte)))
    if carte.masque:
        return
    note = lecture.describe_carte(x, carte)
    c.show_chart(build_xmr(x, carte, contexte.mode, contexte.etroit), f"controle_{x.indicateur}", note)
    st.caption(c.sur(note))
    c.show_table(lecture.list_carte(x, carte), "La carte de contrôle en tableau", f"controle_{x.indicateur}")


# -- revised values ------------------------------------------------------------------------------------------------------


def show_revisions(x: Ligne, revisions: Sequence[Revision]) -> None:
    """Each change of a value already known, before and after, with the dépôt that made it and why."""
    if not revisions:
        return
    with st.expander(titre(lecture.write_revisions(revisions)), icon=":material/history:",
                     key=f"tableau_revisions_{x.indicateur}", on_change="rerun") as volet:
        if not volet.open:
            return
        fuseau = get_contexte().plan.fuseau
        with st.container(key="avant_apres_ligne"):
            c.show_rows([{
                "Période": format_periode(r.debut, r.fin), "Révisée le": format_horodatage(r.le, fuseau),
                "Avant → après": lecture.write_passage(x, r),
                "Origine": c.build_link_depot(r.depot_id, f"dépôt n°{INSECABLE}{r.depot_id}"),
                "Par": r.auteur or "", "Motif": r.motif or "",
            } for r in revisions], "Valeurs révisées")
        st.caption("Valeurs du département, sans détail, telles qu’elles ont été déposées ou annulées. Sur le graphique, "
                   "«\u00a0r\u00a0» marque une valeur révisée.")


# -- comparison ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparee:
    """The same rate somewhere else: never judged."""

    nom: str
    points: tuple[Point, ...]
    valeurs: tuple[Valeur, ...]
    territoire: str
    remarque: str = ""


def list_comparees(x: Ligne, fiche: Fiche) -> list[Comparee]:
    """France and other départements of this plan's files, then the other plans that follow the same rate; a rate only."""
    if x.nature is not Nature.TAUX:
        return []
    contexte = get_contexte()
    ailleurs = {t["code"]: t["nom"] for t in read(queries.list_connues, contexte.vue, "territoire")
                if not t["parent"] and t["code"] != x.territoire}
    comparees = [y for t, nom in ailleurs.items() if (y := _compare(nom, contexte.vue, x.indicateur, t))]
    deja = {x.territoire, *(y.territoire for y in comparees)}
    for plan in read(queries.list_plans):
        if plan.plan == x.plan or plan.departement in deja:
            continue
        vue = replace(read(queries.get_vue, plan, contexte.vue.observe_au, contexte.vue.connu_au if is_past() else None),
                      voit_tout=get_acces().voit_tout(plan.plan))
        autre = read(queries.list_fiches, vue).get(x.indicateur)
        if details.is_semblable(autre, fiche):
            remarque = f"plan «{INSECABLE}{plan.intitule}{INSECABLE}»"
            if autre.intitule != fiche.intitule:
                remarque += f", sous le nom «{INSECABLE}{autre.intitule}{INSECABLE}»"
            if comparee := _compare(plan.nom, vue, x.indicateur, plan.departement, remarque):
                comparees.append(comparee)
    return comparees


def _compare(nom: str, vue: Vue, indicateur: str, territoire: str, remarque: str = "") -> Comparee | None:
    detail = read(queries.get_detail, vue, indicateur)
    points = detail.points.get((territoire, ""), ())
    if not any(p.valeur is not None or p.masque for p in points):
        return None
    return Comparee(nom, points, detail.valeurs, territoire, remarque)


def show_comparees(x: Ligne, points: Sequence[Point], valeurs: tuple[Valeur, ...], comparees: Sequence[Comparee]) -> None:
    """The last value of each, with its period and its perimeter, which are seldom the same."""
    if not comparees:
        return
    with st.expander("Comparer avec d’autres territoires", icon=":material/compare_arrows:",
                     key=f"tableau_comparaison_{x.indicateur}", on_change="rerun") as volet:
        if not volet.open:
            return
        ici = Comparee(get_contexte().plan.nom, tuple(points), valeurs, x.territoire)
        remarquees = any(y.remarque for y in comparees)
        c.show_rows([ligne | ({"Remarque": y.remarque} if remarquees else {})
                     for y in (ici, *comparees) if (ligne := _list_comparee(x, y))], "Comparaison")
        st.caption(f"Une comparaison situe, elle ne juge pas{FINE}: aucun statut n’est donné aux autres territoires. Vérifiez "
                   "que la période et le périmètre sont les mêmes.")


def _list_comparee(x: Ligne, y: Comparee) -> dict[str, object] | None:
    connus = [p for p in y.points if p.valeur is not None or p.masque]
    if not connus:
        return None
    p = connus[-1]
    v = next((v for v in y.valeurs if (v.territoire, v.ventilation, v.debut, v.fin) == (y.territoire, "", p.debut, p.fin)), None)
    return {"Territoire": y.nom, "Dernière valeur": _write_valeur(x, p), "Période": format_periode(p.debut, p.fin),
            "État": p.etat.label, "Périmètre": (v and v.perimetre) or "non précisé", "Source": p.source or ""}


# -- territories and breakdowns ------------------------------------------------------------------------------------------


def show_repartition(x: Ligne, valeurs: Iterable[Valeur]) -> None:
    """The last value of each territory and breakdown of the plan; no share of a total, which would give the hidden ones."""
    contexte = get_contexte()
    noms = {t["code"]: t["nom"] for t in read(queries.list_connues, contexte.vue, "territoire") if t["parent"]}
    noms[x.territoire] = contexte.plan.nom
    autres = [v for v in details.keep_dernieres(valeurs)
              if v.territoire in noms and (v.territoire, v.ventilation) != (x.territoire, "")]
    if not autres:
        return
    groupes = (("Territoires", [v for v in autres if not v.ventilation]),
               ("Détails du département", [v for v in autres if v.territoire == x.territoire]),
               ("Détails par territoire", [v for v in autres if v.ventilation and v.territoire != x.territoire]))
    quoi = " et ".join(mot for mot, oui in (("territoires", groupes[0][1]), ("détails", groupes[1][1] or groupes[2][1])) if oui)
    with st.expander(titre(quoi), icon=":material/account_tree:", key=f"tableau_repartition_{x.indicateur}",
                     on_change="rerun") as volet:
        if not volet.open:
            return
        jugees = {(y.territoire, y.ventilation): y for y in read(queries.list_lignes, contexte.vue, True)
                  if y.indicateur == x.indicateur}
        for nom, groupe in groupes:
            if groupe:
                if len(groupe) < len(autres):
                    st.markdown(f"**{nom}**")
                _show_groupe(x, nom, groupe, noms, jugees)
        if any(v.valeur is None for v in autres):
            st.caption(c.sur(explanations.write_secret(True)))


def _show_groupe(x: Ligne, nom: str, groupe: list[Valeur], noms: dict[str, str], jugees: dict[tuple[str, str], Ligne]) -> None:
    contexte = get_contexte()
    groupe = sorted(groupe, key=lambda v: (v.valeur is None, -(v.valeur or 0), v.territoire, v.ventilation))
    libelles = [" · ".join(m for m in ("" if v.territoire == x.territoire else noms[v.territoire], v.ventilation) if m)
                for v in groupe]
    statuts = [y.statut if (y := jugees.get((v.territoire, v.ventilation))) else None for v in groupe]
    periodes = [format_periode(v.debut, v.fin) for v in groupe]
    if any(v.valeur is not None for v in groupe) and len(groupe) <= RANGEES:
        rangees = [Rangee(*r) for r in zip(libelles, periodes, (v.valeur for v in groupe), (v.etat for v in groupe), statuts,
                                           strict=True)]
        c.show_chart(build_repartition(x, rangees, contexte.mode, contexte.etroit), f"{nom}_{x.indicateur}",
                     f"{nom}{FINE}: dernière valeur de {pluriel(len(groupe), 'ligne')}, de la plus grande à la plus petite.")
    c.show_rows([{
        nom.partition(" ")[0][:-1]: libelle, "Dernière valeur": _write_valeur(x, v), "Période": periode,
        **({"Statut": s.label if s else ""} if any(statuts) else {}), "État": v.etat.label,
    } | ({} if contexte.etroit else {
        "Provenance": v.provenance.label, "Origine": c.build_link_depot(v.depot_id, f"dépôt n°{INSECABLE}{v.depot_id}"),
    }) for libelle, v, s, periode in zip(libelles, groupe, statuts, periodes, strict=True)], nom)
    dites = "" if len(set(periodes)) < 2 else "Les périodes ne sont pas toutes les mêmes. "
    illustres = "" if all(statuts) else "Une ligne sans cible à elle n’a pas de statut. "
    if dites or illustres:
        st.caption(dites + illustres)


def _write_valeur(x: Ligne, v: Valeur | Point) -> str:
    return MASQUE if v.valeur is None else format_nombre(v.valeur, x.decimales, x.unite)


# -- what is stored, what it means ---------------------------------------------------------------------------------------


def show_valeurs(x: Ligne, valeurs: Sequence[Valeur]) -> None:
    """Every stored value, with where it comes from."""
    fuseau = get_contexte().plan.fuseau
    c.show_table([{
        "Territoire": v.territoire, "Détail": v.ventilation, "Période": format_periode(v.debut, v.fin),
        "Valeur": format_nombre(v.valeur, x.decimales, x.unite) if v.valeur is not None else MASQUE if v.masque else v.etat.label,
        "Origine": c.build_link_depot(v.depot_id, explanations.write_origine(v)), "Provenance": v.provenance.label,
        "État": v.etat.label, "Numérateur": format_nombre(v.numerateur) if v.numerateur is not None else "",
        "Dénominateur": format_nombre(v.denominateur) if v.denominateur is not None else "",
        "Connue le": format_horodatage(v.connu_le, fuseau), "Déposée par": v.auteur, "Source": v.source,
    } for v in valeurs], "Toutes les valeurs en tableau", f"valeurs_{x.indicateur}")
    if secret := explanations.write_secret(x.masque or any(v.masque for v in valeurs)):
        st.caption(c.sur(secret))


def show_definition(fiche: Fiche) -> None:
    """The definition card, drawn once it is opened."""
    with st.expander("Définition", icon=":material/menu_book:", key=f"tableau_definition_{fiche.indicateur}",
                     on_change="rerun") as volet:
        if volet.open:
            c.show_facts([
                ("Définition", fiche.definition or ""), ("Numérateur", fiche.numerateur_texte or ""),
                ("Dénominateur", fiche.denominateur_texte or ""), ("Unité", fiche.unite), ("Sens favorable", fiche.sens.label),
                ("Nature", fiche.nature.label), ("Type", fiche.type.label), ("Périodicité", fiche.periodicite.label),
                ("Délai de publication", f"{fiche.delai} mois" if fiche.delai else ""), ("Attendu de", fiche.responsable or ""),
                ("Limites", fiche.limites or ""),
                ("Origine de la définition", f"{fiche.provenance.label} — {fiche.source or ''}"),
            ], "Définition de l’indicateur")
