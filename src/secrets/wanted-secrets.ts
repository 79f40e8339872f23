import type { CompiledPipeline, CompiledSecret, CompiledStep } from '../pipeline/index.js';
import type { SecretRefusal } from '../protocol/messages.js';
import { readSecretKey, type SecretKeyReading } from './secret-key.js';
import type { SecretScope } from './secret-scope.js';

/** A build whose package is made. */
export interface AskingBuild {
  readonly id: string;
  /** `org/name`. */
  readonly repo: string;
  readonly pipeline: CompiledPipeline;
}

/** A secret that steps of a build ask for. */
export interface WantedSecret {
  /** As the pipeline calls it. */
  readonly name: string;
  readonly scope: SecretScope;
  /** As a reader of the pipeline file knows it. */
  readonly key: string;
  /** Name of the secret within its owner. */
  readonly secretName: string;
  /** The steps that name it, none of them twice. */
  readonly steps: readonly CompiledStep[];
}

/** What a build asks for, and what is refused before any secret is looked for. */
export interface Wishes {
  readonly wanted: readonly WantedSecret[];
  readonly refused: readonly SecretRefusal[];
}

/** Far more than a pipeline needs, and little enough to be judged on the way to a worker. */
const MAX_ASKED = 1_000;

/** Reads what a build's steps ask for. Most ask for nothing, which costs nothing more than a look at the steps. */
export function wishesOf({ repo, pipeline }: AskingBuild): Wishes {
  const steps = stepsByName(pipeline);
  if (steps.size === 0) return { wanted: [], refused: [] };
  const declared = new Map((pipeline.secrets ?? []).map((secret) => [secret.name, secret]));
  const wanted: WantedSecret[] = [];
  const refused: SecretRefusal[] = [];
  let asked = 0;
  for (const [name, asking] of steps) {
    asked += asking.length;
    const reading = readWish(asked, declared.get(name), repo);
    if (reading.ok) wanted.push({ ...reading, name, steps: asking });
    else refused.push(...refusals(name, asking, reading.reason));
  }
  return { wanted, refused };
}

function readWish(asked: number, secret: CompiledSecret | undefined, repo: string): SecretKeyReading {
  if (asked > MAX_ASKED) return { ok: false, reason: TOO_MANY };
  if (secret === undefined) return { ok: false, reason: 'the pipeline declares no such secret' };
  return readSecretKey(secret, repo);
}

const TOO_MANY = `the steps of the build ask more than ${MAX_ASKED} times for secrets`;

/** The same refusal for each of the steps. */
export function refusals(name: string, steps: readonly CompiledStep[], reason: string): SecretRefusal[] {
  return steps.map(({ number }) => ({ name, step: number, reason }));
}

function stepsByName({ steps }: CompiledPipeline): Map<string, CompiledStep[]> {
  const byName = new Map<string, CompiledStep[]>();
  for (const step of steps) {
    for (const name of new Set((step.secrets ?? []).map((secret) => secret.name))) {
      const asking = byName.get(name);
      if (asking === undefined) byName.set(name, [step]);
      else asking.push(step);
    }
  }
  return byName;
}
