"""Who may do what: roles from claims and from the table, what each may write, and that no page writes around the check."""

from __future__ import annotations

import ast
import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from indicators import access, audit, deposits
from indicators.access import LOCALE, Acces, Personne
from indicators.errors import AccesRefuse, DemandeInvalide, ReglageInvalide, ServeurExpose
from indicators.model import Attribution, Habilitation
from indicators.reading import FichierRecu
from indicators.settings import RACINE, Connexion, read_settings
from indicators.store import Store
from indicators.ui import acces as porte
from indicators.ui import donnees, garde, state
from tests.conftest import copier_base, csv_bytes, deposer, fichier, plan_minimal
from tests.test_pages import dits, ouvrir, sain, titre

DEPOT = Attribution(Habilitation.DEPOT, "essai")
LIMITEE = Attribution(Habilitation.DEPOT, "essai", "UDAF")
ROLES = {
    "lecture": Attribution(Habilitation.LECTURE), "dépôt": DEPOT, "dépôt limité": LIMITEE,
    "dépôt ailleurs": Attribution(Habilitation.DEPOT, "autre"), "pilotage": Attribution(Habilitation.PILOTAGE),
    "administration": Attribution(Habilitation.ADMINISTRATION),
}
VALEUR = fichier("mesure", [{"indicateur": "I1", "periode": "2022", "valeur": 8}])
FICHIERS = {
    "valeur de l’UDAF": [VALEUR],
    "valeur d’un autre": [fichier("mesure", [{"indicateur": "I2", "periode": "2022", "valeur": 8}])],
    "les deux": [fichier("mesure", [{"indicateur": "I1", "periode": "2022", "valeur": 8},
                                    {"indicateur": "I2", "periode": "2022", "valeur": 8}])],
    "cible": [fichier("cible", [{"indicateur": "I1", "role": "finale", "date": "2024-12-31", "valeur": 10}])],
    "suivi": [fichier("suivi_action", [{"action": "A1", "date": "2022-06-01", "statut": "en_cours"}])],
    "décision": [fichier("seance", [{"code": "S1", "type": "COPIL", "date": "2022-06-01"}]),
                 fichier("decision", [{"code": "D1", "seance": "S1", "texte": "Relancer"}])],
    "repère": [fichier("repere", [{"code": "R1", "date": "2022-02-07", "intitule": "Loi", "type": "loi"}])],
    "autre plan": [fichier("mesure", [{"plan": "autre", "indicateur": "I1", "periode": "2022", "valeur": 8}])],
}
PERMIS = {
    "lecture": set(), "dépôt": {"valeur de l’UDAF", "valeur d’un autre", "les deux", "cible", "suivi"},
    "dépôt limité": {"valeur de l’UDAF"}, "dépôt ailleurs": {"autre plan"}, "pilotage": {"suivi", "décision"},
    "administration": set(FICHIERS),
}


def someone(*attributions: Attribution) -> Personne:
    return Personne("lea@exemple.fr", "Léa Dupré", attributions=attributions)


