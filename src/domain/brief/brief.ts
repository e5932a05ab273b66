/**
 * What an agent is told, whoever starts it: a service, a person, a machine elsewhere. Nothing in it depends on a path of some
 * machine; two folders that only whoever starts it knows are left open in the prompt (`fillPlaces`).
 */
export interface Brief {
  /** In words, at most `MAX_PROMPT_BYTES` long: it may be one argument of a command line. */
  readonly prompt: string;
  /** For a folder beside the work: what earlier stages wrote, and what the task came back for. Plain names, no folders. */
  readonly files: readonly BriefFile[];
  readonly variables: Readonly<Record<string, string>>;
}

export interface BriefFile {
  readonly name: string;
  readonly text: string;
}

/** Folders of an agent's machine. */
export interface BriefPlaces {
  /** Where the artifact goes. */
  readonly artifact_dir: string;
  /** Where the brief's files are. */
  readonly brief_dir: string;
}

/** Linux takes no argument of 128 KiB; there has to be room for two paths. */
export const MAX_PROMPT_BYTES = 120_000;

const PLACES: readonly (keyof BriefPlaces)[] = ['artifact_dir', 'brief_dir'];
const PLACE = new RegExp(`\\{\\{(${PLACES.join('|')})\\}\\}`, 'g');

/** A prompt with the folders in it, for the machine that has them. */
export function fillPlaces(prompt: string, places: BriefPlaces): string {
  return prompt.replace(PLACE, (_, name: keyof BriefPlaces) => places[name]);
}

/** Somebody else's words, in which no folder is filled in. */
export function withoutPlaces(text: string): string {
  return text.replace(PLACE, (_, name: string) => `{{ ${name} }}`);
}

/** The beginning of a text, whole characters only, and a line that says that it is cut. */
export function firstBytes(text: string, maxBytes: number, note: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= maxBytes) return text;
  const first = new TextDecoder().decode(bytes.subarray(0, maxBytes)).replace(/\ufffd+$/, '');
  return `${first.slice(0, first.lastIndexOf('\n') + 1)}${note}`;
}
