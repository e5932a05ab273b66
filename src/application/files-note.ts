import { leftWords } from '../domain/task/words/followed-words';
import type { FilesNote } from './ports/git-workspace';

/** One line for people: what was done about a landing that was cut short before the files had followed. */
export function filesNoteText(note: FilesNote): string {
  const { task, at } = note;
  switch (note.kind) {
    case 'finished':
      return `the files in ${at} now follow the landing of ${task}, which was cut short${leftWords(note)}`;
    case 'left':
      return `the files in ${at} were left as they are: ${note.text}`;
    case 'busy':
      return `the files in ${at} are for a later start to look at: ${note.text}`;
  }
}
