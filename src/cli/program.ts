import { Command, InvalidArgumentError } from 'commander';
import { addKeys } from './add-keys';
import { exitCodes } from './exit-codes';
import type { DevnetCommandOptions } from './run-devnet';
import type { SetupLinkOptions } from './run-setup-link';
import type { EvictCommandOptions } from './run-topic-evict';
import type { VerifyCommandOptions } from './run-verify';

const EXIT_CODES_TEXT = `
Exit codes: ${String(exitCodes.done)} done, ${String(exitCodes.fault)} fault, ${String(exitCodes.usage)} wrong command line or configuration, \
${String(exitCodes.refused)} the answer is no (refused transaction, broken invariant),
${String(exitCodes.busy)} the data folder is in use, ${String(exitCodes.unavailable)} the database or the headers are not available.
Settings come from PORTCULLIS_* variables and PORTCULLIS_CONFIG_FILE; \`portcullis config --markdown\` lists them.`;

const VERIFY_TEXT = 'judge a BEEF (binary, hex or base64) and explain the verdict';
const VERIFY_NOTES = `
Judges form, ancestry, Merkle roots and scripts, in this order and by the gateway's own rules, and names the rule, the transaction, the input and
the depth of what it refuses. --json prints the object that POST /v1/verifications answers. What a topic or the ledger says needs a gateway.
With --headers no database is opened and nobody is asked: linkage, proof of work and difficulty of every header of the file are checked
(PORTCULLIS_NETWORK names the chain, PORTCULLIS_CHECKPOINT is the default checkpoint), and its last header is the tip for finality and maturity.
That proves work and not whose chain it is: a false one that begins at the genesis block is cheap. Compare the tip that is printed with one you trust.
A raw transaction or one in Extended Format has no proof in it and is refused; what can be judged of it is said all the same.

Exit codes: ${String(exitCodes.done)} accepted, ${String(exitCodes.refused)} refused, or the headers are no chain of this network, \
${String(exitCodes.unavailable)} a header that a proof needs is not known, ${String(exitCodes.usage)} a file cannot be read.`;

/** The command line. Every command loads its parts when it runs, so that `--help` and a refusal are quick. */
export function createProgram(): Command {
  const program = new Command('portcullis')
    .description('Enterprise integration gateway for BSV')
    .addHelpText('after', EXIT_CODES_TEXT)
    .exitOverride();
  addServices(program);
  addQuestions(program);
  addTopics(program);
  addCertificates(program);
  addKeys(program);
  return program;
}

function addServices(program: Command): void {
  withJson(program.command('start').description('run the gateway')).action(async (options: { json: boolean }) => {
    const { runStart } = await import('./run-start.js');
    await runStart(options);
  });
  withJson(
    program.command('setup-link').description('print a link, good once, by which the first person becomes owner'),
  )
    .option('--replace', 'also where one is in force, which ends with whatever it opened', false)
    .action(async (options: SetupLinkOptions) => {
      const { runSetupLink } = await import('./run-setup-link.js');
      await runSetupLink(options);
    });
  withJson(program.command('devnet').description('run the development network alone'))
    .option('--port <port>', 'port to listen on, 0 takes a free one', readNumber, 8090)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data-dir <folder>', 'where the chain is kept', './data/devnet')
    .option('--mine-every <ms>', 'mine a block at this interval', readNumber)
    .action(async (options: DevnetCommandOptions) => {
      const { runDevnet } = await import('./run-devnet.js');
      await runDevnet(options);
    });
}

function addQuestions(program: Command): void {
  const headers = program.command('headers').description('block headers').exitOverride();
  withJson(headers.command('import <file>').description('import raw 80-byte headers, oldest first'))
    .option('--checkpoint <height:hash>', 'trusted first header of the file, when the store lacks its parent')
    .action(async (file: string, options: { json: boolean; checkpoint?: string }) => {
      const { runHeadersImport } = await import('./run-headers-import.js');
      await runHeadersImport(file, options);
    });
  withJson(program.command('fsck').description('check every invariant of the ledger')).action(
    async (options: { json: boolean }) => {
      const { runFsck } = await import('./run-fsck.js');
      await runFsck(options);
    },
  );
  withJson(program.command('verify <file>').description(VERIFY_TEXT))
    .option('--headers <file>', 'judge offline against raw 80-byte headers, oldest first, instead of the header store')
    .option('--checkpoint <height:hash>', 'trusted first header of --headers, when it is not the genesis block')
    .addHelpText('after', VERIFY_NOTES)
    .action(async (file: string, options: VerifyCommandOptions) => {
      const { runVerify } = await import('./run-verify.js');
      await runVerify(file, options);
    });
  withJson(program.command('config').description('show the configuration, secrets masked'))
    .option('--markdown', 'print the table of all settings instead', false)
    .action(async (options: { json: boolean; markdown: boolean }) => {
      const { runConfig } = await import('./run-config.js');
      runConfig(options);
    });
}

function addTopics(program: Command): void {
  const lookup = program.command('lookup').description('hosted lookup services').exitOverride();
  withJson(lookup.command('status').description('how far each has been told what the ledger holds')).action(
    async (options: { json: boolean }) => {
      const { runLookupStatus } = await import('./run-lookup-status.js');
      await runLookupStatus(options);
    },
  );
  withJson(lookup.command('rebuild <name>').description('withdraw all that one was told and tell it again')).action(
    async (name: string, options: { json: boolean }) => {
      const { runLookupRebuild } = await import('./run-lookup-rebuild.js');
      await runLookupRebuild(name, options);
    },
  );
  const topic = program.command('topic').description('hosted topics').exitOverride();
  withJson(topic.command('evict <outpoint>').description('take an output out of every answer, for good'))
    .option('--topic <name>', 'only from this topic')
    .requiredOption('--reason <text>', 'kept with it, and hashed into the audit')
    .action(async (outpoint: string, options: EvictCommandOptions) => {
      const { runTopicEvict } = await import('./run-topic-evict.js');
      await runTopicEvict(outpoint, options);
    });
}

function addCertificates(program: Command): void {
  const certificates = program.command('certificates').description('certificates about the gateway').exitOverride();
  withJson(certificates.command('check <file>').description('judge a file of them as the start does')).action(
    async (file: string, options: { json: boolean }) => {
      const { runCertificatesCheck } = await import('./run-certificates-check.js');
      await runCertificatesCheck(file, options);
    },
  );
}

function withJson(command: Command): Command {
  return command.option('--json', 'answer in JSON', false).exitOverride();
}

function readNumber(text: string): number {
  if (!/^\d{1,15}$/u.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
