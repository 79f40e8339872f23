import { ValidationError, type FieldProblem } from '../../base/errors.js';
import { isStorable } from '../../base/text.js';
import { PROTOCOL_VERSION, type ConnectPayload } from '../../protocol/messages.js';
import { isUuid } from '../ids.js';

const MAX_TEXT_CHARS = 1024;
const MAX_HOLDS_CHARS = 256 * 1024;

type Field = Exclude<keyof ConnectPayload, 'role'>;

/** For each field, whether a value can be it, and what it should be. */
const FIELDS: Readonly<
  Record<Field, { readonly expected: string; readonly isValid: (value: unknown) => boolean }>
> = {
  version: { expected: String(PROTOCOL_VERSION), isValid: (value) => value === PROTOCOL_VERSION },
  workerId: {
    expected: 'the id of a worker',
    isValid: (value) => typeof value === 'string' && isUuid(value),
  },
  challenge: { expected: 'a challenge as received', isValid: isText },
  bootId: { expected: 'random text of the agent process', isValid: isText },
  lastEpoch: { expected: 'a whole number from 0', isValid: isCount },
  sessionKey: { expected: 'an X25519 public key, base64url', isValid: isText },
  holds: { expected: 'JSON text', isValid: isLongText },
  clean: { expected: 'true or false', isValid: (value) => typeof value === 'boolean' },
  signature: { expected: 'a signature, base64url', isValid: isText },
};

/** What a worker says of itself, its shape checked by hand. Throws a ValidationError that names each problem. */
export function readConnectPayload(payload: Readonly<Record<string, unknown>>): ConnectPayload {
  const problems = Object.entries(FIELDS).flatMap(([field, { expected, isValid }]): FieldProblem[] =>
    isValid(payload[field]) ? [] : [{ field, value: describe(payload[field]), expected }],
  );
  const known = new Set(['role', ...Object.keys(FIELDS)]);
  for (const field of Object.keys(payload)) {
    if (!known.has(field))
      problems.push({ field: describe(field), value: describe(payload[field]), expected: 'no such field' });
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return payload as unknown as ConnectPayload;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_CHARS && isStorable(value);
}

function isLongText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_HOLDS_CHARS && isStorable(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Kinds instead of values: a challenge or a signature has no place in an error. */
function describe(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `${value.length} characters` : value.toWellFormed();
  return value === null ? 'null' : typeof value;
}
