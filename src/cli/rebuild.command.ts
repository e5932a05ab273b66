import { ChainCheck } from '../application/audit/chain-check';
import { pagesOf } from '../application/audit/compare-log';
import type { Core } from '../compose/core';
import { PROJECTIONS } from '../projections/projections';
import { openCore } from './open-core';
import type { Output } from './output';
import { UserError } from './user-error';
import { quoted } from '../application/secrets';

/** What was changed by hand must not be shown as what happened: the read models in use stay as they are. */
async function demandWholeLog({ store, hasher }: Core): Promise<void> {
  const chains = new ChainCheck(hasher);
  for await (const page of pagesOf(store)) for (const event of page) chains.demand(event);
}

/**
 * Makes read models again beside the ones that are in use, and puts them in their place. A service may run meanwhile: it
 * goes on reading the old ones until then.
 *
 * @param name of one projection; default: all.
 * @param repo whose state is meant, as for the reading commands.
 */
export async function rebuild(name: string | undefined, repo: string | undefined, output: Output): Promise<void> {
  const names = PROJECTIONS.map((projection) => projection.name);
  if (name !== undefined && !names.includes(name))
    throw new UserError(`projection: expected one of ${names.join(', ')}, saw ${quoted(name)}`);
  const core = await openCore(repo);
  try {
    if (core.settings.readModel.kind === 'memory') {
      throw new UserError(
        'STAGEGATE_READ_MODEL_URL: expected read models that outlive this command, saw "memory:"; they are made at every start',
      );
    }
    const startedAt = performance.now();
    await demandWholeLog(core);
    const rebuilt = await core.projector.rebuild(name === undefined ? names : [name]);
    const durationMs = Math.round(performance.now() - startedAt);
    if (output.isJson) output.json({ rebuilt, durationMs });
    else {
      for (const { projection, generation, position } of rebuilt)
        output.line(`${projection}: generation ${generation} is live, at ${position}`);
      output.note(`${durationMs} ms`);
    }
  } finally {
    await core.close();
  }
}
