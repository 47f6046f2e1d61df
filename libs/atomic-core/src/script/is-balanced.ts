import { OP, type Script } from '@bsv/sdk';

type Chunk = Script['chunks'][number];

/**
 * What follows the end of a condition in which an OP_RETURN was met is not run, yet the node reads it on: whole pushes, conditions that close, one OP_ELSE for
 * each, up to the end or to an OP_RETURN outside of any. The SDK stops at the end of the condition.
 */
export const isBalanced = (chunks: readonly Chunk[], from: number, isAfterChronicle: boolean): boolean => {
  const conditions: { hasElse: boolean }[] = [];
  for (const { op, invalidLength } of chunks.slice(from)) {
    if (op === OP.OP_RETURN && conditions.length === 0) return true;
    if (invalidLength === true) return false;
    const isVersionTest = op === OP.OP_VERIF || op === OP.OP_VERNOTIF;
    if (op === OP.OP_IF || op === OP.OP_NOTIF || (isVersionTest && isAfterChronicle))
      conditions.push({ hasElse: false });
    else if (op === OP.OP_ENDIF && conditions.pop() === undefined) return false;
    else if (op === OP.OP_ELSE) {
      const condition = conditions.at(-1);
      if (condition === undefined || condition.hasElse) return false;
      condition.hasElse = true;
    }
  }
  return conditions.length === 0;
};
