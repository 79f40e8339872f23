import { readFileSync } from 'node:fs';

/** Version of this installation, as package.json says it. */
export function version(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
