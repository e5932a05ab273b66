import type { SetupCachePolicy } from '../../domain/policy/project-policy';
import { innerPath, notApart } from '../../infrastructure/config/values/inner-path';
import { DEFAULT_CACHE_SIZE, sizeBytes } from '../../infrastructure/config/values/size';
import { quoted } from '../../application/secrets';
import { UserError } from '../user-error';

export interface CacheFlags {
  readonly setup?: string;
  readonly cache?: readonly string[];
  readonly cacheKey?: readonly string[];
}

/** @returns undefined where nothing is to be kept. */
export function cachePolicy({ setup, cache = [], cacheKey = [] }: CacheFlags): SetupCachePolicy | undefined {
  if (cache.length === 0 && cacheKey.length === 0) return undefined;
  if (setup === undefined)
    throw new UserError('--cache: expected --setup beside it, saw none; name what makes the folder');
  if (cache.length === 0)
    throw new UserError('--cache-key: expected --cache beside it, saw none; name the folder to keep');
  if (cacheKey.length === 0)
    throw new UserError(
      '--cache: expected --cache-key beside it, saw none; name the files that the folder follows from',
    );
  const folders = cache.map((path) => insideClone('--cache', path));
  const twice = notApart(folders);
  if (twice)
    throw new UserError(
      `--cache: expected folders apart, saw ${twice.map(quoted).join(' and ')}; name the outer one once`,
    );
  return {
    folders,
    key: cacheKey.map((path) => insideClone('--cache-key', path)),
    maxBytes: sizeBytes(DEFAULT_CACHE_SIZE),
  };
}

function insideClone(flag: string, path: string): string {
  const inner = innerPath(path);
  if (inner !== null) return inner;
  throw new UserError(`${flag}: expected a path inside the clone and outside .git, saw ${quoted(path)}; correct it`);
}
