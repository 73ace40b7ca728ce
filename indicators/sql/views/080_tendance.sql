-- Tendance (never a forecast): least squares on the plan's last judged points (3 to 8), read at the plan's end, with an 80 %
-- interval by Student's t. With 3 points the interval is given only when its half is within half of the path.

create or replace macro student_80(liberte) as
    [3.078, 1.886, 1.638, 1.533, 1.476, 1.440][liberte::integer];

-- Half of the interval of a new observation at `horizon`, from the sums of the regression.
create or replace macro demi_intervalle(n, horizon, milieu, sxx, syy, sxy) as
    student_80(n - 2) * sqrt(greatest(syy - sxy * sxy / nullif(sxx, 0), 0) / (n - 2))
        * sqrt(1 + 1.0 / n + (horizon - milieu) ** 2 / nullif(sxx, 0));

-- A trend leaves neither the indicator's own bounds nor its interval: no share of 103 %, no negative count.
create or replace macro bornee(x, minimum, maximum) as if(x is null, null, least(greatest(x, minimum), maximum));

create or replace macro tendance_lue(n, origine, pente, horizon, demi, chemin) as
    case
        when n is null then null
        when n < 3 then {valeur: null::double, bas: null::double, haut: null::double, motif: 'trop peu de points'}
        when n = 3 and coalesce(demi > 0.5 * chemin, true)
            then {valeur: origine + pente * horizon, bas: null::double, haut: null::double,
                motif: 'trop peu de points pour un intervalle'}
        else {valeur: origine + pente * horizon, bas: origine + pente * horizon - demi,
            haut: origine + pente * horizon + demi, motif: null::varchar}
    end;
