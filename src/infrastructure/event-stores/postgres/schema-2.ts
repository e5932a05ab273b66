import { CHANNEL } from './channel';

const lastOf = (stream: string) =>
  `COALESCE((SELECT max(e.revision) FROM stagegate.event e WHERE e.stream_id = ${stream}), -1)`;
const ALL_CURRENT = `(SELECT bool_and(a.e = ${lastOf('a.s')}) FROM unnest(p_streams, p_expected) AS a(s, e))`;

/**
 * Decides a batch of appends in order and stores what is accepted. Each has its own outcome; later ones see earlier ones.
 *
 * Append i is to the stream p_streams[i] at the revision p_expected[i], -1 for no stream. Its events are p_count[i] of the
 * batch behind the first p_skip[i]: p_ids, p_types, and the lines of p_data and p_meta, JSON to be kept as it is. Nothing
 * but that JSON has to be parsed, and that only once.
 *
 * One row, `all-ok`, where all was stored as it was asked for: with the position of the last event, and the time under which
 * they are all recorded. Otherwise one for each, in order: `ok` and `duplicate` with the last revision and its position, `ok`
 * with that time too, `conflict` with the revision the stream is at, `id-reused`.
 *
 * Runs as its owner, so that those who call it need no right to write. The lock on the head is held to the commit; every
 * statement behind it sees all earlier commits. A batch in which nothing is contended is stored by one statement, in which
 * the unique indexes find an id that is used; one with a loser, a re-send or such an id is gone through one by one. Streams
 * only grow: whoever is behind stays refused or stored, and is told so without the lock.
 *
 * Plans are made once for a connection: they would be the same for every batch, and planning takes longer than storing.
 */
const APPEND = `
CREATE FUNCTION stagegate.append(p_streams text[], p_expected bigint[], p_skip int[], p_count int[],
  p_ids uuid[], p_types text[], p_data text, p_meta text)
RETURNS TABLE (status text, revision bigint, "position" bigint, recorded_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '3s'
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  n int := cardinality(p_ids);
  data text[] := string_to_array(p_data, E'\\n');
  meta text[] := string_to_array(p_meta, E'\\n');
  seen bigint; head bigint; plain boolean; stored int := 0; skip int; cur bigint; hits int; at bigint;
BEGIN
  IF cardinality(data) <> n OR cardinality(meta) <> n OR NOT 0 < ALL (p_count) THEN
    RAISE EXCEPTION 'a batch that is not made of whole events' USING ERRCODE = '22023';
  END IF;
  SELECT h.position, ${ALL_CURRENT} INTO STRICT seen, plain FROM stagegate.head h WHERE h.id = 1;
  IF plain THEN
    UPDATE stagegate.head h SET position = h.position + n WHERE h.id = 1 RETURNING h.position - n INTO STRICT head;
    -- The head says whether anything has been stored since that look: to insert what loses would leave dead rows.
    IF head <> seen THEN SELECT ${ALL_CURRENT} INTO plain; END IF;
    -- Behind the lock, here as below: time goes on as positions do.
    recorded_at := clock_timestamp();
  END IF;
  IF plain THEN
    BEGIN
      INSERT INTO stagegate.event (position, stream_id, revision, event_id, type, data, meta, created_at)
      SELECT head + a.skip + k, a.s, a.e + k, p_ids[a.skip + k], p_types[a.skip + k],
        data[a.skip + k]::json, meta[a.skip + k]::json, recorded_at
      FROM unnest(p_streams, p_expected, p_skip, p_count) AS a(s, e, skip, count)
      CROSS JOIN LATERAL generate_series(1, a.count) AS k;
      GET DIAGNOSTICS stored = ROW_COUNT;
    EXCEPTION WHEN unique_violation THEN
      plain := false;
    END;
  END IF;
  IF plain THEN
    IF stored <> n THEN RAISE EXCEPTION 'a batch with events of no append' USING ERRCODE = '22023'; END IF;
    head := head + n;
    RETURN QUERY SELECT 'all-ok'::text, NULL::bigint, head, recorded_at;
  ELSE
    FOR i IN 1..cardinality(p_streams) LOOP
      skip := p_skip[i];
      cur := ${lastOf('p_streams[i]')};
      IF head IS NULL AND cur <= p_expected[i] THEN
        SELECT h.position INTO STRICT head FROM stagegate.head h WHERE h.id = 1 FOR UPDATE;
        recorded_at := clock_timestamp();
        cur := ${lastOf('p_streams[i]')};
      END IF;
      IF cur <> p_expected[i] THEN
        -- By place, not by search: re-sent is what stands exactly where it was to be stored.
        SELECT count(*), max(e.position) INTO hits, at FROM generate_series(1, p_count[i]) AS k
        JOIN stagegate.event e
          ON e.stream_id = p_streams[i] AND e.revision = p_expected[i] + k AND e.event_id = p_ids[skip + k];
        IF hits = p_count[i] THEN RETURN QUERY SELECT 'duplicate'::text, p_expected[i] + hits, at, NULL::timestamptz;
        ELSE RETURN QUERY SELECT 'conflict'::text, cur, NULL::bigint, NULL::timestamptz;
        END IF;
      ELSIF EXISTS (SELECT FROM stagegate.event e WHERE e.event_id = ANY (p_ids[skip + 1 : skip + p_count[i]])) THEN
        RETURN QUERY SELECT 'id-reused'::text, cur, NULL::bigint, NULL::timestamptz;
      ELSE
        INSERT INTO stagegate.event (position, stream_id, revision, event_id, type, data, meta, created_at)
        SELECT head + k, p_streams[i], cur + k, p_ids[skip + k], p_types[skip + k],
          data[skip + k]::json, meta[skip + k]::json, recorded_at
        FROM generate_series(1, p_count[i]) AS k;
        head := head + p_count[i];
        stored := stored + p_count[i];
        RETURN QUERY SELECT 'ok'::text, cur + p_count[i], head, recorded_at;
      END IF;
    END LOOP;
    -- What was refused leaves no gap.
    IF head IS NOT NULL THEN UPDATE stagegate.head h SET position = head WHERE h.id = 1; END IF;
  END IF;
  IF stored > 0 THEN PERFORM pg_notify('${CHANNEL}', head::text); END IF;
END $$;
REVOKE ALL ON FUNCTION stagegate.append(text[], bigint[], int[], int[], uuid[], text[], text, text) FROM PUBLIC;
`;

/** Whoever could append still can. */
const SAME_GRANTS = `
DO $$
DECLARE grantee regrole;
BEGIN
  FOR grantee IN
    SELECT DISTINCT a.grantee FROM pg_proc p CROSS JOIN aclexplode(p.proacl) AS a
    WHERE p.oid = 'stagegate.append(json)'::regprocedure AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s',
      'stagegate.append(text[], bigint[], int[], int[], uuid[], text[], text, text)', grantee);
  END LOOP;
END $$;
DROP FUNCTION stagegate.append(json);
`;

/** An append takes what it is to store in parts instead of as one JSON text. */
export const VERSION_2 = APPEND + SAME_GRANTS;
