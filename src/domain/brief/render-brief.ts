import type { BRIEF_VARIABLES, Handed } from '../handed-to-runs';
import { quotedBlock, shortLines } from '../quoting';
import { plainLine, plainText } from '../staging/plain-text';
import { doesCommit } from '../task/pipeline';
import { firstBytes, MAX_PROMPT_BYTES, withoutPlaces, type Brief, type BriefFile } from './brief';
import { cameBack } from './came-back';
import { artifactOf, deliver } from './deliver';
import { exampleArtifact } from './example-artifact';
import type { BriefFacts } from './facts';
import { TEMPLATES } from './shipped-templates';
import { fillTemplate, type TemplateValues } from './template';

/** Of the description within the prompt; all of it is among the files. */
const GOAL_BYTES = 40_000;
const LINE_CHARS = 4_000;

/** The brief of one run. The same facts give the same brief. */
export function renderBrief(facts: BriefFacts): Brief {
  const files = filesOf(facts);
  const text = fillTemplate(facts.template ?? TEMPLATES[facts.role], valuesOf(facts, files));
  const prompt = firstBytes(text, MAX_PROMPT_BYTES, '… cut here: the template makes it too long\n');
  return { prompt, files, variables: variablesOf(facts) };
}

function filesOf(facts: BriefFacts): readonly BriefFile[] {
  const { task, role, stage, reports } = facts;
  return [
    ...(task.description === null ? [] : [{ name: 'description.md', text: plainText(task.description) }]),
    ...reports.map(({ name, text }) => ({ name, text: plainText(text) })),
    ...(doesCommit(role) ? [] : [{ name: 'example.md', text: exampleOf(stage, facts) }]),
  ];
}

function valuesOf(facts: BriefFacts, files: readonly BriefFile[]): TemplateValues {
  const { task, role, stage, repository, main, headOid, baseOid } = facts;
  const artifact = doesCommit(role) ? null : artifactOf(stage);
  return {
    role,
    stage,
    task: task.id,
    project: task.project,
    repository: withoutPlaces(plainLine(repository)),
    title: titleOf(task.title),
    goal: goalOf(facts),
    branch: task.branch,
    head: headOid,
    main,
    base: baseOid,
    came_back: cameBack(facts),
    files: files.length === 0 ? 'none' : files.map(({ name }) => `\`${name}\``).join(', '),
    artifact: artifact?.file ?? '',
    verdict_key: artifact?.verdictKey ?? '',
    verdict_values: artifact ? allowed(facts).join(', ') : '',
    example: artifact ? quotedBlock(exampleOf(stage, facts)) : '',
    deliver: deliver(facts),
  };
}

function titleOf(title: string): string {
  return withoutPlaces(plainLine(title));
}

function goalOf({ task: { title, description } }: BriefFacts): string {
  if (description === null) return titleOf(title);
  const quoted = withoutPlaces(quotedBlock(shortLines(plainText(description), LINE_CHARS)));
  return `${titleOf(title)}\n\n${firstBytes(quoted, GOAL_BYTES, '\n… all of it is in `{{brief_dir}}/description.md`')}`;
}

function exampleOf(stage: BriefFacts['stage'], { task, headOid }: BriefFacts): string {
  return exampleArtifact(stage, { task: task.id, headOid });
}

function allowed({ stage }: BriefFacts): readonly string[] {
  const { passes, fails } = artifactOf(stage);
  return fails === null ? [passes] : [passes, fails];
}

/** For what reads no prose. Empty ones are there too, so that a script may rely on them. */
function variablesOf(facts: BriefFacts): Handed<typeof BRIEF_VARIABLES> {
  const { task, role, stage, runId, main, headOid, baseOid } = facts;
  const artifact = doesCommit(role) ? null : artifactOf(stage);
  return {
    STAGEGATE_ROLE: role,
    STAGEGATE_TASK: task.id,
    STAGEGATE_RUN_ID: runId,
    STAGEGATE_BRANCH: task.branch,
    STAGEGATE_HEAD: headOid,
    STAGEGATE_MAIN: main,
    STAGEGATE_BASE: baseOid,
    STAGEGATE_REASON: task.lastReason ?? '',
    STAGEGATE_ARTIFACT: artifact?.file ?? '',
    STAGEGATE_VERDICT_KEY: artifact?.verdictKey ?? '',
    STAGEGATE_VERDICT_VALUES: artifact ? allowed(facts).join(' ') : '',
  };
}
