import { open } from 'node:fs/promises';
import { quoted } from '../application/secrets';
import { A_DESCRIPTION } from '../domain/task/texts';
import { UserError } from './user-error';
import { wordsOf } from '../domain/within-sentence';

export interface DescriptionFlags {
  readonly description?: string | undefined;
  /** A path, or `-` for stdin. */
  readonly descriptionFile?: string;
}

/** More than this is no description, whatever is read behind it. */
const MOST_BYTES = 65_536;
const STDIN = '-';

/** What `--description` or `--description-file` says; undefined where neither is given. */
export async function descriptionOf({ description, descriptionFile }: DescriptionFlags): Promise<string | undefined> {
  if (descriptionFile === undefined) return description;
  if (description !== undefined)
    throw new UserError('expected one of --description and --description-file, saw both; leave one out');
  const name = descriptionFile === STDIN ? 'stdin' : quoted(descriptionFile);
  const bytes = await firstBytes(descriptionFile).catch((error: unknown) => {
    throw new UserError(`--description-file: expected a file, saw none in ${name}: ${wordsOf(error)}`);
  });
  return asText(bytes, name);
}

/** As much as a description may have, and one byte more. */
async function firstBytes(path: string): Promise<Uint8Array> {
  if (path === STDIN) return gathered(process.stdin);
  const file = await open(path);
  return gathered(file.createReadStream());
}

async function gathered(stream: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > MOST_BYTES) break;
  }
  return Buffer.concat(chunks);
}

function asText(bytes: Uint8Array, name: string): string {
  const mistake = (seen: string) =>
    new UserError(`--description-file: expected ${A_DESCRIPTION}, saw ${seen} in ${name}`);
  if (bytes.length > MOST_BYTES) throw mistake('more');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The decoder has no other way to say so.
    throw mistake('bytes that are no UTF-8');
  }
}
