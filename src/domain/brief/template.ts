import type { BriefPlaces } from './brief';

/** What a template may name in double braces, and what stands there then. */
export const PLACEHOLDERS = {
  role: 'the role',
  stage: 'the stage',
  task: 'the task, as `<project>.<task>`',
  project: 'key of the project',
  repository: 'name of the repository',
  title: 'the title',
  goal: 'the title, and the description as a quotation',
  branch: "the task's branch",
  head: 'its commit',
  main: 'the branch it is to land on',
  base: "main's commit, which is `main` in the clone",
  came_back:
    'a section on why the task came back, what was repaired since, or why the last try did not count; empty the first time',
  files: 'names of the files in the folder of the brief',
  artifact: 'name of the file to leave; empty for the developer',
  verdict_key: 'key of its verdict; empty for the developer',
  verdict_values: 'the values it may have; empty for the developer',
  example: 'a filled example of the file, as a quotation; empty for the developer',
  deliver: 'what to leave and how, who commits and who pushes',
  artifact_dir: 'folder for the file, on the machine that runs the agent',
  brief_dir: 'folder of the brief, on that machine',
} as const;

export type Placeholder = keyof typeof PLACEHOLDERS;
export const PLACEHOLDER_NAMES = Object.keys(PLACEHOLDERS) as readonly Placeholder[];
/** All but what is filled in by whoever starts the agent. */
export type TemplateValues = Readonly<Record<Exclude<Placeholder, keyof BriefPlaces>, string>>;

/** A template's text, in bytes of UTF-8: it is part of the policy, which is one event. */
export const MAX_TEMPLATE_BYTES = 32_768;

/** `${{ }}` is GitHub's. */
const NAMED = /(?<!\$)\{\{([^{}]*)\}\}/g;

/** The first thing in double braces that is nothing of ours; null when all is known. */
export function unknownPlaceholder(template: string): string | null {
  const names = [...template.matchAll(NAMED)].map(([, name = '']) => name);
  return names.find((name) => !Object.hasOwn(PLACEHOLDERS, name)) ?? null;
}

/** In one pass: what a value holds is not looked at again, and no folder is filled into it. */
export function fillTemplate(template: string, values: TemplateValues): string {
  return template.replace(NAMED, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name as keyof TemplateValues] : null;
    return value ?? whole;
  });
}
