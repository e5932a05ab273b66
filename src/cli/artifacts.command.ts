import { pipeline } from 'node:stream/promises';
import type { ArtifactsView } from '../projections/task/list-artifacts.query';
import { allPages } from './all-pages';
import type { Client } from './client';
import { localPath } from './local-path';
import { writeNewFile } from './new-file';
import { asJsonText, printJsonParts, printVerbatim, type Output } from './output';
import { known } from './task.commands';
import { UserError } from './user-error';

export interface ArtifactsOptions {
  /** Name or sha256 of the one that is wanted; null: which there are. */
  readonly named: string | null;
  /** Where it goes; null: to stdout. */
  readonly out: string | null;
}

export async function showArtifacts(
  client: Client,
  output: Output,
  id: string,
  { named, out }: ArtifactsOptions,
): Promise<void> {
  if (named === null && out !== null)
    throw new UserError(
      '--out: expected the artifact that is to be written there, saw none; name it, see the list without --out',
    );
  const path = out === null ? null : localPath('--out', out);
  if (named === null) list(output, known(await allPages((cursor) => client.artifacts(id, cursor)), id));
  else await show(known(await client.artifact(id, named), id), { output, id, named, path });
}

function list(output: Output, view: ArtifactsView): void {
  if (output.isJson) {
    output.json(view);
    return;
  }
  if (view.items.length === 0) {
    output.line('nothing was written about it yet');
    return;
  }
  output.table(
    ['name', 'of', 'bytes', 'at', '', 'sha256'],
    view.items.map(({ name, stage, gate, check, sizeBytes, at, isCurrent, sha256 }) => [
      ...[name, check ?? gate ?? stage, sizeBytes === null ? 'lost' : String(sizeBytes), at],
      ...[isCurrent ? '' : 'replaced', sha256],
    ]),
  );
}

async function show(
  text: AsyncIterable<Uint8Array>,
  {
    output,
    id,
    named,
    path,
  }: { readonly output: Output; readonly id: string; readonly named: string; readonly path: string | null },
): Promise<void> {
  if (path !== null) {
    await writeNewFile(path, 'the artifact', (stream) => pipeline(text, stream));
    if (output.isJson) output.json({ task: id, artifact: named, file: path });
    else output.line(path);
  } else if (output.isJson) await printJsonParts(asJsonText({ task: id, artifact: named }, 'text', text));
  else await printVerbatim(text);
}
