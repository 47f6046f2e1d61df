import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { GatewayProcess, isReady } from './gateway-process';
import { OrganisationProcess } from './organisation-process';
import { STORY_STEPS, playStory } from './story';
import type { StepOutcome } from './story';

interface DemoOptions {
  readonly gateway: string;
  readonly devnet: string;
  readonly json: boolean;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const printStep = (number: number, step: StepOutcome): void => {
  print(`\n${number}/${STORY_STEPS}  ${step.title}`);
  print(`      by        ${step.actor}`);
  print(`      expected  ${step.expected}`);
  for (const exchange of step.wire) {
    const code = exchange.problemCode === undefined ? '' : ` ${exchange.problemCode}`;
    print(
      `      wire      ${exchange.method} ${exchange.path} (${exchange.requestBytes} B) → ${exchange.status}${code} (${exchange.answerBytes} B)`,
    );
    for (const note of exchange.notes) print(`                ${note}`);
  }
  for (const [name, value] of Object.entries(step.facts)) print(`      ${name.padEnd(9)} ${String(value)}`);
  print(`      ${step.ok ? 'OK' : 'WRONG'}        ${step.actual}`);
};

const startWhatIsMissing = async (options: DemoOptions): Promise<GatewayProcess | undefined> => {
  if (await isReady(options.gateway)) {
    if (!options.json) print(`A gateway is running at ${options.gateway}; the demo uses it.`);
    return undefined;
  }
  if (!options.json) print('No gateway is running; starting one with its development network …');
  const gateway = new GatewayProcess({
    ...process.env,
    PORTCULLIS_PORT: new URL(options.gateway).port,
    PORTCULLIS_DEVNET_PORT: new URL(options.devnet).port,
  });
  await gateway.waitUntilReady();
  return gateway;
};

const tell = async (options: DemoOptions): Promise<number> => {
  const supplier = new OrganisationProcess('Supplier Ltd');
  const buyer = new OrganisationProcess('Buyer plc');
  const attacker = new OrganisationProcess('Attacker');
  const documentId = `PO-${randomBytes(4).toString('hex')}`;
  let right = 0;
  try {
    const world = { supplier, buyer, attacker, documentId, gatewayUrl: options.gateway, devnetUrl: options.devnet };
    let number = 0;
    for await (const step of playStory(world)) {
      number += 1;
      if (step.ok) right += 1;
      if (options.json) print(JSON.stringify({ number, ...step }));
      else printStep(number, step);
    }
  } finally {
    for (const organisation of [supplier, buyer, attacker]) organisation.close();
  }
  if (!options.json) print(`\n${right} of ${STORY_STEPS} steps went as they should.`);
  return right === STORY_STEPS ? 0 : 1;
};

const run = async (options: DemoOptions): Promise<number> => {
  const started = await startWhatIsMissing(options);
  try {
    return await tell(options);
  } finally {
    await started?.stop();
  }
};

new Command('demo')
  .description(
    'Plays the story of one submission with stock @bsv/sdk clients in separate processes, then three refusals.',
  )
  .option('--gateway <url>', 'the gateway to use, or to start there', 'http://127.0.0.1:8080')
  .option('--devnet <url>', 'its development network', 'http://127.0.0.1:8090')
  .option('--json', 'one JSON line a step', false)
  .addHelpText('after', '\nExit codes: 0 every step went as it should, 1 a step did not, 2 the demo could not run.')
  .action(async (options: DemoOptions) => {
    process.exitCode = await run(options).catch((fault: unknown) => {
      process.stderr.write(`The demo could not run: ${fault instanceof Error ? fault.message : String(fault)}\n`);
      return 2;
    });
  })
  .parse();
