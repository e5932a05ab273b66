import { codeIn, rowsUnder } from '../pages';
import type { Schema } from './schema';

const REST = 'docs/rest.md';
const TROUBLE = 'docs/troubleshooting.md';

interface Code {
  readonly code: string;
  readonly status: number;
  readonly meaning: string;
}

/** Every code that a problem can have: ours, and those of the world. */
export function problemCodes(): readonly Code[] {
  const ours = rowsUnder(REST, 'Problems').map(([code = '', status, meaning = '']) => ({
    code: codeIn(code)[0] ?? '',
    status: Number(status),
    meaning: plain(meaning),
  }));
  const ofTheWorld = rowsUnder(TROUBLE, 'Codes of the world').flatMap(([codes = '', meaning = '', remedy = '']) =>
    codeIn(codes).map((code) => ({ code, status: 503, meaning: plain([meaning, remedy].filter(Boolean).join(': ')) })),
  );
  return [...ours, ...ofTheWorld];
}

export const PROBLEM_SCHEMAS: Readonly<Record<string, () => Schema>> = {
  ProblemCode: () => ({
    description: 'Stable; programs branch on it. Each has its page at /problems/ and its name.',
    oneOf: problemCodes().map(({ code, status, meaning }) => ({
      const: code,
      title: String(status),
      description: meaning,
    })),
  }),
  Problem: () => ({
    description: 'What is wrong with a request, by RFC 9457.',
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code'],
    properties: {
      type: { type: 'string', description: 'Path of the page of the code.' },
      title: { type: 'string', description: 'The code.' },
      status: { type: 'integer', description: 'Of the answer.' },
      detail: { type: 'string', description: 'For people, in a line.' },
      code: { $ref: '#/components/schemas/ProblemCode' },
      instance: {
        type: 'string',
        description: 'Path of what was asked; left out in 401, and of what became no request.',
      },
      errors: {
        type: 'array',
        description: 'Members of the body that do not fit; left out where something else is the matter.',
        items: { $ref: '#/components/schemas/MemberFault' },
      },
    },
    example: {
      type: '/problems/already-held',
      title: 'already-held',
      status: 409,
      detail: 'web.T1: held since 2026-11-24T22:46:31.942Z: wait',
      code: 'already-held',
      instance: '/v1/tasks/web.T1/hold',
    },
  }),
  MemberFault: () => ({
    description: 'What is wrong with one member of a body.',
    type: 'object',
    required: ['pointer', 'detail'],
    properties: {
      pointer: { type: 'string', description: 'JSON pointer into the body, as the fragment of a URI.' },
      detail: { type: 'string', description: 'For people, in a line.' },
    },
  }),
};

/** Without links and marks of Markdown. */
export function plain(markdown: string): string {
  return markdown
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .replaceAll('\\|', '|');
}
