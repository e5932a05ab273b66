import { CHANNEL } from './channel';

/**
 * The log, in a schema of its own: the database may hold other things. Positions are taken from one locked row, so that
 * they have no gaps and are in the order of the commits: whoever has read up to one has read everything before it.
 *
 * `json`, not `jsonb`: the log keeps what was written, to the letter.
 */
const TABLES = `
CREATE TABLE stagegate.schema_version (
  id smallint PRIMARY KEY CHECK (id = 1), version integer NOT NULL, migrated_at timestamptz NOT NULL);
CREATE TABLE stagegate.head (id smallint PRIMARY KEY CHECK (id = 1), position bigint NOT NULL);
INSERT INTO stagegate.head VALUES (1, 0);
CREATE TABLE stagegate.event (
  position bigint PRIMARY KEY,
  stream_id text NOT NULL,
  revision bigint NOT NULL CHECK (revision >= 0),
  event_id uuid NOT NULL,
  type text NOT NULL,
  data json NOT NULL,
  meta json NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT event_stream_revision UNIQUE (stream_id, revision),
  CONSTRAINT event_event_id UNIQUE (event_id));
CREATE FUNCTION stagegate.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'events are never changed or removed' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON stagegate.event
  FOR EACH STATEMENT EXECUTE FUNCTION stagegate.refuse_change();
`;

/**
 * Decides a batch of appends in order and stores what is accepted. Each has its own outcome; later ones see earlier ones.
 *
 * p_appends: [{"s": stream, "e": expected revision, -1 for no stream, "v": [{"i": id, "t": type, "d": data, "m": meta}]}].
 * One row for each, in order: `ok` and `duplicate` with the last revision and its position, `conflict` with the revision
 * the stream is at, `id-reused`.
 *
 * Runs as its owner, so that those who call it need no right to write. The lock on the head is held to the commit; every
 * statement behind it sees all earlier commits. A batch in which nothing is contended is stored by one statement; one with
 * a loser or a re-send is gone through one by one.
 */
const APPEND = `
CREATE FUNCTION stagegate.append(p_appends json)
RETURNS TABLE (status text, revision bigint, "position" bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '3s'
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  head bigint; start bigint; plain boolean; request record; cur bigint; n int; hits int; at bigint;
BEGIN
  SELECT h.position INTO STRICT head FROM stagegate.head h WHERE h.id = 1 FOR UPDATE;
  start := head;
  SELECT count(DISTINCT a.s) = count(*)
    AND bool_and(a.e = COALESCE((SELECT max(e.revision) FROM stagegate.event e WHERE e.stream_id = a.s), -1))
    AND NOT bool_or(COALESCE((SELECT bool_or((SELECT true FROM stagegate.event e WHERE e.event_id = v.i))
                              FROM json_to_recordset(a.v) AS v(i uuid)), false))
    INTO plain FROM json_to_recordset(p_appends) AS a(s text, e bigint, v json);
  IF plain THEN
    INSERT INTO stagegate.event (position, stream_id, revision, event_id, type, data, meta, created_at)
    SELECT start + row_number() OVER (ORDER BY a.n, v.n), a.s, a.e + v.n, v.i, v.t, v.d, v.m, clock_timestamp()
    FROM ROWS FROM (json_to_recordset(p_appends) AS (s text, e bigint, v json)) WITH ORDINALITY AS a(s, e, v, n)
    CROSS JOIN LATERAL ROWS FROM (json_to_recordset(a.v) AS (i uuid, t text, d json, m json)) WITH ORDINALITY
      AS v(i, t, d, m, n);
    GET DIAGNOSTICS n = ROW_COUNT;
    head := start + n;
    RETURN QUERY SELECT 'ok'::text, a.e + json_array_length(a.v),
      start + (sum(json_array_length(a.v)) OVER (ORDER BY a.n))::bigint
    FROM ROWS FROM (json_to_recordset(p_appends) AS (s text, e bigint, v json)) WITH ORDINALITY AS a(s, e, v, n)
    ORDER BY a.n;
  ELSE
    FOR request IN
      SELECT a.s, a.e, a.v
      FROM ROWS FROM (json_to_recordset(p_appends) AS (s text, e bigint, v json)) WITH ORDINALITY AS a(s, e, v, n)
      ORDER BY a.n
    LOOP
      n := json_array_length(request.v);
      SELECT COALESCE(max(e.revision), -1) INTO cur FROM stagegate.event e WHERE e.stream_id = request.s;
      IF cur <> request.e THEN
        -- By place, not by search: re-sent is what stands exactly where it was to be stored.
        SELECT count(*), max(e.position) INTO hits, at
        FROM ROWS FROM (json_to_recordset(request.v) AS (i uuid)) WITH ORDINALITY AS v(i, n)
        JOIN stagegate.event e ON e.stream_id = request.s AND e.revision = request.e + v.n AND e.event_id = v.i;
        IF hits = n THEN RETURN QUERY SELECT 'duplicate'::text, request.e + n, at;
        ELSE RETURN QUERY SELECT 'conflict'::text, cur, NULL::bigint;
        END IF;
      ELSIF EXISTS (SELECT FROM json_to_recordset(request.v) AS v(i uuid)
                    WHERE (SELECT true FROM stagegate.event e WHERE e.event_id = v.i)) THEN
        RETURN QUERY SELECT 'id-reused'::text, cur, NULL::bigint;
      ELSE
        INSERT INTO stagegate.event (position, stream_id, revision, event_id, type, data, meta, created_at)
        SELECT head + v.n, request.s, cur + v.n, v.i, v.t, v.d, v.m, clock_timestamp()
        FROM ROWS FROM (json_to_recordset(request.v) AS (i uuid, t text, d json, m json)) WITH ORDINALITY
          AS v(i, t, d, m, n);
        head := head + n;
        RETURN QUERY SELECT 'ok'::text, cur + n, head;
      END IF;
    END LOOP;
  END IF;
  -- After all checks: a refused append leaves no gap.
  IF head > start THEN
    UPDATE stagegate.head h SET position = head WHERE h.id = 1;
    PERFORM pg_notify('${CHANNEL}', head::text);
  END IF;
END $$;
`;

const NOBODY_ELSE = `
REVOKE ALL ON SCHEMA stagegate FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA stagegate FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA stagegate FROM PUBLIC;
`;

/** A log of version 1. Never changed again: whatever comes later is a version of its own. */
export const VERSION_1 = TABLES + APPEND + NOBODY_ELSE;
