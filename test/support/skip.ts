import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Context } from 'mocha';

/** The Debian package that brings a command, where it is named otherwise. */
const PACKAGES: Readonly<Record<string, string>> = {
  bwrap: 'bubblewrap',
  psql: 'postgresql-client',
  setpriv: 'util-linux',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  sshd: 'openssh-server',
};

/**
 * Skips the running test, by name and with the reason in its title, when a system package is missing. The only kind of
 * skip there is: everything else must run everywhere.
 * @public for tests of drivers and services that need more than Node and git
 * @example
 * it('keeps a step in its sandbox', function () {
 *   requiresCommand('bwrap', this);
 */
export function requiresCommand(name: string, context: Context): void {
  if (isInstalled(name)) return;
  skipBecause(`needs ${name} (Debian package ${PACKAGES[name] ?? name})`, context);
}

/** Skips the running test with a reason that names the condition it needs, such as "needs root". */
export function skipBecause(reason: string, context: Context): never {
  // In a hook before each test, it is that test which is skipped.
  const test = context.currentTest ?? context.test;
  if (test !== undefined) test.title += ` [${reason}]`;
  return context.skip();
}

/** True when a command can be run from here. */
export function isInstalled(name: string): boolean {
  // Servers are in directories that the path of a user need not have.
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((dir) =>
    isExecutable(join(dir, name)),
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
