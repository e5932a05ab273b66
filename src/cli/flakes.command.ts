import { listed } from '../domain/task/words/seen-words';
import type { QueueFlake } from '../projections/queue/projectors/queue-flake.projector';
import type { Client, FlakesAsked } from './client';
import type { Output } from './output';

/** Prints trees on which a suite was red and green; or, as JSON, the answer of `GET /v1/flakes`. */
export async function showFlakes(client: Client, output: Output, asked: FlakesAsked): Promise<void> {
  const view = await client.flakes(asked);
  if (output.isJson) {
    output.json(view);
    return;
  }
  if (view.items.length === 0) {
    output.line('no suite was both red and green on one tree');
    return;
  }
  output.table(['project', 'tree', 'task', 'times', 'last', 'tests', 'runs'], view.items.map(rowOf));
  if (view.nextCursor !== null) output.line(`more: stagegate flakes --cursor ${view.nextCursor}`);
}

const MOST_TESTS = 3;

function rowOf({ project, treeOid, taskId, times, lastAt, seen, tests }: QueueFlake): readonly string[] {
  const runs = seen.map(({ colour, runId }) => `${colour} ${runId}`).join(', ');
  const names = listed(
    tests.map(({ name, times: often }) => (often > 1 ? `${name} (${often} times)` : name)),
    MOST_TESTS,
  );
  return [project, treeOid.slice(0, 10), taskId, String(times), lastAt, names.join(', ') || '-', runs];
}
