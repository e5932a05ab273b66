// End-to-end tests run what users run: dist/. Built here, so that nobody ever tests yesterday's program.
const { execFileSync } = require('node:child_process');

module.exports = () => {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
};
