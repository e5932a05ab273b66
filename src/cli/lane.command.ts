import type { ResumeRequest } from '../application/lane-operations';
import type { Client } from './client';
import type { Output } from './output';

/** Ends the pause of a project's lane. */
export async function resumeLane(client: Client, output: Output, { project, reason }: ResumeRequest): Promise<void> {
  const answer = await client.resumeLane({ project, reason });
  if (output.isJson) output.json(answer);
  else output.line(`${project}: the lane ${answer.isChanged ? 'goes on' : 'was not paused'}`);
}
