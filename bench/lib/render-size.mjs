import { table } from './markdown.mjs';
import { median, rounded } from './stats.mjs';
import { groupBy } from './validity.mjs';

/** What is compared with which floor; both are medians of the rounds. */
const FLOOR_OF = {
  'full fold': 'raw read',
  'rebuild queue': 'floor rebuild',
  'rebuild all': 'floor rebuild',
};

/** The large store: phases against their floors, and the answers it gives. */
export function sizeTables(records) {
  const phases = groupBy(
    records.filter(({ type, valid }) => type === 'size' && valid),
    ({ phase }) => phase,
  );
  if (phases.size === 0) return [];
  const rate = (name) => median((phases.get(name) ?? []).map(({ events_per_s: each }) => each));
  const rows = [...phases].map(([name, runs]) => {
    const floor = FLOOR_OF[name];
    const ratio = floor ? `${rounded(rate(name) / rate(floor))} of ${floor}` : '';
    const rss = Math.max(...runs.map(({ rss_mb: mb }) => mb));
    return [name, runs.length, Math.round(rate(name)), ratio, rss, runs[0].bytes_per_event ?? ''];
  });
  const answers = records
    .filter(({ type, valid }) => type === 'http' && valid)
    .map(({ what, lat_ms: lat, bytes }) => [what, lat.n, lat.p50, lat.p99 ?? '–', lat.most, Math.ceil(bytes / 1024)]);
  return [
    table(['phase', 'runs', 'events per second', 'ratio', 'RSS MB', 'bytes per event'], rows),
    table(['answer', 'requests', 'p50 ms', 'p99 ms', 'longest ms', 'KB'], answers),
  ];
}
