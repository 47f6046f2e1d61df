/** The standard input as text, cut off where it is longer than anything that is asked for. */
export async function readInput(charactersMax: number): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > charactersMax) break;
  }
  return text;
}
