import type { StoreUrl } from '../infrastructure/config/values/value-types';
import { addressOf as esdbAddressOf } from '../infrastructure/event-stores/eventstoredb/server/address';
import { addressOf } from '../infrastructure/postgres/address';

/** Without a password: it stands in files and messages. */
export function nameOfStore(store: StoreUrl): string {
  switch (store.kind) {
    case 'memory':
      return 'memory';
    case 'file':
      return store.path;
    case 'postgres':
      return addressOf(store.url);
    case 'eventstoredb':
      return esdbAddressOf(store.url);
  }
}
