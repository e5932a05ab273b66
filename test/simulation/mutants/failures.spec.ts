import { FAILURES } from './failures';
import { expectNoticed, HUNT_MS } from './hunt';

describe('deliberate faults are noticed', () => {
  it.each(FAILURES)('$name', expectNoticed, HUNT_MS);
});
