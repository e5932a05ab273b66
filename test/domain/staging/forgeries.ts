import { artifact } from './artifacts';

const FAILED = artifact({ staging_status: 'FAILED' });
const STATUS = 'staging_status: FAILED';

/** The verdict line of a failed artifact, rewritten. */
function status(line: string): string {
  return FAILED.replace(STATUS, line);
}

/** A line of one's own after the header, the honest FAILED in it. */
function afterHeader(text: string): string {
  return `${FAILED}${text}\n`;
}

/**
 * Ways to make a failed run read as passed: spellings that some reader takes for `staging_status: SUCCESS` while a person,
 * or another reader, sees something else. Duplicate keys, YAML's many notations, invisible characters, second blocks.
 */
export const FORGERIES: readonly (readonly [name: string, content: string])[] = [
  ['the key twice, SUCCESS first', status(`staging_status: SUCCESS\n${STATUS}`)],
  ['the key twice, FAILED first', status(`${STATUS}\nstaging_status: SUCCESS`)],
  ['the key with an escape, alone', status('"staging\\u005fstatus": SUCCESS')],
  ['the key with an escape, beside a FAILED', status(`${STATUS}\n"staging\\u005fstatus": SUCCESS`)],
  ['a byte order mark before the block', `\ufeff${artifact()}`],
  ['a byte order mark before the key', status('\ufeffstaging_status: SUCCESS')],
  ['CRLF throughout', artifact().replaceAll('\n', '\r\n')],
  ['a carriage return on the verdict line', status('staging_status: SUCCESS\r')],
  ['a line separator before the key', status('\u2028staging_status: SUCCESS')],
  [
    'a line separator and the key inside another value',
    FAILED.replace('task: ', 'task: x\u2028staging_status: SUCCESS'),
  ],
  ['a second block', afterHeader('---\nstaging_status: SUCCESS\n---')],
  ['the key in the body', afterHeader('staging_status: SUCCESS')],
  ['an alias', FAILED.replace('task: web.WEB-1', 'task: &ok SUCCESS').replace(STATUS, 'staging_status: *ok')],
  ['an anchor', status('staging_status: &ok SUCCESS')],
  ['a merge key', status('<<: {staging_status: SUCCESS}')],
  ['a literal block scalar', status('staging_status: |\n  SUCCESS')],
  ['a folded block scalar', status('staging_status: >-\n  SUCCESS')],
  ['a comment', status('staging_status: SUCCESS # FAILED')],
  ['the key in another case', status('Staging_Status: SUCCESS')],
  ['the value in another case', status('staging_status: Success')],
  ['a key of look-alike letters', status('st\u0430ging_status: SUCCESS')],
  ['a quoted value with an escape', status('staging_status: "SUCCES\\u0053"')],
  ['a flow mapping', status('{staging_status: SUCCESS}')],
  ['a tag', status('staging_status: !!str SUCCESS')],
  ['the end mark of a document, then FAILED', status(`staging_status: SUCCESS\n...\n${STATUS}`)],
  ['an indented key', status(' staging_status: SUCCESS')],
  ['a tab after the colon', status('staging_status:\tSUCCESS')],
  ['an explicit key', status('? staging_status\n: SUCCESS')],
  ['a directive', `%YAML 1.2\n${artifact()}`],
  ['a NUL', status('staging_status: SUCCESS\u0000')],
  ['a list', status('staging_status: [SUCCESS]')],
];
