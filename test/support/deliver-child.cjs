// What a service does about alerts, and nothing else: argv has the built program's folder. Its settings are those of a service, in variables.
const { join } = require('node:path');
const at = (path) => require(join(process.argv[2], path));

async function main() {
  const config = at('infrastructure/config/service-config.js').loadServiceConfig();
  const logger = new (at('infrastructure/system/pino-logger.js').PinoLogger)({ level: 'error' });
  const hasher = new (at('infrastructure/system/node-hasher.js').NodeHasher)();
  const { stateDir, eventStore, projectsFile, agentEnvironment } = config;
  const core = await at('compose/core.js').Core.open({
    stateDir,
    eventStore,
    agentEnvironment,
    logger,
    readModel: { kind: 'memory' },
    projects: at('infrastructure/config/project/load-projects.js').loadProjects(config, hasher),
    alertSinks: at('compose/alert-sinks.js').alertSinks(
      at('infrastructure/config/alerts/load-alerts.js').loadAlerts(projectsFile),
      logger,
    ),
  });
  core.subscribers.start();
  process.on('SIGTERM', () => void core.close());
  process.stdout.write('ready\n');
  // As the face of a service does.
  const alive = setInterval(() => undefined, 1_000);
  process.on('SIGTERM', () => clearInterval(alive));
}

main().catch((error) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
