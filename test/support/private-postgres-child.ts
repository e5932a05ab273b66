import { startPrivatePostgres } from './private-postgres';

/** A test process that starts a server and is then killed: it never stops it. */
void startPrivatePostgres().then((postgres) => {
  process.stdout.write(`${postgres.url()}\n`);
  setInterval(() => undefined, 1_000);
});
