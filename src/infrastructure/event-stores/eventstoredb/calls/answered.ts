import { OutcomeUnknown } from '../../../../application/ports/event-store';
import { TookTooLong } from './collect';

/**
 * An answer in time, or none. What comes later is nobody's any more.
 *
 * @throws what `answer` rejects with, `TookTooLong`, or OutcomeUnknown when the caller gave up
 */
export function answered<T>(answer: Promise<T>, withinMs: number, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail: (error: unknown) => void = reject;
    const timer = setTimeout(() => {
      settle(() => {
        reject(new TookTooLong(withinMs));
      });
    }, withinMs);
    const onAbort = () => {
      const text =
        'expected an answer before its caller gave up, saw none; the append may be stored: send the same one again';
      settle(() => {
        reject(new OutcomeUnknown('STORE_OUTCOME_UNKNOWN', text));
      });
    };
    const settle = (how: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      how();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    answer.then(
      (value) => {
        settle(() => {
          resolve(value);
        });
      },
      (error: unknown) => {
        settle(() => {
          fail(error);
        });
      },
    );
  });
}
