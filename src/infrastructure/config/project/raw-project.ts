import type { CoverageFormat } from '../../../domain/gates/coverage/coverage-report';
import type { OnSilentRevert } from '../../../domain/gates/revert/on-silent-revert';
import type { HookSource } from '../../../domain/hooks/hook-sources';
import type { CiPolicy, TextMarker } from '../../../domain/policy/project-policy';
import type { SecretPlace } from '../../secrets/secret-place';

/** A command as the file spells it. */
export type RawCommand = string | readonly string[];

/** One of them. */
export interface RawWitness {
  readonly file?: string;
  readonly output?: string;
  readonly junit?: string | readonly string[];
  readonly tap?: string | readonly string[];
}

export interface RawSuite {
  readonly setup?: RawCommand;
  readonly suite?: RawCommand;
  readonly timeout?: string;
  readonly grace?: string;
  readonly witness?: RawWitness;
  readonly minTests?: number;
  readonly onVanishedTests?: 'note' | 'hold';
  readonly minIsolation?: 'none' | 'L0' | 'L1' | 'L2' | 'L3';
  readonly env?: readonly string[];
  readonly checkout?: { readonly depth?: number | 'full' };
  readonly confirmRed?: boolean;
  readonly cache?: { readonly folders: readonly string[]; readonly key: readonly string[]; readonly maxSize?: string };
}

/** A command that leaves a report. */
export type RawReport = Omit<RawSuite, 'suite' | 'witness'> & {
  readonly command: RawCommand;
  readonly report: string;
  readonly exitCodes?: readonly number[];
};

export type RawSecurity = RawReport & {
  readonly level?: 'error' | 'warning' | 'note' | 'off';
  readonly severity?: number | 'off';
  readonly findings?: 'new' | 'all';
};

export type RawCoverage = RawReport & {
  readonly format?: CoverageFormat | 'auto';
  readonly floor?: number | 'off';
  readonly tolerance?: number | 'off';
  readonly changedLines?: number | 'off';
  readonly sources?: readonly string[];
};

export interface RawMonitor {
  readonly command?: RawCommand;
  readonly url?: string;
  readonly expect?: readonly number[];
  readonly every?: string;
  readonly for?: string;
  readonly timeout?: string;
  readonly failures?: number;
  readonly grace?: string;
  readonly env?: readonly string[];
}

/** One of `report`, `layout` and `registry`. */
export type RawImage = Omit<RawReport, 'command' | 'report'> & {
  readonly command?: RawCommand;
  readonly report?: string;
  readonly layout?: string;
  readonly registry?: string;
  readonly credentials?: string;
  readonly insecure?: boolean;
  readonly maxAge?: string;
};

export interface RawJudge {
  readonly run?: 'main-tests' | 'note' | 'off';
  readonly timeout?: string;
  readonly paths?: readonly string[];
  readonly ignore?: readonly string[];
  readonly protect?: readonly string[];
}

export interface RawBreaker {
  readonly window?: string;
  readonly minRuns?: number;
  readonly rate?: number;
  readonly unmovedAfter?: string;
  readonly cooldown?: string;
}

/** By source. */
export type RawHooks = Readonly<Partial<Record<HookSource, { readonly secrets: readonly SecretPlace[] }>>>;

/** One project of a file that agrees with the schema. */
export interface RawProject {
  readonly repo: string;
  readonly main?: string;
  readonly entryStages?: readonly string[];
  readonly committer?: { readonly name: string; readonly email: string };
  readonly signingKey?: string;
  readonly submodules?: readonly { readonly url: string; readonly from: string }[];
  readonly ci?: CiPolicy;
  readonly hooks?: RawHooks;
  readonly staging: RawSuite & { readonly suite: RawCommand; readonly shadow?: boolean };
  readonly regressionMarkers?: readonly TextMarker[];
  readonly retest?: RawSuite;
  readonly testing?: RawSuite & { readonly suite: RawCommand; readonly shadow?: boolean };
  readonly security?: RawSecurity;
  readonly coverage?: RawCoverage;
  readonly judge?: RawJudge;
  readonly image?: RawImage;
  readonly deploy?: {
    readonly command: RawCommand;
    readonly timeout?: string;
    readonly grace?: string;
    readonly env?: readonly string[];
  };
  readonly monitor?: RawMonitor;
  readonly agents?: Readonly<Record<string, { command: RawCommand; timeout?: string; grace?: string; brief?: string }>>;
  readonly requiredGates?: readonly string[];
  readonly budgets?: Readonly<Record<string, number>>;
  readonly backoff?: { readonly base?: string; readonly max?: string };
  readonly breaker?: RawBreaker;
  readonly onInfraExhausted?: 'hold' | 'rollback';
  readonly onInconclusive?: 'hold' | 'retry';
  readonly onSilentRevert?: OnSilentRevert;
  readonly revertWindow?: number;
  readonly switches?: Readonly<Record<string, boolean>>;
}
