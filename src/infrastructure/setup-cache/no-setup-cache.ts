import { SetupCache, type PendingSetup } from '../../application/ports/setup-cache';

/** Keeps nothing: somebody has switched it off. */
export class NoSetupCache extends SetupCache {
  restore(): Promise<PendingSetup> {
    return Promise.resolve({ keep: () => Promise.resolve('STAGEGATE_SETUP_CACHE_ENABLED is off') });
  }

  offer(): Promise<void> {
    return Promise.resolve();
  }
}
