-- From the text of a cell to a value; NULL when it is not one. The anomalies of checking.py are built on these.

create or replace macro nombre_net(texte) as
    replace(replace(regexp_replace(texte, '[\s\x{00a0}\x{2009}\x{202f}]', '', 'g'), '−', '-'), ',', '.');

-- The usual forms of a number, seen without a regular expression; NULL for the others, and for what is no number.
create or replace macro nombre_simple(texte) as
    try_cast(if(regexp_matches(texte, '[_eEnN]'), null,
        replace(replace(texte, ' ', ''), ',', '.')) as double);

-- One number, finite, and nothing else in the cell.
create or replace macro nombre_lu(texte) as
    list_filter([try_cast(regexp_extract(nombre_net(texte), '^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?$') as double)],
        lambda x: isfinite(x))[1];

-- Words that people write in place of a number, each with its own meaning; none of them is zero.
create or replace macro mot_net(texte) as lower(regexp_replace(texte, '[\s\x{00a0}\x{2009}\x{202f}]', '', 'g'));

create or replace macro mot_ambigu(texte) as
    mot_net(texte) in ('n.c.', 'n.c', 'nc', '-', '–', '—', '…', '...', '..', '.');

-- The state that such a word stands for; NULL when the cell is not one.
create or replace macro etat_du_mot(texte) as list_transform([mot_net(texte)], lambda m:
    case when m in ('n.d.', 'n.d', 'nd', 'nd.', 'n/d', 'nondisponible') or mot_ambigu(m) then 'non_disponible'
        when m in ('s.o.', 's.o', 'so', 's/o', 'sansobjet') then 'sans_objet'
        when m in ('s.', 's', 's.s.', 's.s', 'secret') or regexp_full_match(m, '<\d{1,2}') then 'secret'
        when m in ('nr', 'n.r.', 'n.r', 'nonrépondu', 'nonrépondant') then 'non_repondu' end)[1];

-- « 12,5 (p) » is provisional, « 12,5 (e) » estimated.
create or replace macro etat_de_la_marque(texte) as
    case lower(regexp_extract(texte, '[\d%‰€][\s\x{00a0}\x{2009}\x{202f}]*\(([a-zéA-Z]+)\.?\)$', 1))
        when 'p' then 'provisoire' when 'prov' then 'provisoire' when 'provisoire' then 'provisoire'
        when 'e' then 'estime' when 'est' then 'estime' when 'estimé' then 'estime' end;

create or replace macro sans_marque(texte) as
    if(etat_de_la_marque(texte) is null, texte, trim(regexp_replace(texte, '\(([a-zéA-Z]+)\.?\)$', '')));

create or replace macro est_erreur_tableur(texte) as
    starts_with(texte, '#') and regexp_full_match(texte,
        '(?i)#(N/A|DIV/0!|REF!|VALUE!|VALEUR!|NAME\?|NOM\?|NUM!|NOMBRE!|NULL!|NUL!|SPILL!|EPARS!|CALC!)');

create or replace macro entier_lu(texte) as
    try_cast(regexp_extract(nombre_net(texte), '^[-+]?\d+$') as integer);

-- A word of a list as people write it: « À faire » is a_faire.
create or replace macro mot_de_liste(texte) as replace(strip_accents(lower(trim(texte))), ' ', '_');

create or replace macro oui_non_lu(texte) as
    case when lower(trim(texte)) in ('oui', 'o', 'vrai', 'true', '1', 'x') then true
        when lower(trim(texte)) in ('non', 'n', 'faux', 'false', '0') then false end;

create or replace macro horodatage_lu(texte) as
    try_strptime(trim(texte), ['%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%d %H:%M:%S.%f', '%Y-%m-%dT%H:%M:%S.%f',
        '%Y-%m-%d', '%d/%m/%Y']);
