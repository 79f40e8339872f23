import { kind, type Kind } from './kinds.js';

/** A name with a value. */
export interface Label {
  readonly name: string;
  readonly value: string;
}

/** A directory of the machine that builds see; `cache` may be written. */
export interface Mount {
  readonly source: string;
  readonly destination: string;
  readonly mode: 'ro' | 'cache';
}

const LABEL = /^([A-Za-z0-9][A-Za-z0-9._/-]{0,62})=([^\s=]{0,63})$/;
const CORES = /^\d{1,4}(\.\d{1,2})?$/;
const MOUNT = /^(\/[^:]*):([^:]+):(ro|cache)$/;

/** How many CPUs: a number above 0, with up to two decimals. */
export function cores(): Kind<number> {
  return kind({
    name: 'CPUs',
    expected: 'a number of CPUs such as 2 or 0.5',
    placeholder: 'n',
    parse: (given) => (CORES.test(given) && Number(given) > 0 ? Number(given) : undefined),
  });
}

/** `name=value`. */
export function label(): Kind<Label> {
  return kind({
    name: 'label',
    expected: 'name=value',
    placeholder: 'name=value',
    parse: (given) => {
      const [, name, value] = LABEL.exec(given) ?? [];
      return name === undefined || value === undefined ? undefined : { name, value };
    },
  });
}

/** `/source:destination:ro` or `…:cache`. */
export function mount(): Kind<Mount> {
  return kind({
    name: 'mount',
    expected: '/source:destination:ro or /source:destination:cache',
    placeholder: 'from:to:ro|cache',
    parse: (given) => {
      const [, source, destination, mode] = MOUNT.exec(given) ?? [];
      if (source === undefined || destination === undefined) return undefined;
      return { source, destination, mode: mode === 'cache' ? 'cache' : 'ro' };
    },
  });
}
