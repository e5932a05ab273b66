import { ofCount, pathsText } from './seen-words';
import type { FolderList } from '../task.events';

/** What a person should know of submodules that a run did not have; nothing where there were none. */
export function emptyFolderWords(folders: FolderList | undefined): readonly string[] {
  if (!folders || folders.count === 0) return [];
  const [what, cure] =
    folders.count === 1
      ? ['the folder of a submodule was', 'allow its source if the suite needs it']
      : [`the folders of ${folders.count} submodules were`, 'allow their sources if the suite needs them'];
  return [`${what} empty: ${foldersText(folders)}; ${cure}`];
}

/** `lib, docs/theme, and 3 more`. */
export function foldersText({ count, paths }: FolderList): string {
  return ofCount([pathsText(paths, paths.length)], count - paths.length + 1).join(', ');
}
