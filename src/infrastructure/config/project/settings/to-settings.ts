import { resolve } from 'node:path';
import type { GateName, PipelineStage } from '../../../../domain/task/pipeline';
import { monitorSettings } from './monitor-settings';
import type { ProjectSettings } from '../project-settings';
import type { RawProject } from '../raw-project';
import { SettingsReader } from './settings-reader';
import type { YamlDocument } from '../../values/yaml-document';

/** Turns one project as the file spells it into settings; what no schema can tell is checked here. */
export function toSettings(document: YamlDocument, project: string, raw: RawProject, folder: string): ProjectSettings {
  const read = new SettingsReader(document, ['projects', project]);
  return {
    project,
    repo: read.pathOf(raw.repo, folder, 'repo'),
    main: read.branch(raw.main),
    committer: raw.committer,
    signingKey: raw.signingKey === undefined ? undefined : resolve(folder, raw.signingKey),
    submodules: raw.submodules?.map(({ url, from }, index) => ({
      url: read.openUrl(url, 'submodules', index, 'url'),
      from: read.pathOf(from, folder, 'submodules', index, 'from'),
    })),
    ci: raw.ci,
    regressionMarkers: raw.regressionMarkers?.map((marker, index) => ({
      ...marker,
      file: read.insideClone(marker.file, 'regressionMarkers', index, 'file'),
    })),
    entryStages: raw.entryStages as readonly PipelineStage[] | undefined,
    staging: { ...read.suite(raw.staging, 'staging'), suite: raw.staging.suite },
    retest: read.suite(raw.retest ?? {}, 'retest'),
    testing: raw.testing && { ...read.suite(raw.testing, 'testing'), suite: raw.testing.suite },
    shadow: [
      ...(raw.testing?.shadow ? (['testing'] as const) : []),
      ...(raw.staging.shadow ? (['deploy-staging'] as const) : []),
    ],
    judge: raw.judge && read.judge(raw.judge),
    security: raw.security && read.security(raw.security),
    coverage: raw.coverage && read.coverage(raw.coverage),
    image: raw.image && read.image(raw.image),
    deploy: raw.deploy && {
      command: raw.deploy.command,
      timeoutMs: read.duration(raw.deploy.timeout, 'deploy', 'timeout'),
      graceMs: read.duration(raw.deploy.grace, 'deploy', 'grace'),
      env: raw.deploy.env,
    },
    monitor:
      raw.monitor &&
      monitorSettings(document, project, raw.monitor, (text, key) => read.duration(text, 'monitor', key)),
    agents: read.agents(raw.agents ?? {}, folder),
    requiredGates: raw.requiredGates as readonly GateName[] | undefined,
    budgets: raw.budgets,
    backoff: {
      baseMs: read.duration(raw.backoff?.base, 'backoff', 'base'),
      maxMs: read.duration(raw.backoff?.max, 'backoff', 'max'),
    },
    breaker: raw.breaker && {
      windowMs: read.duration(raw.breaker.window, 'breaker', 'window'),
      minRuns: raw.breaker.minRuns,
      rate: raw.breaker.rate,
      unmovedMs: read.duration(raw.breaker.unmovedAfter, 'breaker', 'unmovedAfter'),
      cooldownMs: read.duration(raw.breaker.cooldown, 'breaker', 'cooldown'),
    },
    onInfraExhausted: raw.onInfraExhausted,
    onInconclusive: raw.onInconclusive,
    onSilentRevert: raw.onSilentRevert,
    revertWindow: raw.revertWindow,
  };
}
