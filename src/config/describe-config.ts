import { variableOf } from './read-settings';
import { notesOf, settingNames, settingsSchema, type SettingName } from './schema';

/** The settings as a Markdown table; the README holds exactly this text between its markers. */
export function describeSettings(): string {
  const rows = settingNames.map(
    (name) => `| \`${variableOf(name)}\` | ${fallbackOf(name)} | ${notesOf(name).description} |`,
  );
  return ['| Variable | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function fallbackOf(name: SettingName): string {
  const { fallback } = notesOf(name);
  if (fallback !== undefined) return fallback;
  const parsed = settingsSchema.shape[name].safeParse(undefined);
  if (!parsed.success || parsed.data === undefined) return '—';
  return `\`${typeof parsed.data === 'object' ? JSON.stringify(parsed.data) : String(parsed.data)}\``;
}

/** What this process runs with, secrets masked, for the start of the log and `portcullis config`. */
export function redactConfig(config: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(config, maskUrlPassword)) as Record<string, unknown>;
}

/** A URL may carry credentials although its field is not a secret. */
function maskUrlPassword(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/(:\/\/)[^/@\s]+@/u, '$1[secret]@') : value;
}
