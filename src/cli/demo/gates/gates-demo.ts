import type { SubmittedTask } from '../../../domain/task/task.state';
import type { ServiceConfig } from '../../../infrastructure/config/service-config';
import type { Output } from '../../output';
import { Interrupted } from '../../signals';
import { bold } from '../../styled';
import type { DemoService } from '../demo-service';
import { SampleRepository } from '../sample-repository';
import { Ci } from './ci';
import { TALES, tellGateTales, type GateTale } from './gate-tales';
import { gatesProject, mendShelf, PROJECT } from './gates-project';
import { reportGates, summarizeGates } from './gates-report';

/** One project with every gate on, and for each gate a task that it refuses, that is repaired, and lands. */
export async function gatesDemo(root: string, config: ServiceConfig, output: Output) {
  const sample = await SampleRepository.make(root);
  await tellGateTales(sample);
  await sample.finish();
  const projects = await gatesProject(root, sample.dir, config);
  return { projects, perform: (service: DemoService) => performAll(service, { root, sample }, output) };
}

async function performAll(
  service: DemoService,
  { root, sample }: { readonly root: string; readonly sample: SampleRepository },
  output: Output,
): Promise<number> {
  const startedAt = performance.now();
  if (!output.isJson)
    for (const { branch, gate, fault } of TALES) output.line(bold(`${PROJECT}.${branch}`), `  ${gate}: ${fault}`);
  if (!output.isJson) output.line('');
  const ci = new Ci(
    sample,
    service.evidence,
    TALES.map(({ branch }) => branch),
  );
  const ended = await Promise.race([untilDone(service, root), ci.broken]).finally(() => ci.stop());
  if (ended instanceof Interrupted) return ended.code;
  const events = await service.events();
  return reportGates(summarizeGates(ended, events, Math.round(performance.now() - startedAt)), output);
}

/** First what a developer repairs, all at once; then what people have to see to, each by itself: what is deployed must be the newest. */
async function untilDone(service: DemoService, root: string): Promise<readonly SubmittedTask[] | Interrupted> {
  const tasks = await service.drive(TALES.filter(({ repair }) => repair !== null).map(asked));
  if (tasks instanceof Interrupted) return tasks;
  const ended = [...tasks];
  for (const tale of TALES.filter(({ repair }) => repair === null)) {
    const driven = await service.drive([asked(tale)]);
    if (driven instanceof Interrupted) return driven;
    await mendShelf(root, tale.branch);
    const held = driven.flatMap(({ id, hold }) => (hold ? [id] : []));
    const repaired =
      tale.gate === 'check_tests_not_weakened'
        ? await service.waive(held, tale.gate, 'we do give them away')
        : await service.retry(held, 'the shelf is there, and clean');
    if (repaired instanceof Interrupted) return repaired;
    ended.push(...driven.map((task) => repaired.find(({ id }) => id === task.id) ?? task));
  }
  return ended;
}

function asked({ branch }: GateTale) {
  return { project: PROJECT, id: branch, branch, title: `Sell ${branch}`, startStage: 'development' } as const;
}
