// Adds up what the steps and the Jest suites left in a folder. A suite that ran nothing is a failure.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
let passed = 0;
let failed = 0;

function countSuite(text) {
  const {
    numPassedTests,
    numFailedTests,
    numPendingTests,
    numFailedTestSuites = 0,
    success = false,
  } = JSON.parse(text);
  // A spec file that does not even load has no failed test, only a failed suite. Here nothing may be skipped: everything is installed.
  const wrong = Math.max(numFailedTests, numFailedTestSuites) + numPendingTests;
  return [numPassedTests, Math.max(wrong, success && numPassedTests > 0 ? 0 : 1)];
}

function count(name) {
  const text = readFileSync(join(folder, name), 'utf8');
  if (!name.endsWith('.json')) return text.trim().split(' ').map(Number);
  try {
    return countSuite(text);
  } catch {
    // Cut off while it was written.
    return [0, 1];
  }
}

for (const name of readdirSync(folder).sort()) {
  if (name.endsWith('.seconds')) continue;
  const row = count(name);
  const title = name.replace(/\.(json|count)$/u, '');
  const timing = join(folder, `${title}.seconds`);
  const seconds = existsSync(timing) ? readFileSync(timing, 'utf8').trim() : '?';
  console.log(
    `${title.padEnd(10)} ${`${row[0]} right`.padStart(11)} ${`${row[1]} wrong`.padStart(9)} ${seconds.padStart(6)} s`,
  );
  passed += row[0];
  failed += row[1];
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
