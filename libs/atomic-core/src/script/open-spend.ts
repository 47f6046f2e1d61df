import { type Script, Spend, type TransactionSignature } from '@bsv/sdk';

export type SpendParameters = ConstructorParameters<typeof Spend>[0];

/**
 * What our interpreter reaches of the SDK's: some of it private in its types, plain methods at run time. `budgeted-spend.spec.ts` fails when the SDK
 * renames one or stops calling it.
 */
export interface OpenSpend {
  readonly context: 'UnlockingScript' | 'LockingScript';
  programCounter: number;
  executedOpCount: number;
  readonly lastCodeSeparator: number | null;
  readonly stack: number[][];
  readonly ifStack: boolean[];
  readonly returningFromConditional: boolean;
  readonly unlockingScript: Script;
  readonly lockingScript: Script;
  step(): boolean;
  validate(): boolean;
  hasFlag(flag: string): boolean;
  hasExplicitFlags(): boolean;
  isAfterGenesis(): boolean;
  shouldEnforceStrictEncoding(): boolean;
  shouldEnforceNullDummy(): boolean;
  popStack(): number[];
  pushStack(item: number[]): void;
  stackTop(index?: number): number[];
  castToBool(item: readonly number[]): boolean;
  readScriptNumber(item: number[]): { toNumber(): number };
  checkSignatureEncoding(signature: readonly number[]): boolean;
  parseChecksigSignature(signature: number[]): TransactionSignature;
  scriptEvaluationError(message: string): void;
}

/** The names of them that are not in the SDK's types. */
export const PRIVATE_NAMES = [
  ...['hasFlag', 'hasExplicitFlags', 'isAfterGenesis', 'shouldEnforceStrictEncoding', 'shouldEnforceNullDummy'],
  ...['popStack', 'pushStack', 'stackTop', 'castToBool', 'readScriptNumber', 'checkSignatureEncoding'],
  ...['parseChecksigSignature', 'scriptEvaluationError'],
] as const satisfies readonly (keyof OpenSpend)[];

export const OpenSpend = Spend as unknown as new (parameters: SpendParameters) => OpenSpend;
