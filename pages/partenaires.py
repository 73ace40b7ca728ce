"""Partenaires: the plan seen by one partner or one convention, what is expected of it, and who takes part in what."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from indicators import explanations, queries, templates
from indicators.charts import build_matrice
from indicators.formats import FINE, format_date, format_nombre, format_periode, pluriel
from indicators.model import Role
from indicators.queries.modeles import Destinataire, get_besoins
from indicators.queries.plan import Participation, keep_besoins, list_dus, list_participations
from indicators.sentences import describe_matrice, describe_roles, write_valeur
from indicators.ui import components as c
from indicators.ui.acces import get_acces
from indicators.ui.donnees import read
from indicators.ui.modeles import XLSX
from indicators.ui.state import choose_code, get_contexte

CONVENTION = "convention:"  # before the name of a convention, where the address has the code of a partner

contexte = get_contexte()
plan, vue = contexte.plan, contexte.vue
etat = read(queries.get_etat_plan, vue)
actions = {a.action: a for a in etat.actions}
participations = read(list_participations, vue)
partenaires = {p["code"]: p for p in read(queries.list_connues, vue, "partenaire")}
conventions = sorted({p.convention for p in participations if p.convention})

if not partenaires:
    st.title("Ce plan n’a pas encore de partenaire à cette date", anchor=False)
    st.markdown("Déposez ses tables «\u00a0partenaire\u00a0» et «\u00a0participation\u00a0» (pour commencer, une colonne "
                "«\u00a0pilote\u00a0» dans le fichier des actions suffit), ou choisissez une date plus récente dans le menu.")
    st.stop()

choix = {CONVENTION + nom: f"Convention — {nom}" for nom in conventions}
choix = {code: f"{code} — {p['nom']}" for code, p in sorted(partenaires.items(), key=lambda x: x[1]["nom"])} | choix
code = choose_code("Partenaire ou convention", choix, "code", obligatoire=True, filter_mode="contains") or next(iter(choix))
partenaire = partenaires.get(code)
nom = partenaire["nom"] if partenaire else code.removeprefix(CONVENTION)


def keep_parts(toutes: Sequence[Participation]) -> list[Participation]:
    """Those of the partner or of the convention that was chosen."""
    return [p for p in toutes if (p.partenaire == code if partenaire else p.convention == nom)]


siennes = keep_parts(participations)
codes = {p.action for p in siennes}
suivis = {i for a, i in read(queries.list_rattachements, vue) if a in codes}
lignes = [x for x in etat.lignes if x.indicateur in suivis]

st.title(c.sur(nom if partenaire else f"Convention {nom}"), anchor=False)
if partenaire:
    genre = f"{c.sur(partenaire['type'])} · " if partenaire["type"] else ""
    st.markdown(f"{genre}{describe_roles(siennes)} · {pluriel(len(lignes), 'indicateur rattaché', 'indicateurs rattachés')}")
else:
    membres = len({p.partenaire for p in siennes})
    st.markdown(f"{pluriel(membres, 'partenaire')} · {pluriel(len(codes), 'action')} · "
                f"{pluriel(len(lignes), 'indicateur rattaché', 'indicateurs rattachés')}")
if avis := explanations.write_illustrative(lignes, [actions[a] for a in codes]):
    st.caption(f":material/science: {avis}")

st.header("Ses actions", anchor=False)
if siennes:
    c.show_rows([{
        "Action": c.build_link("action", p.action, f"{p.action} {actions[p.action].intitule}"), "Rôle": p.role.label,
        **({} if partenaire else {"Partenaire": c.build_link("partenaires", p.partenaire, p.nom)}),
        "Statut montré": actions[p.action].cellule.label, "Statut de l’action": actions[p.action].statut.label,
        "Échéance": format_date(actions[p.action].echeance) if actions[p.action].echeance else "",
        **({"Convention": p.convention or ""} if partenaire else {}),
    } for role in Role for p in siennes if p.role is role], "Ses actions")
else:
    st.markdown("Ce partenaire ne participe à aucune action du plan à cette date.")

st.header("Ce qui est attendu", anchor=False)
jour = date.today()
maintenant = read(queries.get_vue, plan)  # a template asks for what is missing now, whatever the moment looked at
participe = {p.action for p in keep_parts(read(list_participations, maintenant))}
if not participe:
    st.markdown(f"Rien n’est attendu aujourd’hui{FINE}: aucune participation n’est connue dans le plan.")
else:
    attendus = {i for a, i in read(queries.list_rattachements, maintenant) if a in participe}
    pour = nom if partenaire else f"convention {nom}"
    besoins = keep_besoins(read(get_besoins, plan, Destinataire(), jour), pour, participe, attendus)
    dus = list_dus(besoins)
    if dus:
        n, plus_ancien = sum(d.valeurs for d in dus), min(d.depuis for d in dus)
        st.markdown(f"**{pluriel(n, 'valeur manque', 'valeurs manquent')}** au {format_date(jour)}, pour "
                    f"{pluriel(len(dus), 'indicateur')}{FINE}; la plus ancienne depuis le {format_date(plus_ancien)}. "
                    "Ce sont les périodes du plan dont le délai de publication est passé, pour les indicateurs de ses actions, "
                    "avec tout ce qui est déposé. «\u00a0Attendu de\u00a0» dit qui produit le chiffre.")
        c.show_rows([{
            "Indicateur": c.build_link("indicateur", d.indicateur, f"{d.indicateur} {d.intitule}"),
            "Périodes": ", ".join(format_periode(*p) for p in d.periodes[:6]) + ("…" if len(d.periodes) > 6 else ""),
            "Valeurs": format_nombre(d.valeurs), "Attendu depuis": format_date(d.depuis), "Attendu de": d.responsable or "",
            "Déjà dites manquantes": format_nombre(d.rendues) if d.rendues else "",
        } for d in dus], "Ce qui est attendu")
    else:
        st.markdown(f"Aucune valeur attendue ne manque au {format_date(jour)}.")
    if get_acces().peut_ecrire:  # as for the templates of the page Déposer
        st.download_button("Télécharger la demande de données (Excel)", data=lambda: templates.build_valeurs(besoins), mime=XLSX,
                           file_name=templates.name_file(plan.plan, nom, jour), icon=":material/download:", on_click="ignore",
                           key="demande_telecharger")
        st.caption("Un classeur à remplir et à transmettre, puis à déposer tel quel.")

st.header("Les indicateurs de ses actions", anchor=False)
if lignes:
    par: dict[str, list[str]] = {}
    for a, i in read(queries.list_rattachements, vue):
        if a in codes:
            par.setdefault(i, []).append(a)
    c.show_rows([{
        "Indicateur": c.build_link("indicateur", x.indicateur, f"{x.indicateur} {x.intitule}"), "Statut": x.statut.label,
        "Dernière valeur": write_valeur(x, x.realise) if x.masque or x.realise is not None else "",
        "Au": format_date(x.date_realise) if x.date_realise else "", "À actualiser": "oui" if x.a_actualiser else "",
        "Attendu de": x.responsable or "", "Actions": ", ".join(par[x.indicateur]),
    } for x in lignes], "Indicateurs")
else:
    st.markdown("Aucun indicateur n’est rattaché à ces actions.")

st.header("Qui participe à quoi", anchor=False)
if participations:
    note = describe_matrice(etat.actions, participations)
    st.caption(f"{note} P{FINE}: pilote. CP{FINE}: copilote. C{FINE}: contributeur.")
    matrice = build_matrice(etat.actions, participations, code if partenaire else None,
                            lambda a: c.write_address("action", code=a), lambda p: c.write_address("partenaires", code=p), note)
    st.html(f'<div class="defile" tabindex="0" role="region" aria-label="Qui participe à quoi">{matrice}</div>')
    noms_matrice = dict(sorted((p.partenaire, p.nom) for p in participations))
    st.caption(c.sur(" · ".join(nom if nom.endswith(f"({k})") else f"{k}{FINE}: {nom}" for k, nom in noms_matrice.items())))
else:
    st.markdown("La table «\u00a0participation\u00a0» de ce plan est vide.")
st.caption(f"Source{FINE}: dépôts du plan. Territoire{FINE}: {c.sur(plan.nom)}.")
