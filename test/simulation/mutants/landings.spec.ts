import { LANDINGS } from './landings';
import { expectNoticed, HUNT_MS } from './hunt';

describe('deliberate faults are noticed', () => {
  it.each(LANDINGS)('$name', expectNoticed, HUNT_MS);
});
