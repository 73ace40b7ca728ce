-- One link per dépôt, made from the link before and from all that the dépôt wrote: an edited or removed row breaks it.
-- Existing dépôts receive theirs when this migration is applied.
create table chaine (depot integer not null, maillon varchar not null);
