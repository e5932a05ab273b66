import { installFailpoints, type Failpoint } from '../application/failpoint';
import { processEnvironment } from '../infrastructure/config/environment';

/** `<point>` or `<point>:<n>`: kills this process, as kill -9 does, at the n-th passage of the point. Tests only. */
const VARIABLE = 'STAGEGATE_SELFTEST_FAILPOINT';

export function installTestFailpoint(): void {
  const wanted = processEnvironment()[VARIABLE];
  if (wanted === undefined) return;
  const [point, count = '1'] = wanted.split(':');
  let left = Number(count);
  installFailpoints((passed: Failpoint) => {
    if (passed !== point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  });
}
