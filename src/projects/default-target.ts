import type { Queryable } from '../database/queryable.js';

const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'i686' };

/** A machine as a target: `x86_64-linux`, `aarch64-darwin`. */
export function targetOf(machine: { readonly arch: string; readonly platform: string }): string {
  const system = machine.platform === 'win32' ? 'windows' : machine.platform;
  return `${machines[machine.arch] ?? machine.arch}-${system}`;
}

/**
 * The installation's `default_target` setting, for projects that declare none. The first call fixes it to the machine
 * that the server runs on, so that it stays the same when another replica asks.
 */
export async function defaultTarget(
  db: Queryable,
  machine = { arch: process.arch, platform: process.platform },
): Promise<string> {
  // The update changes nothing: a row that was there comes back without a second statement.
  const { rows } = await db.query<{ value: unknown }>(
    `insert into settings (key, value) values ('default_target', to_jsonb($1::text))
     on conflict (key) do update set value = settings.value returning value`,
    [targetOf({ arch: machine.arch, platform: machine.platform })],
  );
  const value = rows[0]?.value;
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(
    `setting default_target is ${JSON.stringify(value)}, expected a text such as "x86_64-linux"`,
  );
}
