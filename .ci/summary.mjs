// Adds up what the steps and the Jest suites left in a folder. A suite that ran nothing is a failure.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
let passed = 0;
let failed = 0;
for (const name of readdirSync(folder).sort()) {
  const text = readFileSync(join(folder, name), 'utf8');
  let row = text.trim().split(' ').map(Number);
  if (name.endsWith('.json')) {
    const { numPassedTests, numFailedTests, numFailedTestSuites = 0, success = false } = JSON.parse(text);
    // A spec file that does not even load has no failed test, only a failed suite.
    row = [numPassedTests, Math.max(numFailedTests, numFailedTestSuites, success && numPassedTests > 0 ? 0 : 1)];
  }
  console.log(`${name.replace(/\.(json|count)$/u, '').padEnd(10)} ${row[0]} passed, ${row[1]} failed`);
  passed += row[0];
  failed += row[1];
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
