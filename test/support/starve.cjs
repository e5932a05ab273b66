// For `node --require`: every verb first waits for a timer that does not keep the process alive, as those of the clock do.
// With STAGEGATE_SELFTEST_STARVE=for-ever it waits for nothing that ever comes, and what should keep the process alive does not;
// with =exit something ends the process as if all were well.
const { Command } = require('commander');

const isForEver = process.env.STAGEGATE_SELFTEST_STARVE === 'for-ever';
if (isForEver) {
  const { setInterval } = globalThis;
  globalThis.setInterval = (...args) => setInterval(...args).unref();
}
const isEnded = process.env.STAGEGATE_SELFTEST_STARVE === 'exit';
const starved = () => new Promise((resolve) => !isForEver && setTimeout(resolve, 50).unref());
const { action } = Command.prototype;
Command.prototype.action = function (work) {
  return action.call(this, async (...args) => {
    if (isEnded) process.exit(0);
    await starved();
    return work(...args);
  });
};
