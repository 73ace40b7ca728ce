-- A meeting is prepared (agenda, members), frozen, held, then closed: after that its decisions are read as they were taken.
alter table seance add column close_le timestamp;

create table ordre_du_jour (
    plan varchar not null, seance varchar not null, ordre integer not null, sujet varchar, intitule varchar, minutes integer,
    action varchar, depot_id integer not null, fichier integer, ligne integer, retire boolean not null,
    provenance varchar not null, source varchar
);

create table participant (
    plan varchar not null, seance varchar not null, nom varchar not null, fonction varchar, presence varchar,
    depot_id integer not null, fichier integer, ligne integer, retire boolean not null, provenance varchar not null,
    source varchar
);
