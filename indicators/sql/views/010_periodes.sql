-- Time and periods. Months are counted so that year ends give exact fifths: mois(31/12/2022) - mois(31/12/2019) = 36.

create or replace macro mois(d) as
    12.0 * year(d) + month(d) - 1 + day(d)::double / day(last_day(d));

-- End of the period of this periodicité that holds the day d.
create or replace macro periode_fin(periodicite, d) as
    case periodicite
        when 'mensuelle' then last_day(d)
        when 'trimestrielle' then last_day(make_date(year(d), 3 * quarter(d), 1))
        when 'semestrielle' then last_day(make_date(year(d), if(month(d) <= 6, 6, 12), 1))
        when 'annee_scolaire' then make_date(year(d) + if(month(d) >= 9, 1, 0), 8, 31)
        else make_date(year(d), 12, 31)
    end;

-- Length of a period, in months.
create or replace macro periode_mois(periodicite) as
    case periodicite
        when 'mensuelle' then 1 when 'trimestrielle' then 3 when 'semestrielle' then 6 when 'tous_les_deux_ans' then 24 else 12
    end;

-- First day of the period that ends on this day.
create or replace macro periode_debut(periodicite, fin) as
    (date_trunc('month', fin) - to_months(periode_mois(periodicite)::integer - 1))::date;

-- End of the period that follows the one ending on this day.
create or replace macro periode_suivante(periodicite, fin) as
    if(periodicite = 'tous_les_deux_ans', make_date(year(fin) + 2, 12, 31), periode_fin(periodicite, (fin + 1)::date));

-- End of the first period of a plan; a figure of every second year follows the years already given, `derniere` being the last.
create or replace macro premiere_periode(periodicite, plan_debut, derniere) as
    if(periodicite <> 'tous_les_deux_ans', periode_fin(periodicite, plan_debut),
        make_date(year(plan_debut) + if((year(derniere) - year(plan_debut)) % 2 = 0, 0, 1), 12, 31));

-- Ends of the periods of this periodicité, from the first one given to the last that ends by this day.
create or replace macro periodes_jusqua(periodicite, premiere, jour) as
    list_filter(list_transform(range(0, 1 + datediff('month', premiere, jour) // periode_mois(periodicite)),
        lambda k: last_day((premiere + to_months(k::integer * periode_mois(periodicite)))::date)), lambda d: d <= jour);

-- Does this period have the length and the place that the periodicité asks for? Finer or coarser ones are only shown.
create or replace macro periode_conforme(periodicite, debut, fin) as
    fin = periode_fin(periodicite, fin) and debut = periode_debut(periodicite, fin);

-- First day of a month, from texts; NULL when there is no such month.
create or replace macro mois_lu(annee, mois) as
    try_cast(concat(annee, '-', lpad(mois, 2, '0'), '-01') as date);

create or replace macro date_lue(texte) as
    try_strptime(trim(texte), ['%Y-%m-%d', '%d/%m/%Y', '%Y-%m-%d %H:%M:%S'])::date;

-- Months from this one to the end of the period, as {debut, fin}; NULL when there is no such month.
create or replace macro a_partir_de(debut, duree) as
    if(debut is null, null, {debut: debut, fin: last_day((debut + to_months(duree - 1))::date)});

-- Number of a month from its name or the start of it (« janvier », « Févr. »); NULL when none, or several, start so.
create or replace macro mois_nomme(mot) as
    list_transform([mot], lambda m: if(length(m) < 3 or m = 'jui', null, list_extract(list_filter(range(1, 13), lambda n: starts_with(
        ['janvier', 'fevrier', 'mars', 'avril', 'mai', 'juin', 'juillet', 'aout', 'septembre', 'octobre', 'novembre', 'decembre'][n],
        m)), 1)))[1];

-- What a person writes for a period, as {debut, fin}; a lone day gives debut = fin; NULL when it is no period.
-- "2021/2022" is a school year, or two years for an indicator known every two years.
-- A lambda stands for a value used several times: written out each time, planning it takes far longer than reading a file.
create or replace macro mois_ecrits(texte, periodicite) as  -- [year, first month, how many]
    case
        when regexp_full_match(texte, '\d{4}') then [texte, '1', '12']
        when regexp_full_match(texte, '(?i)[TQ][1-4][ -/]?\d{4}|\d{4}[ -]?[TQ][1-4]') then [
            regexp_extract(texte, '\d{4}'),
            (3 * try_cast(regexp_extract(texte, '(?i)[TQ]([1-4])', 1) as integer) - 2)::varchar, '3']
        when regexp_full_match(texte, '(?i)S[12][ -/]?\d{4}|\d{4}[ -]?S[12]') then [
            regexp_extract(texte, '\d{4}'),
            (6 * try_cast(regexp_extract(texte, '(?i)S([12])', 1) as integer) - 5)::varchar, '6']
        when regexp_full_match(texte, '\d{4}[-/]\d{4}') then if(
            try_cast(right(texte, 4) as integer) <> try_cast(left(texte, 4) as integer) + 1, null,
            [left(texte, 4), if(periodicite = 'tous_les_deux_ans', '1', '9'), if(periodicite = 'tous_les_deux_ans', '24', '12')])
        when regexp_full_match(texte, '\d{4}-\d{1,2}') then [left(texte, 4), regexp_extract(texte, '-(\d+)', 1), '1']
        when regexp_full_match(texte, '\d{1,2}/\d{4}') then [right(texte, 4), regexp_extract(texte, '(\d+)/', 1), '1']
        when regexp_full_match(texte, '[A-Za-zÀ-ÖØ-öø-ɏ]+\.?[ -]\d{4}') then [
            right(texte, 4), mois_nomme(strip_accents(lower(regexp_extract(texte, '^[A-Za-zÀ-ÖØ-öø-ɏ]+'))))::varchar, '1']
    end;

create or replace macro periode_lue(texte, periodicite) as coalesce(
    list_transform([mois_ecrits(texte, periodicite)],
        lambda m: list_transform([mois_lu(m[1], m[2])], lambda d: a_partir_de(d, m[3]::integer))[1])[1],
    list_transform([date_lue(texte)], lambda d: if(d is null, null, {debut: d, fin: d}))[1]);

-- First day of a period as it was read: a lone day that ends a period of this periodicité stands for all of it.
create or replace macro debut_entier(lue, periodicite) as
    if(lue.debut = lue.fin and lue.fin = periode_fin(periodicite, lue.fin), periode_debut(periodicite, lue.fin), lue.debut);

-- How a period of an indicator is called, from its end.
create or replace macro periode_nom(periodicite, fin) as
    case periodicite
        when 'mensuelle' then strftime(fin, '%m/%Y')
        when 'trimestrielle' then 'T' || quarter(fin) || ' ' || year(fin)
        when 'semestrielle' then 'S' || if(month(fin) <= 6, 1, 2) || ' ' || year(fin)
        when 'annee_scolaire' then 'année scolaire ' || (year(fin) - 1) || '-' || year(fin)
        when 'tous_les_deux_ans' then (year(fin) - 1) || '-' || year(fin)
        else year(fin)::varchar
    end;
