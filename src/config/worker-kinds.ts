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
const MOUNT = /^(\/[^:]*):([^:]+):(ro|cache)$/;

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
