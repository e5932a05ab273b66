import { expectNoticed, HUNT_MS } from './hunt';
import { HOOKS } from './hooks';

describe('deliberate faults are noticed', () => {
  it.each(HOOKS)('$name', expectNoticed, HUNT_MS);
});
