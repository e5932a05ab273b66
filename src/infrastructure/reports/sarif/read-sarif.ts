import type { Parsed } from '../../../application/ports/report-reader';
import { FINDING_LEVELS, type SecurityReport } from '../../../domain/gates/security/findings';
import { jsonOf } from '../bounded-json';
import {
  fieldsOf,
  kindOf,
  listOf,
  Malformed,
  optionalFields,
  optionalOf,
  optionalText,
  parsedBy,
  type Fields,
} from '../malformed';
import { readResult } from './read-result';
import { componentsOf, driverOf } from './rules';

const MOST_RUNS = 100;
/** Of a report. A scanner with more has to be told to leave something out, as nobody compares them. */
const MOST_RESULTS = 100_000;

/**
 * A report in SARIF 2.1.0. Read strictly, and only as far as the gate needs it; what else a tool writes is its own business. A run
 * that says of itself that it failed, or that has no list of results, has not scanned.
 */
export function readSarif(text: string): Parsed<SecurityReport> {
  return parsedBy(() => reportOf(fieldsOf(jsonOf(text), 'the report')));
}

function reportOf({ version, runs: given }: Fields): SecurityReport {
  if (version !== '2.1.0') throw new Malformed(`version: expected SARIF 2.1.0, saw ${kindOf(version)}`);
  if (!Array.isArray(given)) throw new Malformed(`runs: expected a list, saw ${kindOf(given)}`);
  const runs = given.map((run, index) => fieldsOf(run, `runs[${index}]`));
  if (runs.length === 0) throw new Malformed('runs: expected at least one, saw none: nothing was scanned');
  if (runs.length > MOST_RUNS) throw new Malformed(`runs: expected at most ${MOST_RUNS}, saw ${runs.length}`);
  const count = runs.reduce((sum, { results }) => sum + (Array.isArray(results) ? results.length : 0), 0);
  if (count > MOST_RESULTS) throw new Malformed(`results: expected at most ${MOST_RESULTS}, saw ${count}`);
  return {
    tools: [...new Set(runs.map((run, index) => driverOf(run, `runs[${index}]`).name))],
    findings: runs.flatMap((run, index) => findingsOf(run, `runs[${index}]`)),
  };
}

function findingsOf(run: Fields, at: string): SecurityReport['findings'] {
  mustHaveRun(run, at);
  const { results } = run;
  if (!Array.isArray(results))
    throw new Malformed(`${at}.results: expected a list, saw ${kindOf(results)}: nothing was scanned`);
  const components = componentsOf(run, at);
  const artifacts = listOf(run['artifacts'], `${at}.artifacts`);
  return results.flatMap((result, index) => {
    const place = `${at}.results[${index}]`;
    return readResult(fieldsOf(result, place), { at: place, components, artifacts }) ?? [];
  });
}

/** @throws Malformed when the tool says that it could not do its work. */
function mustHaveRun(run: Fields, at: string): void {
  for (const [index, each] of listOf(run['invocations'], `${at}.invocations`).entries()) {
    const place = `${at}.invocations[${index}]`;
    const { executionSuccessful, toolExecutionNotifications: notifications } = fieldsOf(each, place);
    if (typeof executionSuccessful !== 'boolean')
      throw new Malformed(`${place}.executionSuccessful: expected true or false, saw ${kindOf(executionSuccessful)}`);
    if (!executionSuccessful)
      throw new Malformed(`${place}: the tool says that its execution failed`, 'tool_reported_failure');
    for (const said of listOf(notifications, `${place}.toolExecutionNotifications`)) mustBeNoError(said, place);
  }
}

function mustBeNoError(notification: unknown, at: string): void {
  const { level, message } = fieldsOf(notification, `${at}.toolExecutionNotifications`);
  const how = optionalOf(level, FINDING_LEVELS, `${at}.toolExecutionNotifications.level`);
  if (how !== 'error') return;
  const words = optionalText(optionalFields(message, at)?.['text'], at) ?? 'without a word';
  throw new Malformed(`${at}: the tool tells of an error: ${words.slice(0, 300)}`, 'tool_reported_failure');
}