@pytest.fixture(scope="module")
def modele_plans(modele_base: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two plans, whose indicator I1 is followed by the UDAF in both; dépôts 1 and 2."""
    store = copier_base(modele_base, tmp_path_factory.mktemp("acces") / "base")
    indicateurs = [{"code": "I1", "responsable": "UDAF"}, {"code": "I2", "responsable": "ASE"}]
    for plan in ("essai", "autre"):
        deposer(store, plan_minimal(plan, indicateur=indicateurs))
    return store


@pytest.fixture
def plans(modele_plans: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy of it for one test."""
    monkeypatch.setenv("INDICATORS_BASE", str(tmp_path / "base"))
    return copier_base(modele_plans, tmp_path / "base")


def import_as(store: Store, personne: Personne, recus: list[FichierRecu], **demande: Any) -> deposits.BilanDepot:
    demande = {"plan": None if b"plan;" in recus[0].contenu else "essai"} | demande
    return store.write(lambda cur: access.run_as(
        cur, personne, deposits.import_files, recus, deposits.Demande(**demande), store.keep_file))


def count(store: Store) -> int:
    return store.read().execute("select count(*) from depot").fetchone()[0]


# -- who may write what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quoi", FICHIERS)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_writes_what_it_may_and_nothing_else(plans: Store, role: str, quoi: str) -> None:
    personne, version = someone(ROLES[role]), plans.snapshot().version
    if quoi in PERMIS[role]:
        assert import_as(plans, personne, FICHIERS[quoi]).depot == 3
        return
    with pytest.raises(AccesRefuse):
        import_as(plans, personne, FICHIERS[quoi])
    assert count(plans) == 2 and plans.snapshot().version == version


@pytest.mark.parametrize(("role", "permis"), [
    ("lecture", False), ("dépôt", True), ("dépôt limité", False), ("dépôt ailleurs", False), ("pilotage", False),
    ("administration", True)])
def test_cancelling_asks_for_the_right_on_what_is_cancelled(plans: Store, role: str, permis: bool) -> None:
    deposer(plans, FICHIERS["les deux"], plan="essai")

    def cancel() -> object:
        return plans.write(lambda cur: access.run_as(cur, someone(ROLES[role]), deposits.cancel_with_effects, 3, "erreur"))

    if permis:
        assert cancel().depots == [4]
        return
    with pytest.raises(AccesRefuse):
        cancel()
    assert count(plans) == 3


def test_a_new_plan_and_a_rewritten_past_are_for_administration(plans: Store) -> None:
    passe = deposits.datetime(2021, 1, 1)
    with pytest.raises(AccesRefuse, match="historique"):
        import_as(plans, someone(DEPOT), [VALEUR], connu_le=passe)
    with pytest.raises(AccesRefuse, match="neuf"):
        import_as(plans, someone(DEPOT), plan_minimal("neuf"))
    assert import_as(plans, someone(ROLES["administration"]), plan_minimal("neuf")).depot == 3


def test_a_write_that_is_no_depot_is_for_administration(plans: Store) -> None:
    def grant(cur: Any) -> None:
        access.grant(cur, "lea@exemple.fr", ROLES["administration"])

    for role in ("dépôt", "pilotage"):
        with pytest.raises(AccesRefuse):
            plans.write(lambda cur, role=role: access.run_as(cur, someone(ROLES[role]), grant))
    assert access.list_roles(plans.read()) == []


def test_the_author_is_the_person_signed_in_whatever_is_typed(plans: Store) -> None:
    import_as(plans, someone(DEPOT), [VALEUR], auteur="Quelqu’un d’autre")
    import_as(plans, LOCALE, FICHIERS["suivi"], auteur="Ana")
    auteurs = plans.read().execute("select auteur from depot where id > 2 order by id").fetchall()
    assert auteurs == [("Léa Dupré (lea@exemple.fr)",), ("Ana",)]


def test_small_numbers_are_for_those_who_answer_for_the_plan() -> None:
    voient = {nom for nom, a in ROLES.items() if Acces(someone(), frozenset({a})).voit_tout("essai")}
    assert voient == {"dépôt", "pilotage", "administration"}
    assert not Acces(someone(), frozenset()).peut_lire and all(Acces(someone(), frozenset({a})).peut_lire for a in ROLES.values())


# -- roles -------------------------------------------------------------------------------------------------------------


def test_the_last_word_on_a_role_counts_at_once(plans: Store) -> None:
    personne = someone()
    with pytest.raises(AccesRefuse):
        import_as(plans, personne, [VALEUR])
    plans.write(lambda cur: access.grant(cur, " Lea@Exemple.fr", DEPOT, "Ana"))
    assert access.get_acces(plans.read(), personne).attributions == {DEPOT}
    with pytest.raises(DemandeInvalide):
        plans.write(lambda cur: access.grant(cur, "lea@exemple.fr", DEPOT))
    assert import_as(plans, personne, [VALEUR]).depot == 3
    plans.write(lambda cur: access.revoke(cur, "lea@exemple.fr", DEPOT))
    with pytest.raises(AccesRefuse):
        import_as(plans, personne, FICHIERS["suivi"])
    with pytest.raises(DemandeInvalide):
        plans.write(lambda cur: access.revoke(cur, "lea@exemple.fr", DEPOT))
    lignes = plans.read().execute("select retire, ecrit_par from acces order by numero").fetchall()
    assert lignes == [(False, "Ana"), (True, None)]


def test_roles_by_command(plans: Store, cli: Callable[..., Any]) -> None:
    code, donnes, _ = cli("roles", "donner", "lea@exemple.fr", "depot", "--plan", "essai", "--responsable", "UDAF",
                           "--auteur", "Ana")
    assert code == 0 and [(d["personne"], d["role"], d["plan"], d["responsable"], d["ecrit_par"]) for d in donnes] == [
        ("lea@exemple.fr", "depot", "essai", "UDAF", "Ana")]
    for faux in (("lea@exemple.fr", "depot"), ("lea@exemple.fr", "lecture", "--plan", "essai"), ("lea@exemple.fr",),
                 ("lea@exemple.fr", "depot", "--plan", "absent"), ("lea@exemple.fr", "lecture", "--responsable", "UDAF")):
        assert cli("roles", "donner", *faux)[0] == 1, faux
    assert cli("roles", "retirer", "lea@exemple.fr", "depot", "--plan", "essai", "--responsable", "UDAF")[:2] == (0, [])


@pytest.mark.parametrize(("claims", "identifiant", "roles"), [
    ({"email": "Lea@Exemple.fr", "groups": ["autre", "cn=ase,ou=pilotes"]}, "lea@exemple.fr", {Habilitation.PILOTAGE}),
    ({"email": "a@exemple.fr", "groups": "isere"}, "a@exemple.fr", {Habilitation.DEPOT}),
    ({"email": "a@exemple.fr", "email_verified": False, "groups": None}, "", set()),
    ({"sub": "x", "groups": {"isere": 1}}, "", set()),
])
def test_claims_are_read_as_the_settings_say(claims: dict[str, Any], identifiant: str, roles: set[Habilitation]) -> None:
    reglages = read_settings({"INDICATORS_ROLES_CLAIM": "groups",
                              "INDICATORS_ROLES": "cn=ase,ou=pilotes=pilotage; isere=depot:isere-2020-2024:UDAF ;"}).connexion
    personne = access.read_personne(claims, reglages)
    assert personne.identifiant == identifiant and {a.role for a in personne.attributions} == roles


def test_a_claim_may_lie_deeper() -> None:
    reglages = Connexion(claim="realm_access.roles", roles=(("ase", ROLES["lecture"]),))
    assert access.read_personne({"realm_access": {"roles": ["ase"]}}, reglages).attributions == (ROLES["lecture"],)
    assert access.read_personne({"realm_access": "ase"}, reglages).attributions == ()


@pytest.mark.parametrize("faux", ["ase", "=lecture", "ase=chef", "ase=depot", "ase=lecture:essai", "ase=depot:essai:"])
def test_a_mapping_that_cannot_be_read_is_refused(faux: str) -> None:
    with pytest.raises(ReglageInvalide, match="INDICATORS_ROLES"):
        read_settings({"INDICATORS_ROLES": faux})


# -- the server --------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def cadre(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The memory of the process belongs to one test."""
    monkeypatch.setenv("STREAMLIT_CLIENT_SHOW_ERROR_DETAILS", "full")
    memoires = (donnees.open_store, donnees._read, garde.get_connexion, garde.is_protected)
    for memoire in memoires:
        memoire.cache_clear()
    yield
    monkeypatch.undo()
    for memoire in memoires:
        memoire.cache_clear()


@pytest.mark.parametrize(("adresse", "noms", "expose"), [
    ("127.0.0.1", [], False), ("localhost", ["[::1]", "127.0.0.1"], False), ("127.0.0.1", ["suivi.exemple.fr"], True),
    ("0.0.0.0", [], True), ("", [], True), (None, [], True), ("::", [], True), ("10.0.0.4", [], True),
])
def test_without_sign_in_only_this_machine_is_served(monkeypatch: pytest.MonkeyPatch, adresse: str | None, noms: list[str],
                                                     expose: bool) -> None:
    monkeypatch.setattr(garde, "is_protected", lambda: False)
    options = {"server.address": adresse, "server.allowedHosts": noms, "secrets.files": []}
    monkeypatch.setattr(garde.st, "get_option", options.get)
    if expose:
        with pytest.raises(ServeurExpose, match="d’autres postes"):
            garde.check_start()
        monkeypatch.setenv("INDICATORS_SANS_CONNEXION", "oui")
    garde.check_start()


def test_secrets_that_cannot_be_read_do_not_open_the_door(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("[auth\nclient_id = ", encoding="utf-8")
    options = {"server.address": "127.0.0.1", "server.allowedHosts": [], "secrets.files": [str(secrets)]}
    monkeypatch.setattr(garde.st, "get_option", options.get)
    monkeypatch.setattr(garde.secrets_singleton, "load_if_toml_exists", lambda: False)
    with pytest.raises(ServeurExpose, match="ne se lit pas"):
        garde.check_start()


def test_a_sign_in_without_its_age_or_too_old_is_over() -> None:
    assert garde.is_current({"sub": "x", "iat": time.time() - 7 * 3600})
    for iat in (time.time() - 9 * 3600, None, "hier"):
        assert not garde.is_current({"sub": "x", "iat": iat})


@pytest.mark.parametrize(("referer", "suite"), [
    ("http://suivi/indicateur?plan=p&code=A%201", "/indicateur%3Fplan%3Dp%26code%3DA%25201"), ("http://ailleurs/x", ""), ("", ""),
    ("http://suivi/" + "x" * 3000, ""),
])
def test_only_a_page_of_ours_is_come_back_to(referer: str, suite: str) -> None:
    assert garde._asked(requete("/auth/login", referer=referer)) == suite


def requete(chemin: str, **entetes: str) -> Request:
    lus = [(nom.encode(), valeur.encode()) for nom, valeur in ({"host": "suivi"} | entetes).items()]
    return Request({"type": "http", "method": "GET", "path": chemin, "query_string": b"", "headers": lus, "server": ("suivi", 80),
                    "scheme": "http"})


@pytest.mark.parametrize(("chemin", "statut", "cookies", "echec", "ou"), [
    ("/auth/login", 400, [], "1", "/plan?plan=p"), ("/oauth2callback", 302, [], "1", "/plan?plan=p"),
    ("/oauth2callback", 302, ["_streamlit_user=\"\"; Max-Age=0"], "1", "/plan?plan=p"),
    ("/oauth2callback", 302, ["_streamlit_user=abc; Max-Age=9"], "", "/plan?plan=p"),
])
def test_a_sign_in_that_fails_is_told_on_the_page_that_was_asked_for(chemin: str, statut: int, cookies: list[str], echec: str,
                                                                    ou: str) -> None:
    async def provider(scope: Any, receive: Any, send: Any) -> None:
        entetes = [(b"location", b"/"), *((b"set-cookie", c.encode()) for c in cookies)]
        await send({"type": "http.response.start", "status": statut, "headers": entetes})

    async def send(message: Any) -> None:
        envoyes.append(message)

    envoyes: list[Any] = []
    scope = requete(chemin, referer="http://suivi/plan?plan=p", cookie="_suite=/plan%3Fplan%3Dp").scope
    with ThreadPoolExecutor(1) as fil:  # the browser of other tests keeps a loop running in this thread
        fil.submit(asyncio.run, garde.Garde(provider)(scope, None, send)).result()
    lus = [(n.decode(), v.decode()) for n, v in envoyes[0]["headers"]]
    assert envoyes[0]["status"] == 302 and [v for n, v in lus if n == "location"] == [ou]
    assert [v.split(";")[0] for n, v in lus if v.startswith("_echec")] == [f"_echec={echec}"]


def test_cookies_travel_by_https_only_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    cookies = [(b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=1; Secure"), (b"x", b"y")]
    assert garde._secure(cookies) == cookies
    monkeypatch.setattr(garde, "is_protected", lambda: True)
    monkeypatch.setattr(garde, "get_redirect_uri", lambda _: "https://suivi/oauth2callback")
    assert garde._secure(cookies) == [(b"set-cookie", b"a=1; Path=/; Secure"), *cookies[1:]]


def test_a_cookie_signed_by_someone_else_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garde, "is_protected", lambda: True)
    monkeypatch.setattr(garde, "get_cookie_secret", lambda: "le nôtre" * 8)
    claims = '{"sub": "lea", "is_logged_in": true}'
    for secret, lus in (("le nôtre" * 8, {"sub": "lea", "is_logged_in": True}), ("un autre" * 8, {})):
        signe = create_signed_value(secret, garde.USER_COOKIE_NAME, claims).decode()
        assert garde.read_claims(requete("/", cookie=f"{garde.USER_COOKIE_NAME}={signe}")) == lus


# -- the pages ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def signe(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes everyone who opens a page the person that has these roles."""

    def signe(*attributions: Attribution) -> None:
        monkeypatch.setattr(porte, "_find_personne", lambda: someone(*attributions))

    return signe


def test_without_a_role_no_page_shows_a_figure(plans: Store, signe: Callable[..., None]) -> None:
    signe()
    for page in sorted(f.stem for f in (RACINE / "pages").glob("*.py")):
        at = ouvrir(page, plan="essai")
        assert titre(at) == "Vous n’avez pas encore accès" and "lea@exemple.fr" in dits(at)
        assert not at.sidebar.selectbox and not at.get("page_link") and len(at.markdown) == 2


def test_another_machine_is_refused_without_sign_in(plans: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "is_local", lambda: False)
    assert titre(ouvrir("synthese", plan="essai")) == "Ce tableau de bord ne s’ouvre que sur son poste"


def test_a_reader_has_nothing_to_write_with(plans: Store, signe: Callable[..., None]) -> None:
    deposer(plans, [VALEUR], plan="essai")
    signe(ROLES["lecture"])
    at = ouvrir("journal", plan="essai", depot="3")
    assert not [e for e in at.expander if "Annuler" in e.label] and not at.get("download_button")
    at = ouvrir("indicateur", plan="essai", code="I1")
    assert not [e for e in at.expander if "Corriger" in e.label]
    assert titre(ouvrir("depot", plan="essai")) == "Votre rôle permet de lire, pas de déposer"


def test_the_preview_refuses_what_the_write_would(plans: Store, signe: Callable[..., None]) -> None:
    signe(LIMITEE)
    at = ouvrir("depot", plan="essai")
    televerse(at, csv_bytes(("indicateur", "periode", "valeur"), [("I2", "2022", "8")]))
    assert "«\u00a0mesure\u00a0» du plan essai, pour un indicateur de «\u00a0ASE\u00a0»" in at.error[0].value.replace("\\", "")
    assert [b.label for b in at.button] == ["Se déconnecter"]
    at = televerse(ouvrir("depot", plan="essai"), csv_bytes(("indicateur", "periode", "valeur"), [("I1", "2022", "8")]))
    assert "Au nom de Léa Dupré" in dits(at).replace("\\", "") and not [t for t in at.text_input if t.label == "Auteur"]


def televerse(at: AppTest, contenu: bytes) -> AppTest:
    at.file_uploader[0].set_value([("mesure.csv", contenu, "text/csv")])
    return sain(at.run())


# -- the house rule ----------------------------------------------------------------------------------------------------


def test_nothing_on_the_screen_writes_around_the_check() -> None:
    """Every `donnees.write` and `rehearse` gets the person of the moment, and the store itself is written to nowhere else."""
    vus = 0
    for f in (f for dossier in ("pages", "indicators/ui") for f in (RACINE / dossier).rglob("*.py") if f.name != "donnees.py"):
        assert list(wrongs(f.read_text("utf-8"))) == [], f.name
        vus += f.read_text("utf-8").count("donnees.write(")
    assert vus >= 3


def wrongs(source: str) -> Iterator[str]:
    for noeud in ast.walk(ast.parse(source)):
        if isinstance(noeud, ast.ImportFrom) and noeud.module in ("indicators.store", "indicators.ui.donnees"):
            yield from (a.name for a in noeud.names if a.name in ("Store", "open_store", "write", "rehearse"))
        if isinstance(noeud, ast.Attribute) and noeud.attr in ("write", "rehearse", "prepare") and ast.unparse(noeud) not in (
                "donnees.write", "donnees.rehearse"):
            yield ast.unparse(noeud)
        if isinstance(noeud, ast.Call) and ast.unparse(noeud.func) in ("donnees.write", "donnees.rehearse") and (
                not noeud.args or ast.unparse(noeud.args[0]) not in ("get_acces()", "acces.get_acces()")):
            yield ast.unparse(noeud)


@pytest.mark.parametrize("source", ["donnees.write(deposits.import_files)", "donnees.open_store().write(f)", "donnees.write()",
                                    "from indicators.ui.donnees import write", "donnees.rehearse(LOCALE, f)", "s.prepare()"])
def test_the_house_rule_can_fail(source: str) -> None:
    assert list(wrongs(source))


# -- what is written in the access journal ---------------------------------------------------------------------------------


def test_a_sign_in_is_written_once_a_session(plans: Store, signe: Callable[..., None]) -> None:
    signe(Attribution(Habilitation.LECTURE))
    at = ouvrir("synthese", plan="essai")
    at.run()
    assert [(a.qui, a.quoi) for a in audit.list_acces(plans.settings.base)] == [("Léa Dupré (lea@exemple.fr)", "connexion")]
    assert audit.check(plans.settings.base).defaut is None


def test_who_cannot_be_written_down_does_not_come_in(plans: Store, signe: Callable[..., None]) -> None:
    (plans.settings.base / "acces.jsonl").mkdir()  # a journal that no line can be added to
    signe(Attribution(Habilitation.LECTURE))
    at = ouvrir("synthese", plan="essai")
    assert at.error and not at.metric and not at.sidebar.selectbox


def test_an_export_is_written_before_its_bytes_are_given(plans: Store, signe: Callable[..., None],
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(donnees, "open_store", lambda: plans)
    monkeypatch.setattr(porte, "get_acces", lambda: Acces(someone(), frozenset()))
    donner = porte.trace_export("original du dépôt 1\u202f: mesure.csv", lambda: b"12;34")
    assert audit.list_acces(plans.settings.base) == [], "nothing has gone out yet"
    assert donner() == b"12;34"
    (ligne,) = audit.list_acces(plans.settings.base)
    assert (ligne.quoi, ligne.detail) == ("export", "original du dépôt 1\u202f: mesure.csv")
