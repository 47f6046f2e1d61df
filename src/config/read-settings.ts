import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigError } from './config-error';
import { settingNames, settingsSchema, type Settings, type SettingName, type SettingsInput } from './schema';

const PREFIX = 'PORTCULLIS_';
const FILE_VARIABLE = `${PREFIX}CONFIG_FILE`;

export function variableOf(name: string): string {
  return PREFIX + name.replace(/[A-Z]/gu, (letter) => `_${letter}`).toUpperCase();
}

/** Settings of the environment over those of the optional file. Anything unknown or malformed throws. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const input: Record<string, unknown> = { ...readFile(env[FILE_VARIABLE]) };
  const names = new Map<string, SettingName>(settingNames.map((name) => [variableOf(name), name]));
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || variable === FILE_VARIABLE) continue;
    const name = names.get(variable);
    if (name === undefined) {
      throw new ConfigError(`${variable} is not a setting of Portcullis; \`portcullis config\` lists them all.`);
    }
    // An empty variable means "not set": compose files and shells cannot always leave one out.
    if (value !== undefined && value !== '') input[name] = value;
  }
  return parseSettings(input);
}

/** Settings from values alone, for tests and embedding. */
export function parseSettings(input: SettingsInput | Record<string, unknown>): Settings {
  const parsed = settingsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConfigError(issue === undefined ? 'The configuration is malformed.' : sentenceOf(issue));
}

/** Names the variable and the rule, never the value: it may be a secret. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
    return `"${issue.keys.join('", "')}" in the configuration file is not a setting of Portcullis.`;
  }
  const [name, ...rest] = issue.path.map(String);
  const place = rest.length === 0 ? '' : ` (at ${rest.join('.')})`;
  return `${variableOf(name ?? '')}${place} is not valid: ${issue.message}.`;
}

function parseFile(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`The configuration file ${path} cannot be read: ${(error as Error).message}.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser would quote what is around the place, which may be a secret.
    throw new ConfigError(`The configuration file ${path} is not JSON.`);
  }
}

function readFile(path: string | undefined): Record<string, unknown> {
  if (path === undefined || path === '') return {};
  const content = parseFile(path);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError(`The configuration file ${path} must hold one JSON object.`);
  }
  return content as Record<string, unknown>;
}
