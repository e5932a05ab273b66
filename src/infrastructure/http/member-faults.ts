import { BadRequestException, ValidationPipe } from '@nestjs/common';
import { withoutSecrets } from '../../application/secrets';
import { plainLine } from '../../domain/staging/plain-text';

/** What is wrong with one member of a body, as RFC 9457 shows it. */
export interface MemberFault {
  /** A JSON pointer into the body, as the fragment of a URI. */
  readonly pointer: string;
  /** For people, in a line. */
  readonly detail: string;
}

/** A body of many unknown members is refused by the first of them. */
const MOST_FAULTS = 20;
const LONGEST_NAME = 100;
const LONGEST_DETAIL = 300;

/** Its code is that of other requests that make no sense. */
class UnfitBody extends BadRequestException {
  override readonly name = BadRequestException.name;

  constructor(readonly faults: readonly MemberFault[]) {
    super(faults.map(({ detail }) => detail));
  }
}

/** Takes bodies as their classes say, and refuses others member by member. */
export function bodyRules(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    exceptionFactory: (errors) =>
      new UnfitBody(
        errors.flatMap(({ property, constraints = {} }) =>
          Object.values(constraints).map((detail) => memberFault(property, detail)),
        ),
      ),
  });
}

/** Of a body that its class does not take; none for whatever else is wrong. */
export function memberFaultsOf(error: unknown): readonly MemberFault[] {
  return error instanceof UnfitBody ? error.faults.slice(0, MOST_FAULTS) : [];
}

/** @param member as it was sent: it may be anything. */
export function memberFault(member: string, detail: string): MemberFault {
  const name = plainLine(withoutSecrets(member), LONGEST_NAME);
  const escaped = name.replaceAll('~', '~0').replaceAll('/', '~1');
  return { pointer: `#/${encodeURIComponent(escaped)}`, detail: plainLine(withoutSecrets(detail), LONGEST_DETAIL) };
}
