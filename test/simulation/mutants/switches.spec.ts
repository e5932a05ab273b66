import { SWITCHES } from './switches';
import { expectNoticed, HUNT_MS } from './hunt';

describe('deliberate faults are noticed', () => {
  it.each(SWITCHES)('$name', expectNoticed, HUNT_MS);
});
