import { MAX_PATTERN_BYTES } from './automaton.js';
import { base64Forms } from './base64-forms.js';
import { textForms } from './text-forms.js';

/** Bytes of a value below which masking it would hide half of a log, and tell what it is by where it is missing. */
export const MIN_MASKED_BYTES = 4;
/** Bytes of a value beyond which its base64 is not followed through a second base64: that takes sixty times its size. */
const MAX_TWICE_ENCODED_BYTES = 4 * 1024;

/** Where `base64` and PEM end their lines. */
const WRAPPED_AT = [76, 64];

const LINE_BREAK = /\r\n|\r|\n/;

/**
 * Everything by which a secret can be known in a log: as it is, each line of it, and what encoders make of both; cut
 * into patterns for an automaton that sees no line breaks. Empty for a value that is too short. White space around a
 * value tells nothing.
 */
export function patternsOf(value: string): Buffer[] {
  const whole = value.trim();
  const lines = whole.split(LINE_BREAK).map((line) => line.trim());
  const forms = [...new Set([whole, ...lines])].filter(isMaskable).flatMap(formsOf);
  const isShort = isMaskable(whole) && Buffer.byteLength(whole) <= MAX_TWICE_ENCODED_BYTES;
  const patterns = [...forms, ...(isShort ? twiceBase64(whole) : [])]
    .map(withoutLineBreaks)
    .filter(({ byteLength }) => byteLength >= MIN_MASKED_BYTES)
    .flatMap(cutIntoPatterns);
  return unique(patterns);
}

/** False for a value that is too short to be hidden. */
export function isMaskable(value: string): boolean {
  return Buffer.byteLength(value.trim()) >= MIN_MASKED_BYTES;
}

function unique(patterns: readonly Buffer[]): Buffer[] {
  return [...new Map(patterns.map((pattern) => [pattern.toString('latin1'), pattern])).values()];
}

function formsOf(value: string): Buffer[] {
  const raw = Buffer.from(value);
  return [raw, ...textForms(value).map((text) => Buffer.from(text)), ...base64Forms(raw)];
}

function twiceBase64(value: string): Buffer[] {
  const bytes = Buffer.from(value);
  return [...unique(base64Forms(bytes)), ...wrappedBase64(bytes)].flatMap(base64Forms);
}

/** The line breaks of a first base64 are part of what a second one encodes. */
function wrappedBase64(bytes: Buffer): Buffer[] {
  // Without the last characters, which depend on what follows.
  const encoded = bytes.toString('base64').slice(0, Math.floor((bytes.length * 8) / 6));
  return WRAPPED_AT.filter((width) => encoded.length > width).map((width) =>
    Buffer.from(encoded.replace(new RegExp(`.{${width}}`, 'g'), '$&\n')),
  );
}

function withoutLineBreaks(form: Buffer): Buffer {
  return form.includes('\n') || form.includes('\r')
    ? Buffer.from(form.filter((byte) => byte !== 0x0a && byte !== 0x0d))
    : form;
}

/** Pieces that cover a form from end to end; the last two overlap. So much of a secret is masked when a part shows. */
function cutIntoPatterns(form: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < form.length; at += MAX_PATTERN_BYTES) {
    const start = Math.max(0, Math.min(at, form.length - MAX_PATTERN_BYTES));
    pieces.push(form.subarray(start, at + MAX_PATTERN_BYTES));
  }
  return pieces;
}
