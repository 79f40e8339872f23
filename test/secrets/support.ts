import type { CompiledPipeline, CompiledSecret, CompiledStep } from '../../src/pipeline/index.js';
import {
  findSecretOwner,
  setSecret,
  type SecretOwnerReference,
  type SecretRules,
} from '../../src/secrets/index.js';
import type { MasterKeys } from '../../src/tokens/index.js';
import type { TestDatabase } from '../support/database.js';
import { MASTER } from '../support/world/world.js';

/** What a test says of a secret; the rest is default. */
export interface SecretWish extends SecretOwnerReference {
  readonly name: string;
  readonly value?: string;
  readonly rules?: Partial<SecretRules>;
  readonly masterKeys?: MasterKeys;
}

/** Sets a secret as an administrator does; gives its id. */
export async function giveSecret(database: TestDatabase, wish: SecretWish): Promise<string> {
  const { name, value = `value of ${name}`, rules = {}, masterKeys = MASTER, ...reference } = wish;
  const owner = await findSecretOwner(database.pool, reference);
  const request = { owner, name, value, rules, expectedVersion: null, by: 'test' };
  return (await setSecret(database.pool, masterKeys, request)).id;
}

/** A pipeline whose steps ask for secrets: per step what it asks for, and what else it says. */
export function pipelineAsking(
  secrets: readonly CompiledSecret[],
  ...steps: readonly (Partial<CompiledStep> & { readonly asks: readonly string[] })[]
): Partial<CompiledPipeline> {
  return {
    secrets,
    steps: steps.map(({ asks, ...step }, index) => ({
      number: index + 1,
      name: `step ${index + 1}`,
      commands: ['true'],
      environment: {},
      ruleset: { continue: false },
      ...step,
      secrets: asks.map((name) => ({ name, variable: name.toUpperCase() })),
    })),
  };
}
