'use strict';
// Loaded in front of the built binary by commit-kill.spec.ts. The process stops where CRASH_POINT says, says so on standard error, and never goes on.
const { isMainThread } = require('node:worker_threads');

const point = process.env.CRASH_POINT;

if (isMainThread) {
  const { interceptStatements } = require('../../dist/libs/testkit/src/intercept-statements');
  const reached = () => new Promise(() => process.stderr.write(`reached ${point}\n`));
  interceptStatements(async (text, ask) => {
    const isCommit = /portcullis\.commit_(?:transition|proposal)\(/u.test(text);
    if (isCommit && point === 'before-the-statement') await reached();
    const answer = await ask();
    if (isCommit && point === 'behind-the-statement') await reached();
    return answer;
  });
}
