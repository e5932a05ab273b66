import { GATES } from './gates';
import { expectNoticed, HUNT_MS } from './hunt';

describe('deliberate faults are noticed', () => {
  it.each(GATES)('$name', expectNoticed, HUNT_MS);
});
