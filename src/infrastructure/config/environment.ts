/** Variables by name, as the operating system handed them over. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The one place that reads `process.env`; everything else gets the variables it needs as values. */
export function processEnvironment(): Environment {
  return { ...process.env };
}

/** Where programs are looked for; where nobody has said so, as a shell would. */
export function programPath(): string {
  return processEnvironment()['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
}
