import { PROGRESS } from './progress';
import { expectNoticed, HUNT_MS } from './hunt';

describe('deliberate faults are noticed', () => {
  it.each(PROGRESS)('$name', expectNoticed, HUNT_MS);
});
