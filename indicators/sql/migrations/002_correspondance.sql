-- How the columns of each received file were read, as JSON text; NULL for the files of before, and where there was no column.
alter table fichier add column correspondance varchar;
