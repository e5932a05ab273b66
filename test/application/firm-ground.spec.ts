import { FirmGround } from '../../src/application/conductor/firm-ground';
import { InfrastructureError } from '../../src/application/ports/infrastructure-error';
import { QuietLogger } from '../support/quiet-logger';

const GONE = new InfrastructureError('LOG_FILE_GONE', 'log: gone');

it('lets nothing begin while something is in the way, and says so once', () => {
  const logger = new QuietLogger();
  let obstacle: InfrastructureError | null = null;
  const ground = new FirmGround({ obstacle: () => obstacle }, logger);
  expect([ground.mayBegin(), ground.isFirmAgain()]).toEqual([true, false]);
  obstacle = GONE;
  expect([ground.mayBegin(), ground.mayBegin(), ground.isFirmAgain()]).toEqual([false, false, false]);
  expect(logger.errors).toHaveLength(1);
  obstacle = null;
  // Whoever asks first, what waits is told once.
  expect([ground.mayBegin(), ground.isFirmAgain(), ground.isFirmAgain()]).toEqual([true, true, false]);
});

it('is firm where nobody looks', () => {
  expect(new FirmGround(null, new QuietLogger()).mayBegin()).toBe(true);
});
