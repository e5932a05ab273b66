import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { EvidenceFile } from '../application/requests';
import { quoted } from '../application/secrets';
import { A_FILE_TEXT, isFileText, MOST_FILE_BYTES } from '../domain/gates/outside-evidence';
import { wordsOf } from '../domain/within-sentence';
import type { Client } from './client';
import type { Output } from './output';
import { reportTask } from './task.commands';
import { UserError } from './user-error';

export interface EvidenceFlags {
  readonly gate: string;
  readonly name: string;
  readonly result: string;
  readonly head?: string;
  readonly url?: string;
  readonly file?: readonly string[];
}

/** Says how a check of a commit went. */
export async function bringEvidence(
  client: Client,
  output: Output,
  task: string,
  { gate, name, result, head, url, file = [] }: EvidenceFlags,
): Promise<void> {
  const files: EvidenceFile[] = [];
  for (const path of file) files.push({ name: basename(path), text: await textIn(path) });
  const done = await client.evidence(task, { gate, name, result, headOid: head, url, files });
  reportTask(done, output, `has ${name}: ${result} for ${gate}`);
}

async function textIn(path: string): Promise<string> {
  const bytes = await firstBytes(path).catch((error: unknown) => {
    throw new UserError(`--file: expected a file, saw none in ${quoted(path)}: ${wordsOf(error)}`);
  });
  const text = bytes.length > MOST_FILE_BYTES ? null : decoded(bytes);
  if (text !== null && isFileText(text)) return text;
  const seen = bytes.length > MOST_FILE_BYTES ? 'more' : `${bytes.length} bytes that are not`;
  throw new UserError(`--file: expected ${A_FILE_TEXT}, saw ${seen} in ${quoted(path)}`);
}

/** As much as a file may have, and one byte more. */
async function firstBytes(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of handle.createReadStream({ end: MOST_FILE_BYTES, autoClose: false }))
      chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  } finally {
    await handle.close();
  }
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The decoder has no other way to say so.
    return null;
  }
}
