-- +goose Up

-- After a crash the numbers of transactions that were under way are given to others, while the server may go on under
-- its start time, and a pooler under its connections. A crash empties what is unlogged, and with it this one row; whoever
-- puts it back begins another run. What was remembered in one run is nothing in the next. Binaries from before remember
-- nothing while the row is away.
ALTER TABLE changes_kept ADD COLUMN run uuid NOT NULL DEFAULT gen_random_uuid(), SET UNLOGGED;
