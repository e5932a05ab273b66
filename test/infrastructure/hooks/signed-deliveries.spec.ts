import { createHmac } from 'node:crypto';
import { Logger } from '../../../src/application/ports/logger';
import { SignedDeliveries } from '../../../src/infrastructure/hooks/signed-deliveries';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';

const SECRET = 'a secret of github';

class WarningLogger extends Logger {
  constructor(private readonly said: string[]) {
    super();
  }

  info(): void {
    // Of no concern here.
  }

  warn(message: string, fields: object = {}): void {
    this.said.push(`${message} ${JSON.stringify(fields)}`);
  }

  error(message: string): void {
    this.said.push(message);
  }
}

function doorWith(environment: Readonly<Record<string, string>>) {
  const said: string[] = [];
  const logger = new WarningLogger(said);
  const hooksOf = (project: string) =>
    project === 'web' ? { github: [{ variable: 'NEW' }, { variable: 'OLD' }] } : {};
  const door = new SignedDeliveries({ hooksOf, environment, clock: new SystemClock(), logger });
  const ask = (project = 'web') => {
    const body = Buffer.from('{}');
    const signature = createHmac('sha256', SECRET).update(body).digest('hex');
    return door.verified(project, 'github', { headers: { 'x-hub-signature-256': `sha256=${signature}` }, body });
  };
  return { ask, said };
}

it('one secret of two lets in, and there is nothing to be said', () => {
  const { ask, said } = doorWith({ OLD: SECRET });
  expect(ask()).toMatchObject({ project: 'web', source: 'github' });
  expect(said).toEqual([]);
});

it('where there is none nobody is let in, and it is said once of each', () => {
  const { ask, said } = doorWith({ OLD: 'too short' });
  expect([ask(), ask(), ask('none')]).toEqual([null, null, null]);
  expect(said).toEqual([
    expect.stringContaining('web/github: $NEW: expected a secret, saw nothing'),
    expect.stringContaining('web/github: $OLD: expected a secret of at least 16 characters, saw 9'),
  ]);
});
