-- +goose Up

-- Counts tries in one exchange: where each of the buckets is as whoever asks saw it, removes the ones and sets the others,
-- and answers NULL; else it changes nothing and answers what is there. A NULL in the arrays is a bucket without a row.
--
-- The locks are those under which binaries from before read and save, so that both may count at once. Each statement of a
-- VOLATILE function has a snapshot of its own, so the read sees what was committed while the locks were waited for. That
-- is so under READ COMMITTED alone: elsewhere, and where nothing can be written, the answer is the empty array.
--
-- The commit does not wait for the disk: a crash forgets tries of its last second at most, and nothing else.
-- +goose StatementBegin
CREATE FUNCTION porteiro_count(buckets text[], was timestamptz[], emptied text[], filled text[], times timestamptz[])
    RETURNS timestamptz[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    there timestamptz[];
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' OR current_setting('transaction_read_only') <> 'off' THEN
        RETURN '{}';
    END IF;
    PERFORM pg_advisory_xact_lock(n) FROM
        (SELECT DISTINCT hashtextextended(b COLLATE "C", 0) AS n FROM unnest(buckets) b ORDER BY n) numbers;
    there := ARRAY(SELECT a.empty_at FROM unnest(buckets) WITH ORDINALITY AS b (bucket, place)
        LEFT JOIN attempts a ON a.bucket = b.bucket ORDER BY b.place);
    IF there IS DISTINCT FROM was THEN
        RETURN there;
    END IF;
    PERFORM set_config('synchronous_commit', 'off', true);
    IF cardinality(emptied) > 0 THEN
        DELETE FROM attempts WHERE bucket = ANY(emptied);
    END IF;
    IF cardinality(filled) > 0 THEN
        INSERT INTO attempts (bucket, empty_at) SELECT * FROM unnest(filled, times)
            ON CONFLICT (bucket) DO UPDATE SET empty_at = excluded.empty_at;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- With the rights of who calls it, which are those to the table; also where a database grants functions to nobody by itself.
GRANT EXECUTE ON FUNCTION porteiro_count(text[], timestamptz[], text[], text[], timestamptz[]) TO PUBLIC;
