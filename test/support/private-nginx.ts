import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx'].find((path) => existsSync(path));
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** Why there is none on this machine; null when there is. */
export const NO_NGINX = PROGRAM === undefined ? 'no nginx here; apt-get install nginx-light' : null;

/** The real nginx with a server block, in a folder of its own. `stop` it. */
export class PrivateNginx {
  private constructor(
    private readonly folder: string,
    private readonly process: ChildProcess,
    /** What clients have to know its certificate by. */
    readonly authority: string,
  ) {}

  /** @param serverOf makes the block, given where its certificate and its key are. */
  static async start(
    names: readonly string[],
    serverOf: (certificate: string, key: string) => string,
  ): Promise<PrivateNginx> {
    const folder = mkdtempSync(join(tmpdir(), 'stagegate-nginx-'));
    const [certificate, key] = [join(folder, 'gate.pem'), join(folder, 'gate.key')];
    const subject = [
      '-subj',
      `/CN=${names[0] ?? ''}`,
      '-addext',
      `subjectAltName=${names.map((name) => `DNS:${name}`).join()}`,
    ];
    const asked = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', [...asked, '-keyout', key, '-out', certificate, ...subject], { stdio: 'ignore' });
    const file = join(folder, 'nginx.conf');
    const own = TEMPORARY.map((name) => `${name}_temp_path ${join(folder, name)};`);
    const http = ['access_log off;', ...own, serverOf(certificate, key)];
    // Workers of root would be somebody who may not enter the folder.
    const user = process.getuid?.() === 0 ? ['user root;'] : [];
    const main = [...user, 'daemon off;', `pid ${join(folder, 'pid')};`, 'events {}', 'http {', ...http, '}'];
    writeFileSync(file, `${main.join('\n')}\n`);
    const child = spawn(
      PROGRAM ?? 'nginx',
      ['-p', folder, '-c', file, '-e', 'stderr', '-g', 'error_log stderr notice;'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let said = '';
    await new Promise<void>((done, failed) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('start worker process')) done();
      });
      child.once('exit', () => {
        failed(new Error(`nginx did not start:\n${said}`));
      });
    });
    return new PrivateNginx(folder, child, readFileSync(certificate, 'utf8'));
  }

  get certificateFile(): string {
    return join(this.folder, 'gate.pem');
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}
