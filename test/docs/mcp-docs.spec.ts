import { readFileSync } from 'node:fs';
import { operationsIn } from '../../src/cli/mcp/operations';
import { TOOLS } from '../../src/cli/mcp/tools';
import { codeIn, rowsUnder } from './pages';

const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as Record<string, unknown>;
const scopes = new Map(
  Object.values(document['paths'] as Record<string, Record<string, Record<string, unknown>>>)
    .flatMap((methods) => Object.values(methods))
    .map((operation) => [operation['operationId'], operation['x-stagegate-scope'] ?? '']),
);

it('the page has every tool with its operation and scope', () => {
  const rows = rowsUnder('docs/mcp.md', 'Tools').map(([tool = '', operation = '', scope = '']) => [
    codeIn(tool)[0],
    codeIn(operation)[0],
    codeIn(scope)[0] ?? '',
  ]);
  expect(rows).toEqual(TOOLS.map(({ name, operation }) => [name, operation, scopes.get(operation)]));
});

it('what a tool is said to change is what its operation changes', () => {
  const operations = operationsIn(document);
  const methods = TOOLS.map(({ operation, isReading = false }) => [
    operations.get(operation)?.method === 'GET',
    isReading,
  ]);
  expect(methods.filter(([reads, isReading]) => reads !== isReading)).toEqual([]);
});
