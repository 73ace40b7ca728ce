-- A plan may ask that a second person accepts each dépôt before it counts; the plans of before do not.
alter table plan add column validation boolean default false;
