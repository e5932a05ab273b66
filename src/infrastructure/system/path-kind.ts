import { statSync } from 'node:fs';

/** What has a name; `other` is what can be neither read nor opened as it should, as a link that leads nowhere in circles. */
export function pathKind(path: string): 'missing' | 'empty' | 'file' | 'folder' | 'other' {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return 'folder';
    if (!stats.isFile()) return 'other';
    return stats.size === 0 ? 'empty' : 'file';
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'other';
  }
}
