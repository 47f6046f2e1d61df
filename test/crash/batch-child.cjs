'use strict';
// One gateway of the build, to be killed by batch-kill.spec.ts. It says on standard output where it listens and when it has reached the point named
// by its first argument, and then never goes on.
const { createApplication } = require('../../dist/src/application');
const { interceptStatements } = require('../../dist/libs/testkit/src/intercept-statements');
const { attachDevnet, parseSettings, resolveConfig } = require('../../dist/src/config');

const [, , point, settings] = process.argv;
const reached = () => new Promise(() => process.stdout.write(`reached ${point}\n`));

const main = async () => {
  const parsed = parseSettings(JSON.parse(settings));
  const app = await createApplication(attachDevnet(resolveConfig(parsed), parsed.devnetUrl));
  let groups = 0;
  interceptStatements(async (text, ask) => {
    if (!text.includes('commit_transitions')) return ask();
    groups += 1;
    if (point === 'before-the-first-group') await reached();
    if (point === 'inside-the-second-group' && groups === 2) {
      // The statement is on its way when the process dies: whether it is heard is for the database to know.
      void ask();
      await reached();
    }
    const answer = await ask();
    if ((point === 'between-two-groups' && groups === 1) || (point === 'behind-the-last-group' && groups === 2))
      await reached();
    return answer;
  });
  await app.listen(0, '127.0.0.1');
  process.stdout.write(`listening ${app.getHttpServer().address().port}\n`);
};

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
