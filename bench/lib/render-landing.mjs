import { loads, span } from './markdown.mjs';

/** Sentences about landings, by the type of their record. */
export const LANDING_RENDERERS = {
  'landing-small': unlessWrong(
    ({ files, landings, landing_ms: ms, landing_cpu_ms: cpu, rebase_ms: rebase, load1 }) =>
      `${landings} landings in a tree of ${files} files, medians: ${ms} ms (${cpu} ms of processor time), \`git rebase\` ${rebase} ms; load ${loads(load1)}.`,
  ),
  'landing-large': unlessWrong(
    ({ files, landings, landing_ms: ms, landing_cpu_ms: cpu, rebase_ms: rebase, floor_ms: floor, load1 }) =>
      `${landings} landings in a tree of ${files} files, medians: ${ms} ms (${cpu} ms of processor time), \`git rebase\` ${rebase} ms, with two clones ${floor} ms; load ${loads(load1)}.`,
  ),
  'landing-gates': unlessWrong(gatesSentence),
  'landing-gates-memory': unlessWrong(gatesSentence),
  'land-start': unlessWrong(
    ({ starts, start_ms: ms, all_ms: all, end_ms: end, whole_ms: whole, load1 }) =>
      `${starts} times \`land\`: first event after ${ms} ms (${span(all)}), end ${end} ms after the last one, ${whole} ms in all; load ${loads(load1)}.`,
  ),
  'landing-many': unlessWrong(
    ({
      landings,
      first_ms: first,
      last_ms: last,
      first_cpu_ms: firstCpu,
      last_cpu_ms: lastCpu,
      clone_kb: kb,
      clone_files: files,
      load1,
    }) =>
      `${landings} landings one after the other, medians: at the beginning ${first} ms (${firstCpu} ms of processor time), at the end ${last} ms (${lastCpu} ms); the service's clone is then ${kb} KB in ${files} files; load ${loads(load1)}.`,
  ),
};

function unlessWrong(sentence) {
  return (record) => (record.valid ? sentence(record) : `${record.type}: not valid: ${record.why_invalid}`);
}

function gatesSentence({
  files,
  landings,
  data_fs: fs,
  plain_ms: plain,
  gated_ms: gated,
  clones_ms: clones,
  added_ms: added,
  added_p95_ms: p95,
  load1,
}) {
  return `On ${fs}: ${landings} landings in a tree of ${files} files, in turns without gates (median ${plain} ms) and with all that read reports (${gated} ms): they add ${added} ms, p95 ${p95} ms; three times \`git clone --shared\` with the checkout takes ${clones} ms; load ${loads(load1)}.`;
}
