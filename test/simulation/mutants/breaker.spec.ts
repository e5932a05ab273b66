import { BREAKER } from './breaker';
import { expectNoticed, HUNT_MS } from './hunt';

describe('deliberate faults are noticed', () => {
  it.each(BREAKER)('$name', expectNoticed, HUNT_MS);
});
