import { describeSettings, readSettings, redactConfig, variableOf } from '../config';
import { print } from './print';

/** Shows the settings of this environment without starting anything, or the table of all settings. */
export function runConfig(options: { json: boolean; markdown: boolean }): void {
  if (options.markdown) {
    process.stdout.write(`${describeSettings()}\n`);
    return;
  }
  const settings = redactConfig(readSettings(process.env));
  const lines = Object.entries(settings).map(
    ([name, value]) => `${variableOf(name)}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  print({ json: options.json, value: settings, lines });
}
