import type { SetupNote } from '../task.events';

/** What became of a set-up whose folders may be kept, as part of a sentence or a line; nothing where none are. */
export function setupWords(note: SetupNote | undefined): readonly string[] {
  switch (note?.cache) {
    case undefined:
      return [];
    case 'restored':
      return ['the set-up was not needed: its folders were kept from a landing before'];
    case 'kept':
      return ['what the set-up made is kept for when this has landed'];
    case 'not-kept':
      return [`what the set-up made is not kept: ${note.detail ?? 'no reason was noted'}`];
  }
}
