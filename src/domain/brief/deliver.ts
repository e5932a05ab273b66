import { doesCommit, rowOf } from '../task/pipeline';
import type { BriefFacts } from './facts';

/** What to leave and how; who commits and who pushes. */
export function deliver(facts: BriefFacts): string {
  return (doesCommit(facts.role) ? commits(facts) : artifact(facts)).join('\n');
}

function commits({ task, main }: BriefFacts): readonly string[] {
  return [
    `Commit on \`${task.branch}\`, which is checked out, and push it with \`git push origin HEAD\`. Only what is pushed counts, and a`,
    'run without a new commit on that branch has failed. You are the only role that commits and pushes.',
    `Leave \`${main}\` on the server alone: it moves by a landing and by nothing else.`,
  ];
}

function artifact({ stage, main }: BriefFacts): readonly string[] {
  const { file, verdictKey, passes, fails } = artifactOf(stage);
  const values = fails === null ? `\`${passes}\`` : `\`${passes}\` or \`${fails}\``;
  return [
    `Write one file, \`{{artifact_dir}}/${file}\`. It is judged by one line, \`${verdictKey}\`, whose value is ${values}.`,
    ...(fails === null ? [`There is no other value: as long as it is not ${passes}, leave no file.`] : []),
    'It begins with a block of `key: value` lines between two lines `---`; below is text for people, in which no line is `---`',
    `and none begins with \`${verdictKey}\`. A filled example is in \`{{brief_dir}}/example.md\`.`,
    `Do not commit and do not push: only the developer does, and this clone has no remote. Change nothing on \`${main}\`.`,
  ];
}

export function artifactOf(stage: BriefFacts['stage']) {
  const { artifact: found } = rowOf(stage);
  if (!found) throw new Error(`stage ${stage} has no artifact`);
  return found;
}
