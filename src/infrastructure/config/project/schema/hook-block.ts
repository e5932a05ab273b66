import { HOOK_SOURCES, type HookSource } from '../../../../domain/hooks/hook-sources';
import { object, type Schema } from './schema-parts';
import { SECRET } from './secret-schema';

const SENDERS: Readonly<Record<HookSource, string>> = {
  github: 'GitHub',
  gitea: 'Gitea or Forgejo',
  plane: 'Plane',
  generic: 'whoever signs as Standard Webhooks has it',
};

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
