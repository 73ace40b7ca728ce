-- The tables of the plan. Integrity is checked on the way in and by the view orphelin: FOREIGN KEY, ENUM types, UNIQUE and
-- indexes are left out on purpose (measured traps of DuckDB, and the second engine has none of them).

create table depot (
    id integer not null, type varchar not null, porte_sur integer, recu_le timestamp not null, connu_le timestamp not null,
    auteur varchar, motif varchar
);

create table fichier (
    depot integer not null, ordre integer not null, nom varchar not null, sha256 varchar not null, "table" varchar not null,
    lignes integer not null
);

create table plan (
    plan varchar not null, departement varchar, intitule varchar, debut date, fin date, adopte_le date, fuseau varchar,
    niveau_1 varchar, niveau_1_pluriel varchar, seuil_dans_les_temps double, seuil_retard_leger double, seuil_partiel double,
    depot_id integer not null, fichier integer, ligne integer, retire boolean not null, provenance varchar not null,
    source varchar
);

create table territoire (
    plan varchar not null, code varchar not null, nom varchar, "type" varchar, parent varchar, depot_id integer not null,
    fichier integer, ligne integer, retire boolean not null, provenance varchar not null, source varchar
);

create table orientation (
    plan varchar not null, code varchar not null, intitule varchar, libelle_court varchar, ordre integer,
    depot_id integer not null, fichier integer, ligne integer, retire boolean not null, provenance varchar not null,
    source varchar
);

create table action (
    plan varchar not null, code varchar not null, orientation varchar, intitule varchar, libelle_court varchar,
    description varchar, debut date, echeance_initiale date, echeance date, priorite varchar, publics varchar,
    depot_id integer not null, fichier integer, ligne integer, retire boolean not null, provenance varchar not null,
    source varchar
);

create table partenaire (
    plan varchar not null, code varchar not null, nom varchar, "type" varchar, depot_id integer not null, fichier integer,
    ligne integer, retire boolean not null, provenance varchar not null, source varchar
);

create table participation (
    plan varchar not null, action varchar not null, partenaire varchar not null, role varchar not null, convention varchar,
    depot_id integer not null, fichier integer, ligne integer, retire boolean not null, provenance varchar not null,
    source varchar
);

create table indicateur (
    plan varchar not null, code varchar not null, intitule varchar, libelle_court varchar, definition varchar,
    numerateur varchar, denominateur varchar, unite varchar, facteur double, borne_min double, borne_max double,
    decimales integer, sens varchar, type_cible varchar, nature varchar, periodicite varchar, delai_publication_mois integer,
    "type" varchar, agregation varchar, responsable varchar, seuil_secret integer, limites varchar,
    depot_id integer not null, fichier integer, ligne integer, retire boolean not null, provenance varchar not null,
    source varchar
);

create table action_indicateur (
    plan varchar not null, action varchar not null, indicateur varchar not null, depot_id integer not null, fichier integer,
    ligne integer, retire boolean not null, provenance varchar not null, source varchar
);

create table cible (
    plan varchar not null, indicateur varchar not null, territoire varchar not null, ventilation varchar not null,
    role varchar not null, "date" date, valeur double, valeur_min double, valeur_max double, motif varchar,
    depot_id integer not null, fichier integer, ligne integer, retire boolean not null, provenance varchar not null,
    source varchar
);

create table mesure (
    plan varchar not null, indicateur varchar not null, territoire varchar not null, ventilation varchar not null,
    debut date not null, fin date not null, valeur double, numerateur double, denominateur double, etat varchar,
    perimetre varchar, millesime varchar, commentaire varchar, depot_id integer not null, fichier integer, ligne integer,
    retire boolean not null, provenance varchar not null, source varchar
);

create table suivi_action (
    plan varchar not null, action varchar not null, "date" date not null, statut varchar, meteo varchar, bilan varchar,
    commentaire varchar, auteur varchar, depot_id integer not null, fichier integer, ligne integer, retire boolean not null,
    provenance varchar not null, source varchar
);

create table etape (
    plan varchar not null, action varchar not null, ordre integer not null, intitule varchar, prevu_le date, fait_le date,
    depot_id integer not null, fichier integer, ligne integer, retire boolean not null, provenance varchar not null,
    source varchar
);

create table budget (
    plan varchar not null, action varchar not null, annee integer not null, nature varchar not null, prevu double,
    depense double, financeur varchar, depot_id integer not null, fichier integer, ligne integer, retire boolean not null,
    provenance varchar not null, source varchar
);

create table lien (
    plan varchar not null, action varchar not null, adresse varchar not null, intitule varchar, depot_id integer not null,
    fichier integer, ligne integer, retire boolean not null, provenance varchar not null, source varchar
);

create table seance (
    plan varchar not null, code varchar not null, "type" varchar, "date" date, territoire varchar, presidence varchar,
    intitule varchar, observe_au date, connu_au timestamp, figee_le timestamp, empreinte varchar, depot_id integer not null,
    fichier integer, ligne integer, retire boolean not null, provenance varchar not null, source varchar
);

create table seance_etat (
    plan varchar not null, seance varchar not null, ordre integer not null, contenu varchar, depot_id integer not null,
    fichier integer, ligne integer, retire boolean not null, provenance varchar not null, source varchar
);

create table decision (
    plan varchar not null, code varchar not null, seance varchar, action varchar, texte varchar, responsable varchar,
    echeance date, etat varchar, motif varchar, depot_id integer not null, fichier integer, ligne integer,
    retire boolean not null, provenance varchar not null, source varchar
);

create table repere (
    code varchar not null, "date" date, intitule varchar, "type" varchar, texte varchar, depot_id integer not null,
    fichier integer, ligne integer, retire boolean not null, provenance varchar not null, source varchar
);

create table rupture (
    plan varchar not null, indicateur varchar not null, territoire varchar not null, "date" date not null, texte varchar,
    depot_id integer not null, fichier integer, ligne integer, retire boolean not null, provenance varchar not null,
    source varchar
);

create table alias (
    plan varchar not null, "table" varchar not null, ancien varchar not null, nouveau varchar, depot_id integer not null,
    fichier integer, ligne integer, retire boolean not null, provenance varchar not null, source varchar
);
-- Derived, written again with each dépôt: the stretches of time in which a dépôt counts.
create table depot_vie (depot integer not null, connu_le timestamp not null, vivant_du timestamp not null, vivant_au timestamp not null);

-- Derived, written whole and in order by each write: one row per stretch of time in which a stored row is the answer.
create table mesure_visible (
    plan varchar not null, indicateur varchar not null, territoire varchar not null, ventilation varchar not null,
    debut date not null, fin date not null, valeur double, numerateur double, denominateur double, etat varchar,
    perimetre varchar, millesime varchar, commentaire varchar, depot_id integer not null, fichier integer, ligne integer,
    provenance varchar not null, source varchar, visible_du timestamp not null, visible_au timestamp not null
);
