const BITS_OF_BYTE = 8;
const BITS_OF_CHARACTER = 6;

/**
 * How bytes look inside of a base64 text, wherever they begin in what was encoded: three ways, each cut to the
 * characters that depend on nothing around them, and each once more as the end of a text, with its padding. Both
 * alphabets.
 */
export function base64Forms(bytes: Buffer): Buffer[] {
  const standard = [0, 1, 2].flatMap((shift) => formsAt(shift, bytes));
  return [...standard, ...standard.map(toUrlAlphabet)].map((text) => Buffer.from(text));
}

function formsAt(shift: number, bytes: Buffer): string[] {
  const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
  const first = Math.ceil((shift * BITS_OF_BYTE) / BITS_OF_CHARACTER);
  const last = Math.floor(((shift + bytes.length) * BITS_OF_BYTE) / BITS_OF_CHARACTER);
  const padding = encoded.indexOf('=');
  const ends = [last, encoded.length, ...(padding === -1 ? [] : [padding])];
  return ends.map((end) => encoded.slice(first, end));
}

function toUrlAlphabet(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_');
}
