import { holdsCredentials, quoted } from '../../application/secrets';
import type { SubmoduleSource } from '../../domain/policy/project-policy';
import { localPath } from '../local-path';
import { UserError } from '../user-error';

/** @param text `<url>=<path>`; an equals sign may be in the URL. */
export function submoduleSource(text: string): SubmoduleSource {
  const end = text.lastIndexOf('=');
  const url = text.slice(0, Math.max(end, 0));
  const from = text.slice(end + 1);
  if (url === '' || from === '')
    throw new UserError(`--submodule: expected <url>=<path of a clone>, saw ${quoted(text)}; give both`);
  if (holdsCredentials(url))
    throw new UserError('--submodule: expected a URL without a password, saw one with it; leave it out');
  return { url, from: localPath('--submodule', from) };
}
