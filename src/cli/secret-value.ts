import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { readVariable } from '../config/index.js';
import { usageError } from './cli-error.js';

/** Where the value of a secret comes from; by default standard input. */
export interface SecretValueOptions {
  readonly valueFile?: string;
  readonly valueEnv?: string;
  readonly keepValue?: true;
}

/**
 * The value; undefined for {@link SecretValueOptions.keepValue}. A file counts as it is, to the last newline; of standard
 * input one newline at the end is left out, since `echo` writes it. Throws a usage error, which never has the value.
 */
export async function readSecretValue(options: SecretValueOptions): Promise<string | undefined> {
  const { valueFile, valueEnv, keepValue } = options;
  if ([valueFile, valueEnv, keepValue].filter((source) => source !== undefined).length > 1)
    throw usageError('expected one of --value-file, --value-env and --keep-value');
  if (keepValue === true) return undefined;
  const value = await readFrom(options);
  if (value === '') throw usageError('the value is empty, expected at least one byte');
  return value;
}

async function readFrom({ valueFile, valueEnv }: SecretValueOptions): Promise<string> {
  if (valueFile !== undefined) return readValueFile(valueFile);
  if (valueEnv !== undefined) return readValueVariable(valueEnv);
  if (process.stdin.isTTY)
    throw usageError('the value is read from standard input, and that is a terminal', 'the same with < FILE');
  return (await text(process.stdin)).replace(/\r?\n$/, '');
}

async function readValueFile(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw Object.assign(usageError(`the file ${file} cannot be read`), { cause });
  }
  const value = bytes.toString('utf8');
  if (Buffer.from(value).equals(bytes)) return value;
  throw usageError(
    `the file ${file} is no UTF-8 text`,
    'encode it, for example with base64, and decode it in the step',
  );
}

function readValueVariable(name: string): string {
  const value = readVariable(name);
  if (value === undefined) throw usageError(`the environment has no variable ${name}`);
  return value;
}

/** Said to whoever gives a value as an argument. */
export function refuseArgument(): never {
  throw usageError(
    'a value does not belong into a command line, where the shell’s history keeps it and every user of the machine can read it',
    'the same with < FILE, --value-file FILE or --value-env VARIABLE; and change that value',
  );
}
