import type { Mutant } from './mutant';

/** That work goes on, and not for ever. */
export const PROGRESS: readonly Mutant[] = [
  {
    name: 'a job may end for free without end',
    from: 95,
    caughtBy: ['I7', 'I17'],
    file: 'src/domain/task/budgets/hold-endless.ts',
    find: 'if (count <= FREE_BOUNDS[end]) return;',
    replace: 'if (count >= 0) return;',
  },
  {
    name: 'a result that the store refuses for good is dropped',
    from: 170,
    caughtBy: ['I17'],
    file: 'src/application/conductor/hand-over.ts',
    find: "if (isFinal(error)) return { kind: 'unstorable', error };",
    replace: "if (isFinal(error)) return { kind: 'lost' };",
  },
  {
    name: 'a clock that was set back is waited for',
    from: 80,
    caughtBy: ['I7'],
    file: 'src/domain/instant.ts',
    find: ' || leftMs > wholeMs + CLOCK_TOLERANCE_MS',
    replace: '',
  },
  {
    name: 'a batch that could not be handled is done with all the same',
    caughtBy: ['I19'],
    file: 'src/application/subscribers/batch-progress.ts',
    find: 'if (error === null && !this.hasRest) for (const event of events) this.take(event);',
    replace: 'for (const event of events) this.take(event);',
  },
  {
    name: 'the pause before a retry is waited for again when the batch has been taken',
    from: 2940,
    caughtBy: ['I19'],
    file: 'src/domain/subscriber/standing.ts',
    find: 'retryAt: earlier(before.trouble.retryAt, now)',
    replace: 'retryAt: before.trouble.retryAt',
  },
  {
    name: 'a batch is done with before it is handled',
    caughtBy: ['I19'],
    file: 'src/application/subscribers/batches.ts',
    find: 'const events = [...(await this.eventsAside(at, dueAside(before, asker))), ...fresh];',
    replace:
      'const events = [...(await this.eventsAside(at, dueAside(before, asker))), ...fresh];\n' +
      'const first = { after: fresh.length > 0 ? placeOf(fresh.at(-1) as StoredEvent) : before.after, done: [] };\n' +
      "await log.append(known, { type: 'BatchHandled', data: handled(first, deps.worker, this.now()) });\n" +
      'known = await log.recall();',
  },
  {
    name: 'a delivery that failed is not tried again',
    caughtBy: ['I19'],
    file: 'src/application/subscribers/batch-progress.ts',
    find: 'else this.aside = [...this.aside, this.failed];',
    replace: 'else this.rest();',
  },
  {
    name: 'what is aside is forgotten when another process takes the lease',
    caughtBy: ['I19'],
    file: 'src/domain/subscriber/standing.ts',
    find: '...(dueNow && { aside: dueNow }) };',
    replace: '};',
  },
  {
    name: 'a task is staged before what it depends on has landed',
    caughtBy: ['I34'],
    file: 'src/domain/task/next-step.ts',
    find: "return task.stage === 'deploy-staging' && openDependencies(task).length > 0;",
    replace: "return task.stage === 'deploy' && openDependencies(task).length > 0;",
  },
  {
    name: 'nobody looks again when a task has landed that another one waits for',
    from: 150,
    caughtBy: ['I7'],
    file: 'src/application/conductor/dependencies.ts',
    find: 'return ENDING.has(type) ? [...(this.waiting.get(task) ?? [])] : [];',
    replace: "return type === '' ? [...(this.waiting.get(task) ?? [])] : [];",
  },
  {
    name: 'a task that waits for another one has its turn in the lane before it',
    caughtBy: ['I7'],
    file: 'src/application/conductor/lane-queue.ts',
    find: ' && step.on === undefined;',
    replace: ';',
  },
];
