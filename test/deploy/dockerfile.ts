export interface Copy {
  /** Stage it comes from; null for the folder that is built. */
  readonly from: string | null;
  readonly sources: readonly string[];
  readonly target: string;
}

export interface Stage {
  readonly name: string;
  readonly image: string;
  readonly copies: readonly Copy[];
  readonly runs: readonly string[];
}

export interface Dockerfile {
  readonly stages: readonly Stage[];
  /** Of the last stage, as everything below. */
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workdir: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

interface Instruction {
  readonly verb: string;
  readonly rest: string;
}

/** As much of the language as ours has in it. @throws for anything else */
export function readDockerfile(text: string): Dockerfile {
  const instructions = instructionsOf(text);
  const starts = instructions.flatMap(({ verb }, index) => (verb === 'FROM' ? [index] : []));
  const parts = starts.map((start, index) => instructions.slice(start, starts[index + 1]));
  const last = parts.at(-1) ?? [];
  const restOf = (verb: string) => last.filter((one) => one.verb === verb).at(-1)?.rest ?? '';
  const list = (json: string) => (json === '' ? [] : (JSON.parse(json) as string[]));
  return {
    stages: parts.map(stageOf),
    env: Object.fromEntries(
      last.filter(({ verb }) => verb === 'ENV').flatMap(({ rest }) => rest.split(/\s+/).map(pairOf)),
    ),
    user: restOf('USER') || 'root',
    workdir: restOf('WORKDIR'),
    entrypoint: list(restOf('ENTRYPOINT')),
    command: list(restOf('CMD')),
    healthcheck: list(/CMD (\[.*\])$/.exec(restOf('HEALTHCHECK'))?.[1] ?? ''),
  };
}

const VERBS = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'VOLUME', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'];

function instructionsOf(text: string): readonly Instruction[] {
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, verb = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
      if (!VERBS.includes(verb)) throw new Error(`expected one of ${VERBS.join(', ')}, saw ${line}`);
      return { verb, rest };
    });
}

function stageOf([from, ...rest]: readonly Instruction[]): Stage {
  const [image = '', , name = ''] = from?.rest.split(' ') ?? [];
  const of = (verb: string) => rest.filter((one) => one.verb === verb).map((one) => one.rest);
  return { name, image, copies: of('COPY').map(copyOf), runs: of('RUN') };
}

function copyOf(rest: string): Copy {
  const words = rest.split(/\s+/);
  const from = words[0]?.startsWith('--from=') ? (words.shift()?.slice('--from='.length) ?? '') : null;
  return { from, sources: words.slice(0, -1), target: words.at(-1) ?? '' };
}

function pairOf(pair: string): readonly [string, string] {
  const [name = '', value = ''] = pair.split(/=(.*)/s);
  return [name, value];
}
