import { printable } from '../cli/output/printable.js';

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
/** Of a log line's fields: what every line has, or what stands elsewhere in the line for people. */
const OMITTED = ['level', 'time', 'name', 'msg', 'pid', 'hostname'];

/** A line of a process of ours for people: who says it, how bad it is, what, and its facts. */
export function readableLine(program: string, line: string): string {
  const fields = parseLine(line);
  if (fields === undefined) return `${program.padEnd(8)}| ${printable(line)}`;
  const level = LEVELS[Number(fields.level)] ?? 'info';
  const facts = Object.entries(fields)
    .filter(([key]) => !OMITTED.includes(key))
    .map(([key, value]) => `${key}=${factText(value)}`);
  const words = [level.padEnd(5), typeof fields.msg === 'string' ? fields.msg : '', ...facts].join(' ');
  return `${program.padEnd(8)}| ${printable(words.trimEnd())}`;
}

/** The stack of a logged error is for a log file, not for this. */
function factText(value: unknown): string {
  const isError = typeof value === 'object' && value !== null && 'message' in value && 'stack' in value;
  return JSON.stringify(isError ? value.message : value) ?? '';
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined; // Some other text, printed as it is.
  }
}
