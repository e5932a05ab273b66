// For `node --require`: leaves behind which modules a process has loaded by its end.
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  writeFileSync(process.env.STAGEGATE_SELFTEST_LOADED_MODULES, JSON.stringify(Object.keys(require.cache)));
});
