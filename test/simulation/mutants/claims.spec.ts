import { CLAIMS } from './claims';
import { expectNoticed, HUNT_MS } from './hunt';

describe('deliberate faults are noticed', () => {
  it.each(CLAIMS)('$name', expectNoticed, HUNT_MS);
});
