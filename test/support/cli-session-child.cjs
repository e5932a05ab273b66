// Runs one command line of the built program after the other in one process, for tests of what commands say: loading the
// program takes longer than most of them. Ends, like the program itself, when nothing is left that keeps it alive.
const { runCli } = require('../../dist/cli/program');

const [, , END] = process.argv;

process.on('message', ({ args, env, cwd }) => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  void runCli(args).then((code) => {
    process.stdout.write(END);
    process.stderr.write(END);
    process.send({ code });
  });
});
