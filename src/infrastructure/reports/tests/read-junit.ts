import type { NamedTest, TestState } from '../../../domain/witness/test-report';
import { walkXml, type Element } from '../coverage/walk-xml';
import { Malformed } from '../malformed';

const NAME_CHARS = 300;

/** What a testcase says by an element within it. Reruns of a test that passed in the end are no failure. */
const STATES: Readonly<Partial<Record<string, TestState>>> = {
  failure: 'failed',
  error: 'failed',
  skipped: 'skipped',
  disabled: 'skipped',
};

/**
 * JUnit's XML, as its many writers have it: every `<testcase>` is a test, wherever it stands. Numbers in attributes are for people.
 *
 * @param take is given each test, in the order of the file.
 * @throws Malformed where it is none.
 */
export function readJunit(text: string, take: (test: NamedTest) => void): void {
  let open: { readonly name: string; state: TestState } | null = null;
  walkXml(text, {
    begin: (element, above) => {
      const { name } = element;
      if (above.length === 0 && name !== 'testsuites' && name !== 'testsuite')
        throw new Malformed(`expected the element testsuites or testsuite, saw ${name.slice(0, 60)}`);
      if (name === 'testcase') open = { name: nameOf(element, above), state: stateIn(element) };
      // Skipped or failed, the worst counts.
      const state = STATES[name];
      if (open && state && above.at(-1)?.name === 'testcase' && open.state !== 'failed') open.state = state;
    },
    end: ({ name }) => {
      if (name !== 'testcase' || !open) return;
      take(open);
      open = null;
    },
  });
}

/** GoogleTest and CTest say it in an attribute. */
function stateIn({ attributes: { status = '' } }: Element): TestState {
  if (status === 'notrun' || status === 'disabled') return 'skipped';
  return status === 'fail' ? 'failed' : 'passed';
}

function nameOf({ attributes }: Element, above: readonly Element[]): string {
  const { name = '', classname = '', file = '' } = attributes;
  const suite = above.at(-1)?.attributes['name'] ?? '';
  const within = [classname, file, suite].find((each) => each !== '') ?? '';
  const whole = within === '' || within === name ? name : `${within} > ${name}`;
  return whole.replace(/\s+/g, ' ').trim().slice(0, NAME_CHARS);
}
