-- From the text of a cell to a value; NULL when it is not one. The anomalies of checking.py are built on these.

create or replace macro nombre_net(texte) as
    replace(replace(regexp_replace(texte, '[\s\x{00a0}\x{2009}\x{202f}]', '', 'g'), '−', '-'), ',', '.');

-- One number, finite, and nothing else in the cell.
create or replace macro nombre_lu(texte) as
    list_filter([try_cast(regexp_extract(nombre_net(texte), '^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?$') as double)],
        lambda x: isfinite(x))[1];

create or replace macro entier_lu(texte) as
    try_cast(regexp_extract(nombre_net(texte), '^[-+]?\d+$') as integer);

create or replace macro oui_non_lu(texte) as
    case when lower(trim(texte)) in ('oui', 'o', 'vrai', 'true', '1', 'x') then true
        when lower(trim(texte)) in ('non', 'n', 'faux', 'false', '0') then false end;

create or replace macro horodatage_lu(texte) as
    try_strptime(trim(texte), ['%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%d', '%d/%m/%Y']);
