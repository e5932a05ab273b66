import { object, ref, type Schema } from './schema-parts';

/** Secrets are named in the project file, never written there. */
export const SECRET: Schema = {
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
