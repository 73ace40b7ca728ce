-- From the text of a cell to a value; NULL when it is not one. The anomalies of checking.py are built on these.

create or replace macro nombre_net(texte) as
    replace(replace(regexp_replace(texte, '[\s\x{00a0}\x{2009}\x{202f}]', '', 'g'), '−', '-'), ',', '.');

create or replace macro nombre_lu(texte) as
    if(regexp_full_match(nombre_net(texte), '[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?')
        and isfinite(try_cast(nombre_net(texte) as double)), try_cast(nombre_net(texte) as double), null);

create or replace macro entier_lu(texte) as
    if(regexp_full_match(nombre_net(texte), '[-+]?\d+'), try_cast(nombre_net(texte) as integer), null);

create or replace macro oui_non_lu(texte) as
    case when lower(trim(texte)) in ('oui', 'o', 'vrai', 'true', '1', 'x') then true
        when lower(trim(texte)) in ('non', 'n', 'faux', 'false', '0') then false end;

create or replace macro horodatage_lu(texte) as
    coalesce(try_strptime(trim(texte), '%Y-%m-%d %H:%M:%S'), try_strptime(trim(texte), '%Y-%m-%dT%H:%M:%S'),
        date_lue(texte)::timestamp);
