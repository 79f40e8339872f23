import { fileURLToPath } from 'node:url';
import { type Exit, spawnProcess, type TestProcess } from '../support/processes.js';

const BINARY = fileURLToPath(new URL('../../../bin/slipway.js', import.meta.url));

/** How a command ended and what it wrote. */
export interface Outcome extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and with what a command runs; of our own environment it gets the path alone. */
export interface Surroundings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it finds on standard input. */
  readonly input?: string;
}

/** Starts the built command as its users do. */
export function startSlipway(args: readonly string[], { cwd, env = {} }: Surroundings): Promise<TestProcess> {
  const path = { PATH: process.env.PATH ?? '', HOME: cwd };
  return spawnProcess(process.execPath, [BINARY, ...args], { cwd, env: { ...path, ...env } });
}

/** Runs a command to its end. */
export async function slipway(args: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  const process = await startSlipway(args, surroundings);
  if (surroundings.input !== undefined) process.write(surroundings.input);
  process.endInput();
  const exit = await process.exit;
  return { ...exit, stdout: process.stdout, stderr: process.stderr };
}
