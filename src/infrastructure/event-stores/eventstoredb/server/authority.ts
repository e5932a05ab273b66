import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { StoreUnavailable } from '../../../../application/ports/event-store';
import { addressOf, optionOf } from './address';

/**
 * The file of `tlsCAFile`, which the client would pass over when there is no certificate in it.
 *
 * @returns null when the URL names none.
 * @throws StoreUnavailable STORE_CA_FILE
 */
export function authorityOf(url: string): Buffer | null {
  const named = optionOf(url, 'tlsCAFile');
  if (named === undefined || optionOf(url, 'tls') === 'false') return null;
  const path = resolve(named);
  try {
    const pem = readFileSync(path);
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const seen = (error as NodeJS.ErrnoException).code ?? 'no certificate';
    const text = `${addressOf(url)}: expected a certificate (PEM) in tlsCAFile=${path}, saw ${seen}; correct the path, or put the certificate of the authority there`;
    throw new StoreUnavailable('STORE_CA_FILE', text, { cause: error });
  }
}
