// The demo of the built program on stores that are named, which its command line does not offer.
const { resolve } = require('node:path');

const dist = resolve(__dirname, '../../dist');
const { demo } = require(`${dist}/cli/demo/demo.command.js`);
const { runToEnd } = require(`${dist}/cli/run-to-end.js`);
const { terminalOutput } = require(`${dist}/cli/output.js`);

const stores = JSON.parse(process.argv[2]);
runToEnd(
  () =>
    demo({ isOnce: true, stores }, terminalOutput(true)).catch((error) => {
      console.error(error);
      return 70;
    }),
  74,
);
