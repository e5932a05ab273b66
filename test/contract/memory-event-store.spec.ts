import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { eventStoreContract } from './event-store.contract';

eventStoreContract({
  name: 'memory',
  info: { kind: 'memory', durability: 'none' },
  hasDensePositions: false,
  create: async () => {
    const only = new MemoryEventStore();
    return { open: async () => only, target: null, remove: async () => undefined };
  },
});
