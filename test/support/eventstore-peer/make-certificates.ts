import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from './peer';

/** An authority and a certificate of it for this machine, as PEM files in `folder`. @throws where there is no openssl */
export function makeCertificates(folder: string): { readonly authority: string; readonly node: Certificate } {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => {
    execFileSync('openssl', args, { stdio: 'pipe' });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-batch'];
  openssl('req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.crt'), '-days', '2', '-subj', '/CN=tests');
  openssl('req', ...newKey, '-keyout', at('node.key'), '-out', at('node.csr'), '-subj', '/CN=eventstoredb-node');
  writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const by = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at('names')];
  openssl('x509', '-req', '-in', at('node.csr'), ...by, '-out', at('node.crt'));
  return { authority: at('ca.crt'), node: { key: at('node.key'), chain: at('node.crt') } };
}

/** @returns why none can be made here; null when they can. */
export function obstacleToCertificates(): string | null {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'no openssl on PATH';
  }
}
