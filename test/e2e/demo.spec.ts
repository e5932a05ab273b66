import { runCli } from '../support/cli';
import { expectAsAnnounced } from '../support/demo-ends';

it('demo: every task ends as announced, one alert, and main moved', async () => {
  expectAsAnnounced(await runCli(['demo', '--once', '--json']));
}, 180_000);
