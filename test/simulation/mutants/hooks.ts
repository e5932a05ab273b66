import type { Mutant } from './mutant';

/** By what is believed that comes from outside, and how often. Few histories have a forge. */
export const HOOKS: readonly Mutant[] = [
  {
    name: 'a task takes a delivery that it has taken before',
    caughtBy: ['I51'],
    file: 'src/domain/task/decide/decide-evidence.ts',
    find: 'if (delivery && deliveriesIn(evidenceFor(task, gate)).includes(delivery.digest)) return nothing();',
    replace: '',
  },
  {
    name: 'whatever looks like a signature lets in',
    caughtBy: ['I51'],
    file: 'src/infrastructure/hooks/delivery-signature.ts',
    find: 'return isHex && fits.length > 0;',
    replace: 'return isHex && fits.length >= 0;',
  },
  {
    name: 'what was signed is known by the id that it comes under',
    caughtBy: ['I51'],
    file: 'src/application/hooks/deliveries.ts',
    find: 'const data = { project, source, delivery: id, event, digest, meaning, check };',
    replace: "const data = { project, source, delivery: id, event, digest: id.padEnd(64, '0'), meaning, check };",
  },
  {
    name: 'what a webhook says of a check is brought to nobody',
    caughtBy: ['I51'],
    file: 'src/application/subscribers/hook-evidence.ts',
    find: "return type === 'WebhookReceived' && data['meaning'] === 'evidence';",
    replace: "return type === 'WebhookReceived' && data['meaning'] === '';",
  },
];
