import type { ReportFault } from '../../../../application/ports/report-reader';

type Reason = Extract<ReportFault['reason'], `registry_${string}` | 'no_image'>;

/** Why a registry has no answer for us. Thrown and caught within the adapter, whose caller gets a value. */
export class RegistryFault extends Error {
  constructor(
    readonly reason: Reason,
    message: string,
  ) {
    super(message);
  }

  toValue(): ReportFault {
    const { reason, message } = this;
    return { kind: 'fault', reason, evidence: [message], ...HOW[reason] };
  }
}

/** Who is not let in, or leads us where nobody may, will be the same in a minute; an image may come, and servers come back. */
const HOW: Readonly<Record<Reason, Pick<ReportFault, 'failureClass' | 'retryable'>>> = {
  no_image: {},
  registry_down: { failureClass: 'dependency-down' },
  registry_malformed: {},
  registry_refused: { retryable: false },
  registry_unsafe: { retryable: false },
};
