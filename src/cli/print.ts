/** One answer on stdout: JSON for programs, lines for people. */
export function print(answer: { json: boolean; value: unknown; lines: readonly string[] }): void {
  const text = answer.json ? JSON.stringify(answer.value) : answer.lines.join('\n');
  process.stdout.write(`${text}\n`);
}
