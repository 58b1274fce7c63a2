-- Every change of a person is a row of its own; the first one has no date and has always held.
select * from people
