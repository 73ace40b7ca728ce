"""Who may do what: roles read again each time, and the check that every write made for a person goes through.

What may be written is judged on what was written, inside the transaction: whatever a file holds or a page asks, a line out of
reach takes everything back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from indicators import queries
from indicators.derived import get_last_depot
from indicators.effects import hide_from
from indicators.errors import AccesRefuse, DemandeInvalide
from indicators.model import Attribution, Habilitation
from indicators.settings import Connexion
from indicators.tables import SEANCES, TABLES, Table

SUIVI = frozenset({"suivi_action", "etape", "lien"})  # what pilotage and dépôt both write
ROLES = "La page Administration et la commande « roles » listent les rôles donnés."
DE_RESPONSABLE = frozenset({"mesure"})  # what a dépôt limited to a responsable may hold


@dataclass(frozen=True)
class Personne:
    """Someone at the door: `identifiant` names them in the table of roles, `attributions` come from their claims."""

    identifiant: str
    nom: str
    connectee: bool = True
    attributions: tuple[Attribution, ...] = ()

    @property
    def signature(self) -> str | None:
        """How their dépôts are signed; None when nobody signed in, and the author is then what is typed."""
        if not self.connectee:
            return None
        return self.nom if self.nom == self.identifiant else f"{self.nom} ({self.identifiant})"


LOCALE = Personne("", "Poste local", connectee=False, attributions=(Attribution(Habilitation.ADMINISTRATION),))


@dataclass(frozen=True)
class Acces:
    """What a person may do now."""

    personne: Personne
    attributions: frozenset[Attribution]

    @property
    def peut_lire(self) -> bool:
        """Any role lets see the figures of every plan."""
        return bool(self.attributions)

    @property
    def peut_ecrire(self) -> bool:
        """Is there anything at all that this person may write?"""
        return any(a.role is not Habilitation.LECTURE for a in self.attributions)

    @property
    def peut_piloter(self) -> bool:
        """Séances, decisions, follow-up of actions."""
        return self.has(Habilitation.PILOTAGE)

    @property
    def peut_administrer(self) -> bool:
        """Everything."""
        return self.has(Habilitation.ADMINISTRATION)

    def has(self, role: Habilitation) -> bool:
        """That role, or the one that holds them all."""
        return any(a.role in (role, Habilitation.ADMINISTRATION) for a in self.attributions)

    def voit_tout(self, plan: str) -> bool:
        """May this person see the small numbers of that plan? Not with `lecture`, nor with a dépôt limited to a responsable."""
        return self.peut_piloter or Attribution(Habilitation.DEPOT, plan) in self.attributions

    def may_write(self, table: str, plan: str, responsable: str) -> bool:
        """May this person write a row of that table of that plan, about an indicator of that responsable?"""
        if self.peut_administrer or (self.peut_piloter and table in SUIVI | SEANCES):
            return True
        if not plan or table in SEANCES:
            return False
        limitee = Attribution(Habilitation.DEPOT, plan, responsable)
        return Attribution(Habilitation.DEPOT, plan) in self.attributions or (
            bool(responsable) and table in DE_RESPONSABLE and limitee in self.attributions)


@dataclass(frozen=True)
class RoleDonne:
    """One role in force of the table: who has it, since when (UTC), given by whom."""

    personne: str
    attribution: Attribution
    ecrit_le: datetime
    ecrit_par: str | None


# -- who ---------------------------------------------------------------------------------------------------------------


def read_personne(claims: Mapping[str, Any], reglages: Connexion) -> Personne:
    """The person that these claims of the identity provider describe; an address that it did not verify names nobody."""
    identifiant = str(_claim(claims, reglages.personne) or "").strip().casefold()
    if reglages.personne == "email" and claims.get("email_verified") is False:
        identifiant = ""
    nom = str(claims.get("name") or " ".join(filter(None, (claims.get("given_name"), claims.get("usual_name")))) or identifiant
              or claims.get("sub") or "")
    tenus = _claim(claims, reglages.claim) if reglages.claim else None
    groupes = {str(g) for g in tenus} if isinstance(tenus, list | tuple) else {str(tenus)} - {"None"}
    return Personne(identifiant, nom.strip(), attributions=tuple(a for groupe, a in reglages.roles if groupe in groupes))


def get_acces(cur: duckdb.DuckDBPyConnection, personne: Personne) -> Acces:
    """What this person may do: their claims, and the table of the base."""
    donnes = {r.attribution for r in list_roles(cur) if r.personne == personne.identifiant} if personne.identifiant else set()
    return Acces(personne, frozenset(donnes | set(personne.attributions)))


def _claim(claims: Mapping[str, Any], nom: str) -> Any:
    """A claim by its name, or by its way down (`realm_access.roles`)."""
    if nom in claims:
        return claims[nom]
    valeur: Any = claims
    for mot in nom.split("."):
        valeur = valeur.get(mot) if isinstance(valeur, Mapping) else None
    return valeur


# -- the table of roles --------------------------------------------------------------------------------------------------


def list_roles(cur: duckdb.DuckDBPyConnection) -> list[RoleDonne]:
    """Roles in force, by person; none in a base that an unfinished update left without the table."""
    if cur.execute("select count(*) from duckdb_tables() where table_name = 'acces'").fetchone() == (0,):
        return []
    return [RoleDonne(p, Attribution(Habilitation(r), plan, responsable), le, par) for p, r, plan, responsable, le, par in
            cur.execute("""select personne, role, plan, responsable, ecrit_le, ecrit_par from acces
                qualify row_number() over (partition by personne, role, plan, responsable order by numero desc) = 1 and not retire
                order by all""").fetchall()]


def grant(cur: duckdb.DuckDBPyConnection, personne: str, attribution: Attribution, par: str | None = None) -> None:
    """Give a role; `DemandeInvalide` when it names nobody or a plan that does not exist, or is there already."""
    if not personne.strip():
        raise DemandeInvalide("Il manque la personne.", "Donnez son adresse, telle que le fournisseur d’identité la connaît.")
    if attribution.plan:
        queries.get_plan(cur, attribution.plan)
    if _holds(cur, personne, attribution):
        raise DemandeInvalide(f"{personne} a déjà ce rôle.", ROLES)
    _write(cur, personne, attribution, False, par)


def revoke(cur: duckdb.DuckDBPyConnection, personne: str, attribution: Attribution, par: str | None = None) -> None:
    """Withdraw a role; `DemandeInvalide` when nobody gave it."""
    if not _holds(cur, personne, attribution):
        raise DemandeInvalide(f"{personne} n’a pas ce rôle dans la base.",
                              f"{ROLES} Ceux d’un groupe se retirent chez le fournisseur d’identité.")
    _write(cur, personne, attribution, True, par)


def change_role(cur: duckdb.DuckDBPyConnection, donne: bool, personne: str | None, role: str | None, plan: str | None,
                responsable: str | None, par: str | None) -> None:
    """Give or withdraw a role as a command says it; `DemandeInvalide` when something is missing or does not go together."""
    if not personne or not role or (role == Habilitation.DEPOT) != bool(plan):
        raise DemandeInvalide("Il manque la personne, son rôle, ou le plan du rôle « depot » (les autres n’en ont pas).",
                              "Par exemple : roles donner a.payet@exemple.fr depot --plan isere-2020-2024.")
    if responsable and not plan:
        raise DemandeInvalide("Seul un rôle de dépôt se limite à un responsable.", "Donnez le rôle « depot » et son plan.")
    attribution = Attribution(Habilitation(role), plan or "", (responsable or "").strip())
    (grant if donne else revoke)(cur, personne, attribution, par)


def _holds(cur: duckdb.DuckDBPyConnection, personne: str, attribution: Attribution) -> bool:
    return any((r.personne, r.attribution) == (personne.strip().casefold(), attribution) for r in list_roles(cur))


def _write(cur: duckdb.DuckDBPyConnection, personne: str, a: Attribution, retire: bool, par: str | None) -> None:
    cur.execute("insert into acces select coalesce(max(numero), 0) + 1, $1, $2, $3, $4, $5, $6, $7 from acces", [
        personne.strip().casefold(), a.role.value, a.plan, a.responsable, retire, datetime.now(UTC).replace(tzinfo=None), par])


# -- the only way to write for someone -------------------------------------------------------------------------------------


def run_as(cur: duckdb.DuckDBPyConnection, personne: Personne, ecriture: Callable[..., Any], *arguments: Any) -> Any:
    """Do this write for that person inside `write` or `rehearse`; `AccesRefuse` when something of it is out of their reach.

    What it answers tells them nothing of the values that their roles hide.
    """
    acces = get_acces(cur, personne)
    if not acces.peut_ecrire:
        raise AccesRefuse("Votre rôle ne permet pas d’écrire.", "Demandez un rôle de dépôt ou de pilotage.")
    hide_from(cur, [p for (p,) in cur.execute("select distinct plan from plan").fetchall() if not acces.voit_tout(p)])
    dernier = get_last_depot(cur)
    resultat = ecriture(cur, *arguments)
    _check_written(cur, acces, dernier)
    if personne.signature:
        _check_second(cur, personne, dernier)
        cur.execute("update depot set auteur = ? where id > ?", [personne.signature, dernier])
    return resultat


def _check_written(cur: duckdb.DuckDBPyConnection, acces: Acces, dernier: int) -> None:
    """Every row brought, cancelled or taken back by the dépôts after that one must be within reach."""
    if acces.peut_administrer:
        return
    if get_last_depot(cur) == dernier:
        raise AccesRefuse("Cette écriture est réservée à l’administration.", "Demandez-la à une personne qui a ce rôle.")
    if cur.execute("select count(*) from depot where id > ? and connu_le <> recu_le", [dernier]).fetchone() != (0,):
        raise AccesRefuse("Une reprise d’historique est réservée à l’administration.",
                          "Demandez-la à une personne qui a ce rôle.")
    lignes = " union all ".join(_rows_of(t) for t in TABLES.values())
    touchees = cur.execute(f"""select distinct l."table", l.plan, coalesce(trim(i.responsable), '') from ({lignes}) l
        left join indicateur_connu(timestamp '9999-12-31') i on i.plan = l.plan and i.code = l.indicateur
        where l.depot_id in (select coalesce(porte_sur, id) from depot where id > ?) order by all""", [dernier]).fetchall()
    for table, plan, responsable in touchees:
        if not acces.may_write(table, plan, responsable):
            ou = f" du plan {plan}" if plan else ""
            raise AccesRefuse(f"Votre rôle ne permet pas d’écrire dans la table « {table} »{ou}"
                              f"{f', pour un indicateur de « {responsable} »' if responsable else ''}. Rien n’a été écrit.",
                              "Retirez ces lignes, ou demandez ce rôle.")


def _check_second(cur: duckdb.DuckDBPyConnection, personne: Personne, dernier: int) -> None:
    """Who proposed is known by what identifies them: the name beside it is theirs to change. A preview has no author."""
    siennes = cur.execute("""select count(*) from depot a join depot p on p.id = a.porte_sur
        where a.id > $1 and a.type = 'acceptation' and a.auteur is not null and (p.auteur = $2 or ends_with(p.auteur, $3))""",
                          [dernier, personne.identifiant, f"({personne.identifiant})"]).fetchone()
    if siennes != (0,):
        raise AccesRefuse("Vous avez proposé vous-même ce dépôt.",
                          "Une autre personne doit l’accepter ; la même peut seulement le refuser.")


def _rows_of(t: Table) -> str:
    plan = "plan" if t.par_plan else "''"
    indicateur = "indicateur" if any(c.nom == "indicateur" for c in t.colonnes) else "null"
    return f"select '{t.nom}' as \"table\", {plan} as plan, {indicateur} as indicateur, depot_id from {t.nom}"
