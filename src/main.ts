#!/usr/bin/env node
import 'reflect-metadata';
import { CommanderError } from 'commander';
import { describeError } from './cli/describe-error';
import { exitCodeOf, exitCodes } from './cli/exit-codes';
import { createProgram } from './cli/program';

/** Runs one command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exit(await run(argv));
}

async function run(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...argv]);
    return exitCodes.done;
  } catch (error) {
    // Commander has printed its own sentence already; help and version are successes.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    const exitCode = exitCodeOf(error);
    process.stderr.write(`portcullis: ${describeError(error, exitCode)}\n`);
    return exitCode;
  }
}

if (require.main === module) void main(process.argv);
