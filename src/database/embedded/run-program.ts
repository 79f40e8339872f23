import { execFile } from 'node:child_process';

/** The operating system account that PostgreSQL runs as when this process is root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** How a program ended. `output` holds both streams and, where it could not be started, the reason. */
export interface ProgramResult {
  readonly ok: boolean;
  readonly output: string;
}

/**
 * PostgreSQL's programs get this and nothing of ours: no `PG*` variable may redirect them, messages must be English
 * since readiness is read from them, and no secret of this process belongs into their environment.
 */
export const programEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Spawn options that run a child as the account; none for our own account. */
export function runAs(account: Account | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

/** Runs a program to its end, as another account when one is given. Never rejects; at most two minutes. */
export function runProgram(
  file: string,
  args: readonly string[],
  account: Account | undefined,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const options = { cwd: '/', env: programEnvironment, timeout: 120_000, ...runAs(account) };
    execFile(file, args, options, (error, stdout, stderr) => {
      const reason = error !== null && stderr === '' ? error.message : '';
      resolve({ ok: error === null, output: `${stdout}${stderr}${reason}`.trim() });
    });
  });
}
