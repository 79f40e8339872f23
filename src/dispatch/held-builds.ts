import { ValidationError } from '../base/errors.js';
import { HeldPhase, type HeldBuild } from '../protocol/messages.js';
import { isBuildId } from './agent-reports.js';

const MAX_HELD = 1_000;
const PHASES: readonly string[] = Object.values(HeldPhase);

/** What an agent says that it holds, from the text that it has signed. Throws a ValidationError. */
export function parseHolds(text: string): HeldBuild[] {
  const holds = parseJson(text);
  if (!Array.isArray(holds)) throw ValidationError.of('holds', text, 'a JSON array');
  if (holds.length > MAX_HELD)
    throw ValidationError.of('holds', `${holds.length} builds`, `at most ${MAX_HELD}`);
  return holds.map(readHeldBuild);
}

function readHeldBuild(held: unknown): HeldBuild {
  const { build, phase } = (held ?? {}) as { build?: unknown; phase?: unknown };
  if (typeof build !== 'string' || !isBuildId(build))
    throw ValidationError.of('holds.build', build, 'the UUID of a build');
  if (typeof phase !== 'string' || !PHASES.includes(phase)) {
    throw ValidationError.of('holds.phase', phase, `one of ${PHASES.join(', ')}`);
  }
  return { build, phase: phase as HeldPhase };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw ValidationError.of('holds', text, 'JSON');
  }
}
