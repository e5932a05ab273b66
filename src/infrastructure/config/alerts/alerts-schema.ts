import { listOf, object, type Schema } from '../project/schema/schema-parts';
import { SECRET } from '../project/schema/secret-schema';

export const SINK_KINDS = ['webhook', 'slack', 'email'] as const;
/** Names a checkpoint in the log; the service's own is not for others. */
export const SINK_NAME_PATTERN = '^(?!log$)[a-z0-9][a-z0-9-]{0,39}$';
export const A_SINK_NAME = '1 to 40 of a-z, 0-9 and -, not log';

/** One of mail: a plain address, or a name before one in angle brackets. */
const ADDRESS: Schema = {
  type: 'string',
  maxLength: 320,
  pattern: '^(?:[^\\s@<>,;:"]+@[^\\s@<>,;:"]+|[^@<>,;:"\\r\\n]+ <[^\\s@<>,;:"]+@[^\\s@<>,;:"]+>)$',
  description: 'an address such as ops@example.com or Ops <ops@example.com>',
};

/** Keys of one sink, for the reference too. */
export const ALERT_SINK: Schema = {
  ...object({
    kind: {
      enum: SINK_KINDS,
      description: 'What takes them: `webhook` is CloudEvents with a signature of Standard Webhooks.',
    },
    url: {
      type: 'string',
      pattern: '^(?:https?|smtps?)://[^\\s@]+$',
      description: 'a URL of https (of smtps or smtp for `email`), without a user and password',
    },
    urlFrom: { ...SECRET, description: 'The same where the URL is a secret: `variable: <name>` or `file: <path>`.' },
    secrets: {
      type: 'array',
      minItems: 1,
      maxItems: 2,
      items: SECRET,
      description:
        'What a `webhook` is signed with, each `variable: <name>` or `file: <path>`; two while one takes the place of the other.',
    },
    from: { ...ADDRESS, description: 'an address such as `Stagegate <stagegate@example.com>`, who an `email` is from' },
    to: {
      type: 'array',
      uniqueItems: true,
      minItems: 1,
      maxItems: 20,
      items: ADDRESS,
      description: 'Who gets an `email`.',
    },
    user: { type: 'string', minLength: 1, description: 'Who logs in at the mail server; nobody where it is left out.' },
    password: { ...SECRET, description: 'The password of `user`: `variable: <name>` or `file: <path>`.' },
    allow: {
      type: 'array',
      uniqueItems: true,
      maxItems: 20,
      items: { type: 'string', minLength: 1, maxLength: 253 },
      description: 'Hosts and addresses that are not public, or speak no TLS, and are yours.',
    },
    projects: {
      type: 'array',
      uniqueItems: true,
      minItems: 1,
      items: { type: 'string', minLength: 1 },
      description: 'Only alerts of these projects.',
    },
    severities: { ...listOf(['warning', 'critical'], 'Only alerts of these severities.'), minItems: 1 },
  }),
  required: ['kind'],
};

export const ALERTS: Schema = {
  ...object({
    sinks: {
      type: 'object',
      description: 'sinks of alerts, by name',
      propertyNames: { pattern: SINK_NAME_PATTERN, description: `a name of ${A_SINK_NAME}` },
      additionalProperties: ALERT_SINK,
    },
  }),
  description: 'Where alerts go beside the log of the service.',
};
