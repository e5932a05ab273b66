import { HOOK_SOURCES, type HookSource } from '../../../../domain/hooks/hook-sources';
import { object, ref, type Schema } from './schema-parts';

const SENDERS: Readonly<Record<HookSource, string>> = {
  github: 'GitHub',
  gitea: 'Gitea or Forgejo',
  plane: 'Plane',
  generic: 'whoever signs as Standard Webhooks has it',
};

const SECRET: Schema = {
  ...object({
    file: {
      type: 'string',
      minLength: 1,
      description: 'A file with the secret and nothing else; a relative path counts from this file.',
    },
    variable: ref('variable', "A variable of the service's environment that holds it."),
  }),
  minProperties: 1,
  maxProperties: 1,
  description: 'file or variable, which name where a secret is',
};

/** Secrets are named here, never written. */
export const HOOKS: Schema = object(
  Object.fromEntries(
    HOOK_SOURCES.map((source) => [
      source,
      {
        ...object({
          secrets: {
            type: 'array',
            minItems: 1,
            maxItems: 2,
            items: SECRET,
            description: `Where the secrets of ${SENDERS[source]} are: one, or two while one is rotated.`,
          },
        }),
        required: ['secrets'],
        description: `Webhooks of ${SENDERS[source]}.`,
      },
    ]),
  ),
  'Who may send webhooks about this project, each with its secrets. Whoever is not named is refused.',
);
