"""Blocks of the page Administration: who has which role, whether the base is sound and saved, who came in and took what out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from re import Match
from typing import Any

import streamlit as st

from indicators import access, audit, backups, queries
from indicators.access import RoleDonne
from indicators.derived import get_last_depot
from indicators.errors import ErreurMetier
from indicators.formats import FINE, format_horodatage, format_nombre, pluriel, titre
from indicators.model import Attribution, Habilitation, Trace
from indicators.queries.modeles import list_destinataires
from indicators.ui import components as c
from indicators.ui import donnees, garde
from indicators.ui.acces import get_acces, get_auteur
from indicators.ui.server import report_error
from indicators.ui.state import name_plans
from indicators.verification import verify

MONTREES = 200  # lines of the access journal
VERIFIEE, FAIT = "_base_verifiee", "_administration_faite"


def show_fait() -> None:
    """What was just done, once."""
    if fait := st.session_state.pop(FAIT, None):
        st.success(fait, icon=":material/check:")


def show_roles(donnes: Sequence[RoleDonne], fuseau: str) -> None:
    """The roles given here, those of the groups, and the two gestures."""
    if not garde.is_protected():
        st.info(f"Personne ne se connecte encore{FINE}: ces rôles compteront le jour où la connexion sera configurée "
                "(guide, «\u00a0Qui voit et fait quoi\u00a0»).", icon=":material/lock_open:")
    plans = name_plans(donnees.read(queries.list_plans))
    if donnes:
        c.show_rows([{"Personne": r.personne, "Rôle": r.attribution.role.label,
                      "Plan": plans.get(r.attribution.plan, r.attribution.plan), "Limité à": r.attribution.responsable,
                      "Depuis le": format_horodatage(r.ecrit_le, fuseau), "Donné par": r.ecrit_par} for r in donnes],
                    "Rôles donnés")
    else:
        st.markdown("Aucun rôle n’est donné ici. Il en vient aussi des groupes du fournisseur d’identité.")
    if groupes := garde.get_connexion().roles:
        c.show_rows([{"Groupe": nom, "Rôle": a.role.label, "Plan": plans.get(a.plan, a.plan), "Limité à": a.responsable}
                     for nom, a in groupes], "Rôles des groupes")
    donner, retirer = st.columns(2, gap="large")
    with donner:
        _give(plans)
    with retirer:
        _withdraw(donnes, plans)


def show_base(fuseau: str) -> None:
    """The version that is served, its backups, and the two gestures: verify it, save it."""
    store = donnees.open_store()
    sauvegardes = list_sauvegardes()
    st.markdown(f"Version {donnees.begin_run().version} de la base, "
                f"{pluriel(donnees.read(get_last_depot), 'dépôt')}, {pluriel(len(sauvegardes), 'sauvegarde')}.")
    verifier, sauvegarder = st.columns(2, gap="large")
    if verifier.button("Vérifier la base", icon=":material/verified:", key="verifier"):
        with verifier, st.spinner("Vérification de la base"):
            st.session_state[VERIFIEE] = (donnees.begin_run().version, datetime.now(UTC), [*verify(store), backups.check(store)])
    if sauvegarder.button("Sauvegarder maintenant", icon=":material/save:", key="sauvegarder"):
        with sauvegarder, st.spinner("Sauvegarde, puis relecture"):
            _do(lambda: backups.create(store, store.settings.dossier_sauvegardes),
                lambda faite: f"Sauvegarde {Path(faite.fichier).name}{FINE}: {pluriel(faite.depots, 'dépôt')}, "
                              f"{pluriel(faite.recus, 'fichier reçu', 'fichiers reçus')}. Elle a été rouverte et comparée.")
    if lue := st.session_state.get(VERIFIEE):
        version, quand, controles = lue
        defauts = sum(len(x.defauts) for x in controles)
        dit = pluriel(defauts, "défaut trouvé", "défauts trouvés") if defauts else "Rien à signaler"
        (st.error if defauts else st.success)(
            f"{dit}{FINE}: version {version}, vérifiée le {format_horodatage(quand, fuseau)}.")
        c.show_rows([{"Contrôle": titre(x.nom), "Vus": format_nombre(x.vus), "Constat": " ".join(x.defauts) or "Sain"}
                     for x in controles], "Vérification de la base")
    if sauvegardes:
        c.show_part([{"Faite le": format_horodatage(backups.read_moment(m), fuseau),
                      "Par": "L’outil" if m["genre"] == "auto" else "Une personne", "Dernier dépôt": f"n°\u00a0{int(m['depot'])}",
                      "Fichier": f.name} for m, f in reversed(sauvegardes)], "Sauvegardes", len(sauvegardes), 10)
    else:
        st.markdown("Aucune sauvegarde n’est encore faite.")
    st.caption("Une sauvegarde se restaure sur le serveur, avec la commande «\u00a0restore\u00a0».")


def show_traces(fuseau: str) -> None:
    """The access journal, the latest line first, and whether its chain holds."""
    base = donnees.open_store().settings.base
    lignes = audit.list_acces(base)
    if not lignes:
        st.markdown("Aucune ligne. Y sont écrits chaque connexion, chaque fichier dont les chiffres ne sont pas masqués, "
                    "chaque restauration, chaque retrait de fichiers reçus.")
        return
    if defaut := audit.check(base).defaut:
        st.error(f"Le journal ne tient plus{FINE}: {c.sur(defaut)}.", icon=":material/error:")
    gestes = st.pills("Gestes", list(Trace), selection_mode="multi", format_func=lambda x: x.label, key="gestes")
    choisies = [x for x in reversed(lignes) if not gestes or x.quoi in gestes]
    c.show_part([{"Le": format_horodatage(datetime.fromisoformat(x.le), fuseau), "Qui": x.qui, "Geste": _name_trace(x.quoi),
                  "Détail": pluriel(len(x.detail.split()), "fichier") if x.quoi == Trace.RETRAIT else x.detail}
                 for x in choisies[:MONTREES]], "Journal des accès", len(choisies), MONTREES)


def list_sauvegardes() -> list[tuple[Match[str], Path]]:
    """The backups that are there, the oldest first."""
    return backups.list_backups(donnees.open_store().settings.dossier_sauvegardes)


def _name_trace(quoi: str) -> str:
    return Trace(quoi).label if quoi in list(Trace) else quoi


def _give(plans: dict[str, str]) -> None:
    st.header("Donner un rôle", anchor=False)
    personne = st.text_input("Adresse de la personne", key=f"role_personne_{donnees.begin_run().version}", max_chars=200,
                             help="Telle que le fournisseur d’identité la donne.").strip()
    role = st.selectbox("Rôle", list(Habilitation), format_func=lambda x: x.label, key="role_donne")
    plan = responsable = ""
    if role is Habilitation.DEPOT and plans:
        plan = st.selectbox("Plan", list(plans), format_func=plans.get, key="role_plan")
        tous = donnees.read(list_destinataires, donnees.read(queries.get_plan, plan))
        suivis = [qui.responsable for _, qui in tous if qui.responsable]
        responsable = st.selectbox("Limité aux indicateurs de", ["", *suivis], key=f"role_responsable_{plan}",
                                   format_func=lambda x: x or "Tous les indicateurs du plan")
    if st.button("Donner ce rôle", icon=":material/person_add:", key="donner", disabled=not personne):
        _do(partial(donnees.write, get_acces(), access.grant, personne, Attribution(role, plan, responsable), get_auteur()),
            lambda _: f"{c.sur(personne)} a maintenant ce rôle. Il compte dès sa page suivante.")


def _withdraw(donnes: Sequence[RoleDonne], plans: dict[str, str]) -> None:
    moi = (get_acces().personne.identifiant, Attribution(Habilitation.ADMINISTRATION))
    autres = [r for r in donnes if (r.personne, r.attribution) != moi]  # nobody shuts their own door behind them
    if not autres:
        return
    st.header("Retirer un rôle", anchor=False)
    rang = st.selectbox("Rôle donné", range(len(autres)), key="role_retire", format_func=lambda i: _name(autres[i], plans))
    if st.button("Retirer ce rôle", icon=":material/person_remove:", key="retirer"):
        retire = autres[rang]
        _do(partial(donnees.write, get_acces(), access.revoke, retire.personne, retire.attribution, get_auteur()),
            lambda _: f"{c.sur(retire.personne)} n’a plus ce rôle, dès sa page suivante.")


def _name(r: RoleDonne, plans: dict[str, str]) -> str:
    a = r.attribution
    return ", ".join(filter(None, (r.personne, a.role.label, plans.get(a.plan, a.plan), a.responsable)))


def _do(geste: Callable[[], Any], dire: Callable[[Any], str]) -> None:
    try:
        st.session_state[FAIT] = dire(geste())
    except ErreurMetier as erreur:
        report_error(erreur)
    else:
        st.rerun()
