-- Who was given which role, or had it withdrawn (retire): lines are only added, the last one of a key answers. Not a table of
-- the plan: no file brings a role, and cancelling a dépôt never gives one back. plan and responsable are '' when not limited.
create table acces (
    numero integer not null, personne varchar not null, role varchar not null, plan varchar not null,
    responsable varchar not null, retire boolean not null, ecrit_le timestamp not null, ecrit_par varchar
);
