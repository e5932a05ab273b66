import type { Digest } from '../../../domain/ids';
import type { RunRecord } from '../../../domain/task/task.events';
import type { Failed } from '../infra-report';

/** What one poll has come to. */
export type Poll =
  | {
      readonly kind: 'polled';
      readonly ok: boolean;
      readonly seen: string;
      readonly run: RunRecord | null;
      readonly environmentDigest: Digest | null;
      readonly tail: string;
    }
  /** It could not be made: nothing is known of what was deployed. */
  | ({ readonly kind: 'failed' } & Failed)
  | { readonly kind: 'abandoned' }
  /** It was switched off before anything was asked. */
  | { readonly kind: 'unwanted' };
