/** Who asks for tasks, and decides for all sides where commands are decided without a service. */
export const BENCH = { name: 'bench', kind: 'service', rights: ['submit', 'work', 'conduct'], projects: '*' };
