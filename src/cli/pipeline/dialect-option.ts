import { Option } from 'commander';
import { Dialect } from '../../pipeline/index.js';

/** Whose keys a file has. */
export interface DialectOption {
  readonly dialect?: Dialect;
}

/** The option `--dialect`. */
export function dialectOption(): Option {
  const doc = 'whose keys the file has; by default its name says it (.vela.yml)';
  return new Option('--dialect <dialect>', doc).choices(Object.values(Dialect));
}
