import { didYouMean } from '../domain/nearest-name';
import { isSwitchName, SWITCH_NAMES } from '../domain/policy/switches';
import type { SwitchOrigin } from '../domain/policy/switches-in-force';
import { isSwitchState, type SwitchState, type SwitchView } from '../application/switch-requests';
import { quoted } from '../application/secrets';
import type { Client } from './client';
import type { Output } from './output';
import { dim, yellow } from './styled';
import { UserError } from './user-error';

export interface SwitchFlags {
  readonly project?: string;
  readonly reason?: string;
}

/** Lists switches with who says so; with a state it sets one. */
export async function switchMechanism(
  client: Client,
  output: Output,
  name: string | undefined,
  state: string | undefined,
  flags: SwitchFlags,
): Promise<void> {
  if (name !== undefined && !isSwitchName(name)) throw unknownSwitch(name);
  if (name !== undefined && state !== undefined) return setSwitch(client, output, name, stateOf(state), flags);
  const { items } = await client.switches(flags.project ?? null);
  const shown = items.filter((item) => name === undefined || item.switch === name);
  if (output.isJson) output.json({ items: shown });
  else output.table(['project', 'switch', 'is', 'says who'], shown.map(row));
}

async function setSwitch(
  client: Client,
  output: Output,
  name: string,
  state: SwitchState,
  { project, reason }: SwitchFlags,
): Promise<void> {
  if (project === undefined) throw new UserError('--project: expected a project, saw none; name the one it is for');
  if (reason === undefined) throw new UserError('--reason: expected a text for the record, saw none; say why');
  const answer = await client.setSwitch({ project, switch: name, state, reason });
  if (output.isJson) {
    output.json(answer);
    return;
  }
  const now = answer.isChanged ? 'is now' : 'was';
  const already = answer.isChanged ? '' : ' already';
  output.line(`${project}: ${name} ${now} `, mark(answer), already, dim(` (${originText(answer.origin)})`));
}

function row(item: SwitchView): readonly string[] {
  return [item.project, item.switch, item.enabled ? 'on' : 'off', originText(item.origin)];
}

function mark({ enabled }: SwitchView) {
  return enabled ? 'on' : yellow('off');
}

/** In a line; everything in it was said by people or stands in a file of theirs. */
export function originText(origin: SwitchOrigin): string {
  switch (origin.from) {
    case 'event':
      return `${origin.by}, since ${origin.since}: ${origin.reason}`;
    case 'file':
      return 'the project file';
    case 'environment':
      return 'the environment';
    case 'default':
      return 'built in';
  }
}

function stateOf(text: string): SwitchState {
  if (isSwitchState(text)) return text;
  throw new UserError(
    `state: expected on, off or default, saw ${quoted(text)}; default gives it back to file and environment`,
  );
}

function unknownSwitch(name: string): UserError {
  const guess = didYouMean(name, SWITCH_NAMES) || '; correct it';
  return new UserError(`name: expected one of ${SWITCH_NAMES.join(', ')}, saw ${quoted(name)}${guess}`);
}
