import { bumpCases } from './bump-cases';
import { graphCases } from './graph-cases';
import type { HostileCase } from './hostile-case';
import { scriptCases } from './script-cases';
import { ruleCases } from './value-cases';

export const hostileCases: readonly HostileCase[] = [...bumpCases, ...graphCases, ...ruleCases, ...scriptCases];
