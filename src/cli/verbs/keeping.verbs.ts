import type { Command } from 'commander';
import { TOKEN_LIFE_DAYS } from '../../domain/access/grant';
import { PRINCIPAL_KINDS, SCOPES } from '../../domain/authority/principal';
import type { LandingsFlags } from '../audit/audit-landings.command';
import { terminalOutput } from '../output';
import { createToken, listTokens, revokeToken, type TokenFlags } from '../token.commands';
import { common, gathered, reading, withClient, type Common } from './making';

/** What keeps an installation: its health, its stores, its log and who may do what. @param end is told the exit code. */
export function addKeeping(program: Command, end: (code: number) => void): void {
  addStores(program, end);
  addAudit(program, end);
  addTokens(program);
}

function addStores(program: Command, end: (code: number) => void): void {
  reading(program.command('doctor').description('look at everything this stands on, and say what to put right')).action(
    async (options: Common) => {
      const { doctor } = await import('../doctor/doctor.command.js');
      end(await doctor(options.repo, terminalOutput(options.json ?? false)));
    },
  );
  common(program.command('migrate').description('bring a PostgreSQL database to the schema of this version'))
    .option('--grant-to <role>', 'the role that services connect as: it may append, and change nothing')
    .action(async ({ grantTo = null, json = false }: Common & { grantTo?: string | null }) => {
      const { migrateStore } = await import('../migrate.command.js');
      await migrateStore(grantTo, terminalOutput(json));
    });
  reading(program.command('rebuild').description('make read models again from the log, beside the ones in use'))
    .argument('[projection]', 'which; default: all')
    .action(async (name: string | undefined, options: Common) => {
      const { rebuild } = await import('../rebuild.command.js');
      await rebuild(name, options.repo, terminalOutput(options.json ?? false));
    });
}

function addAudit(program: Command, end: (code: number) => void): void {
  const audit = program.command('audit').description('look back: the whole log, or what has landed in any repository');
  common(audit.command('landings').description('what landings of any git repository undid without a word'))
    .argument('<repository>', 'a folder of it; nothing is written there, and nothing of it is run')
    .option('--branch <branch>', 'where they landed; default: what HEAD points to')
    .option('--since <when>', 'from a day (2025-01-31), an instant or 90d on, or behind a commit')
    .option('--limit <n>', 'so many of the newest, or all', '1000')
    .action(async (repository: string, options: Common & LandingsFlags) => {
      const { auditLandings } = await import('../audit/audit-landings.command.js');
      end(await auditLandings(repository, options, terminalOutput(options.json ?? false)));
    });
  reading(audit.command('export').description('write the whole log as JSON Lines'))
    .option('--out <file>', 'where to; default: stdout')
    .action(async (options: Common & { out?: string }) => {
      const { auditExport } = await import('../audit/audit-export.command.js');
      await auditExport(options, terminalOutput(options.json ?? false));
    });
  reading(audit.command('verify').description('read the whole log and name everything that is not what was written'))
    .option('--export <file>', 'of a file that audit export wrote; default: the log of the service')
    .action(async (options: Common & { export?: string }) => {
      const { auditVerify } = await import('../audit/audit-verify.command.js');
      end(await auditVerify(options, terminalOutput(options.json ?? false)));
    });
  common(audit.command('import').description('bring an exported log into an empty store'))
    .option('--in <file>', 'where from; default: stdin')
    .action(async (options: Common & { in?: string }) => {
      const { auditImport } = await import('../audit/audit-import.command.js');
      await auditImport(options, terminalOutput(options.json ?? false));
    });
}

function addTokens(program: Command): void {
  const token = program.command('token').description('who may do what over HTTP: tokens, and what they are good for');
  common(token.command('create').description('make a token; its secret is shown once'))
    .argument('<name>', 'as whom the log knows whoever sends it')
    .requiredOption('--scope <scope>', `${SCOPES.join(', ')}; may be given again`, gathered)
    .option('--project <key>', 'where; may be given again; default: in every project', gathered)
    .option('--kind <kind>', `whose it is: ${PRINCIPAL_KINDS.join(', ')}`, 'service')
    .option('--expires <when>', 'after a while (30d, 12h), at an instant, or never', `${TOKEN_LIFE_DAYS}d`)
    .action((name: string, options: Common & TokenFlags) =>
      withClient(options, (client, output) => createToken(client, output, name, options)),
    );
  common(token.command('list').description('every token that there ever was, without its secret')).action(
    (options: Common) => withClient(options, listTokens),
  );
  common(token.command('revoke').description('let nobody in with a token any more, from the next request on'))
    .argument('<token>', 'its name, or its id')
    .option('--reason <text>', 'for the record', 'no reason given')
    .action((named: string, options: Common & { reason: string }) =>
      withClient(options, (client, output) => revokeToken(client, output, named, options.reason)),
    );
}
