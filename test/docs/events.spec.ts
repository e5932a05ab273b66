import { envelopeTable, eventTable, sharedShapes } from './event-catalogue';
import { expectGeneratedPart } from './pages';

const PAGE = 'docs/events.md';

describe('the event catalogue is what the code says', () => {
  it('envelope', () => {
    expectGeneratedPart(PAGE, 'envelope', envelopeTable());
  });

  it.each(['task', 'lane', 'policy', 'access', 'switch', 'artifact', 'subscriber', 'hook'] as const)(
    '%s events',
    (of) => {
      expectGeneratedPart(PAGE, `${of} events`, eventTable(of));
    },
  );

  it('shapes', () => {
    expectGeneratedPart(PAGE, 'shapes', sharedShapes());
  });
});
