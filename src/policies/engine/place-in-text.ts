/** `line:column`, from 1, of an offset in octets, as Cedar counts. */
export const placeInText = (text: string, offsetBytes: number): string => {
  const before = Buffer.from(text, 'utf8').subarray(0, offsetBytes).toString('utf8');
  const lineStart = before.lastIndexOf('\n') + 1;
  return `${String(before.split('\n').length)}:${String(Array.from(before.slice(lineStart)).length + 1)}`;
};
