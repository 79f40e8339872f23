import { Option } from 'commander';

/** Ways to print records. */
export const FORMATS = ['table', 'wide', 'json', 'jsonl', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

/** The option `--output`. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print').choices(FORMATS).default('table');
}
