import { AGENT_ROLES, type AgentRole } from '../../domain/task/pipeline';

/** Completes "expected …". */
export const A_ROLE = `one of ${AGENT_ROLES.join(', ')}`;

export function isRole(text: string): text is AgentRole {
  return (AGENT_ROLES as readonly string[]).includes(text);
}
