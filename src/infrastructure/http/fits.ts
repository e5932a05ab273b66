import { ValidateBy, ValidateIf } from 'class-validator';

/** Not `IsOptional`, which lets null through as well: no default stands in for that. */
export const MayBeMissing = () => ValidateIf((_body, value) => value !== undefined);

/** The domain's rule; here it only says so before anything else is asked. */
export function Fits(
  type: 'string' | 'number' | 'any',
  rule: (value: never) => boolean,
  expected: string,
): PropertyDecorator {
  const validate = (value: unknown) => (type === 'any' || typeof value === type) && rule(value as never);
  const defaultMessage = () => `$property: expected ${expected}`;
  return ValidateBy({ name: rule.name, validator: { validate, defaultMessage } });
}
