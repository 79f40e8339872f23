import { type FieldProblem, ValidationError } from '../base/errors.js';
import { compileConfig, type Environment } from './compile-config.js';
import { knownNames } from './programs.js';
import { type ServerConfig, serverOptions } from './server-options.js';

/** Flags by name without dashes, as far as they were given. */
export type Flags = Readonly<Record<string, string | undefined>>;

/** A lease must outlive a lost heartbeat and the next one that is late. */
const HEARTBEATS_PER_LEASE = 3;

/** Compiles the settings of a server. Throws a ValidationError with every problem. */
export function compileServerConfig(env: Environment, flags: Flags = {}): ServerConfig {
  const config = compileConfig(serverOptions, { env, flags, knownNames });
  const problems = leaseProblems(config);
  if (problems.length > 0) throw new ValidationError(problems);
  return config;
}

function leaseProblems({ leaseMs, heartbeatMs }: ServerConfig): FieldProblem[] {
  if (leaseMs >= HEARTBEATS_PER_LEASE * heartbeatMs) return [];
  const leastS = (HEARTBEATS_PER_LEASE * heartbeatMs) / 1000;
  const expected = `at least ${leastS} seconds, three times SLIPWAY_HEARTBEAT_S`;
  return [{ field: 'SLIPWAY_LEASE_S', value: String(leaseMs / 1000), expected }];
}
