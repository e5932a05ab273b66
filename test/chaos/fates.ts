/**
 * What becomes of a branch is written in its file `tasks/<task>`, which stays on main once it has landed: a suite reads the
 * files of all tasks.
 */
export const FATES = ['green', 'red', 'flaky', 'conflict', 'moves'] as const;
export type Fate = (typeof FATES)[number];

/**
 * The suite of every run. `HOME` is one folder for all replicas, in which a flaky task notes that it has been killed once.
 * Some take a second, some leave a daemon, by the number of tasks there are.
 */
export const SUITE = `#!/bin/sh
for file in tasks/*; do
  read -r fate < "$file"
  case $fate in
    red) echo "$file is red"; exit 1 ;;
    flaky) mkdir "$HOME/killed-once-\${file#tasks/}" 2>/dev/null && kill -KILL $$ ;;
  esac
done
set -- tasks/*
case $(($# % 3)) in
  0) sleep 1 ;;
  1) setsid sleep 300 & sleep 0.1 ;;
esac
exit 0
`;

/** Repairs what is red, and puts itself on top of main where that conflicts. */
export const DEVELOPER = `#!/bin/sh
set -eu
export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.org GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.org
task=\${STAGEGATE_TASK#*.}
if [ "$STAGEGATE_REASON" = conflict ]; then
  git fetch --quiet origin "$STAGEGATE_MAIN"
  git rebase --quiet -X theirs FETCH_HEAD
else
  echo repaired > "tasks/$task"
fi
git add --all
git commit --quiet --allow-empty -m "repair $task"
git push --quiet --force origin HEAD
`;

/** Files of the branch of a task; all that conflict write the same line. */
export function filesOf(task: string, fate: Fate): Readonly<Record<string, string>> {
  const own = { [`tasks/${task}`]: `${fate}\n` };
  return fate === 'conflict' ? { ...own, 'shared.txt': `${task}\n` } : own;
}
